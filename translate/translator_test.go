package translate_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/arabic"
	"github.com/nashra/nashra/translate/enginetest/english"
	"github.com/nashra/nashra/translate/segment"
)

var arEn = translate.Pair{From: "ar", To: "en"}

// engine answers by a function and counts what it is sent, as a vendor does.
type engine struct {
	name   string
	limits translate.Limits
	answer func(call int, r translate.Request) (translate.Response, error)

	mu    sync.Mutex
	calls []translate.Request
}

func (e *engine) ID() translate.Identity   { return translate.Identity{Engine: e.name} }
func (e *engine) Limits() translate.Limits { return e.limits }
func (e *engine) Translate(_ context.Context, r translate.Request) (translate.Response, error) {
	e.mu.Lock()
	e.calls = append(e.calls, r)
	n := len(e.calls)
	e.mu.Unlock()
	return e.answer(n, r)
}

func (e *engine) billed() (n int) {
	for _, c := range e.calls {
		for _, s := range c.Segments {
			n += utf8.RuneCountInString(s)
		}
	}
	return n
}

// latin replaces each Arabic word by English ones of its length and keeps tags, digits and names.
func latin(s string) string { return english.Translate(s, true) }

func echo(_ int, r translate.Request) (res translate.Response, err error) {
	for _, s := range r.Segments {
		res.Texts = append(res.Texts, latin(s))
	}
	return res, nil
}

func paid(name string, answer func(int, translate.Request) (translate.Response, error)) *engine {
	return &engine{name: name, answer: answer, limits: translate.Limits{Segments: 4, Size: 1000, Codec: segment.HTML,
		Mixed: true,
		Price: translate.Price{PerMillionChars: 20e6}}}
}

func open(t testing.TB) *store.Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "nashra.db"))
}

func translator(t *testing.T, o translate.Options) *translate.Translator {
	t.Helper()
	o.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return translate.New(open(t), o)
}

const twoParagraphs = `<p>أطلقت <a href="https://openai.com/">OpenAI</a> نموذج <strong>o3-mini</strong> ` +
	`مجانًا.</p><p>وتنخفض التكلفة بنسبة 63%.</p>`

func body(html string) []translate.Passage {
	return []translate.Passage{{Article: "a", Role: translate.Body, Text: html}}
}

func one(t *testing.T, tr *translate.Translator, in []translate.Passage) (translate.Passage, translate.Report) {
	t.Helper()
	out, rep, err := tr.Translate(t.Context(), arEn, in)
	if err != nil {
		t.Fatal(err)
	}
	return out[0], rep
}

func TestMarkupComesBackAndNothingIsBoughtTwice(t *testing.T) {
	e := paid("mt", echo)
	tr := translator(t, translate.Options{Titles: []translate.Engine{e}})
	got, rep := one(t, tr, body(twoParagraphs))
	if got.Missing != 0 || got.Segments != 2 || got.Engine != "mt" {
		t.Fatalf("got %+v", got)
	}
	for _, want := range []string{`<a href="https://openai.com/">OpenAI</a>`, `<strong>o3-mini</strong>`, "63%"} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("%q lacks %q", got.Text, want)
		}
	}
	if arabic.Has(got.Text) {
		t.Errorf("Arabic is left in %q", got.Text)
	}
	if int(rep.Cost.Chars) != e.billed() || rep.Bought != 2 {
		t.Errorf("report %+v, the engine billed %d", rep, e.billed())
	}
	before := e.billed()
	again, rep := one(t, tr, body(twoParagraphs+`<p>فقرة جديدة تماما.</p>`))
	if again.Missing != 0 || rep.Hits != 2 || rep.Bought != 1 ||
		e.billed()-before != utf8.RuneCountInString("فقرة جديدة تماما.") {
		t.Errorf("a changed article was billed %d characters: %+v", e.billed()-before, rep)
	}
}

func TestLadder(t *testing.T) {
	drop := func(tags ...string) func(int, translate.Request) (translate.Response, error) {
		return func(_ int, r translate.Request) (res translate.Response, err error) {
			for _, s := range r.Segments {
				s = latin(s)
				for _, tag := range tags {
					if i := strings.Index(s, tag); i >= 0 {
						end := strings.IndexByte(s[i:], '>') + i + 1
						s = s[:i] + s[end:]
					}
				}
				res.Texts = append(res.Texts, s)
			}
			return res, nil
		}
	}
	for name, c := range map[string]struct {
		lost  []string
		want  []string
		calls int
	}{
		"emphasis lost is repaired for free": {[]string{"<a id=2", "<a id=\"2\""},
			[]string{`<a href="https://openai.com/">`, "o3-mini"}, 1},
		"a link that never survives is listed": {[]string{"<a id=1", "<a id=\"1\"", "<a id=2", "<a id=\"2\""},
			[]string{`href="https://openai.com/"`, "o3-mini"}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			e := paid("mt", drop(c.lost...))
			got, _ := one(t, translator(t, translate.Options{Titles: []translate.Engine{e}}),
				body(`<p>أطلقت <a href="https://openai.com/">OpenAI</a> نموذج <strong>o3-mini</strong> مجانًا.</p>`))
			if got.Missing != 0 || len(e.calls) != c.calls {
				t.Errorf("%d missing after %d calls: %s", got.Missing, len(e.calls), got.Text)
			}
			for _, w := range c.want {
				if !strings.Contains(got.Text, w) {
					t.Errorf("%q lacks %q", got.Text, w)
				}
			}
		})
	}
}

func TestWrongNumbersAreWithheldAndTheNextEngineAsked(t *testing.T) {
	liar := paid("liar", func(n int, r translate.Request) (translate.Response, error) {
		res, err := echo(n, r)
		for i := range res.Texts {
			res.Texts[i] = strings.ReplaceAll(res.Texts[i], "63", "36")
		}
		return res, err
	})
	good := paid("good", echo)
	got, rep := one(t, translator(t, translate.Options{Titles: []translate.Engine{liar, good}}),
		body(`<p>وتنخفض التكلفة على المطورين بنسبة 63%.</p>`))
	if got.Missing != 0 || got.Engine != "good" || !strings.Contains(got.Text, "63%") || rep.Withheld == 0 {
		t.Errorf("%+v, %+v", got, rep)
	}
	alone, _ := one(t, translator(t, translate.Options{Titles: []translate.Engine{liar}}),
		body(`<p>وتنخفض التكلفة على المطورين بنسبة 63%.</p>`))
	if alone.Missing != 1 || !strings.Contains(alone.Text, "التكلفة") || strings.Contains(alone.Text, "36") {
		t.Errorf("what no engine translates rightly must stay Arabic: %q", alone.Text)
	}
}

// After a wrong number the same markup is tried once more if the engine may answer differently: less
// markup would not help, and other engines would be paid twice for the same answer.
func TestWrongTextIsRetriedOnceByLanguageModels(t *testing.T) {
	liar := paid("liar", func(n int, r translate.Request) (translate.Response, error) {
		res, err := echo(n, r)
		for i := range res.Texts {
			res.Texts[i] = strings.ReplaceAll(res.Texts[i], "63", "36")
		}
		return res, err
	})
	in := body(`<p>وتنخفض <strong>التكلفة</strong> على <a href="https://a.example/">المطورين</a> بنسبة 63%.</p>`)
	for want, varies := range map[int]bool{1: false, 2: true} {
		liar.calls, liar.limits.Varies = nil, varies
		got, rep := one(t, translator(t, translate.Options{Titles: []translate.Engine{liar, paid("good", echo)}}), in)
		if len(liar.calls) != want || rep.Withheld != want || got.Engine != "good" ||
			!strings.Contains(got.Text, `href="https://a.example/"`) {
			t.Errorf("%d calls, want %d, %+v: %s", len(liar.calls), want, rep, got.Text)
		}
	}
}

// A budget holds when parallel calls fail at random, billed or not, also with a vendor that bills
// tokens. The next engine translates the rest.
func TestBudgetHoldsWhenCallsFail(t *testing.T) {
	spent := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		var mu sync.Mutex
		var billed int64
		price := translate.Price{PerMillionIn: 300_000, PerMillionOut: 1_200_000}
		most := func(q translate.Request) translate.Usage {
			return translate.Usage{In: int64(200 + 2*chars(q)), Out: int64(2 * chars(q))}
		}
		e := paid("llm", func(n int, q translate.Request) (translate.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			u := most(q)
			u.In, u.Out = 1+r.Int64N(u.In), 1+r.Int64N(u.Out)
			fail := func(k translate.Kind, paid bool) error {
				if paid {
					billed += price.Cost(u).Micros
				}
				return &translate.Error{Kind: k, Engine: "llm", Billed: paid}
			}
			switch r.IntN(8) {
			case 0:
				return translate.Response{}, fail(translate.Transient, r.IntN(2) == 0)
			case 1:
				return translate.Response{}, fail(translate.Truncated, true)
			case 2:
				return translate.Response{}, fail(translate.Malformed, true)
			case 3:
				return translate.Response{}, fail(translate.Refused, false)
			}
			billed += price.Cost(u).Micros
			res, err := echo(n, q)
			if r.IntN(2) == 0 {
				res.Billed = u
			}
			return res, err
		})
		e.limits.Price, e.limits.Parallel, e.limits.Most = price, 4, most
		free := paid("free", echo)
		free.limits.Free = true
		limit := int64(2000)
		tr := translator(t, translate.Options{Titles: []translate.Engine{e, free},
			Limits: []translate.Limit{{Day: true, Micros: limit}}})
		var in []translate.Passage
		for i := range 40 {
			in = append(in, translate.Passage{Article: fmt.Sprint(i), Role: translate.Title,
				Text: fmt.Sprintf("خبر عاجل عن الشركة رقم %d", 1000+i)})
		}
		out, rep, err := tr.Translate(t.Context(), arEn, in)
		if err != nil {
			t.Fatal(err)
		}
		if billed > limit || rep.Cost.Micros > limit {
			t.Errorf("seed %d: %d micro-dollars were billed, %d reported, of %d", seed, billed, rep.Cost.Micros, limit)
		}
		for _, err := range rep.Failures {
			if translate.KindOf(err) == translate.Budget {
				spent++
			}
		}
		for _, p := range out {
			if p.Missing > 0 {
				t.Errorf("seed %d: %q is left, and an engine was well", seed, p.Text)
			}
		}
	}
	if spent < 5 {
		t.Errorf("the budget bound %d of 20 runs", spent)
	}
}

// If an engine damages text that looks like markup, the segment is sent without codes and its link
// is listed.
func TestLiteralTextIsPaidOnce(t *testing.T) {
	e := paid("mt", echo)
	e.limits.Literal = true
	in := body(`<p>نشرت الشركة تقريرها السنوي اليوم. <a href="https://a.example/">التفاصيل &amp; المصدر</a></p>`)
	got, rep := one(t, translator(t, translate.Options{Titles: []translate.Engine{e}}), in)
	if len(e.calls) != 1 || rep.Withheld != 0 || got.Missing != 0 ||
		!strings.Contains(got.Text, `href="https://a.example/"`) || !strings.Contains(got.Text, "&amp;") {
		t.Errorf("%d calls, %+v: %s", len(e.calls), rep, got.Text)
	}
}

// An engine is paid once for what it cannot translate; another engine is still asked.
func TestFailedSegmentIsPaidOnce(t *testing.T) {
	st := open(t)
	liar := paid("liar", func(n int, r translate.Request) (translate.Response, error) {
		res, err := echo(n, r)
		for i := range res.Texts {
			res.Texts[i] = strings.ReplaceAll(res.Texts[i], "63", "36")
		}
		return res, err
	})
	tr := translate.New(st, translate.Options{Titles: []translate.Engine{liar}})
	in := body(`<p>وتنخفض التكلفة على المطورين بنسبة 63%.</p>`)
	one(t, tr, in)
	paidOnce := liar.billed()
	got, rep := one(t, tr, in)
	if liar.billed() != paidOnce || rep.Calls != 0 || got.Missing != 1 {
		t.Errorf("billed %d, then %d: %+v", paidOnce, liar.billed(), rep)
	}
	if est, err := tr.Estimate(t.Context(), arEn, in); err != nil || est.Cost.Chars != 0 {
		t.Errorf("estimate %+v, %v", est, err)
	}
	liar.name = "better"
	liar.answer = echo
	if got, _ := one(t, translate.New(st, translate.Options{Titles: []translate.Engine{liar}}), in); got.Missing != 0 {
		t.Errorf("another engine was not asked: %+v", got)
	}
}

func TestFailures(t *testing.T) {
	fail := func(k translate.Kind, until int) func(int, translate.Request) (translate.Response, error) {
		return func(n int, r translate.Request) (translate.Response, error) {
			if n <= until {
				return translate.Response{}, &translate.Error{Kind: k, Engine: "first"}
			}
			return echo(n, r)
		}
	}
	for name, c := range map[string]struct {
		kind   translate.Kind
		until  int
		calls  int    // of the first engine
		engine string // that translated in the end
	}{
		"a passing fault is tried again":   {translate.Transient, 2, 3, "first"},
		"a lasting fault goes to the next": {translate.Transient, 99, 5, "second"},
		"a wrong key is not tried again":   {translate.Auth, 99, 1, "second"},
		"a spent quota neither":            {translate.Quota, 99, 1, "second"},
		"a call too large is halved":       {translate.TooLarge, 1, 3, "first"},
		"nonsense is asked for once more":  {translate.Malformed, 1, 2, "first"},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := paid("first", fail(c.kind, c.until)), paid("second", echo)
			got, _ := one(t, translator(t, translate.Options{Titles: []translate.Engine{first, second}}),
				body(`<p>فقرة أولى هنا.</p><p>فقرة ثانية هنا.</p>`))
			if got.Missing != 0 || got.Engine != c.engine || len(first.calls) != c.calls {
				t.Errorf("%d calls, by %s, %d missing", len(first.calls), got.Engine, got.Missing)
			}
		})
	}
}

func TestBudgetIsAHardStopAndHeadlinesComeFirst(t *testing.T) {
	e := paid("mt", echo)
	tr := translator(t, translate.Options{Titles: []translate.Engine{e},
		Limits: []translate.Limit{{Day: true, Chars: 60}}})
	var in []translate.Passage
	for i := range 10 {
		in = append(in, translate.Passage{Article: fmt.Sprint(i), Role: translate.Body,
			Text: fmt.Sprintf("<p>متن طويل جدا للخبر رقم %d في اليوم.</p>", 100+i)},
			translate.Passage{Article: fmt.Sprint(i), Role: translate.Title, Text: fmt.Sprintf("خبر %d", 100+i)})
	}
	out, rep, err := tr.Translate(t.Context(), arEn, in)
	if err != nil {
		t.Fatal(err)
	}
	if e.billed() > 60 || int(rep.Cost.Chars) != e.billed() {
		t.Errorf("%d characters were billed of 60, reported %d", e.billed(), rep.Cost.Chars)
	}
	for _, p := range out {
		if p.Role == translate.Body && p.Missing == 0 {
			t.Error("a body was bought before the headlines had all they need")
		}
	}
	if rep.Bought == 0 || len(rep.Failures) == 0 || translate.KindOf(rep.Failures[0]) != translate.Budget {
		t.Errorf("%+v", rep)
	}
}

func TestLostAnswerStaysCounted(t *testing.T) {
	e := paid("mt", func(int, translate.Request) (translate.Response, error) {
		return translate.Response{}, &translate.Error{Kind: translate.Transient, Engine: "mt", Billed: true,
			RetryAfter: time.Hour}
	})
	st := open(t)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	tr := translate.New(st, translate.Options{Titles: []translate.Engine{e},
		Limits: []translate.Limit{{Day: true, Chars: 100}}, Now: func() time.Time { return now }})
	one(t, tr, []translate.Passage{{Role: translate.Title, Text: "خبر عاجل عن الشركة"}})
	if _, _, err := st.Reserve(t.Context(), translate.Order{Engine: "mt", Cost: translate.Cost{Chars: 90}, At: now,
		Limits: []translate.Limit{{Day: true, Chars: 100}}}); translate.KindOf(err) != translate.Budget {
		t.Errorf("the reservation was given back: %v", err)
	}
}

func TestMemoryEngineServesPeopleOnly(t *testing.T) {
	st := open(t)
	e := paid("mt", echo)
	machine := translate.New(st, translate.Options{Titles: []translate.Engine{e}})
	one(t, machine, []translate.Passage{{Role: translate.Title, Text: "خبر عاجل"}})
	src := "خبر صحفي"
	row := translate.Row{Key: translate.KeyOf(arEn, translate.Title, src), Pair: arEn, Role: translate.Title,
		Source: src, Target: "A press item", Engine: translate.MemoryName, Human: true}
	if err := st.Settle(t.Context(), 0, translate.Cost{}, []translate.Row{row}); err != nil {
		t.Fatal(err)
	}
	memory := translate.New(st, translate.Options{Titles: []translate.Engine{translate.MemoryEngine()}})
	out, rep, err := memory.Translate(t.Context(), arEn, []translate.Passage{{Role: translate.Title, Text: src},
		{Role: translate.Title, Text: "خبر عاجل"}})
	if err != nil {
		t.Fatal(err)
	}
	if out[0].Text != "A press item" || out[1].Missing != 1 || rep.Cost != (translate.Cost{}) {
		t.Errorf("%+v %+v", out, rep)
	}
	mixed, _ := one(t, translate.New(st, translate.Options{Titles: []translate.Engine{paid("other", echo)}}),
		[]translate.Passage{{Role: translate.Title, Text: src}})
	if mixed.Text != "A press item" {
		t.Errorf("a person's translation matches under any engine: %+v", mixed)
	}
}

func TestGlossaryEditMakesOnlyItsSegmentsNew(t *testing.T) {
	st := open(t)
	with := func(terms string) (*translate.Translator, *engine) {
		g, err := translate.Glossary{}.With(strings.NewReader(terms))
		if err != nil {
			t.Fatal(err)
		}
		e := paid("llm", echo)
		e.limits.Terms = true
		return translate.New(st, translate.Options{Titles: []translate.Engine{e}, Glossary: g}), e
	}
	in := body(`<p>أعلنت سدايا مشروعا.</p><p>لا شيء آخر هنا.</p>`)
	first, e := with("سدايا\tSDAIA")
	one(t, first, in)
	if len(e.calls) != 1 || len(e.calls[0].Terms) != 1 {
		t.Fatalf("%+v", e.calls)
	}
	second, e := with("سدايا\tthe SDAIA")
	if _, rep := one(t, second, in); rep.Bought != 1 || rep.Hits != 1 || len(e.calls) != 1 {
		t.Errorf("%+v", rep)
	}
}

func TestACancelledPassKeepsWhatItBought(t *testing.T) {
	st := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	e := paid("mt", func(n int, r translate.Request) (translate.Response, error) {
		cancel()
		return echo(n, r)
	})
	tr := translate.New(st, translate.Options{Titles: []translate.Engine{e}})
	in := []translate.Passage{{Role: translate.Title, Text: "خبر عاجل عن الشركة"}}
	if _, _, err := tr.Translate(ctx, arEn, in); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if _, rep := one(t, translate.New(st, translate.Options{Titles: []translate.Engine{e}}), in); rep.Hits != 1 ||
		len(e.calls) != 1 {
		t.Errorf("bought again: %+v", rep)
	}
}
