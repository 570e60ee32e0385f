package site

import (
	"encoding/xml"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// meta is what a page tells programs: search engines, and those that show a card for a link to it.
// Empty fields are left out.
type meta struct {
	Kind        string // of Open Graph
	Title       string // without the site's name; empty: the page's
	Description string
	Address     string // public
	Canonical   string
	Langs       []string // of the page, if search engines are to know several
	Robots      string
	Image       string
}

// storyMeta returns the meta of a story's page, whose entry is e.
func (b *Book) storyMeta(p page, e Entry) meta {
	m := p.Meta
	m.Kind, m.Title, m.Image = "article", e.headline(), e.Image
	for _, s := range e.Sides {
		if m.Description == "" {
			m.Description = plainExcerpt(s)
		}
		if p.Paired && m.Canonical != "" {
			m.Langs = append(m.Langs, s.Lang)
		}
	}
	if !b.where.Index {
		m.Robots = "noindex"
	}
	return m
}

// maxDescription is in graphemes: cards and results show about 160 (chosen on 2026-11-30).
const maxDescription = 200

// plainExcerpt returns the beginning of a side's text.
func plainExcerpt(s side) string {
	return feeds.Shorten(joined(s.Excerpt.Text), maxDescription)
}

// headlines describes a list by its first headlines.
func headlines(rows []row) string {
	var out []string
	for _, r := range rows { // an event's story may be among the latest too
		at := max(0, slices.IndexFunc(r.Sides, func(s side) bool { return s.Title != nil }))
		if h := r.Sides[at].headline(); len(out) < 3 && !slices.Contains(out, h) { // more are cut off
			out = append(out, h)
		}
	}
	return feeds.Shorten(arabic.StripBidi(strings.Join(out, " · ")), maxDescription) // an isolate may lose its end
}

// Robots writes robots.txt. Searching costs work and finds nothing that pages do not have.
func (b *Book) Robots(w io.Writer) error {
	prefix := "/"
	if u, err := url.Parse(b.where.URL); err == nil && u.Path != "" {
		prefix = u.EscapedPath()
	}
	text := "User-agent: *\n"
	for _, e := range feeds.Editions {
		text += "Disallow: " + prefix + feeds.PagePath(e, feeds.SearchPath) + "\n"
	}
	if b.where.Sitemapped() {
		text += "\nSitemap: " + feeds.URI(b.where.URL+feeds.SitemapPath) + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// maxAddresses is how many addresses a sitemap may hold (sitemaps.org). Each takes less than 1 KB of the
// 50 MB that it may have.
const maxAddresses = 50_000

type (
	sitemap struct {
		XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		Pages   []sitemapURL `xml:"url"`
	}
	sitemapURL struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod,omitempty"`
	}
)

// Sitemap writes sitemap.xml: the addresses of lists, and then of the pages of stories, the newest first.
func (b *Book) Sitemap(w io.Writer, lists []string, stories []feeds.Listed) error {
	var m sitemap
	for _, name := range lists {
		m.Pages = append(m.Pages, sitemapURL{Loc: b.address(name)})
	}
	for _, s := range stories[:min(len(stories), maxAddresses-len(lists))] {
		m.Pages = append(m.Pages, sitemapURL{b.address(feeds.StoryPath(s.ID)), s.Updated.UTC().Format(time.RFC3339)})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	return enc.Encode(m)
}

// address returns the public address of the page of that name; empty without one.
func (b *Book) address(name string) string {
	if b.where.URL == "" {
		return ""
	}
	name = strings.TrimSuffix(name, IndexPath) // of whichever folder: servers answer it there
	return feeds.URI(b.where.URL + name)
}
