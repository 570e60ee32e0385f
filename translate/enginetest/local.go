package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// RunLocal holds an engine that runs in this process to the same contract, except for what needs a
// network. say returns what its model makes of a plain text.
func RunLocal(t *testing.T, engine func(*testing.T) translate.Engine, say func(string) string) {
	l := local{engine, say}
	for name, test := range map[string]func(*testing.T){
		"order": l.order, "characters": l.characters, "codes": l.codes, "limits": l.limits, "languages": l.languages,
		"cancelled": l.cancelled, "at once": l.atOnce,
	} {
		t.Run(name, test)
	}
}

type local struct {
	engine func(*testing.T) translate.Engine
	say    func(string) string
}

func (l local) order(t *testing.T) {
	e := l.engine(t)
	for _, n := range []int{1, 2, e.Limits().Segments} {
		var texts, want []string
		for i := range n {
			texts = append(texts, strings.Repeat("خبر ", 1+i%7)+fmt.Sprint(i/2)) // each text twice, in many lengths
			want = append(want, l.say(texts[i]))
		}
		res, err := e.Translate(t.Context(), ask(e, segment.Plain, texts...))
		if err != nil || !slices.Equal(res.Texts, want) {
			t.Errorf("%d texts: got %q, want %q: %v", n, res.Texts, want, err)
		}
		if res.Billed != (translate.Usage{}) || !e.Limits().Free {
			t.Errorf("bills %+v, free %v", res.Billed, e.Limits().Free)
		}
	}
}

func (l local) characters(t *testing.T) {
	e := l.engine(t)
	for _, codec := range []segment.Codec{segment.Plain, e.Limits().Codec} {
		res, err := e.Translate(t.Context(), ask(e, codec, awkward...))
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range awkward {
			got, want := segment.Plaintext(segment.Decode(res.Texts[i], codec)), l.say(segment.Plaintext(x))
			if got != want {
				t.Errorf("codec %d: %q came back as %q, want %q", codec, x, got, want)
			}
		}
	}
}

func (l local) codes(t *testing.T) {
	e := l.engine(t)
	codec := e.Limits().Codec
	if codec == segment.Plain {
		t.Skip("the engine carries no codes")
	}
	for _, source := range []string{
		"أعلنت <g1>شركة <g2>أبل</g2></g1> عن <x3/> هاتف <g4>جديد</g4>",
		"<g1>من هنا</g1>، و<g2>من هناك</g2>.",
		"نص <x1/>",
		"<x1/> نص &lt;b&gt; &amp; نص",
	} {
		res, err := e.Translate(t.Context(), ask(e, codec, source))
		if err != nil {
			t.Fatal(err)
		}
		got := segment.Decode(res.Texts[0], codec)
		if err := segment.Verify(source, got); err != nil {
			t.Errorf("%s came back as %s: %v", source, got, err)
		}
		if text := segment.Plaintext(got); strings.Join(strings.Fields(text),
			" ") != strings.Join(strings.Fields(l.say(segment.Plaintext(source))), " ") {
			t.Errorf("the text of %s came back as %s", source, text)
		}
	}
}

func (l local) limits(t *testing.T) {
	e := l.engine(t)
	lim := e.Limits()
	if lim.Segments < 1 || lim.Size < 1 || lim.Timeout <= 0 {
		t.Fatalf("limits %+v", lim)
	}
	full := make([]string, lim.Segments)
	for i := range full {
		full[i] = strings.Repeat("ن", lim.Size/lim.Segments)
	}
	if res, err := e.Translate(t.Context(), ask(e, segment.Plain, full...)); err != nil || len(res.Texts) != len(full) {
		t.Errorf("a full call: %d texts, %v", len(res.Texts), err)
	}
	if res, err := e.Translate(t.Context(), ask(e, segment.Plain, strings.Repeat("ن", lim.Size))); err != nil ||
		len(res.Texts) != 1 {
		t.Errorf("one text that fills a call: %d texts, %v", len(res.Texts), err)
	}
}

func (l local) languages(t *testing.T) {
	e := l.engine(t)
	r := ask(e, segment.Plain, "خبر")
	r.Pair = translate.Pair{From: "xx", To: "yy"}
	_, err := e.Translate(t.Context(), r)
	if translate.KindOf(err) != translate.Unsupported {
		t.Errorf("of languages that it does not know: %v", err)
	}
}

// cancelled checks cancellation before and during a call.
func (l local) cancelled(t *testing.T) {
	for name, after := range map[string]time.Duration{"before": 0, "working": 5 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			e := l.engine(t)
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			lim := e.Limits()
			began := time.Now()
			_, err := e.Translate(ctx,
				ask(e, segment.Plain, slices.Repeat([]string{strings.Repeat("نص طويل ", lim.Size/lim.Segments/8)},
					lim.Segments)...))
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("returned after %v", took)
			}
			var failure *translate.Error
			if !errors.As(err, &failure) || failure.Kind != translate.Transient || failure.Billed ||
				!errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
		})
	}
}

func (l local) atOnce(t *testing.T) {
	e := l.engine(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			text := fmt.Sprintf("خبر رقم %d عاجل", i)
			res, err := e.Translate(t.Context(), ask(e, segment.Plain, text, text))
			if err != nil || !slices.Equal(res.Texts, []string{l.say(text), l.say(text)}) {
				t.Errorf("%q: %q, %v", text, res.Texts, err)
			}
		})
	}
	wg.Wait()
}
