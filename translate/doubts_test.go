package translate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate"
)

// The sources of these tests, a right translation of each, and one that a check doubts.
const (
	denied      = "لم تعلن الشركة اليوم عن سعر الهاتف الجديد في الأسواق."
	notSold     = "The company did not announce the price of the new phone today."
	sold        = "The company announced the price of the new phone today."
	stillSold   = "Today the company announced the price of the new phone."
	notDenied   = "<p>أطلقت الشركة هاتفها الجديد في الأسواق.</p><p>" + denied + "</p>"
	firstTarget = "The company launched its new phone in the markets."
)

// answers makes an engine that gives denied the targets in turn, the last again and again.
func answers(name string, varies bool, targets ...string) *engine {
	e := paid(name, nil)
	e.limits.Varies, e.limits.Segments = varies, 1
	asked := 0
	e.answer = func(_ int, r translate.Request) (res translate.Response, err error) {
		for _, s := range r.Segments {
			text := firstTarget
			if strings.Contains(s, denied) {
				text = targets[min(asked, len(targets)-1)]
				asked++
			}
			res.Texts = append(res.Texts, text)
		}
		return res, nil
	}
	return e
}

// A doubtful answer is asked for once more, from another engine if there is one and from the same
// one only if that may answer differently. The answer with fewer doubts is used, with a mark if it
// has any, and no later pass asks again.
func TestDoubtfulAnswersAreAskedForOnceMore(t *testing.T) {
	const wrong = "The company announced 77 phones today in the markets."
	for name, c := range map[string]struct {
		engines []*engine
		calls   []int // for both segments, of each engine
		want    string
		doubts  string
	}{
		"the next engine knows": {[]*engine{answers("a", false, sold), answers("b", false, notSold)}, []int{2, 1},
			notSold, ""},
		"a sound answer is enough": {[]*engine{answers("a", true, notSold), answers("b", true, notSold)}, []int{2, 0},
			notSold, ""},
		"the next engine is doubted, too": {[]*engine{answers("a", true, sold), answers("b", true, stillSold)},
			[]int{2, 1}, stillSold, "negation 2"},
		"the next engine is wrong": {[]*engine{answers("a", true, sold), answers("b", true, wrong)}, []int{2, 1},
			sold, "negation 2"},
		"a language model alone": {[]*engine{answers("a", true, sold, notSold)}, []int{3}, notSold, ""},
		"a language model that insists": {[]*engine{answers("a", true, sold, sold)}, []int{3},
			sold, "negation 2"},
		"a language model that gets worse": {[]*engine{answers("a", true, sold, wrong)}, []int{3},
			sold, "negation 2"},
		"a language model that was wrong first": {[]*engine{answers("a", true, wrong, sold, notSold)}, []int{3},
			sold, "negation 2"},
		"an engine that always answers the same": {[]*engine{answers("a", false, sold)}, []int{2},
			sold, "negation 2"},
	} {
		t.Run(name, func(t *testing.T) {
			st := open(t)
			for pass := range 2 {
				var chain []translate.Engine
				for _, e := range c.engines {
					chain = append(chain, e)
				}
				got, rep := one(t, translate.New(st, translate.Options{Titles: chain}), body(notDenied))
				asked := c.engines[0].calls
				if strings.HasPrefix(name, "a language model") && !asked[2].Again || asked[0].Again {
					t.Error("the engine is not told that it is asked again")
				}
				var calls []int
				for _, e := range c.engines {
					calls = append(calls, len(e.calls))
				}
				if !strings.Contains(got.Text, "<p>"+c.want+"</p>") || got.Doubts != c.doubts || got.Missing != 0 ||
					got.Stale != 0 || fmt.Sprint(calls) != fmt.Sprint(c.calls) || pass > 0 && rep.Calls > 0 {
					t.Errorf("pass %d: calls %v, want %v; doubts %q: %s", pass, calls, c.calls, got.Doubts, got.Text)
				}
			}
		})
	}
}

// A headline's doubt names the title. What people wrote is never doubted.
func TestDoubtsOfHeadlines(t *testing.T) {
	const source, target = "الهاتف الجديد يباع بالدولار في السوق", "The new phone is sold in the market"
	e := paid("mt", func(int, translate.Request) (translate.Response, error) {
		return translate.Response{Texts: []string{target}}, nil
	})
	st := open(t)
	in := []translate.Passage{{Article: "a", Role: translate.Title, Text: source}}
	tr := translate.New(st, translate.Options{Titles: []translate.Engine{e}})
	if got, _ := one(t, tr, in); got.Text != target || got.Doubts != "amounts title" {
		t.Errorf("%+v", got)
	}
	row := translate.Row{Key: translate.KeyOf(arEn, translate.Title, source), Pair: arEn, Role: translate.Title,
		Source: source, Target: target, Engine: "me", Human: true}
	if err := st.Settle(t.Context(), 0, translate.Cost{}, []translate.Row{row}); err != nil {
		t.Fatal(err)
	}
	if got, _ := one(t, tr, in); got.Text != target || got.Doubts != "" {
		t.Errorf("%+v", got)
	}
}
