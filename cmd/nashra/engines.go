package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/azure"
	"github.com/nashra/nashra/translate/chat"
	"github.com/nashra/nashra/translate/deepl"
	"github.com/nashra/nashra/translate/google"
	"github.com/nashra/nashra/translate/libre"
	"github.com/nashra/nashra/translate/offline"
)

// engineType makes an engine of one type from its entry in the config file.
type engineType struct {
	purpose string
	address func(config.Engine) string // where it calls: the host that may be private
	build   func(ctx context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error)
}

// engineTypes is the table of engines: type ⇒ constructor. A new engine is one folder and one line here.
func (w *wire) engineTypes() map[string]engineType {
	given := func(e config.Engine) string { return e.URL }
	return map[string]engineType{
		"azure": {"Azure Translator, text API 3.0", func(e config.Engine) string { return cmp.Or(e.URL, azure.Host) },
			func(_ context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error) {
				return azure.New(azure.Config{Name: name, URL: e.URL, Key: string(e.Key), Region: e.Region, Model: e.Model}, hc), nil
			}},
		"deepl": {"DeepL, or an MTranServer of one's own", func(e config.Engine) string { return cmp.Or(e.URL, deepl.Host(string(e.Key))) },
			func(_ context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error) {
				return deepl.New(deepl.Config{Name: name, URL: e.URL, Key: string(e.Key), Model: e.Model, Glossary: e.Glossary, Dialect: e.Dialect}, hc), nil
			}},
		"google": {"Google Cloud Translation: v3 with credentials, v2 with an API key", func(e config.Engine) string { return cmp.Or(e.URL, "https://translation.googleapis.com") },
			func(ctx context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error) {
				return google.New(ctx, google.Config{Name: name, Project: e.Project, Location: e.Location, Model: e.Model, Key: string(e.Key),
					Credentials: []byte(e.Credentials), Glossary: e.Glossary, Endpoint: e.URL}, hc)
			}},
		"chat": {"any OpenAI-compatible chat service: DeepSeek, OpenAI, Ollama", given,
			func(_ context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error) {
				return chat.New(chat.Config{Name: name, URL: e.URL, Model: e.Model, Key: string(e.Key), Dialect: e.Dialect, Reasoning: e.Reasoning}, hc), nil
			}},
		"libretranslate": {"a LibreTranslate server", given,
			func(_ context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error) {
				return libre.New(libre.Config{Name: name, URL: e.URL, Key: string(e.Key)}, hc), nil
			}},
		offlineType: {"Firefox Translations models, in this process: free, private, without key", func(e config.Engine) string { return cmp.Or(e.Mirror, offline.Mozilla) },
			func(_ context.Context, name string, e config.Engine, hc *http.Client) (translate.Engine, error) {
				return w.offlineEngine(name, e, hc), nil
			}},
	}
}

// tuned is an engine with what the config file and the price table say of it, whose calls are counted.
type tuned struct {
	translate.Engine
	price     translate.Price
	perMinute int
	calls     *operator.Calls
}

// Translate is the engine's own call.
func (t *tuned) Translate(ctx context.Context, r translate.Request) (translate.Response, error) {
	begun := time.Now()
	res, err := t.Engine.Translate(ctx, r)
	t.calls.Count(t.ID().Engine, time.Since(begun), err)
	return res, err
}

// Limits are the engine's own, at the price of the table and the pace of the account.
func (t *tuned) Limits() translate.Limits {
	lim := t.Engine.Limits()
	lim.Price = t.price
	if t.perMinute > 0 {
		lim.PerMinute = t.perMinute
	}
	return lim
}

// tune puts price and pace to e, made of entry.
func (w *wire) tune(e translate.Engine, entry config.Engine) (translate.Engine, error) {
	prices, err := w.prices()
	if err != nil {
		return nil, err
	}
	model := entry.Model
	if strings.HasSuffix(string(entry.Key), ":fx") { // DeepL's mark of accounts for nothing, which the table knows
		model += ":fx"
	}
	return &tuned{e, prices.Of(entry.Type, model), entry.PerMinute, w.calls}, nil
}

// engines makes the engines of a list in the config file.
func (w *wire) engines(ctx context.Context, names []string) (out []translate.Engine, err error) {
	types := w.engineTypes()
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
		if e, err = w.tune(e, entry); err != nil {
			return nil, err
		}
		w.made[name] = e
		out = append(out, e)
	}
	return out, nil
}
