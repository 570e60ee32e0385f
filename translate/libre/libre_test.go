package libre

import (
	"testing"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
)

func TestOneTextNeedsNoList(t *testing.T) {
	f := enginetest.NewLibre(t)
	f.Fault(0, enginetest.Fault{Body: `{"translatedText":"News"}`})
	e := New(translate.Settings{Name: "libre", URL: f.URL, Key: f.Key}, f.Client())
	ask := func(segments ...string) (translate.Response, error) {
		return e.Translate(t.Context(), translate.Request{Pair: translate.Pair{From: "ar", To: "en"},
			Segments: segments})
	}
	if res, err := ask("خبر"); err != nil || len(res.Texts) != 1 || res.Texts[0] != "News" {
		t.Errorf("%q, %v", res.Texts, err)
	}
	if _, err := ask("خبر", "نبأ"); translate.KindOf(err) != translate.Miscounted {
		t.Errorf("two texts: %v", err)
	}
}

func TestEngine(t *testing.T) {
	enginetest.Run(t, enginetest.NewLibre, func(_ *testing.T, f *enginetest.Fake) translate.Engine {
		return New(translate.Settings{Name: "libre", URL: f.URL + "/", Key: f.Key}, f.Client())
	})
}
