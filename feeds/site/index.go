// Package site renders the pages that people read beside the feeds, and serves both over HTTP. A
// page needs no other file: it has no script and no font, and only the page of a story shows
// pictures. Every text declares its language, and its direction follows from that.
package site

import (
	"bytes"
	_ "embed" // the template, the stylesheet and the pictures
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
)

var (
	//go:embed icon.png
	icon []byte
	//go:embed logo.png
	logo []byte
)

// Book holds what pages are made of. It shows all stories it is given: the caller leaves out what
// sources' policies withhold and outdated English.
type Book struct {
	where    feeds.Site
	channels []feeds.Channel
	stories  []feeds.Story // newest first, each once
	days     []time.Time   // that have stories, newest first
	events   bool
	entries  map[string]entry // made when first shown
	served   bool             // pages get a search box
}

// NewBook makes a book of channels and stories, which may be in any order. It changes neither.
func NewBook(where feeds.Site, channels []feeds.Channel, stories []feeds.Story) *Book {
	b := &Book{where: where, channels: channels, stories: newestFirst(stories), entries: map[string]entry{}}
	b.events = slices.ContainsFunc(channels, func(ch feeds.Channel) bool { return ch.Events != "off" })
	for _, s := range b.stories {
		if d := midnight(s.Published); len(b.days) == 0 || !b.days[len(b.days)-1].Equal(d) {
			b.days = append(b.days, d)
		}
	}
	return b
}

// newestFirst returns stories in the order of a page, each once.
func newestFirst(stories []feeds.Story) []feeds.Story {
	sorted := slices.SortedStableFunc(slices.Values(stories), func(x, y feeds.Story) int {
		if c := y.Published.Compare(x.Published); c != 0 {
			return c
		}
		return strings.Compare(x.ID, y.ID)
	})
	return slices.CompactFunc(sorted, func(x, y feeds.Story) bool { return x.ID == y.ID })
}

// indexStories is how many stories the index shows: a channel's default limit. The pages of days
// show all.
const indexStories = 100

// Index writes index.html: the newest stories by day (UTC), and links to subscribe to channels.
// Stories and channels may be empty. The same input gives the same bytes, as for every page.
func (b *Book) Index(w io.Writer) error {
	p := b.page("")
	b.fillDays(&p, b.stories[:min(len(b.stories), indexStories)])
	p.Before = b.otherDays(time.Time{}, p.Root)
	return p.write(w)
}

// Day writes the page of the stories of one day (UTC).
func (b *Book) Day(w io.Writer, at time.Time) error {
	at = midnight(at)
	p := b.page("../")
	d := newDay(at, p.Root)
	p.Day = &d
	p.Title = d.English + " – " + p.Title
	b.fillDays(&p, slices.DeleteFunc(slices.Clone(b.stories), func(s feeds.Story) bool {
		return !midnight(s.Published).Equal(at)
	}))
	p.Before = b.otherDays(at, p.Root)
	return p.write(w)
}

// Story writes the page of one story with its whole text.
func (b *Book) Story(w io.Writer, s feeds.Story) error {
	p := b.page("../")
	e := b.entry(s).detailed(s)
	p.Story, p.Paired = &e, len(e.Sides) > 1
	p.Title = e.headline() + " – " + p.Title
	d := newDay(s.Published, p.Root)
	p.Day = &d
	p.Policy = policyContent(true)
	return p.write(w)
}

// Files returns all pages by path, the pictures they need, and the list of sources.
func (b *Book) Files() (map[string][]byte, error) {
	files := map[string][]byte{feeds.IconPath: icon, feeds.LogoPath: logo}
	var buf bytes.Buffer
	put := func(path string, err error) error {
		files[path] = bytes.Clone(buf.Bytes())
		buf.Reset()
		return err
	}
	if err := put(indexPath, b.Index(&buf)); err != nil {
		return nil, err
	}
	for _, d := range b.days {
		if err := put(feeds.DayPath(d), b.Day(&buf, d)); err != nil {
			return nil, err
		}
	}
	for _, s := range b.stories {
		if !storyID.MatchString(s.ID) {
			continue
		}
		if err := put(feeds.StoryPath(s.ID), b.Story(&buf, s)); err != nil {
			return nil, err
		}
	}
	list, err := b.sources()
	files[sourcesPath] = list
	return files, err
}

// sources returns the OPML list of the sources that are polled.
func (b *Book) sources() ([]byte, error) {
	list := make([]feeds.Source, 0, len(b.where.Sources))
	for _, s := range b.where.Sources {
		if s.On() {
			list = append(list, s)
		}
	}
	var buf bytes.Buffer
	err := feeds.EncodeOPML(&buf, oneLine(b.name()), list)
	return buf.Bytes(), err
}

const sourcesPath = "sources.opml"

// storyID matches the ids of stories that have pages: an id is part of a path.
var storyID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// name returns the name of the pages: that of the only channel, or the program's.
func (b *Book) name() []phrase {
	if len(b.channels) == 1 {
		return channelName(b.channels[0])
	}
	return masthead
}

// entry returns the entry of s.
func (b *Book) entry(s feeds.Story) entry {
	e, ok := b.entries[s.ID]
	if !ok {
		e = newEntry(b.where, s, b.events)
		b.entries[s.ID] = e
	}
	return e
}

// fillDays puts stories under their days on p.
func (b *Book) fillDays(p *page, stories []feeds.Story) {
	for _, s := range stories {
		e := b.entry(s).linked(p.Root)
		p.Paired = p.Paired || len(e.Sides) > 1
		if n := len(p.Days); n == 0 || p.Days[n-1].at != midnight(s.Published) {
			p.Days = append(p.Days, newDay(s.Published, p.Root))
		}
		last := &p.Days[len(p.Days)-1]
		last.Entries = append(last.Entries, e)
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
