package config

import (
	_ "embed"
	"slices"
)

//go:embed nashra.yaml
var template []byte

// Template returns the commented file that nashra init writes. It is also the source of the
// built-in defaults.
func Template() []byte { return slices.Clone(template) }
