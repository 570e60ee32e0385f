package chat

import (
	"testing"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/enginetest"
)

func TestEngine(t *testing.T) {
	for dialect, fake := range map[string]func(testing.TB) *enginetest.Fake{
		"openai": enginetest.NewOpenAI, "deepseek": enginetest.NewDeepSeek, "ollama": enginetest.NewOllama,
	} {
		t.Run(dialect, func(t *testing.T) {
			enginetest.Run(t, fake, func(_ *testing.T, f *enginetest.Fake) translate.Engine {
				return New(translate.Settings{Name: dialect, URL: f.URL, Model: "some-model", Key: f.Key,
					Dialect: dialect}, f.Client())
			})
		})
	}
}
