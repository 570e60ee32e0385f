// Package config reads nashra's config file: strictly, with defaults, and with line and column in
// every error. It reads the file, the environment it is given and the files that values point to,
// and never the network.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// Config is the whole file, with defaults filled in and references expanded.
type Config struct {
	Store     string                       `yaml:"store"`    // a path of an SQLite file, or a postgres:// address
	Models    string                       `yaml:"models"`   // the offline engine's folder; empty: the program chooses
	Schedule  string                       `yaml:"schedule"` // cron, for sources without their own
	Timezone  string                       `yaml:"timezone"` // IANA name; for the days of the page and of budgets
	Publish   Publish                      `yaml:"publish"`
	Serve     Serve                        `yaml:"serve"`
	Fetch     Fetch                        `yaml:"fetch"`
	Retention Retention                    `yaml:"retention"`
	Sources   []feeds.Source               `yaml:"sources"`
	Channels  []feeds.Channel              `yaml:"channels"`
	Notify    []feeds.Target               `yaml:"notify,omitempty"`
	Tags      map[string]map[string]string `yaml:"tags,omitempty"` // titles of tags: tag, then language
	Translate Translate                    `yaml:"translate"`
	Engines   map[string]Engine            `yaml:"engines"` // by name; google and offline always exist

	// what lists of sources bring, from the store: see Follow. Listings is by id of the list
	Listed   []feeds.Source     `yaml:"-"`
	Listings map[string]Listing `yaml:"-"`

	// what is allowed and probably not meant, by position
	Warnings Errors `yaml:"-"`

	refs map[string]string // by path, as written: the values that came from ${} or file:
}

// Publish says where the feeds are written and where readers find them.
type Publish struct {
	Dir  string        `yaml:"dir"`
	URL  string        `yaml:"url"`  // ends in a slash; empty: none
	Hub  string        `yaml:"hub"`  // WebSub; empty: none
	Keep time.Duration `yaml:"keep"` // of the page of a story that no channel shows any more

	Images     string `yaml:"images"`     // remote | off; see feeds.Web
	Thumbnails bool   `yaml:"thumbnails"` // on lists
	Index      bool   `yaml:"index"`      // by search engines
}

// Web returns what the keys images, thumbnails and index say.
func (p Publish) Web() feeds.Web {
	return feeds.Web{NoImages: p.Images == "off", Thumbnails: p.Thumbnails, Index: p.Index}
}

// Serve holds the daemon's addresses.
type Serve struct {
	Listen  string `yaml:"listen"`
	Metrics string `yaml:"metrics"` // empty: none
	Token   Secret `yaml:"token"`   // empty: anyone may read the feeds
	Log     string `yaml:"log"`     // text | json

	// Names with a dot at which metrics and the operator's page answer, besides IP addresses.
	Hosts []string `yaml:"hosts"`
	// Addresses and networks of proxies whose X-Forwarded-For is believed.
	TrustedProxies []string `yaml:"trusted_proxies"`
}

// Proxies returns TrustedProxies as networks.
func (s Serve) Proxies() (out []netip.Prefix) {
	for _, p := range s.TrustedProxies {
		if n, err := network(p); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// network parses an address or a network.
func network(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a.Unmap().WithZone(""), a.Unmap().BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

// Fetch limits the requests to sources.
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

// Retention says how long items stay after they were last seen.
type Retention struct {
	Items time.Duration `yaml:"items"`
}

// Translate says what is translated, by which engines and for how much.
type Translate struct {
	From     string   `yaml:"from"`
	To       string   `yaml:"to"`
	Engines  []string `yaml:"engines"`          // names, in order of preference; empty: no translation
	Bodies   []string `yaml:"bodies,omitempty"` // nil: the same as Engines
	Glossary string   `yaml:"glossary"`         // a TSV file that extends the built-in one; empty: none
	Prices   string   `yaml:"prices,omitempty"` // a TSV file that extends the built-in one; empty: none
	Budget   Budget   `yaml:"budget,omitempty"` // for all paid engines together
	OnBudget string   `yaml:"on_budget"`        // original | hold | titles
}

// Engine is one entry of engines. translate.Settings explains the keys that only the engine reads.
type Engine struct {
	Type        string `yaml:"type"`
	URL         string `yaml:"url,omitempty"`
	Key         Secret `yaml:"key,omitempty"`
	Credentials Secret `yaml:"credentials,omitempty"`
	Project     string `yaml:"project,omitempty"`
	Location    string `yaml:"location,omitempty"`
	Model       string `yaml:"model,omitempty"`
	Dialect     string `yaml:"dialect,omitempty"`
	Reasoning   string `yaml:"reasoning,omitempty"`
	Region      string `yaml:"region,omitempty"`
	Glossary    string `yaml:"glossary,omitempty"`
	Pull        string `yaml:"pull,omitempty"` // auto | never
	Mirror      string `yaml:"mirror,omitempty"`
	Budget      Budget `yaml:"budget,omitempty"`
	PerMinute   int    `yaml:"chars_per_minute,omitempty"` // sent at most; 0: the type's own limit
}

// Settings returns what the entry of that name says to its engine.
func (e Engine) Settings(name string) translate.Settings {
	return translate.Settings{Name: name, URL: e.URL, Key: string(e.Key), Credentials: string(e.Credentials),
		Project:  e.Project,
		Location: e.Location, Model: e.Model, Dialect: e.Dialect, Reasoning: e.Reasoning, Region: e.Region,
		Glossary: e.Glossary,
		Pull:     e.Pull, Mirror: e.Mirror}
}

// fileName is the name of the file if no flag gives another.
const fileName = "nashra.yaml"

// builtinName stands for the file in errors about the built-in defaults.
const builtinName = "built-in " + fileName

// maxFileBytes limits the config and each file that a value points to. Ten thousand sources take up
// to 2 MB.
const maxFileBytes = 4 << 20

// Find returns the file to read: explicit, ./nashra.yaml or $XDG_CONFIG_HOME/nashra/nashra.yaml. It
// returns "" for the built-in defaults if there is none; a missing explicit file is an error.
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
		if !errors.Is(err, fs.ErrNotExist) { // it exists but is unreadable: do not silently use another
			return "", fmt.Errorf("config file: %w", err)
		}
	}
	return "", nil
}

// xdg prefers $XDG_CONFIG_HOME on every system; os.UserConfigDir honours it on some only.
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
	Target    CheckTarget                 // nil: addresses of targets are not checked
}

// CheckTarget returns what is wrong with a target of messages: the key, what follows it in an error, and
// what to write. None of them repeats a value. All are empty if nothing is wrong.
type CheckTarget func(t feeds.Target) (key, problem, hint string)

// Read reads the file at path, or the built-in defaults if path is "". It reports all mistakes in
// the file's content at once, as Errors.
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
	if !info.Mode().IsRegular() { // a pipe may block, a device may never end
		return nil, fmt.Errorf("%s is not a regular file", path)
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
