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

// Index writes index.html: the newest stories by day (UTC), and links to subscribe to channels.
// Stories and channels may be empty. The same input gives the same bytes, as for every page.
func (b *Book) Index(w io.Writer, newest []Entry) error {
	p := b.page("")
	fillDays(&p, newest)
	p.Before = b.otherDays(time.Time{}, p.Root)
	return p.write(w)
}

// Day writes the page of the stories of one day.
func (b *Book) Day(w io.Writer, at time.Time, stories []Entry) error {
	p := b.page("../")
	d := newDay(at, p.Root)
	p.Day = &d
	p.Title = d.English + " – " + p.Title
	fillDays(&p, stories)
	p.Before = b.otherDays(at, p.Root)
	return p.write(w)
}

// Story writes the page of one story with its whole text. e is its entry.
func (b *Book) Story(w io.Writer, s feeds.Story, e Entry) error {
	p := b.page("../")
	e = e.detailed(s)
	p.Story, p.Paired = &e, len(e.Sides) > 1
	p.Title = e.headline() + " – " + p.Title
	d := newDay(s.Published, p.Root)
	p.Day = &d
	p.Policy = policyContent(true)
	return p.write(w)
}

// Pictures returns the pictures that pages and feeds show, by path.
func Pictures() map[string][]byte {
	return map[string][]byte{feeds.IconPath: icon, feeds.LogoPath: logo}
}

// Sources writes the OPML list of the sources that are polled.
func (b *Book) Sources(w io.Writer) error {
	list := make([]feeds.Source, 0, len(b.where.Sources))
	for _, s := range b.where.Sources {
		if s.On() {
			list = append(list, s)
		}
	}
	return feeds.EncodeOPML(w, oneLine(b.name()), list, nil)
}

// storyID matches the ids of stories that have pages: an id is part of a path.
var storyID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// name returns the name of the pages: that of the only channel, or the program's.
func (b *Book) name() []phrase {
	if len(b.channels) == 1 {
		return channelName(b.channels[0])
	}
	return masthead
}

// Entry returns the entry of s for lists and for its own page.
func (b *Book) Entry(s feeds.Story) Entry { return newEntry(b.where, s, b.events) }

// fillDays puts entries under their days on p.
func fillDays(p *page, entries []Entry) {
	for _, e := range entries {
		p.Paired = p.Paired || len(e.Sides) > 1
		if n := len(p.Days); n == 0 || p.Days[n-1].at != Day(e.published) {
			p.Days = append(p.Days, newDay(e.published, p.Root))
		}
		last := &p.Days[len(p.Days)-1]
		last.Entries = append(last.Entries, e.linked(p.Root))
	}
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
