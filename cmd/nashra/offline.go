package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/offline"
)

// offlineType is the type of the engine that needs nobody: it is chosen where none is configured.
const offlineType = "offline"

// offlineHint says what to do where its model is not there.
const offlineHint = "nashra model pull fetches it, pull --from DIR --trust takes it from a folder; or name another engine under translate.engines"

// offlinePair is the languages of the models that can be fetched.
func offlinePair() translate.Pair { return translate.Pair{From: "ar", To: "en"} }

// offlineEngine is the engine of an entry. Its model is fetched through hc when it is first asked and the entry does not say never.
func (w *wire) offlineEngine(name string, e config.Engine, hc *http.Client) translate.Engine {
	cfg := offline.Config{Name: name, Model: e.Model, Pair: offlinePair(), Dir: func() (string, error) {
		if isFolder(e.Model) {
			return e.Model, nil
		}
		models, err := offline.UserModels()
		if err != nil {
			return "", err
		}
		return models.Find(e.Model)
	}}
	if e.Pull != "never" {
		cfg.Fetch = func(ctx context.Context) error {
			models, err := offline.UserModels()
			if err != nil {
				return err
			}
			return w.pullModel(ctx, models, registry(e, hc), e.Model, false)
		}
	}
	return offline.New(cfg)
}

// isFolder says whether a model is not named but a folder of one's own.
func isFolder(model string) bool { return strings.ContainsAny(model, `/\`) }

// useFolder makes the model of a folder that of the offline engine, and returns that engine's name.
func (w *wire) useFolder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	w.cfg.Engines[offlineType] = config.Engine{Type: offlineType, Model: dir, Pull: "never"}
	return offlineType, nil
}

func registry(e config.Engine, hc *http.Client) offline.Registry {
	return offline.Registry{URL: cmp.Or(e.Mirror, offline.Mozilla), Client: hc}
}

// pullModel fetches and installs a model. What, how much, from where and under which licence is said before the first byte.
func (w *wire) pullModel(ctx context.Context, models offline.Models, r offline.Registry, name string, trust bool) error {
	o, err := r.Find(ctx, offlinePair().From, offlinePair().To, name)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("downloading the model %s %s, Arabic to English: %.1f MB from %s, licence %s, by Mozilla", o.Name, o.Version, float64(o.Bytes())/1e6, o.Host, offline.Licence)
	if w.shown == nil {
		w.log.Info(line)
	}
	w.shown.say(line)
	w.shown.bytes("downloading", o.Bytes())
	defer w.shown.end()
	return models.Pull(ctx, r.Client, o, trust, w.shown.add)
}

// offlineStanding says what is known of the model of an offline engine.
func offlineStanding(e config.Engine) string {
	if isFolder(e.Model) {
		return "a folder's model: unproved"
	}
	models, err := offline.UserModels()
	if err != nil {
		return err.Error()
	}
	list, err := models.List()
	if i := slices.IndexFunc(list, func(m offline.Installed) bool { return m.Name == e.Model }); err == nil && i >= 0 {
		return standing(list[i])
	}
	return "the model is not installed, and unproved on real weights until nashra model check has been run with them"
}
