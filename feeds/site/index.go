// Package site renders the pages that people read beside the feeds, and serves both over HTTP. A
// page needs no other file: it has no script and no font, and only the page of a story shows
// pictures. Every text declares its language, and its direction follows from that.
package site

import (
	_ "embed" // the pictures
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
	where     feeds.Site
	channels  []feeds.Channel
	tags      []feeds.Channel
	has       func(id string) bool
	events    bool
	publisher func(source string) string
	shared    *shared
}

// NewBook makes a book of channels. tags are the channels of tags, and has reports whether a story has
// a page; nil: every story has.
func NewBook(where feeds.Site, channels, tags []feeds.Channel, has func(id string) bool) *Book {
	b := &Book{where: where, channels: channels, tags: tags, has: has, publisher: where.Publishers(),
		shared: &shared{}}
	if has == nil {
		b.has = func(string) bool { return true }
	}
	b.events = slices.ContainsFunc(channels, func(ch feeds.Channel) bool { return ch.Events != "off" })
	return b
}

// For returns b for pages that are made beside others, with terms of their own.
func (b *Book) For(where feeds.Site) *Book {
	own := *b
	own.where, own.publisher = where, where.Publishers()
	return &own
}

const (
	// IndexStories is how many stories the index shows: a channel's default limit. The pages of days
	// show all.
	IndexStories = 100
	// ListStories is how many stories the page of a channel, tag or source shows.
	ListStories = 100
	// DayStories is how many stories the page of one day shows that no channel shows any more: a
	// thousand sources bring about as many.
	DayStories = 500
	// IndexEvents is how many events the index shows.
	IndexEvents = 7
)

// EventTime is how long before the newest story the events of the index were told.
const EventTime = 24 * time.Hour

// front is the content of the index.
type front struct {
	Covered []row
	Day     day   // of the newest story
	Beside  []row // the latest stories, beside Covered
	Latest  []row // those after Beside
}

// Index writes index.html: the events that most outlets told, then the newest stories. All may be
// empty. The same input gives the same bytes, as for every page.
func (b *Book) Index(w io.Writer, e feeds.Edition, events []Event, newest []Entry) error {
	p := b.page(e, IndexPath)
	var f front
	if len(newest) > 0 {
		f.Day = newDay(p, newest[0].published)
	}
	covered := map[string]bool{}
	for _, ev := range events {
		if r, ok := b.event(p, ev, f.Day.at); ok {
			f.Covered = append(f.Covered, r)
			for _, e := range ev.Entries {
				covered[e.ID] = true
			}
		}
	}
	rows := b.rows(p, newest)
	p.Meta.Description = headlines(append(f.Covered[:len(f.Covered):len(f.Covered)], rows...))
	f.Latest = slices.DeleteFunc(rows, func(r row) bool { return covered[r.ID] })
	if f.Covered != nil {
		n := min(p.beside(f.Covered), len(f.Latest))
		f.Beside, f.Latest = f.Latest[:n], f.Latest[n:]
	}
	p.Paired = paired(f.Covered) || paired(f.Beside) || paired(f.Latest)
	p.Content = f
	return p.write(w, indexKind)
}

// beside returns how many of the latest stories are about as high as events, beside which they stand on a
// wide screen: two reports take the room of one story, or three if stories have two headlines (measured on
// 2026-11-30).
func (p page) beside(events []row) int {
	reports := 1
	for _, e := range events {
		reports += 3 + len(e.Reports)
	}
	if p.Edition == feeds.Bilingual {
		return reports / 3
	}
	return reports / 2
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

// main returns the only channel of stories, which the index shows; nil: there are several, or none.
func (b *Book) main() *feeds.Channel {
	var only *feeds.Channel
	for i, ch := range b.channels {
		switch {
		case ch.Digest.On():
		case only != nil:
			return nil
		default:
			only = &b.channels[i]
		}
	}
	return only
}

// name returns the name of the pages in an edition: that of the only channel of stories, or the program's.
func (b *Book) name(e feeds.Edition) []phrase {
	if only := b.main(); only != nil {
		return inEdition(e, channelName(*only))
	}
	return inEdition(e, masthead)
}

// Entry returns the entry of s for lists and for its own page.
func (b *Book) Entry(s feeds.Story) Entry { return newEntry(b.where, b.publisher, s, b.events) }
