// Package site renders the pages that people read beside the feeds: index.html, the stories of all channels in both languages. A
// page is one file that asks for no other: no script, no font, no picture. Every text says its language, and its direction
// follows from that.
package site

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the template and the stylesheet
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed style.css
	style string

	pageTemplate = template.Must(template.New("page").Parse(pageSource))
	pagePolicy   = policy(style)
)

// policy is the content attribute of a page's Content-Security-Policy: this stylesheet and nothing else.
func policy(css string) template.HTMLAttr {
	sum := sha256.Sum256([]byte(css))
	return template.HTMLAttr(`content="default-src 'none'; style-src 'sha256-` + base64.StdEncoding.EncodeToString(sum[:]) +
		`'; base-uri 'none'; form-action 'none'"`)
}

// page is what the template shows.
type page struct {
	Style    template.CSS
	Policy   template.HTMLAttr
	Title    string   // plain text, for the window
	Name     []phrase // the same, a language each
	Channels []channel
	Days     []day
	Paired   bool // some story stands there in two languages
}

// phrase is a few words of one language.
type phrase struct{ Lang, Dir, Text string }

// Index writes index.html: stories, each once, newest first by day (UTC), and the links to subscribe to channels. Stories are shown
// as they are given: what their sources' policies withhold, and English that is out of date, must be gone already. No stories and no
// channels make a page too. The same input gives the same bytes.
func Index(w io.Writer, where feeds.Site, channels []feeds.Channel, stories []feeds.Story) error {
	p := page{Style: template.CSS(style), Policy: pagePolicy, Name: masthead}
	for _, ch := range channels {
		p.Channels = append(p.Channels, newChannel(ch))
	}
	if len(p.Channels) == 1 {
		p.Name = p.Channels[0].Name
	}
	p.Title = line(p.Name)
	events := slices.ContainsFunc(channels, func(ch feeds.Channel) bool { return ch.Events != "off" })
	for _, s := range newestFirst(stories) {
		e := newEntry(where, s, events)
		p.Paired = p.Paired || len(e.Sides) > 1
		p.file(s, e)
	}
	var b bytes.Buffer // nothing half-written where the template fails
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
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

// file puts e, which shows s, under its day.
func (p *page) file(s feeds.Story, e entry) {
	d := newDay(s.Published)
	if n := len(p.Days); n == 0 || p.Days[n-1].Date != d.Date {
		p.Days = append(p.Days, d)
	}
	last := &p.Days[len(p.Days)-1]
	last.Entries = append(last.Entries, e)
}
