package config

import (
	_ "embed"
	"regexp"
	"slices"

	"github.com/nashra/nashra/feeds"
)

//go:embed nashra.yaml
var template []byte

// Template returns the commented file that nashra init writes. It is also the source of the
// built-in defaults.
func Template() []byte { return slices.Clone(template) }

// offered fits a source of the template that is commented out.
var offered = regexp.MustCompile(`(?m)^  # (- \{)`)

// Builtin returns the sources of the template. Those that it has commented out come switched off, in
// their place.
func (r Reader) Builtin() ([]feeds.Source, error) {
	bare := Reader{LookupEnv: func(string) (string, bool) { return "", false }, Engines: r.Engines}
	polled, err := bare.parse(builtinName, template)
	if err != nil {
		return nil, err
	}
	all, err := bare.parse(builtinName, offered.ReplaceAll(template, []byte("  $1")))
	if err != nil {
		return nil, err
	}
	for i, s := range all.Sources {
		on := slices.ContainsFunc(polled.Sources, func(p feeds.Source) bool { return p.ID == s.ID })
		all.Sources[i].Enabled = &on
	}
	return all.Sources, nil
}
