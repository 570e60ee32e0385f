package azure

import (
	"net/http"
	"testing"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
)

func TestEngine(t *testing.T) {
	enginetest.Run(t, enginetest.NewAzure, func(_ *testing.T, f *enginetest.Fake) translate.Engine {
		return New(translate.Settings{Name: "azure", URL: f.URL, Key: f.Key, Region: enginetest.Region}, f.Client())
	})
}

func TestAddress(t *testing.T) {
	const mine = "https://mine.cognitiveservices.azure.com/translator/text/v3.0/"
	for url, want := range map[string]string{
		"":   "https://api.cognitive.microsofttranslator.com/translate",
		mine: mine + "translate",
	} {
		if e := New(translate.Settings{URL: url}, http.DefaultClient); e.address != want {
			t.Errorf("%q: %s, want %s", url, e.address, want)
		}
	}
}

func TestModelIsSentAsCategory(t *testing.T) {
	f := enginetest.NewAzure(t)
	e := New(translate.Settings{Name: "azure", URL: f.URL, Key: f.Key, Region: enginetest.Region,
		Model: "my-category"}, f.Client())
	res, err := e.Translate(t.Context(), translate.Request{Pair: translate.Pair{From: "ar", To: "en"},
		Segments: []string{"خبر 😀"}})
	if err != nil || res.Billed.Chars != 6 { // an emoji counts as two
		t.Fatalf("%+v, %v", res, err)
	}
	if got := f.Requests()[0].Query; got != "api-version=3.0&category=my-category&from=ar&textType=plain&to=en" {
		t.Error(got)
	}
	if id := e.ID(); id.Model != "my-category" {
		t.Errorf("%+v", id)
	}
}
