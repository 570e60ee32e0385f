// Package feeds holds the nouns that travel through nashra: sources and documents in, items and stories between, channels out; where
// published files stand, lists of feeds (OPML), and the forms of text and addresses that reading and writing share. Package parse reads
// feeds, package render writes them. None of the three knows a network, clock or database.
package feeds

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"
)

// Source is one feed that is polled, as the config file names it.
type Source struct {
	ID        string            `yaml:"id" json:"id,omitempty"`                 // our slug, stable
	URL       string            `yaml:"url" json:"url"`                         // the feed's address; may hold secrets: print it with Redact
	Title     string            `yaml:"title,omitempty" json:"title,omitempty"` // empty: the feed's own
	Lang      string            `yaml:"lang,omitempty" json:"lang,omitempty"`   // BCP 47; empty: told from each item's letters
	Tags      []string          `yaml:"tags,omitempty" json:"tags,omitempty"`   //
	Schedule  string            `yaml:"schedule,omitempty" json:"schedule,omitempty"`
	Translate string            `yaml:"translate,omitempty" json:"translate,omitempty"` // full | title | none
	Content   string            `yaml:"content,omitempty" json:"content,omitempty"`     // full | summary: what is republished
	FullText  string            `yaml:"full_text,omitempty" json:"full_text,omitempty"` // never | auto | always
	Headers   map[string]string `yaml:"headers,omitempty" json:"headers,omitempty"`     // values are secrets
	Private   bool              `yaml:"private,omitempty" json:"private,omitempty"`     // keeps URL out of every output
	Timezone  string            `yaml:"timezone,omitempty" json:"timezone,omitempty"`   // of dates that name no zone
	Enabled   *bool             `yaml:"enabled,omitempty" json:"enabled,omitempty"`     // nil: true

	Site string `yaml:"-" json:"-"` // the home page, as the feed last named it
}

// On says whether the source is polled.
func (s Source) On() bool { return s.Enabled == nil || *s.Enabled }

// Validators are what a server gave to recognise a document by, byte for byte (RFC 9110 8.8).
type Validators struct{ ETag, LastModified string }

// Document is one fetched response.
type Document struct {
	URL         string // after permanent redirects only: the address to remember
	Base        string // where the body was found: relative links start here
	ContentType string // the header, whole
	Body        []byte // decoded, capped
	Validators  Validators
	At          time.Time // UTC, when the answer came
	Clock       time.Time // UTC, what the server took the time for; zero if not said
	Fresh       time.Time // UTC, from max-age or Expires; zero if not said
	Unchanged   bool      // 304: Body is empty, Validators are still to be stored
	Cut         bool      // the body ended early: its entries count, Validators are empty
	CutBy       string    // with Cut: why it ended
	Robots      string    // X-Robots-Tag, a line each
}

// Feed is a parsed document.
type Feed struct {
	Title  string
	Site   string // home page, absolute; empty if not said
	Lang   string // as declared; empty if not said
	TTL    time.Duration
	Skip   Skip
	Items  []Item // in document order; at most one a GUID
	Broken int    `json:",omitempty"` // items that could not be read, and are not among Items
	Cut    bool   `json:",omitempty"` // the document ended early, whatever its transport said: Items are those before its end
	Note   string `json:"-"`          // what was repaired in the document, for people; empty: nothing
}

// Skip is when a feed asks not to be polled: RSS's skipHours and skipDays, in UTC. The zero Skip is never.
type Skip struct {
	Hours uint32 // bit n: the hour n, 0 to 23
	Days  uint8  // bit n: the time.Weekday n
}

// At says whether t is in it.
func (s Skip) At(t time.Time) bool {
	t = t.UTC()
	return s.Hours>>t.Hour()&1 == 1 || s.Days>>t.Weekday()&1 == 1
}

// Text is what is read, in one language.
type Text struct {
	Lang    string // BCP 47; empty: unknown
	Title   string // plain text, never HTML
	Summary string // sanitised HTML; empty where Body says it all
	Body    string // sanitised HTML; empty: Summary is all there is
}

// Hash identifies the words of t, so that an edit is noticed. Lengths are hashed too: no two texts run together.
func (t Text) Hash() (sum [32]byte) {
	h := sha256.New()
	var part [512]byte // a text is not copied whole
	for _, s := range []string{t.Lang, t.Title, t.Summary, t.Body} {
		h.Write(binary.LittleEndian.AppendUint64(part[:0], uint64(len(s))))
		for len(s) > 0 {
			n := copy(part[:], s)
			h.Write(part[:n])
			s = s[n:]
		}
	}
	h.Sum(sum[:0])
	return sum
}

// Main is the HTML that tells the story: Body, else Summary.
func (t Text) Main() string {
	if t.Body != "" {
		return t.Body
	}
	return t.Summary
}

// Enclosure is a file that goes with an item.
type Enclosure struct {
	URL    string `json:"url"` // absolute, http or https
	Type   string `json:"type,omitempty"`
	Length int64  `json:"length,omitempty"` // bytes; 0: unknown
}

// Item is one entry as its source published it.
type Item struct {
	SourceID string
	GUID     string // never empty once parsed: the feed's, else the cleaned link, else a hash of title and body
	URL      string // the page, absolute; empty if there is none
	Text
	Authors, Categories []string
	Enclosures, Images  []Enclosure
	Rights              string
	Published, Updated  time.Time // UTC; zero if the feed did not say, or said nonsense
	Seen                time.Time // UTC; when the poll that first brought it began; never zero once stored
}

// When is the time an item is filed under: Published, else Seen.
func (i Item) When() time.Time {
	if i.Published.IsZero() {
		return i.Seen
	}
	return i.Published
}

// Kind is what an item is to its story.
type Kind string

// The kinds of members. Lead: its words are shown. Copy: another outlet's printing. Update: an older or newer printing by the
// lead's own outlet. Event: the lead of another story on the same event.
const (
	Lead   Kind = "lead"
	Copy   Kind = "copy"
	Update Kind = "update"
	Event  Kind = "event"
)

// Member is an item in its story, with the reason it is there.
type Member struct {
	Item
	Kind  Kind
	Why   string
	Story string // id of the story that a linked one leads; empty: the one it stands in
}

// Story is the items that tell the same piece of news.
type Story struct {
	ID          string   // born once: 16 hex digits; what readers' ids are made from
	Items       []Member // lead first, then by When
	Related     []Member // leads of linked stories, Kind Event
	Text                 // the lead's
	Translation Translation
	Published   time.Time // UTC; the lead's at birth, else first seen; never moves
	Updated     time.Time // UTC; when anything shown last changed; never before Published
}

// Copies are the members by which other outlets than the lead's printed s, each outlet once, in the order of Items.
func (s Story) Copies() (out []Member) {
	seen := []string{s.Items[0].SourceID}
	for _, m := range s.Items[1:] {
		if m.Kind == Copy && !slices.Contains(seen, m.SourceID) {
			seen = append(seen, m.SourceID)
			out = append(out, m)
		}
	}
	return out
}

// State says how much of a story's text is translated.
type State string

// The states. None: no translation is wanted. Held: the budget left none, and readers are to see the story only with one.
const (
	None    State = "none"
	Held    State = "held"
	Waiting State = "waiting"
	Partial State = "partial"
	Done    State = "done"
)

// Translation is a story's text in the other language.
type Translation struct {
	Text
	State         State
	Engine, Model string    // of the most segments; empty when nothing is translated
	At            time.Time // UTC
	Source        [32]byte  // Text.Hash of what it was made from: another hash, and it is out of date
	TitleTerms    string    // names the glossary that Title was made under, or is Forgotten; empty: Title is not whole
	BodyTerms     string    // the same of Body
}

// people is the engine of a translation memory that people wrote: translate.MemoryName.
const people = "memory"

// Credit says in English who translated; empty where nobody did.
func (t Translation) Credit() string {
	by := t.Engine
	switch {
	case t.State != Partial && t.State != Done || by == "":
		return ""
	case by == people:
		return "translated by people"
	case t.Model != "":
		by += "/" + t.Model
	}
	return "machine translation: " + OneLine(by)
}

// Forgotten stands for the glossary of a text that the memory was told to forget: it is made anew.
const Forgotten = "forgotten"

// Query asks a store for stories, newest first. Stories hidden by the operator are never in the answer.
type Query struct {
	Sources []string // ids of sources; a story is in when any of its items is; empty: all
	IDs     []string // of stories; empty: all
	Words   string   // that a story must have, all of them, in either language and however spelt; empty: any
	Before  Cursor   // only stories after this one in the order; zero: from the start
	Limit   int      // at most so many; 0: no stories
}

// Cursor is a place in the order of stories: newest first, ties by id.
type Cursor struct {
	Published time.Time
	ID        string
}

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
}

// Edition is the choice of languages in a published feed.
type Edition string

// The editions. The bilingual one has no name of its own in paths.
const (
	Bilingual Edition = ""
	English   Edition = "en"
	Arabic    Edition = "ar"
)

// Editions are all of them, in the order they are written.
var Editions = []Edition{Bilingual, English, Arabic}

// Format is a published feed's syntax; its value is the file's suffix.
type Format string

// The formats.
const (
	Atom Format = "atom"
	RSS  Format = "rss"
	JSON Format = "json"
)

// Formats are all of them, in the order they are written.
var Formats = []Format{Atom, RSS, JSON}

// MediaType is what f is served as.
func (f Format) MediaType() string {
	if f == JSON {
		return "application/feed+json"
	}
	return "application/" + string(f) + "+xml"
}

// Path is where an edition of a channel stands beneath the publish folder, and on the server.
func Path(channelID string, e Edition, f Format) string {
	if e == Bilingual {
		return channelID + "." + string(f)
	}
	return channelID + "." + string(e) + "." + string(f)
}

// Site is what published feeds say of the place they stand in.
type Site struct {
	URL     string            // public address, with a final slash; empty: self, hub and absolute page links are left out
	Hub     string            // WebSub; empty: none
	Sources map[string]Source // by id; titles filled in
	Terms   map[string]string // English for the Arabic categories that have one
}

// StoryPath is where the page of a story stands, and DayPath that of a day (UTC).
func StoryPath(id string) string { return "stories/" + id + ".html" }

// DayPath is where the page of a day (UTC) stands.
func DayPath(day time.Time) string { return "days/" + day.UTC().Format(time.DateOnly) + ".html" }

// Where the pictures that stand for the whole site stand: a square one, and one twice as wide as high.
const (
	IconPath = "icon.png"
	LogoPath = "logo.png"
)
