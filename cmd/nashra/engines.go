package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/chat"
	"github.com/nashra/nashra/translate/google"
	"github.com/nashra/nashra/translate/libre"
)

// engineType makes an engine of one type from its entry in the config file.
type engineType struct {
	purpose string
	address func(config.Engine) string // where it calls: the host that may be private
	build   func(ctx context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error)
}

// engineTypes is the table of engines: type ⇒ constructor. A new engine is one folder and one line here.
func engineTypes() map[string]engineType {
	given := func(e config.Engine) string { return e.URL }
	return map[string]engineType{
		"google": {"Google Cloud Translation: v3 with credentials, v2 with an API key", func(e config.Engine) string { return cmp.Or(e.URL, "https://translation.googleapis.com") },
			func(ctx context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error) {
				return google.New(ctx, google.Config{Name: name, Project: e.Project, Location: e.Location, Model: e.Model, Key: string(e.Key),
					Credentials: []byte(e.Credentials), Endpoint: e.URL}, hc)
			}},
		"chat": {"any OpenAI-compatible chat service: DeepSeek, OpenAI, Ollama", given,
			func(_ context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error) {
				return chat.New(chat.Config{Name: name, URL: e.URL, Model: e.Model, Key: string(e.Key), Dialect: e.Dialect}, hc), nil
			}},
		"libretranslate": {"a LibreTranslate server", given,
			func(_ context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error) {
				return libre.New(libre.Config{Name: name, URL: e.URL, Key: string(e.Key)}, hc), nil
			}},
	}
}

// offline is the type of the engine that needs nobody. It is chosen where none is configured, and this nashra has none yet: stories
// are published in Arabic, marked as waiting.
const offline = "offline"

// engines makes the engines of a list in the config file.
func (w *wire) engines(ctx context.Context, names []string) (out []translate.Engine, err error) {
	types := engineTypes()
	for _, name := range names {
		if name == translate.MemoryName {
			out = append(out, translate.MemoryEngine())
			continue
		}
		if made := w.made[name]; made != nil {
			out = append(out, made)
			continue
		}
		entry := w.cfg.Engines[name]
		if entry.Type == offline {
			w.lacks = true
			continue
		}
		typ, ok := types[entry.Type]
		if !ok {
			known := strings.Join(slices.Sorted(maps.Keys(types)), ", ")
			return nil, usageError{fmt.Errorf("engine %s: type %q is not built into this nashra, which knows %s and %s", name, entry.Type, known, translate.MemoryName)}
		}
		hc, err := w.client.Engine(typ.address(entry))
		if err != nil {
			return nil, usageError{fmt.Errorf("engine %s: %w", name, err)}
		}
		e, err := typ.build(ctx, name, entry, hc)
		if err != nil {
			return nil, usageError{fmt.Errorf("engine %s: %w", name, err)}
		}
		w.made[name] = e
		out = append(out, e)
	}
	return out, nil
}
