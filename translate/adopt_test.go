package translate_test

import (
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
)

const (
	adoptedTitle = "أطلقت OpenAI نموذج o3-mini"
	adoptedBody  = "<p>أطلقت الشركة نموذجا جديدا بكلفة أقل بنسبة 63%.</p><p>ويصل النموذج إلى المستخدمين قريبا.</p>"
)

func TestAdoptedTranslationsAreFreeAndChecked(t *testing.T) {
	vendor := paid("vendor", echo)
	tr := translator(t, translate.Options{Titles: []translate.Engine{vendor}})
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	versions := []translate.Version{
		{Role: translate.Title, Source: adoptedTitle, Target: "OpenAI launched the o3-mini model",
			Model: "libre", At: at},
		// the second paragraph names an address that the source lacks
		{Role: translate.Body, Source: adoptedBody, Model: "libre", At: at,
			Target: "<p>The company launched a new model at a cost lower by 63%.</p>" +
				"<p>Buy at https://spam.example now.</p>"},
		{Role: translate.Title, Source: "Already in English", Target: "Already in English"},
		{Role: translate.Title, Source: "عنوان بلا ترجمة", Target: ""},
		{Role: translate.Title, Source: "عنوان بقي بالعربية", Target: "عنوان بقي بالعربية"},
	}
	for round, want := range []int{2, 0} { // what is known is not stored again
		kept, refused, err := tr.Adopt(t.Context(), arEn, "nashra:other", versions)
		if err != nil || kept != want || refused != 1 {
			t.Errorf("round %d: kept %d, refused %d, %v", round, kept, refused, err)
		}
	}
	out, rep, err := tr.Translate(t.Context(), arEn, []translate.Passage{
		{Article: "a", Role: translate.Title, Text: adoptedTitle},
		{Article: "a", Role: translate.Body, Text: adoptedBody}})
	if err != nil {
		t.Fatal(err)
	}
	if out[0].Text != "OpenAI launched the o3-mini model" || out[0].Engine != "nashra:other" ||
		out[0].Model != "libre" {
		t.Errorf("%+v", out[0])
	}
	if rep.Hits != 2 || rep.Bought != 1 || len(vendor.calls) != 1 || len(vendor.calls[0].Segments) != 1 {
		t.Errorf("hits %d, bought %d, calls %+v", rep.Hits, rep.Bought, vendor.calls)
	}
}

func TestOwnTranslationsStay(t *testing.T) {
	vendor := paid("vendor", echo)
	tr := translator(t, translate.Options{Titles: []translate.Engine{vendor}})
	passage := []translate.Passage{{Article: "a", Role: translate.Title, Text: adoptedTitle}}
	before, _, err := tr.Translate(t.Context(), arEn, passage)
	if err != nil {
		t.Fatal(err)
	}
	kept, _, err := tr.Adopt(t.Context(), arEn, "nashra:other", []translate.Version{
		{Role: translate.Title, Source: adoptedTitle, Target: "OpenAI launched the o3-mini model"}})
	if err != nil || kept != 0 {
		t.Errorf("kept %d, %v", kept, err)
	}
	after, _, err := tr.Translate(t.Context(), arEn, passage)
	if err != nil || after[0].Text != before[0].Text || after[0].Engine != "vendor" {
		t.Errorf("%+v, before %+v, %v", after, before, err)
	}
}
