package translate_test

import (
	"slices"
	"testing"

	"github.com/nashra/nashra/translate"
)

// Raw returns answers unchanged, even those that no check would pass.
func TestRawReturnsAnswersUnchanged(t *testing.T) {
	in := []string{"بلغ السعر 599 دولارا", "أطلقت OpenAI نموذجا", "خبر", "", "لا جواب", "سوق أبل"}
	say := map[string]string{in[0]: "The price is 5990 dollars", in[1]: "It launched a model",
		in[2]: "Translation: “خبر”", in[4]: "", in[5]: "apple market"}
	e := paid("mt", func(_ int, r translate.Request) (res translate.Response, err error) {
		for _, s := range r.Segments {
			res.Texts = append(res.Texts, say[s])
		}
		return res, nil
	})
	got, rep, err := translator(t, translate.Options{Titles: []translate.Engine{e}}).Raw(t.Context(), arEn, in)
	want := []string{say[in[0]], say[in[1]], say[in[2]], "", "", say[in[5]]}
	if err != nil || !slices.Equal(got, want) || rep.Segments != 5 || rep.Withheld != 1 {
		t.Errorf("%q, want %q; %+v, %v", got, want, rep, err)
	}
	for _, r := range e.calls {
		if !r.Raw || len(r.Terms) > 0 {
			t.Errorf("asked %+v", r)
		}
	}
}
