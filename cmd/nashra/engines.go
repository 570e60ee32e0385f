package main

import (
	"context"
	"fmt"
	"os"
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

// engineTypes lists the types of engine that this program knows. A new one is a folder under
// translate and a line here. The offline engine's models are in one of places; pull downloads a missing
// one.
func engineTypes(
	places offline.Places, pull func(context.Context, offline.Models, offline.Registry, string) error,
) translate.EngineTypes {
	return translate.EngineTypes{
		google.Type(),
		chat.Type(),
		deepl.Type(),
		azure.Type(),
		libre.Type(),
		offline.Type(places, pull),
	}
}

// configReader reads config files that may name any type of engine and any target of messages. It makes
// no engines, so nothing is pulled.
func configReader() config.Reader {
	return config.Reader{LookupEnv: os.LookupEnv, Engines: engineTypes(nil, nil), Target: checkTarget}
}

// tuned is an engine with its price and its rate limit from the config file. Its calls are counted.
type tuned struct {
	translate.Engine
	price     translate.Price
	perMinute int
	calls     *operator.Calls
}

// Translate calls the engine and counts the call.
func (t *tuned) Translate(ctx context.Context, r translate.Request) (translate.Response, error) {
	begun := time.Now()
	res, err := t.Engine.Translate(ctx, r)
	t.calls.Count(t.ID().Engine, time.Since(begun), err)
	return res, err
}

// Limits returns the engine's limits with the configured price and rate.
func (t *tuned) Limits() translate.Limits {
	lim := t.Engine.Limits()
	lim.Price = t.price
	if t.perMinute > 0 {
		lim.PerMinute = t.perMinute
	}
	return lim
}

// tune returns e with the price and rate limit for its entry in the config file.
func (w *wire) tune(e translate.Engine, entry config.Engine) (translate.Engine, error) {
	prices, err := w.prices()
	if err != nil {
		return nil, err
	}
	model := entry.Model
	// keys of DeepL's free accounts; the price table has a line for them
	if strings.HasSuffix(string(entry.Key), ":fx") {
		model += ":fx"
	}
	return &tuned{e, prices.Of(entry.Type, model), entry.PerMinute, w.calls}, nil
}

// engines makes the engines of the given names.
func (w *wire) engines(ctx context.Context, names []string) (out []translate.Engine, err error) {
	types := engineTypes(w.models,
		func(ctx context.Context, models offline.Models, r offline.Registry, name string) error {
			return w.pullModel(ctx, models, r, name, false)
		})
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
		typ := types.Of(entry.Type)
		if typ.New == nil {
			return nil, usageError{fmt.Errorf("engine %s: type %q is not built into this nashra", name, entry.Type)}
		}
		settings := entry.Settings(name)
		hc, err := w.client.Engine(typ.Address(settings))
		if err != nil {
			return nil, usageError{fmt.Errorf("engine %s: %w", name, err)}
		}
		e, err := typ.New(ctx, settings, hc)
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
