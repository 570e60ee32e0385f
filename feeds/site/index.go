// Package site renders the pages that people read beside the feeds, and serves both over HTTP. A page says everything itself: no
// script, no font; only the page of a story shows pictures. Every text says its language, and its direction follows from that.
package site

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the template, the stylesheet and the pictures
	"encoding/base64"
	"html/template"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nashra/nashra/feeds"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed style.css
	style string
	//go:embed icon.png
	icon []byte
	//go:embed logo.png
	logo []byte

	pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageSource)) })
	styleSum     = hashed(style)
)

func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// policy is what a page may load: its own stylesheet, its icon, and pictures of any place where a story shows them.
func policy(pictures bool) string {
	from := "'self'"
	if pictures {
		from += " https: http:"
	}
	return "default-src 'none'; style-src 'sha256-" + styleSum + "'; img-src " + from + "; base-uri 'none'; form-action 'self'"
}

// page is what the template shows.
type page struct {
	Style    template.CSS
	Policy   template.HTMLAttr
	Root     string   // the way from the page to the index
	Title    string   // plain text, for the window
	Name     []phrase // the same, a language each
	Channels []channel
	Search   template.HTML // what the server puts a box in place of
	Found    *found        // the page of a search
	Failed   *failure      // the page of an error
	Story    *entry        // the page of one story
	Day      *day          // the page of one day
	Days     []day
	Before   []day // other days, newest first; without their stories
	Paired   bool  // some story stands there in two languages
}

// Home is the address of the index.
func (p page) Home() string {
	if p.Root == "" {
		return "./"
	}
	return p.Root
}

// phrase is a few words of one language.
type phrase struct{ Lang, Dir, Text string }

// Book is everything that pages are made of. Stories are shown as they are given: what their sources' policies withhold, and English
// that is out of date, must be gone already.
type Book struct {
	where    feeds.Site
	channels []feeds.Channel
	stories  []feeds.Story // newest first, each once
	days     []time.Time   // that have stories, newest first
	events   bool
	entries  map[string]entry // made when first shown
	live     bool             // served: with a box to search in
}

// NewBook makes a book of channels and stories, which may be in any order. It changes neither.
func NewBook(where feeds.Site, channels []feeds.Channel, stories []feeds.Story) *Book {
	b := &Book{where: where, channels: channels, stories: newestFirst(stories), entries: map[string]entry{},
		events: slices.ContainsFunc(channels, func(ch feeds.Channel) bool { return ch.Events != "off" })}
	for _, s := range b.stories {
		if d := midnight(s.Published); len(b.days) == 0 || !b.days[len(b.days)-1].Equal(d) {
			b.days = append(b.days, d)
		}
	}
	return b
}

// newestFirst is stories in the order of the page, each once.
func newestFirst(stories []feeds.Story) []feeds.Story {
	sorted := slices.SortedStableFunc(slices.Values(stories), func(x, y feeds.Story) int {
		if c := y.Published.Compare(x.Published); c != 0 {
			return c
		}
		return strings.Compare(x.ID, y.ID)
	})
	return slices.CompactFunc(sorted, func(x, y feeds.Story) bool { return x.ID == y.ID })
}

// onIndex is how many stories stand on the index: a channel's default limit. The days have all.
const onIndex = 100

// Index writes index.html: the newest stories by day (UTC), and the links to subscribe to channels. No stories and no channels make a
// page too. The same input gives the same bytes; so it is with every page.
func (b *Book) Index(w io.Writer) error {
	p := b.page("")
	b.file(&p, b.stories[:min(len(b.stories), onIndex)])
	p.Before = b.other(time.Time{})
	return p.write(w)
}

// Day writes the page of the stories of one day (UTC).
func (b *Book) Day(w io.Writer, at time.Time) error {
	p := b.page("../")
	d := newDay(at, p.Root)
	p.Day = &d
	p.Title = d.English + " – " + p.Title
	b.file(&p, slices.DeleteFunc(slices.Clone(b.stories), func(s feeds.Story) bool { return !midnight(s.Published).Equal(midnight(at)) }))
	p.Before = b.other(midnight(at))
	return p.write(w)
}

// Story writes the page of one story: all of it.
func (b *Book) Story(w io.Writer, s feeds.Story) error {
	p := b.page("../")
	e := b.entry(s).complete(s)
	p.Story, p.Paired = &e, len(e.Sides) > 1
	p.Title = e.line() + " – " + p.Title
	d := newDay(s.Published, p.Root)
	p.Day = &d
	p.Policy = meta(policy(true))
	return p.write(w)
}

// Files are all pages, by path, and what stands beside them: pictures, and the list of sources.
func (b *Book) Files() (map[string][]byte, error) {
	files := map[string][]byte{feeds.IconPath: icon, feeds.LogoPath: logo}
	var buf bytes.Buffer
	put := func(path string, err error) error {
		files[path] = bytes.Clone(buf.Bytes())
		buf.Reset()
		return err
	}
	if err := put("index.html", b.Index(&buf)); err != nil {
		return nil, err
	}
	for _, d := range b.days {
		if err := put(feeds.DayPath(d), b.Day(&buf, d)); err != nil {
			return nil, err
		}
	}
	for _, s := range b.stories {
		if !paged.MatchString(s.ID) {
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

// sources is the list of those that are polled, and whose address is no secret.
func (b *Book) sources() ([]byte, error) {
	list := make([]feeds.Source, 0, len(b.where.Sources))
	for _, s := range b.where.Sources {
		if s.On() {
			list = append(list, s)
		}
	}
	var buf bytes.Buffer
	err := feeds.EncodeOPML(&buf, line(b.name()), list)
	return buf.Bytes(), err
}

const sourcesPath = "sources.opml"

// paged are the ids of stories, which are parts of paths.
var paged = regexp.MustCompile(`^[0-9a-f]{16}$`)

// name is what the pages are called: as the one channel is, else as the program.
func (b *Book) name() []phrase {
	if len(b.channels) == 1 {
		return name(b.channels[0])
	}
	return masthead
}

// page is a page that stands in a folder from which root leads to the index.
func (b *Book) page(root string) page {
	p := page{Style: template.CSS(style), Policy: meta(policy(false)), Root: root, Name: b.name(), Search: noSearch}
	if b.live {
		p.Search = searchBox(root, "")
	}
	p.Title = line(p.Name)
	for _, ch := range b.channels {
		p.Channels = append(p.Channels, newChannel(ch, root))
	}
	return p
}

func meta(policy string) template.HTMLAttr { return template.HTMLAttr(`content="` + policy + `"`) }

// entry shows s.
func (b *Book) entry(s feeds.Story) entry {
	e, ok := b.entries[s.ID]
	if !ok {
		e = newEntry(b.where, s, b.events)
		b.entries[s.ID] = e
	}
	return e
}

// file puts stories under their days.
func (b *Book) file(p *page, stories []feeds.Story) {
	for _, s := range stories {
		e := b.entry(s).in(p.Root)
		p.Paired = p.Paired || len(e.Sides) > 1
		if n := len(p.Days); n == 0 || p.Days[n-1].at != midnight(s.Published) {
			p.Days = append(p.Days, newDay(s.Published, p.Root))
		}
		last := &p.Days[len(p.Days)-1]
		last.Entries = append(last.Entries, e)
	}
}

// other are the days beside one, which may be none.
func (b *Book) other(than time.Time) (out []day) {
	root := ""
	if !than.IsZero() {
		root = "../"
	}
	for _, d := range b.days {
		if !d.Equal(than) {
			out = append(out, newDay(d, root))
		}
	}
	return out
}

// write executes the template; nothing half-written comes out where it fails.
func (p page) write(w io.Writer) error {
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, p); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}
