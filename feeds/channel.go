package feeds

import (
	"strings"
	"sync"
	"time"

	"github.com/nashra/nashra/translate/arabic"
)

// Channel is one published feed, as the config file names it.
type Channel struct {
	ID      string            `yaml:"id" json:"id"`
	Title   map[string]string `yaml:"title,omitempty" json:"title,omitempty"` // by language
	Tags    []string          `yaml:"tags,omitempty" json:"tags,omitempty"`
	Sources []string          `yaml:"sources,omitempty" json:"sources,omitempty"`
	Include []string          `yaml:"include,omitempty" json:"include,omitempty"` // words or /regular expressions/
	Exclude []string          `yaml:"exclude,omitempty" json:"exclude,omitempty"`
	Limit   int               `yaml:"limit,omitempty" json:"limit,omitempty"`
	Window  time.Duration     `yaml:"window,omitempty" json:"window,omitempty"` // 0: no limit by age
	Wait    time.Duration     `yaml:"wait,omitempty" json:"wait,omitempty"`
	Layout  string            `yaml:"layout,omitempty" json:"layout,omitempty"` // blocks | interleaved
	Titles  string            `yaml:"titles,omitempty" json:"titles,omitempty"` // both | en
	Events  string            `yaml:"events,omitempty" json:"events,omitempty"` // link | off
	Link    string            `yaml:"link,omitempty" json:"link,omitempty"`     // original | page: of an entry
	Digest  Schedule          `yaml:"digest,omitempty" json:"digest,omitzero"`  // zero: stories stand in the feed alone

	// show | hold: whether the English edition waits for the headline of a story
	Untranslated string `yaml:"untranslated,omitempty" json:"untranslated,omitempty"`

	// Search is the query string of a search, whose feeds the server makes; empty: ch is no search.
	Search string `yaml:"-" json:"-"`
}

// Schedule makes a channel a digest: one entry for each period, from one firing to the next.
type Schedule struct {
	Cron       string `yaml:"schedule" json:"schedule"`       // five fields, or @daily; empty: none
	Timezone   string `yaml:"timezone" json:"timezone"`       // IANA name
	Top        int    `yaml:"top" json:"top"`                 // the most events of an entry
	MinOutlets int    `yaml:"min_outlets" json:"min_outlets"` // the fewest outlets of an event
}

// On reports whether there is a schedule.
func (s Schedule) On() bool { return s.Cron != "" }

// Location returns the place of Timezone; UTC if there is none.
func (s Schedule) Location() *time.Location {
	if zone, err := time.LoadLocation(s.Timezone); err == nil {
		return zone
	}
	return time.UTC
}

// Edition is the choice of languages in a published feed.
type Edition string

// The editions. The bilingual one is not named in paths.
const (
	Bilingual Edition = ""
	English   Edition = "en"
	Arabic    Edition = "ar"
)

// Editions are all editions, in the order in which they are written.
var Editions = []Edition{Bilingual, English, Arabic}

// Format is the syntax of a published feed; its value is the suffix of files.
type Format string

// The formats.
const (
	Atom Format = "atom"
	RSS  Format = "rss"
	JSON Format = "json"
)

// Formats are all formats, in the order in which they are written.
var Formats = []Format{Atom, RSS, JSON}

// MediaType returns the media type of f.
func (f Format) MediaType() string {
	if f == JSON {
		return "application/feed+json"
	}
	return "application/" + string(f) + "+xml"
}

// Path returns where an edition of a channel stands in the publish folder, and on the server.
func Path(channelID string, e Edition, f Format) string {
	if e == Bilingual {
		return channelID + "." + string(f)
	}
	return channelID + "." + string(e) + "." + string(f)
}

// SearchPath is where the server answers searches. Their feeds are those of a channel of this id.
const SearchPath = "search"

// Path returns where the feed of an edition of ch in a format stands, with the query of a search.
func (ch Channel) Path(e Edition, f Format) string {
	if ch.Search != "" {
		return Path(SearchPath, e, f) + "?" + ch.Search
	}
	return Path(ch.ID, e, f)
}

// Web says what pages and feeds show beside texts, and to whom.
type Web struct {
	NoImages   bool // pictures become links, so that no reader asks a third party for anything
	Thumbnails bool // lists of stories show pictures
	Index      bool // search engines may list the pages of stories
}

// Small reports whether lists of stories show pictures.
func (w Web) Small() bool { return w.Thumbnails && !w.NoImages }

// Picture names a picture without words of its own, in the language of the text around it.
func Picture(lang string) string {
	if arabic.Dir(lang) == "rtl" {
		return "صورة"
	}
	return "Picture"
}

// Site describes the place where feeds are published.
type Site struct {
	Web
	URL     string            // public, with a final slash; empty: no self, hub and absolute page links
	Hub     string            // WebSub; empty: none
	Sources map[string]Source // by id; titles filled in
	Terms   map[string]string // the English of Arabic categories, bylines and rights
	Named   map[string]Title  // of outlets that trusted sources name, by Appearance.Source
}

// Source returns a source, or an outlet that a trusted source names, by its id.
func (s Site) Source(id string) Source {
	source, ok := s.Sources[id]
	if !ok && s.Named[id] != (Title{}) {
		return Source{ID: id, Title: s.Named[id], Private: true}
	}
	return source
}

// Publishers returns a function that returns the outlet of a source by its id: see Source.Publisher. An
// outlet that a trusted source names counts as itself if a source of it is configured, else as the
// trusted source's.
func (s Site) Publishers() func(id string) string {
	known := map[string]string{}
	configured := sync.OnceValue(func() map[string]bool {
		out := map[string]bool{}
		for _, source := range s.Sources {
			if source.URL != "" {
				out[source.Publisher()] = true
			}
		}
		return out
	})
	return func(id string) string {
		if outlet, ok := known[id]; ok {
			return outlet
		}
		polled, outlet, named := strings.Cut(id, foreign)
		if !named || !strings.Contains(outlet, ".") || !configured()[outlet] {
			source := s.Sources[polled]
			source.ID = polled
			outlet = source.Publisher()
		}
		known[id] = outlet
		return outlet
	}
}

// Sitemapped reports whether there is a list of all pages for search engines.
func (s Site) Sitemapped() bool { return s.Index && s.URL != "" }

// StoryPath returns where the page of a story stands.
func StoryPath(id string) string { return "stories/" + id + ".html" }

// PagePath returns where the page with that path stands in an edition.
func PagePath(e Edition, path string) string {
	if e == Bilingual {
		return path
	}
	return string(e) + "/" + path
}

// DayPath returns where the page of a day (UTC) stands.
func DayPath(day time.Time) string { return "days/" + day.UTC().Format(time.DateOnly) + ".html" }

// Where the files of the whole site stand: pictures, a square one and one twice as wide as high, and
// what browsers and crawlers look for at the root.
const (
	IconPath    = "icon.png"
	LogoPath    = "logo.png"
	FaviconPath = "favicon.ico"
	RobotsPath  = "robots.txt"
	SitemapPath = "sitemap.xml"
)
