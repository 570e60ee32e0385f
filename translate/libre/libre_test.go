package libre

import (
	"testing"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
)

func TestEngine(t *testing.T) {
	enginetest.Run(t, enginetest.NewLibre, func(_ *testing.T, f *enginetest.Fake) translate.Engine {
		return New(translate.Settings{Name: "libre", URL: f.URL + "/", Key: f.Key}, f.Client())
	})
}
