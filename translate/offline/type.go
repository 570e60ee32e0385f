package offline

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/nashra/nashra/translate"
)

// TypeName is the type of the engine's entries in the config file.
const TypeName = "offline"

// Pair returns the languages of the models that can be downloaded.
func Pair() translate.Pair { return translate.Pair{From: "ar", To: "en"} }

// Type describes the engine type. Models are kept in one of places. An engine calls pull to download and
// install a missing model, unless its entry says "pull: never".
func Type(
	places Places, pull func(ctx context.Context, models Models, r Registry, name string) error,
) translate.EngineType {
	return translate.EngineType{
		Name:     TypeName,
		Defaults: translate.Settings{Model: Names()[0], Pull: "auto"},
		Address:  func(s translate.Settings) string { return NewRegistry(s.Mirror, nil).URL },
		New: func(_ context.Context, s translate.Settings, hc *http.Client) (translate.Engine, error) {
			return fromSettings(places, s, hc, pull), nil
		},
		Ready: (&inspector{places: places}).ready,
	}
}

func fromSettings(
	places Places,
	s translate.Settings,
	hc *http.Client,
	pull func(context.Context, Models, Registry, string) error,
) *Engine {
	cfg := Config{Name: s.Name, Model: s.Model, Pair: Pair(), Dir: func() (string, error) { return places.folder(s) }}
	if s.Pull != "never" {
		cfg.Fetch = func(ctx context.Context) error {
			models, err := places.Make()
			if err != nil {
				return err
			}
			return pull(ctx, models, NewRegistry(s.Mirror, hc), s.Model)
		}
	}
	return New(cfg)
}

// folder returns the folder of the model's files, or a *MissingError.
func (ps Places) folder(s translate.Settings) (string, error) {
	if IsFolder(s.Model) {
		return s.Model, nil
	}
	return ps.Models().Find(s.Model)
}

// inspector loads models to see whether they can be used, each state of a folder once.
type inspector struct {
	places Places

	mu   sync.Mutex
	seen map[string]string // a folder's files as they were when they loaded
}

// ready returns what keeps the model of s from being used.
func (i *inspector) ready(s translate.Settings) error {
	dir, err := i.places.folder(s)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	state := ""
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			state += fmt.Sprintln(info.Name(), info.Size(), info.ModTime())
		}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.seen[dir] == state {
		return nil
	}
	student, err := loadStudent(dir)
	if err != nil {
		return fmt.Errorf("load %s: %w", s.Model, err)
	}
	student.close()
	i.seen = map[string]string{dir: state}
	return nil
}

// IsFolder reports whether model is the path of a folder of the user's own rather than a model's name.
func IsFolder(model string) bool { return strings.ContainsAny(model, `/\`) }

// NewRegistry returns the registry at mirror, or Mozilla's if mirror is empty.
func NewRegistry(mirror string, hc *http.Client) Registry {
	return Registry{URL: cmp.Or(mirror, Mozilla), Client: hc}
}
