// Package config reads nashra's file: strictly, with its defaults, and with line and column in every error. It knows no network; it
// reads the file, the environment it is given, and the files that values point to.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// Config is the whole file, defaults filled in and references expanded.
type Config struct {
	Store     string                       `yaml:"store"`    // a path is SQLite; postgres:// a server
	Schedule  string                       `yaml:"schedule"` // cron, of every source that has none of its own
	Timezone  string                       `yaml:"timezone"` // IANA name; of the page's and the budgets' days
	Publish   Publish                      `yaml:"publish"`
	Serve     Serve                        `yaml:"serve"`
	Fetch     Fetch                        `yaml:"fetch"`
	Retention Retention                    `yaml:"retention"`
	Sources   []feeds.Source               `yaml:"sources"`
	Channels  []feeds.Channel              `yaml:"channels"`
	Tags      map[string]map[string]string `yaml:"tags,omitempty"` // titles of tags: tag, then language
	Translate Translate                    `yaml:"translate"`
	Engines   map[string]Engine            `yaml:"engines"` // by name; google and offline are always there

	refs map[string]string // values that came from ${} or file:, by path, as written
}

// Publish says where the feeds are written and found.
type Publish struct {
	Dir string `yaml:"dir"`
	URL string `yaml:"url"` // with a final slash; empty: none
	Hub string `yaml:"hub"` // WebSub; empty: none
}

// Serve is the daemon's addresses.
type Serve struct {
	Listen  string `yaml:"listen"`
	Metrics string `yaml:"metrics"` // empty: none
	Token   Secret `yaml:"token"`   // empty: the feeds are open to all
	Log     string `yaml:"log"`     // text | json
}

// Fetch bounds the asking of sources.
type Fetch struct {
	Timeout      time.Duration `yaml:"timeout"`
	MaxBody      int64         `yaml:"max_body" unit:"bytes"`
	Concurrency  int           `yaml:"concurrency"`
	PerHost      int           `yaml:"per_host"`
	MinInterval  time.Duration `yaml:"min_interval"`
	AllowPrivate bool          `yaml:"allow_private"`
	Proxy        string        `yaml:"proxy"`
	UserAgent    string        `yaml:"user_agent"`
}

// Retention is how long items stay after they were last seen.
type Retention struct {
	Items time.Duration `yaml:"items"`
}

// Translate says what is translated, by whom, for how much.
type Translate struct {
	From     string   `yaml:"from"`
	To       string   `yaml:"to"`
	Engines  []string `yaml:"engines"`          // names in order; empty: no translation
	Bodies   []string `yaml:"bodies,omitempty"` // nil: as Engines
	Glossary string   `yaml:"glossary"`         // a TSV file, added to the built-in one; empty: none
	Prices   string   `yaml:"prices,omitempty"` // a TSV file, added to the built-in table; empty: none
	Budget   Budget   `yaml:"budget,omitempty"` // of all paid engines together
	OnBudget string   `yaml:"on_budget"`        // original | hold | titles
}

// Engine is one entry of engines.
type Engine struct {
	Type        string `yaml:"type"`
	URL         string `yaml:"url,omitempty"`
	Key         Secret `yaml:"key,omitempty"`
	Credentials Secret `yaml:"credentials,omitempty"` // JSON
	Project     string `yaml:"project,omitempty"`
	Location    string `yaml:"location,omitempty"`
	Model       string `yaml:"model,omitempty"`
	Dialect     string `yaml:"dialect,omitempty"`   // of chat and deepl; empty: by the address
	Reasoning   string `yaml:"reasoning,omitempty"` // of chat: effort; empty or "none": off where it can be turned off
	Region      string `yaml:"region,omitempty"`
	Glossary    string `yaml:"glossary,omitempty"` // of deepl and google: one in the account, by its id or name
	Pull        string `yaml:"pull,omitempty"`     // of offline: auto | never
	Mirror      string `yaml:"mirror,omitempty"`   // of offline
	Budget      Budget `yaml:"budget,omitempty"`
	PerMinute   int    `yaml:"chars_per_minute,omitempty"` // sent at most; 0: what the engine's type takes
}

// Settings returns what the entry of that name says to its engine.
func (e Engine) Settings(name string) translate.Settings {
	return translate.Settings{Name: name, URL: e.URL, Key: string(e.Key), Credentials: string(e.Credentials), Project: e.Project,
		Location: e.Location, Model: e.Model, Dialect: e.Dialect, Reasoning: e.Reasoning, Region: e.Region, Glossary: e.Glossary,
		Pull: e.Pull, Mirror: e.Mirror}
}

// fileName is what the file is called where no flag names another.
const fileName = "nashra.yaml"

// builtinName stands for the file in errors about the built-in defaults.
const builtinName = "built-in " + fileName

// maxFileBytes bounds the config and each file that a value points to: a thousand sources are about 200 KB.
const maxFileBytes = 1 << 20

// Find says which file to read: explicit, else ./nashra.yaml, else $XDG_CONFIG_HOME/nashra/nashra.yaml (~/.config where that is
// not set). "" means the built-in defaults. An explicit file that is not there is an error.
func Find(explicit string) (string, error) {
	if explicit != "" {
		if _, err := os.Stat(explicit); err != nil {
			return "", fmt.Errorf("config file: %w", err)
		}
		return explicit, nil
	}
	places := []string{fileName}
	if dir, err := os.UserConfigDir(); err == nil {
		places = append(places, filepath.Join(xdg(dir), "nashra", fileName))
	}
	for _, p := range places {
		_, err := os.Stat(p)
		if err == nil {
			return p, nil
		}
		if !errors.Is(err, fs.ErrNotExist) { // there, but not for us: say so and do not run with another
			return "", fmt.Errorf("config file: %w", err)
		}
	}
	return "", nil
}

// xdg prefers $XDG_CONFIG_HOME on every system: os.UserConfigDir looks there on some only.
func xdg(otherwise string) string {
	if dir := os.Getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	return otherwise
}

// Reader reads and edits config files.
type Reader struct {
	LookupEnv func(string) (string, bool) // finds the variables of ${NAME}, as os.LookupEnv does
	Engines   translate.EngineTypes       // the types that entries of engines may have
}

// Read reads the file at path, or the built-in defaults if path is "". It returns all mistakes in the file's content at once, as Errors.
func (r Reader) Read(path string) (*Config, error) {
	if path == "" {
		return r.parse(builtinName, Template())
	}
	text, err := readCapped(path)
	if err != nil {
		return nil, fmt.Errorf("config file: %w", err)
	}
	return r.parse(path, text)
}

// readCapped reads a regular file of at most maxFileBytes.
func readCapped(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe could keep us waiting, a device could never end
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFileBytes {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxFileBytes)
	}
	return text, nil
}
