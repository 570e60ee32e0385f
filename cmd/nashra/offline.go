package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate/offline"
)

// offlineHint says what to do if the offline engine's model is missing.
const offlineHint = "nashra model pull fetches it, pull --from DIR --trust takes it from a folder; " +
	"or name another engine under translate.engines"

// useFolder gives the offline engine the model in a folder, and returns the engine's name.
func (w *wire) useFolder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	w.cfg.Engines[offline.TypeName] = config.Engine{Type: offline.TypeName, Model: dir, Pull: "never"}
	return offline.TypeName, nil
}

// pullModel downloads and installs a model. It says the size, the source and the licence first.
func (w *wire) pullModel(
	ctx context.Context, models offline.Models, r offline.Registry, name string, trust bool,
) error {
	o, err := r.Find(ctx, offline.Pair().From, offline.Pair().To, name)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("downloading the model %s %s, Arabic to English: %.1f MB from %s, licence %s, by Mozilla",
		o.Name, o.Version, float64(o.Bytes())/1e6, o.Host, offline.Licence)
	if w.progress == nil {
		w.log.Info(line)
	}
	w.progress.say(line)
	w.progress.download(o.Bytes())
	defer w.progress.end()
	return models.Pull(ctx, r.Client, o, trust, w.progress.advance)
}

// modelPlaces returns where models may be: in the folder that the config names, or in the usual ones.
func modelPlaces(cfg *config.Config) offline.Places {
	if cfg.Models != "" {
		return offline.Places{cfg.Models}
	}
	beside := "."
	if !strings.Contains(cfg.Store, "://") {
		beside = filepath.Dir(cfg.Store)
	}
	return offline.UserPlaces(beside)
}

// modelState says how far the model of an offline engine has been checked.
func (w *wire) modelState(e config.Engine) string {
	if offline.IsFolder(e.Model) {
		return "the model in a folder, unchecked"
	}
	list, err := w.models.Models().List()
	if i := slices.IndexFunc(list, func(m offline.Installed) bool { return m.Name == e.Model }); err == nil && i >= 0 {
		return installedState(list[i])
	}
	return "the model is not installed; nashra model check checks it once it is"
}

func installedState(m offline.Installed) string {
	switch {
	case m.Proof != nil && m.Known:
		return fmt.Sprintf("checked %s: BLEU %.1f, chrF2 %.1f on %d lines",
			day(m.Proof.At), m.Proof.BLEU, m.Proof.CHRF, m.Proof.Lines)
	case m.Known:
		return "Mozilla's weights, unchecked: see nashra model check"
	}
	return "unknown weights, unchecked"
}
