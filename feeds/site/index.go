// Package site renders the pages that people read beside the feeds, and serves both over HTTP. A
// page needs no other file: it has no script and no font, and only the page of a story shows
// pictures. Every text declares its language, and its direction follows from that.
package site

import (
	_ "embed" // the template, the stylesheet and the pictures
	"io"
	"regexp"
	"slices"
	"time"

	"github.com/nashra/nashra/feeds"
)

var (
	//go:embed icon.png
	icon []byte
	//go:embed logo.png
	logo []byte
	//go:embed favicon.ico
	favicon []byte
)

// Book holds what pages have in common. It shows what it is given: the caller leaves out what
// sources' policies withhold and outdated English.
type Book struct {
	where    feeds.Site
	channels []feeds.Channel
	days     []time.Time
	events   bool
}

// NewBook makes a book of channels. Its lists link to days, as returned by Day.
func NewBook(where feeds.Site, channels []feeds.Channel, days []time.Time) *Book {
	b := &Book{where: where, channels: channels, days: days}
	b.events = slices.ContainsFunc(channels, func(ch feeds.Channel) bool { return ch.Events != "off" })
	return b
}

// Day returns the day (UTC) on whose page a story of that time stands.
func Day(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// Days returns the days of a list, which is newest first, each once.
func Days(list []feeds.Listed) (days []time.Time) {
	for _, l := range list {
		if d := Day(l.Published); len(days) == 0 || !days[len(days)-1].Equal(d) {
			days = append(days, d)
		}
	}
	return days
}

const (
	// IndexStories is how many stories the index shows: a channel's default limit. The pages of days
	// show all.
	IndexStories = 100
	// DayStories is how many stories the page of one day shows that no channel shows any more: a
	// thousand sources bring about as many.
	DayStories = 500
)

// list is the content of pages of stories by day (UTC).
type list struct {
	Heading []phrase // one for each language; nil on the index
	Days    []day
	Before  []day // links to other days, newest first
}

// Index writes index.html: the newest stories by day, and links to subscribe to channels. Stories
// and channels may be empty. The same input gives the same bytes, as for every page.
func (b *Book) Index(w io.Writer, e feeds.Edition, newest []Entry) error {
	p := b.page(e, IndexPath)
	l := list{Before: b.otherDays(time.Time{}, p.Root)}
	l.Days, p.Paired = byDay(newest, p.Root)
	for i := range l.Days {
		l.Days[i].Headed = true
	}
	p.Content, p.Meta.Description = l, headlines(newest)
	return p.write(w, listKind)
}

// Day writes the page of the stories of one day.
func (b *Book) Day(w io.Writer, e feeds.Edition, at time.Time, stories []Entry) error {
	p := b.page(e, feeds.DayPath(at))
	d := newDay(at, p.Root)
	l := list{Heading: []phrase{{"en", "ltr", d.English}, {"ar", "rtl", d.Arabic}}, Before: b.otherDays(at, p.Root)}
	l.Days, p.Paired = byDay(stories, p.Root)
	p.Title, p.Content, p.Meta.Description = d.English+" – "+p.Title, l, headlines(stories)
	return p.write(w, listKind)
}

// whole is the content of the page of a story.
type whole struct {
	Entry Entry
	Day   day
}

// Story writes the page of one story with its whole text. e is its entry.
func (b *Book) Story(w io.Writer, s feeds.Story, e Entry) error {
	p := b.page(feeds.Bilingual, feeds.StoryPath(s.ID))
	e = e.detailed(s, b.where.NoImages)
	p.Paired, p.Policy = len(e.Sides) > 1, policyContent(!b.where.NoImages)
	p.Meta = b.storyMeta(p, e)
	p.Title = p.Meta.Title + " – " + p.Title
	p.Content = whole{e, newDay(s.Published, p.Root)}
	return p.write(w, storyKind)
}

// Pictures returns the pictures that pages and feeds show and browsers ask for, by path.
func Pictures() map[string][]byte {
	return map[string][]byte{feeds.IconPath: icon, feeds.LogoPath: logo, feeds.FaviconPath: favicon}
}

// Sources writes the OPML list of the sources that are polled.
func (b *Book) Sources(w io.Writer) error {
	list := make([]feeds.Source, 0, len(b.where.Sources))
	for _, s := range b.where.Sources {
		if s.On() {
			list = append(list, s)
		}
	}
	return feeds.EncodeOPML(w, oneLine(b.name(feeds.Bilingual)), list, nil)
}

// storyID matches the ids of stories that have pages: an id is part of a path.
var storyID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// name returns the name of the pages in an edition: that of the only channel, or the program's.
func (b *Book) name(e feeds.Edition) []phrase {
	if len(b.channels) == 1 {
		return inEdition(e, channelName(b.channels[0]))
	}
	return inEdition(e, masthead)
}

// Entry returns the entry of s for lists and for its own page.
func (b *Book) Entry(s feeds.Story) Entry { return newEntry(b.where, s, b.events) }

// byDay returns entries under their days, linked from a page with that root, and whether some have
// two sides.
func byDay(entries []Entry, root string) (days []day, paired bool) {
	for _, e := range entries {
		paired = paired || len(e.Sides) > 1
		if n := len(days); n == 0 || days[n-1].at != Day(e.published) {
			days = append(days, newDay(e.published, root))
		}
		last := &days[len(days)-1]
		last.Entries = append(last.Entries, e.linked(root))
	}
	return days, paired
}

// otherDays returns all days with stories but one.
func (b *Book) otherDays(but time.Time, root string) (out []day) {
	for _, d := range b.days {
		if !d.Equal(but) {
			out = append(out, newDay(d, root))
		}
	}
	return out
}
