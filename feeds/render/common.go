package render

import (
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// common is what the editions of a story have in common, made once.
type common struct {
	original, translation *html.Node // their HTML, sanitised; never changed
	headline, english     string     // their titles; empty: none
	parts                 map[part]string
	facts
}

// part names what editions show of a story: a tree in one direction, whole or pruned.
type part struct {
	body      *html.Node
	direction direction
	whole     bool
}

// decorated returns a tree as decorate does, and keeps it for the next edition.
func (c *common) decorated(body *html.Node, lang string, d direction, whole bool) string {
	p := part{body, d, whole}
	out, ok := c.parts[p]
	if !ok {
		out = decorate(clone(body), lang, d, whole)
		c.parts[p] = out
	}
	return out
}

func newCommon(s feeds.Story, ch feeds.Channel, site feeds.Site) *common {
	lead := s.Items[0].Item
	outlet := site.Sources[lead.SourceID]
	c := &common{
		original:    sanitize.Parse(s.Main(), ""),
		translation: sanitize.Parse(s.Translation.Main(), ""),
		headline:    headline(s.Title),
		english:     headline(s.Translation.Title),
		parts:       map[part]string{},
		facts: facts{
			link:       feeds.URI(lead.URL),
			home:       feeds.URI(outlet.Site),
			feed:       origin(outlet),
			outlet:     feeds.OneLine(sourceName(site, lead.SourceID)),
			authors:    names(lead.Authors),
			rights:     feeds.OneLine(lead.Rights),
			enclosures: encoded(lead.Enclosures),
			images:     encoded(lead.Images),
			sources:    members(site, s.Items),
			related:    members(site, linked(ch, s)),
		},
	}
	if len(c.authors) == 0 {
		c.authors = []string{c.outlet}
	}
	if len(c.images) > 0 {
		c.image = c.images[0].URL
	} else {
		c.image = firstImage(c.original)
	}
	return c
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
