// Package feeds holds the nouns that travel through nashra: sources and documents in, items and stories
// between, channels out. It also says where published files stand, reads and writes lists of feeds
// (OPML), and has the forms of text and addresses that package parse, which reads feeds, and package
// render, which writes them, share. None of the three uses a network, a clock or a database.
package feeds

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Validators identify a version of a document, in the words of its server (RFC 9110 8.8).
type Validators struct{ ETag, LastModified string }

// Document is one fetched response.
type Document struct {
	URL         string // after permanent redirects only: the address to remember
	Moved       string // the same, also where the source's own headers and password may not be sent
	Base        string // where the body was found: relative links start here
	ContentType string // the header, whole
	Body        []byte // decoded, capped
	Validators  Validators
	At          time.Time // UTC, when the answer came
	Clock       time.Time // UTC, the server's own time; zero if not said
	Fresh       time.Time // UTC, from max-age or Expires; zero if not said
	Unchanged   bool      // 304: Body is empty, Validators must still be stored
	Cut         bool      // the body ended early; its document may be whole nonetheless
	CutBy       string    // with Cut: why it ended
	Note        string    // what was odd about the answer, for people; empty: nothing
	Robots      string    // X-Robots-Tag, one header a line
}

// Feed is a parsed document.
type Feed struct {
	Title  string
	Site   string // home page, absolute; empty if not said
	Lang   string // as declared; empty if not said
	TTL    time.Duration
	Skip   Skip
	Items  []Item // in document order, with different GUIDs
	Broken int    `json:",omitempty"` // items that could not be parsed and are not in Items
	Cut    bool   `json:",omitempty"` // the document ends early: Items are those before its end
	Shared Shared `json:"-"`          // the source's, with the keys that different Items have
	Note   string `json:"-"`          // what was repaired in the document, for people; empty: nothing
	// Charset is how the document was decoded, as "utf-8"; empty: it is all ASCII
	Charset string `json:"-"`
}

// Skip is when a feed asks not to be polled: RSS's skipHours and skipDays, in UTC.
type Skip struct {
	Hours uint32 // bit n: the hour n, 0 to 23
	Days  uint8  // bit n: the time.Weekday n
}

// At reports whether s covers t.
func (s Skip) At(t time.Time) bool {
	t = t.UTC()
	return s.Hours>>t.Hour()&1 == 1 || s.Days>>t.Weekday()&1 == 1
}

// Text is what people read, in one language.
type Text struct {
	Lang    string // BCP 47; empty: unknown
	Title   string // plain text, never HTML
	Summary string // sanitised HTML; empty if Body says it all
	Body    string // sanitised HTML; empty: there is only Summary
}

// Hash identifies the words of t, so that an edit is noticed. It hashes lengths too: otherwise text
// could move between fields unnoticed.
func (t Text) Hash() (sum [32]byte) {
	h := sha256.New()
	var part [512]byte // instead of a copy of the whole text
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

// Main returns the HTML that tells the story: Body, else Summary.
func (t Text) Main() string {
	if t.Body != "" {
		return t.Body
	}
	return t.Summary
}

// Enclosure is a file that belongs to an item.
type Enclosure struct {
	URL    string `json:"url"` // absolute, http or https
	Type   string `json:"type,omitempty"`
	Length int64  `json:"length,omitempty"` // bytes; 0: unknown
}

// imageName fits the addresses of images whose type is not known, or is wrong.
var imageName = regexp.MustCompile(`(?i)\.(jpe?g|png|gif|webp|avif|svg|bmp)([?#]|$)`)

// Picture reports whether a reader may show e as a picture.
func (e Enclosure) Picture() bool {
	return strings.HasPrefix(e.Type, "image/") || imageName.MatchString(e.URL)
}

// Item is one entry as its source published it.
type Item struct {
	SourceID string
	GUID     string // identifies it in its source: see Identify; never empty
	Own      string `json:"-"` // the feed's id, if GUID is another key; not stored
	URL      string // the page, absolute; empty if there is none
	Text
	Authors, Categories []string
	Enclosures, Images  []Enclosure
	Rights              string
	Published, Updated  time.Time // UTC; zero if the feed did not say, or gave a nonsensical date
	Seen                time.Time // UTC; the start of the first poll that found it; never zero once stored
	Origins             []Origin  `json:",omitempty"` // the outlets that have it, if a trusted source says so

	Rendition *Rendition `json:"-"` // its translations by a trusted source; not stored; nil: there are none

	// hash of all that the item is made from; zero: its neighbours in the document may change it
	Raw  Short       `json:"-"`
	Rest func(*Item) `json:"-"` // makes the texts, languages and files of a Known item; nil: they are made
}

// Short is the beginning of a SHA-256 hash: the items of a source are too few for two to be alike.
type Short [8]byte

// Known maps Raw of items to a hash of what was made from it.
type Known map[Short]Short

// Complete calls Rest, once.
func (i *Item) Complete() {
	if rest := i.Rest; rest != nil {
		i.Rest = nil
		rest(i)
	}
}

// When returns the time that an item is filed under: Published, else Seen.
func (i Item) When() time.Time {
	if i.Published.IsZero() {
		return i.Seen
	}
	return i.Published
}

// Kind is what an item is to its story.
type Kind string

// The kinds of members.
const (
	Lead   Kind = "lead"   // its text is the story's
	Copy   Kind = "copy"   // the same report by another outlet
	Update Kind = "update" // an older or newer version by the lead's own outlet
	Linked Kind = "event"  // the lead of another story on the same event
)

// Member is an item in its story, with the reason it is there.
type Member struct {
	Item
	Kind  Kind
	Why   string
	Story string // of a Linked one: the id of the story that it leads; empty for other kinds; see Covered
}

// Story is the items that tell the same piece of news.
type Story struct {
	ID          string       // 16 hex digits; never changes: readers' ids are made from it
	Items       []Member     // lead first, then by When
	Related     []Member     // leads of linked stories, Kind Linked
	Elsewhere   []Appearance // of linked stories: the first item of each source, as seen
	Text                     // the lead's
	Translation Translation
	Published   time.Time // UTC; the first lead's, else when it was first seen; never changes
	Updated     time.Time // UTC; when anything shown last changed; never before Published
}

// Listed is what tells a story's place in lists and whether it changed, without its texts.
type Listed struct {
	ID        string
	Source    string // of the lead
	Lang      string // of the lead's text
	State     State  // of the stored translation, which may be out of date; empty: there is none
	Published time.Time
	Updated   time.Time
	Changed   int64     // number of the last change of what the story shows: see aggregator.Store
	Held      time.Time // when an English edition first held it back, until its headline is translated; zero: never
	Titled    time.Time // when its headline was first translated; zero: never
}

// Entered returns the time by which the English edition orders l: Published, or when the headline was
// translated if the edition held l back until then.
func (l Listed) Entered() time.Time {
	if l.Held.IsZero() || l.Titled.Before(l.Published) {
		return l.Published
	}
	return l.Titled
}

// LatestFirst sorts list in place as the English edition has it, and returns it with each story once.
func LatestFirst(list []Listed) []Listed {
	slices.SortStableFunc(list, func(x, y Listed) int {
		return cmp.Or(y.Entered().Compare(x.Entered()), y.Published.Compare(x.Published), strings.Compare(x.ID, y.ID))
	})
	return slices.CompactFunc(list, func(x, y Listed) bool { return x.ID == y.ID })
}

// NewestFirst sorts list in place, and returns it with each story once.
func NewestFirst(list []Listed) []Listed {
	slices.SortStableFunc(list, func(x, y Listed) int {
		return cmp.Or(y.Published.Compare(x.Published), strings.Compare(x.ID, y.ID))
	})
	return slices.CompactFunc(list, func(x, y Listed) bool { return x.ID == y.ID })
}

// Copies returns the copies of the lead, one for each other outlet, in the order of Items.
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

// The states.
const (
	None    State = "none" // no translation is wanted
	Held    State = "held" // the budget is used up, and the story is only published translated
	Waiting State = "waiting"
	Partial State = "partial"
	Done    State = "done"
)

// Translation is a story's text in the other language.
type Translation struct {
	Text
	State         State
	Engine, Model string    // those of most segments; empty if nothing is translated
	At            time.Time // UTC
	Source        [32]byte  // Text.Hash of the source text; if the text has another hash, this is out of date
	TitleTerms    string    // the glossary of Title, or Forgotten; empty: Title is incomplete
	BodyTerms     string    // the same for Body

	// What checks doubt in Title and in Body: names of checks, each followed by its place, "title" or a
	// paragraph's number. It may be right.
	TitleDoubts, BodyDoubts string
}

// Doubt is a check that a translation may fail.
type Doubt struct {
	Check string `json:"check"`
	Where string `json:"where"` // "title", or the number of the paragraph, from 1
}

// Doubts returns what checks doubt in t.
func (t Translation) Doubts() (out []Doubt) {
	for d := range slices.Chunk(strings.Fields(t.TitleDoubts+" "+t.BodyDoubts), 2) {
		if len(d) == 2 {
			out = append(out, Doubt{d[0], d[1]})
		}
	}
	return out
}

// namedDoubts is how many doubts Doubtful names: more are seldom, and a footer is one line.
const namedDoubts = 3

// doubtWords says for readers what a check looks at, where its name does not.
var doubtWords = map[string]string{"fit": "meaning", "order": "order of figures"}

// Doubtful says in English what checks doubt in t; empty if nothing.
func (t Translation) Doubtful() string {
	var parts []string
	for i, d := range t.Doubts() {
		if i == namedDoubts {
			parts = append(parts, "and more")
			break
		}
		where := "paragraph " + d.Where
		if d.Where == "title" {
			where = "the headline"
		}
		parts = append(parts, cmp.Or(doubtWords[d.Check], d.Check)+" in "+where)
	}
	if parts == nil {
		return ""
	}
	return "translation may be wrong: " + strings.Join(parts, ", ")
}

// people is the engine of translations written by people: translate.MemoryName.
const people = "memory"

// Credit says in English who translated; empty if nobody did.
func (t Translation) Credit() string {
	by := t.Engine
	from, taken := strings.CutPrefix(by, TakenFrom)
	switch {
	case t.State != Partial && t.State != Done || by == "":
		return ""
	case taken && t.Model == "":
		return "translation taken over from " + OneLine(from)
	case taken:
		return "translation taken over from " + OneLine(from) + " (" + OneLine(t.Model) + ")"
	case by == people:
		return "translated by people"
	case t.Model != "":
		by += "/" + t.Model
	}
	return "machine translation: " + OneLine(by)
}

// Forgotten, in place of a glossary, marks a text that is to be translated again.
const Forgotten = "forgotten"

// Query asks a store for stories, newest first.
type Query struct {
	Sources []string // ids of sources, one of which must have an item in the story; empty: all
	IDs     []string // of stories; empty: all
	Hidden  bool     // only stories that the operator has hidden; false: only others
	Before  Cursor   // only stories after this place in the order; zero: from the start

	// Only stories that an English edition holds back until their headline is translated, or held back
	// until then: of the latter the last translated comes first.
	Untold, Late bool

	// Only stories published then or later; zero: all.
	From time.Time

	Limit int // the most stories; 0: none

	// Only for a search, which ignores IDs and Hidden.
	Words string    // which a story must all contain, in either language, in any form; empty: any
	Until time.Time // only stories published before then; zero: all
	Tag   string    // of a source that must have an item in the story, besides Sources; empty: any
}

// Found is the outcome of a search.
type Found struct {
	Stories  []Story
	Next     Cursor // where the next page begins; zero: there is none
	Count    int    // of all pages, at most MaxCount + 1
	Words    string // as they were looked for; a star follows a word that is taken as a beginning
	Building bool   // the index is not whole: stories are missing
}

// MaxCount is how far the stories that a search finds are counted (chosen on 2026-11-30).
const MaxCount = 1000

// Cursor is a place in the order of stories: newest first, ties by id.
type Cursor struct {
	Published time.Time
	ID        string
}
