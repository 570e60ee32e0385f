package translate_test

import (
	"strings"
	"testing"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/glossary"
)

// An engine that reads no terms is sent names in English. Its answer is checked against the
// publisher's words: one that knows better than the glossary is published.
func TestAWronglyWrittenNameCostsNothing(t *testing.T) {
	terms, err := translate.Glossary{}.With(strings.NewReader("نوران\tNoran"))
	if err != nil {
		t.Fatal(err)
	}
	e := paid("mt", func(int, translate.Request) (translate.Response, error) {
		return translate.Response{Texts: []string{"Two lights at the end of the tunnel"}}, nil
	})
	tr := translator(t, translate.Options{Titles: []translate.Engine{e}, Glossary: terms})
	got, rep := one(t, tr, []translate.Passage{{Role: translate.Title, Text: "نوران في آخر النفق"}})
	if got.Missing != 0 || rep.Calls != 1 || e.calls[0].Segments[0] != "Noran في آخر النفق" {
		t.Errorf("%+v %+v, sent %q", got, rep, e.calls[0].Segments)
	}
}

// Earlier versions told engines every word that looks like a term. Their rows stay if no name was
// wrong among these; "Apple" for a cable is bought again.
func TestRowsOfEarlierVersionsStayUnlessANameWasWrong(t *testing.T) {
	terms, err := glossary.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	apple, server := translate.Term{From: "ابل", To: "Apple"}, translate.Term{From: "خادم", To: "server"}
	app, prompt := translate.Term{From: "تطبيق", To: "app"}, translate.Term{From: "موجّه", To: "prompt"}
	for _, c := range []struct {
		text   string
		told   []translate.Term // by an earlier version
		reads  bool
		bought int
	}{
		{"خادم الحرمين الشريفين يهنئ", []translate.Term{server}, true, 0},
		{"آبل تطلق تطبيق الرسوم وموجة الحر", []translate.Term{apple, app, prompt}, true, 0},
		{"آبل تطلق تطبيق الرسوم", []translate.Term{apple}, false, 0},
		{"آبل تطلق تطبيق الرسوم", nil, false, 1}, // bought before Apple was in the glossary
		{"كابل بحري جديد", []translate.Term{apple}, true, 1},
		{"كابل بحري جديد", []translate.Term{apple}, false, 1},
	} {
		st := open(t)
		row := translate.Row{Key: translate.KeyOf(arEn, translate.Title, c.text), Pair: arEn, Role: translate.Title,
			Source: c.text, Target: "News of Apple and other things", Engine: "mt",
			Glossary: glossary.Fingerprint(c.told)}
		if err := st.Settle(t.Context(), 0, translate.Cost{}, []translate.Row{row}); err != nil {
			t.Fatal(err)
		}
		e := paid("mt", func(int, translate.Request) (translate.Response, error) {
			return translate.Response{Texts: []string{"News of Apple and other things again"}}, nil
		})
		e.limits.Terms = c.reads
		tr := translate.New(st, translate.Options{Titles: []translate.Engine{e}, Glossary: terms})
		if _, rep := one(t, tr, []translate.Passage{{Role: translate.Title, Text: c.text}}); rep.Bought != c.bought {
			t.Errorf("%s, told %v: bought %d, want %d", c.text, c.told, rep.Bought, c.bought)
		}
	}
}
