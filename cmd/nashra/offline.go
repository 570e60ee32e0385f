package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate/offline"
)

// offlineHint says what to do where its model is not there.
const offlineHint = "nashra model pull fetches it, pull --from DIR --trust takes it from a folder; or name another engine under translate.engines"

// useFolder makes the model of a folder that of the offline engine, and returns that engine's name.
func (w *wire) useFolder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	w.cfg.Engines[offline.TypeName] = config.Engine{Type: offline.TypeName, Model: dir, Pull: "never"}
	return offline.TypeName, nil
}

// pullModel fetches and installs a model. What, how much, from where and under which licence is said before the first byte.
func (w *wire) pullModel(ctx context.Context, models offline.Models, r offline.Registry, name string, trust bool) error {
	o, err := r.Find(ctx, offline.Pair().From, offline.Pair().To, name)
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
	if offline.IsFolder(e.Model) {
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
