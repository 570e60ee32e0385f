package enginetest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest/english"
	"github.com/nashra/nashra/translate/segment"
)

// Run holds an engine to its contract. Each test has its own fake and an engine with the fake's
// key.
func Run(t *testing.T, fake func(testing.TB) *Fake, engine func(*testing.T, *Fake) translate.Engine) {
	s := suite{fake, engine}
	for name, test := range map[string]func(*testing.T){
		"order": s.order, "characters": s.characters, "codes": s.codes, "limits": s.limits, "refusals": s.refusals,
		"gateways": s.gateways, "wrong key": s.wrongKey,
		"counts": s.counts, "rubbish": s.rubbish, "broken off": s.brokenOff, "redirect": s.redirect,
		"nobody there": s.nobody,
		"cancelled":    s.cancelled, "context and terms": s.context, "bill": s.bill, "RetryAfter as a date": s.date,
		"answers in other forms": s.forms, "refused fields": s.refusedFields,
	} {
		t.Run(name, test)
	}
}

type suite struct {
	fake   func(testing.TB) *Fake
	engine func(*testing.T, *Fake) translate.Engine
}

func (s suite) start(t *testing.T) (*Fake, translate.Engine) {
	t.Helper()
	f := s.fake(t)
	return f, s.engine(t, f)
}

// ask returns a request for neutral texts.
func ask(e translate.Engine, codec segment.Codec, neutral ...string) translate.Request {
	r := translate.Request{Pair: translate.Pair{From: "ar", To: "en"}, Role: translate.Body, Codec: codec}
	for _, n := range neutral {
		r.Segments = append(r.Segments, segment.Encode(n, codec))
	}
	return r
}

// within returns a context that ends long after the fake answers and long before the tests time
// out.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// failed checks the kind of an engine's error, and that it leaks nothing.
func failed(t *testing.T, f *Fake, e translate.Engine, err error, kind translate.Kind) *translate.Error {
	t.Helper()
	var failure *translate.Error
	if !errors.As(err, &failure) {
		t.Fatalf("error %v (%T), want an *Error of kind %q", err, err, kind)
	}
	if failure.Kind != kind {
		t.Errorf("kind %q, want %q: %v", failure.Kind, kind, err)
	}
	if failure.Engine != e.ID().Engine {
		t.Errorf("engine %q, want %q", failure.Engine, e.ID().Engine)
	}
	if text := err.Error(); !strings.HasPrefix(text, "engine "+failure.Engine+": "+string(kind)) ||
		strings.ContainsAny(text, "\r\n") {
		t.Errorf("no line for the operator: %q", text)
	}
	if text := err.Error(); f.Key != "" && strings.Contains(text, f.Key) || strings.Contains(text, "://") ||
		len(text) > 200 {
		t.Errorf("says too much: %s", text)
	}
	return failure
}

// once checks that there was one request, with the key in its place and nowhere else.
func once(t *testing.T, f *Fake) {
	t.Helper()
	all := f.Requests()
	if len(all) != 1 {
		t.Fatalf("%d requests, want 1", len(all))
	}
	if f.Key != "" && strings.Contains(all[0].Path+all[0].Query, f.Key) {
		t.Error("the key stands in the address")
	}
}

func (s suite) order(t *testing.T) {
	limit := s.engine(t, s.fake(t)).Limits().Segments
	for _, n := range []int{1, 2, limit} {
		f, e := s.start(t)
		var texts []string
		for i := range n {
			texts = append(texts, fmt.Sprintf("خبر %d", i/2)) // each text twice
		}
		res, err := e.Translate(within(t), ask(e, segment.Plain, texts...))
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, x := range texts {
			want = append(want, english.Translate(x, false))
		}
		if !slices.Equal(res.Texts, want) {
			t.Errorf("%d texts: got %q, want %q", n, res.Texts, want)
		}
		if f.Reported != "" && res.Model != f.Reported {
			t.Errorf("model %q, want the reported %q", res.Model, f.Reported)
		}
		once(t, f)
	}
}

// fragile texts in neutral form: they are easily damaged on the way
var awkward = []string{
	"أَعْلَنَتِ الشَّرِكَةُ عَن مُنتَجٍ", // vowel signs
	"التقنيـــــة",     // kashida
	"می\u200cخواهم نص", // a zero-width non-joiner
	"هاتف 📱👨‍👩‍👧 جديد", // emoji, some joined, outside the basic plane
	"إصدار GPT-4 بسعر 19.99$ 'مؤكد' \"نعم\"",
	"&lt;b&gt; ليس وسما &amp; &amp;lt; كذلك",
	"سطر\nثان",
}

func (s suite) characters(t *testing.T) {
	for _, codec := range []segment.Codec{segment.Plain, s.engine(t, s.fake(t)).Limits().Codec} {
		_, e := s.start(t)
		texts := awkward
		if e.Limits().Literal && codec != segment.Plain { // the translator sends such texts plain
			texts = slices.DeleteFunc(slices.Clone(texts), func(x string) bool { return strings.Contains(x, "&") })
		}
		res, err := e.Translate(within(t), ask(e, codec, texts...))
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range texts {
			got, want := segment.Plaintext(segment.Decode(res.Texts[i], codec)),
				english.Translate(segment.Plaintext(x), false)
			if got != want {
				t.Errorf("codec %d: %q came back as %q, want %q", codec, x, got, want)
			}
		}
	}
}

func (s suite) codes(t *testing.T) {
	const source = "أعلنت <g1>شركة <g2>أبل</g2></g1> عن <x3/> هاتف <g4>جديد</g4>"
	_, e := s.start(t)
	codec := e.Limits().Codec
	if codec == segment.Plain {
		t.Skip("the engine carries no codes")
	}
	res, err := e.Translate(within(t), ask(e, codec, source))
	if err != nil {
		t.Fatal(err)
	}
	got := segment.Decode(res.Texts[0], codec)
	if err := segment.Verify(source, got); err != nil || got != english.Translate(source, true) {
		t.Errorf("got %q: %v", got, err)
	}
	f, e := s.start(t) // the caller, not the engine, checks for lost codes
	f.Fault(1, Fault{Texts: func(x []string) []string {
		return []string{segment.Encode("Jadid <g4>hatif</g4>", codec)}
	}})
	res, err = e.Translate(within(t), ask(e, codec, source))
	if err != nil {
		t.Fatal(err)
	}
	if segment.Verify(source, segment.Decode(res.Texts[0], codec)) == nil {
		t.Errorf("lost codes came back: %q", res.Texts[0])
	}
}

// limits checks that the service takes the largest call, and that a larger one fails as too large.
func (s suite) limits(t *testing.T) {
	f, e := s.start(t)
	lim := e.Limits()
	if lim.Segments < 1 || lim.Size < 1 || lim.Timeout <= 0 {
		t.Fatalf("limits %+v", lim)
	}
	full := make([]string, lim.Segments)
	for i := range full {
		full[i] = strings.Repeat("ن", lim.Size/lim.Segments)
	}
	if _, err := e.Translate(within(t), ask(e, segment.Plain, full...)); err != nil {
		t.Errorf("a full call: %v", err)
	}
	if n := f.MaxTexts; n > 0 {
		f, e := s.start(t)
		_, err := e.Translate(within(t), ask(e, segment.Plain, slices.Repeat([]string{"خبر"}, n+1)...))
		_ = failed(t, f, e, err, translate.TooLarge)
		once(t, f)
	}
	if n := int(f.MaxChars); n > 0 {
		if lim.Unit != f.Unit {
			t.Errorf("the engine counts in unit %d, the service in %d", lim.Unit, f.Unit)
		}
		n /= int(f.Unit.Count("😀"))
		_, full := s.start(t)
		if _, err := full.Translate(within(t), ask(full, segment.Plain, strings.Repeat("😀", n))); err != nil {
			t.Errorf("%d characters outside of the basic plane: %v", n, err)
		}
		f, e := s.start(t)
		_, err := e.Translate(within(t), ask(e, segment.Plain, strings.Repeat("😀", n+1)))
		if failure := failed(t, f, e, err, translate.TooLarge); failure.Billed || f.Billed() != 0 {
			t.Error("billed for what was refused")
		}
	}
	if n := f.MaxBody; n > 0 {
		f, e := s.start(t)
		_, err := e.Translate(within(t), ask(e, segment.Plain, strings.Repeat("a", n)))
		kind := translate.TooLarge
		if f.wire.large(f).status == http.StatusInternalServerError { // MTranServer does not say why
			kind = translate.Transient
		}
		_ = failed(t, f, e, err, kind)
		f, e = s.start(t) // in the script with the most bytes a letter
		if _, err := e.Translate(within(t), ask(e, segment.Plain, strings.Repeat("😀", lim.Size))); err != nil {
			t.Errorf("a full call in four bytes a character, of %d: %v", len(f.Requests()[0].Body), err)
		}
	}
}

// context checks that an engine sends terms, headline and previous text exactly if its limits say
// that it reads them.
func (s suite) context(t *testing.T) {
	f, e := s.start(t)
	r := ask(e, e.Limits().Codec, "خبر")
	r.Context, r.Previous = "عنوان المقال", []translate.Previous{{Source: "فقرة سابقة"},
		{Source: "وأخرى", Target: "and another"}}
	r.Terms = []translate.Term{{From: "هاتف", To: "handset"}}
	res, err := e.Translate(within(t), r)
	if err != nil || len(res.Texts) != 1 {
		t.Fatal(res, err)
	}
	body := string(f.Requests()[0].Body)
	lim := e.Limits()
	for text, want := range map[string]bool{"عنوان المقال": lim.Context, "فقرة سابقة": lim.Context,
		"وأخرى": lim.Context, "handset": lim.Terms} {
		if strings.Contains(body, text) != want {
			t.Errorf("%q is sent: %v, while Context is %v and Terms %v: %s", text, !want, lim.Context, lim.Terms, body)
		}
	}
	if n := f.Unit.Count("خبر"); f.Billed() != n {
		t.Errorf("%d characters were billed of %d", f.Billed(), n)
	}
}

// bill checks that the caller counts what the service bills, also in parallel calls.
func (s suite) bill(t *testing.T) {
	f, e := s.start(t)
	f.Fault(3, Fault{Status: 503})
	var counted, faults atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			r := ask(e, e.Limits().Codec, fmt.Sprintf("خبر <g1>رقم %d</g1> 📱", i))
			res, err := e.Translate(within(t), r)
			switch {
			case err != nil:
				faults.Add(1)
			case res.Billed.Chars != 0:
				counted.Add(res.Billed.Chars)
			default:
				counted.Add(e.Limits().Unit.Count(r.Segments[0]))
			}
		})
	}
	wg.Wait()
	if counted.Load() != f.Billed() || f.Billed() == 0 || faults.Load() != 1 {
		t.Errorf("counted %d, billed %d, %d faults", counted.Load(), f.Billed(), faults.Load())
	}
}
