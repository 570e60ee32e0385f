package google

import (
	"testing"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
)

func TestV2(t *testing.T) {
	enginetest.Run(t, enginetest.NewGoogleV2, func(t *testing.T, f *enginetest.Fake) translate.Engine {
		return engine(t, Config{Name: "google", Key: f.Key, Endpoint: f.URL}, f)
	})
}

func TestV3(t *testing.T) {
	enginetest.Run(t, enginetest.NewGoogleV3, func(t *testing.T, f *enginetest.Fake) translate.Engine {
		return engine(t, Config{Name: "google", Credentials: f.Credentials, Endpoint: f.URL}, f)
	})
}

func engine(t *testing.T, cfg Config, f *enginetest.Fake) *Engine {
	t.Helper()
	e, err := New(t.Context(), cfg, f.Client())
	if err != nil {
		t.Fatal(err)
	}
	return e
}
