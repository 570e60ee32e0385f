package translate

import (
	"context"
	"net/http"
)

// EngineType describes one type of engine: what its entries in the config file must say, and how to
// make an engine from an entry. The engine's package declares it, cmd/nashra lists it, and config
// checks entries against it.
type EngineType struct {
	Name            string   // the "type" of an entry
	Needs           []string // keys that every entry must have
	NeedsWithoutURL []string // keys that an entry must have as well if it has no url
	Dialects        []string // values of the key "dialect"; nil: the type has no dialects
	Defaults        Settings // Model and Pull of an entry that does not set them

	Address func(Settings) string // the address that the engine calls; its host may be private
	New     func(context.Context, Settings, *http.Client) (Engine, error)
	Ready   func(Settings) error // what keeps an engine from working; nil: only a call can tell
}

// EngineTypes is the list of engine types that a program knows.
type EngineTypes []EngineType

// Of returns the type of that name, or the zero EngineType if the list has none.
func (ts EngineTypes) Of(name string) EngineType {
	for _, t := range ts {
		if t.Name == name {
			return t
		}
	}
	return EngineType{}
}

// Settings holds the keys of one entry of "engines" in the config file. An engine ignores the keys
// that it does not use.
type Settings struct {
	Name        string // the name of the entry
	URL         string // empty: the vendor's own address
	Key         string // empty: the service asks for none
	Credentials string // JSON of a service account or an authorised user
	Project     string
	Location    string
	Model       string // empty: the vendor's choice
	Dialect     string // empty: chosen by the URL
	Reasoning   string // effort; empty or "none": off where the service can turn it off
	Region      string
	Glossary    string // the id or name of a glossary in the account; empty: none
	Pull        string // "never": do not download a missing model
	Mirror      string // the address to download models from; empty: Mozilla's
}
