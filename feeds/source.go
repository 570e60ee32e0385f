package feeds

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Source is one place that is polled, or a list of them, as the config file names it. Max of a list counts its
// sources.
type Source struct {
	ID        string            `yaml:"id" json:"id,omitempty"`                   // our slug, stable
	URL       string            `yaml:"url" json:"url"`                           // may hold secrets: see Redact
	Title     Title             `yaml:"title,omitempty" json:"title,omitzero"`    // what is empty: the feed's own
	Site      string            `yaml:"site,omitempty" json:"-"`                  // home page, until the feed names one
	Lang      string            `yaml:"lang,omitempty" json:"lang,omitempty"`     // BCP 47; unless an item's words tell
	Outlet    string            `yaml:"outlet,omitempty" json:"outlet,omitempty"` // see Publisher; empty: by its site
	Tags      []string          `yaml:"tags,omitempty" json:"tags,omitempty"`
	Schedule  string            `yaml:"schedule,omitempty" json:"schedule,omitempty"`
	Translate string            `yaml:"translate,omitempty" json:"translate,omitempty"` // full | title | none
	Content   string            `yaml:"content,omitempty" json:"content,omitempty"`     // full | summary: to republish
	FullText  string            `yaml:"full_text,omitempty" json:"full_text,omitempty"` // never | auto | always
	Headers   map[string]string `yaml:"headers,omitempty" json:"headers,omitempty"`     // values are secrets
	Page      Page              `yaml:"page,omitempty" json:"page,omitzero"`            // of URL, if that is no feed
	OPML      string            `yaml:"opml,omitempty" json:"opml,omitempty"`           // instead of URL: see List
	Trust     string            `yaml:"trust,omitempty" json:"trust,omitempty"`         // nashra: see Trusted
	Include   []string          `yaml:"include,omitempty" json:"include,omitempty"`     // words, /regular expressions/
	Exclude   []string          `yaml:"exclude,omitempty" json:"exclude,omitempty"`     // the same
	Drop      []string          `yaml:"drop,omitempty" json:"drop,omitempty"`           // CSS selectors, in texts
	Replace   []Replacement     `yaml:"replace,omitempty" json:"replace,omitempty"`     // in titles and texts
	Max       int               `yaml:"max,omitempty" json:"max,omitempty"`             // new stories of a poll; 0: all
	Private   bool              `yaml:"private,omitempty" json:"private,omitempty"`     // keeps URL out of every output
	Timezone  string            `yaml:"timezone,omitempty" json:"timezone,omitempty"`   // of dates that name no zone
	Enabled   *bool             `yaml:"enabled,omitempty" json:"enabled,omitempty"`     // nil: true

	Via    string `yaml:"-" json:"-"` // id of the list that names it; empty: the config file does
	Shared Shared `yaml:"-" json:"-"` // keys that identify no item of it
	Known  Known  `yaml:"-" json:"-"` // items whose Rest need not be made
}

// Page says where the items of a page stand. Each value is a CSS selector, within an item but for Item,
// and may end in @ and the name of an attribute, whose value is meant instead of the text.
type Page struct {
	Item    string `yaml:"item" json:"item"`
	Title   string `yaml:"title,omitempty" json:"title,omitempty"` // empty: the text of the link
	Link    string `yaml:"link,omitempty" json:"link,omitempty"`   // empty: the first a[href]
	Date    string `yaml:"date,omitempty" json:"date,omitempty"`   // empty: none, as for the next two
	Summary string `yaml:"summary,omitempty" json:"summary,omitempty"`
	Image   string `yaml:"image,omitempty" json:"image,omitempty"`
}

// On reports whether there are selectors.
func (p Page) On() bool { return p != (Page{}) }

// Replacement is what stands for a text when items are published.
type Replacement struct {
	From string `yaml:"from" json:"from"` // a text, or a /regular expression/
	To   string `yaml:"to" json:"to"`     // empty: From is left out; $1 is a group of the expression
}

// List reports whether s is a list of sources that is kept elsewhere (OPML), and no source itself.
func (s Source) List() bool { return s.OPML != "" }

// Address returns what is asked: the address of s, or of the list that it is.
func (s Source) Address() string { return cmp.Or(s.URL, s.OPML) }

// Trusted reports whether s is the JSON of another nashra whose translations are taken over.
func (s Source) Trusted() bool { return s.Trust == "nashra" }

// Recipe identifies how the documents of s are read; empty: as feeds, whole. What another recipe made of a
// document is to be made anew.
func (s Source) Recipe() string {
	if !s.Page.On() && len(s.Drop) == 0 && !s.Trusted() {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", s.Page, s.Drop, s.Trust))
	return hex.EncodeToString(sum[:8])
}

// On reports whether the source is polled.
func (s Source) On() bool { return s.Enabled == nil || *s.Enabled }

// Twins maps the id of each source that is not to be polled, as an earlier one has its address,
// headers and selectors, to the id of that.
func Twins(sources []Source) map[string]string {
	twins, first := map[string]string{}, map[string]string{}
	for _, s := range sources {
		if !s.On() || s.List() {
			continue
		}
		key := FeedKey(s.URL)
		if len(s.Headers) > 0 {
			key += fmt.Sprint(s.Headers)
		}
		if s.Page.On() {
			key += fmt.Sprint(s.Page)
		}
		if first[key] == "" {
			first[key] = s.ID
		} else {
			twins[s.ID] = first[key]
		}
	}
	return twins
}
