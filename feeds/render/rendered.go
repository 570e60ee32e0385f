package render

import (
	"cmp"
	"slices"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// rendered is a story with what the feeds of a channel share of it, each made once.
type rendered struct {
	story   feeds.Story
	channel feeds.Channel
	site    feeds.Site

	original, translation *html.Node // the HTML, sanitised; never changed
	headline, english     string     // the titles; empty: none
	link                  string     // the original page, or ours; a URI, empty: none
	home, feed            string     // of the outlet, as far as they may be told: see origin
	outlet                string     // what it is called
	image                 string     // that stands for the story; empty: none
	published, updated    time.Time
	authors               []string
	rights                string
	enclosures, images    []feeds.Enclosure
	sources, related      []jsonMember

	parts   map[part]string
	entries map[feeds.Edition]*entry
}

// entry is a story as one edition shows it. Its texts are fit for XML.
type entry struct {
	*rendered
	id         string
	lang       string // of title and content
	title      string
	summary    string // plain text, the opening; empty where content has no words
	content    string // HTML
	categories []string
}

// part names what editions show of a story: a tree in one direction, whole or pruned.
type part struct {
	body      *html.Node
	direction direction
	whole     bool
}

// decorated returns a tree as decorate does, and keeps it for the next edition.
func (s *rendered) decorated(body *html.Node, lang string, d direction, whole bool) string {
	p := part{body, d, whole}
	out, ok := s.parts[p]
	if !ok {
		out = decorate(clone(body), lang, d, whole)
		s.parts[p] = out
	}
	return out
}

// render renders what the feeds of ch share of s.
func render(site feeds.Site, ch feeds.Channel, s feeds.Story) *rendered {
	lead := s.Items[0].Item
	outlet := site.Sources[lead.SourceID]
	r := &rendered{
		story: s, channel: ch, site: site,
		original:    sanitize.Parse(s.Main(), ""),
		translation: sanitize.Parse(s.Translation.Main(), ""),
		headline:    headline(s.Title),
		english:     headline(s.Translation.Title),
		link:        cmp.Or(feeds.URI(lead.URL), address(site, feeds.StoryPath(s.ID))),
		home:        feeds.URI(outlet.Site),
		feed:        origin(outlet),
		outlet:      feeds.OneLine(sourceName(site, lead.SourceID)),
		authors:     names(lead.Authors),
		rights:      feeds.OneLine(lead.Rights),
		enclosures:  encoded(lead.Enclosures),
		images:      encoded(lead.Images),
		sources:     members(site, s.Items),
		related:     members(site, linked(ch, s)),
		parts:       map[part]string{},
		entries:     map[feeds.Edition]*entry{},
	}
	r.published, r.updated = dates(s.Published, s.Updated)
	if len(r.authors) == 0 {
		r.authors = []string{r.outlet}
	}
	if len(r.images) > 0 {
		r.image = r.images[0].URL
	} else {
		r.image = firstImage(r.original)
	}
	return r
}

// in returns the entry of s in edition e, made once.
func (s *rendered) in(e feeds.Edition) *entry {
	if x := s.entries[e]; x != nil {
		return x
	}
	l := layout{e, s}
	x := &entry{
		rendered: s,
		id:       urn(s.story.ID, s.channel.ID, e),
		lang:     l.lang(),
		title:    feeds.Legal(l.title()),
		summary:  l.summary(),
		content:  feeds.Legal(l.body() + l.footer()),
	}
	categories := slices.Clone(s.story.Items[0].Categories)
	for i, name := range categories {
		if t := s.site.Terms[name]; t != "" && e != feeds.Arabic {
			categories[i] = t
		}
	}
	x.categories = names(categories)
	s.entries[e] = x
	return x
}

// headline returns s on one line, shortened if it is longer than headlines are.
func headline(s string) string { return feeds.Shorten(feeds.OneLine(s), feeds.MaxTitle) }

// firstImage returns the address of the first image beneath body; empty: there is none.
func firstImage(body *html.Node) string {
	for n := range body.Descendants() {
		if n.DataAtom == atom.Img {
			for _, a := range n.Attr {
				if a.Key == "src" {
					return feeds.URI(a.Val)
				}
			}
		}
	}
	return ""
}
