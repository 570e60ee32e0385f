package config

import (
	_ "embed"
	"slices"
)

//go:embed nashra.yaml
var template []byte

// Template is the commented file that nashra init writes; the built-in defaults are read from the same text.
func Template() []byte { return slices.Clone(template) }
