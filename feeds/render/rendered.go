package render

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"slices"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// rendered is a story with what the feeds of a channel share of it, each made once.
type rendered struct {
	*Writer
	story feeds.Story
	key   string // of ids

	original, translation *html.Node // the HTML, sanitised; never changed
	headline, english     string     // the titles; empty: none
	link                  string     // the original page, or ours; a URI, empty: none
	via                   string     // the original page, if link is ours instead
	page                  string     // ours; empty without publish.url
	image                 string     // that stands for the story; empty: none
	published, updated    time.Time
	enclosures, images    []feeds.Enclosure
	publishers            []string // outlets of the event
	reports               int

	// what was made: see once
	uris      map[string]string // by the address
	parts     map[part]string
	sources   map[*html.Node]string // as they are in JSON
	summaries map[*html.Node]string
	footers   map[feeds.Edition]string
	escapes   map[string]escaped // by the content
	entries   map[feeds.Edition]*entry
}

// entry is a story as one edition shows it. Its texts are fit for XML.
type entry struct {
	layout
	id         string
	lang       string // of title and content
	title      string
	summary    string // plain text, the opening; empty where content has no words
	content    string // HTML
	authors    []string
	rights     string
	categories []string
}

// escaped is content as text of XML.
type escaped struct {
	XML []byte `xml:",innerxml"`
}

// escapedContent returns the content for XML. Both formats share it, and editions with the same content.
func (x *entry) escapedContent() escaped {
	return once(x.escapes, x.content, func() escaped {
		var b bytes.Buffer
		b.Grow(len(x.content) * 5 / 4)            // tags grow, letters do not
		_ = xml.EscapeText(&b, []byte(x.content)) // a buffer takes all
		return escaped{b.Bytes()}
	})
}

// part names what editions show of a story: a tree in one direction, whole or pruned.
type part struct {
	body      *html.Node
	direction direction
	whole     bool
}

// decorated returns a tree as decorate does, and keeps it for the next edition.
func (s *rendered) decorated(body *html.Node, lang string, d direction, whole bool) string {
	return once(s.parts, part{body, d, whole}, func() string {
		return feeds.Legal(s.decorate(clone(body), lang, d, whole))
	})
}

// render renders what feeds share of s.
func (w *Writer) render(s feeds.Story, key string) *rendered {
	lead := s.Items[0].Item
	r := &rendered{
		Writer: w, story: s, key: key, uris: map[string]string{}, summaries: map[*html.Node]string{},
		original:    sanitize.Parse(s.Main(), ""),
		translation: sanitize.Parse(s.Translation.Main(), ""),
		headline:    headline(s.Title),
		english:     headline(s.Translation.Title),
		enclosures:  encoded(lead.Enclosures),
		images:      encoded(lead.Images),
		parts:       map[part]string{},
		sources:     map[*html.Node]string{},
		footers:     map[feeds.Edition]string{},
		escapes:     map[string]escaped{},
		entries:     map[feeds.Edition]*entry{},
	}
	r.published, r.updated = dates(s.Published, s.Updated)
	event := s
	if event.Related = r.linked(); event.Related == nil {
		event.Elsewhere = nil
	}
	r.publishers, r.reports = event.Outlets(w.publisher), event.Reports()
	r.link, r.page = r.uri(lead.URL), address(w.site, feeds.StoryPath(s.ID))
	if r.link == "" || w.channel.Link == "page" && r.page != "" {
		r.via, r.link = r.link, r.page
	}
	switch {
	case w.site.NoImages:
		r.images, r.enclosures = nil, slices.DeleteFunc(r.enclosures, feeds.Enclosure.Picture)
	case len(r.images) > 0:
		r.image = r.images[0].URL
	default:
		r.image = firstImage(r.original)
	}
	return r
}

// uri returns the address of an item as a URI; empty if it is none.
func (s *rendered) uri(ref string) string {
	return once(s.uris, ref, func() string { return feeds.URI(ref) })
}

// linked returns the leads of the stories that the channel names beside s.
func (s *rendered) linked() []feeds.Member {
	if s.channel.Events == "off" {
		return nil
	}
	return s.story.Related
}

// named is a source in an edition, which has a name for it.
type named struct {
	id      string
	edition feeds.Edition
}

// outlet is what may be told of a source.
type outlet struct {
	name string
	home string // a URI; empty: none
	feed string // see origin
}

// outlet returns the outlet of a source, made once for each edition.
func (l layout) outlet(id string) outlet {
	return once(l.outlets, named{id, l.edition}, func() outlet {
		src := l.site.Source(id)
		return outlet{cmp.Or(src.Name(l.edition), feeds.OneLine(id)), feeds.URI(src.Site), origin(src)}
	})
}

// once returns what made holds for key, which fresh makes the first time.
func once[K comparable, V any](made map[K]V, key K, fresh func() V) V {
	v, ok := made[key]
	if !ok {
		v = fresh()
		made[key] = v
	}
	return v
}

// in returns the entry of s in edition e, made once.
func (s *rendered) in(e feeds.Edition) *entry {
	return once(s.entries, e, func() *entry { return layout{e, s}.entry() })
}

func (l layout) entry() *entry {
	s, e := l.rendered, l.edition
	x := &entry{
		layout:  l,
		id:      urn(s.key, s.channel.ID, e),
		lang:    l.lang(),
		title:   feeds.Legal(l.title()),
		summary: l.summary(),
		content: l.body() + l.footer(),
	}
	lead := s.story.Items[0]
	x.rights = feeds.OneLine(lead.Rights)
	if en := s.site.Terms[lead.Rights]; en != "" && e == feeds.English {
		x.rights = en
	}
	x.authors = l.names(lead.Authors, func(name string, e feeds.Edition) string {
		return s.site.Author(name, lead.SourceID, e)
	})
	if len(x.authors) == 0 {
		x.authors = []string{l.outlet(lead.SourceID).name}
	}
	x.categories = l.names(lead.Categories, s.site.Category)
	return x
}

// names returns the names in list, as said has them in the edition.
func (l layout) names(list []string, said func(string, feeds.Edition) string) []string {
	out := make([]string, min(len(list), maxNames))
	for i := range out {
		out[i] = said(list[i], l.edition)
	}
	return names(out)
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
