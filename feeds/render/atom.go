package render

import (
	"encoding/xml"
	"html"
	"slices"
	"strings"
	"time"

	gorilla "github.com/gorilla/feeds"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// The elements of Atom (RFC 4287), with Media RSS for pictures. gorilla's own have no languages,
// sources or dates of publication.
type (
	atomFeed struct {
		XMLName   xml.Name             `xml:"feed"`
		NS        string               `xml:"xmlns,attr"`
		Media     string               `xml:"xmlns:media,attr"`
		Lang      string               `xml:"xml:lang,attr"`
		ID        string               `xml:"id"`
		Title     atomText             `xml:"title"`
		Updated   string               `xml:"updated"`
		Authors   []gorilla.AtomAuthor `xml:"author"`
		Links     []atomLink           `xml:"link"`
		Icon      string               `xml:"icon,omitempty"`
		Logo      string               `xml:"logo,omitempty"`
		Generator atomGenerator        `xml:"generator"`
	}
	atomEntry struct {
		XMLName    xml.Name             `xml:"entry"`
		Lang       string               `xml:"xml:lang,attr,omitempty"`
		ID         string               `xml:"id"`
		Title      atomText             `xml:"title"`
		Published  string               `xml:"published"`
		Updated    string               `xml:"updated"`
		Authors    []gorilla.AtomAuthor `xml:"author"`
		Categories []atomCategory       `xml:"category"`
		Links      []atomLink           `xml:"link"`
		Rights     *atomText            `xml:"rights"`
		Summary    *atomText            `xml:"summary"`
		Content    atomContent          `xml:"content"`
		Source     *atomSource          `xml:"source"`
		Thumbnail  *mediaURL            `xml:"media:thumbnail"`
		Media      []mediaURL           `xml:"media:content"`
	}
	atomText struct {
		Type string `xml:"type,attr,omitempty"`
		Lang string `xml:"xml:lang,attr,omitempty"`
		Body string `xml:",chardata"`
	}
	atomContent struct {
		Type string `xml:"type,attr"`
		Lang string `xml:"xml:lang,attr,omitempty"`
		escaped
	}
	atomLink struct {
		Href     string `xml:"href,attr"`
		Rel      string `xml:"rel,attr,omitempty"`
		Type     string `xml:"type,attr,omitempty"`
		Hreflang string `xml:"hreflang,attr,omitempty"`
		Length   int64  `xml:"length,attr,omitempty"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
	atomGenerator struct {
		URI  string `xml:"uri,attr"`
		Name string `xml:",chardata"`
	}
	atomSource struct {
		ID      string     `xml:"id"`
		Title   atomText   `xml:"title"`
		Updated string     `xml:"updated"`
		Links   []atomLink `xml:"link"`
	}
	mediaURL struct {
		URL    string `xml:"url,attr"`
		Type   string `xml:"type,attr,omitempty"`
		Medium string `xml:"medium,attr,omitempty"`
		Length int64  `xml:"fileSize,attr,omitempty"`
	}
)

// FeedXml passes the feed to gorilla's writer.
func (f *atomFeed) FeedXml() any { return f }

const (
	atomNS  = "http://www.w3.org/2005/Atom"
	mediaNS = "http://search.yahoo.com/mrss/"
)

func (p *feed) atom() gorilla.XmlFeed {
	updated := p.updated
	if updated.IsZero() { // Atom requires a date, and validators one after 1990
		updated = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	f := &atomFeed{
		NS: atomNS, Media: mediaNS, Lang: p.lang, ID: p.id, Title: atomTitle(p.title, ""), Updated: stamp(updated),
		Authors: []gorilla.AtomAuthor{{AtomPerson: gorilla.AtomPerson{Name: generator}}},
		Icon:    address(p.site, feeds.IconPath), Logo: address(p.site, feeds.LogoPath),
		Generator: atomGenerator{home, generator},
	}
	if self := p.self(); self != "" {
		f.Links = append(f.Links, atomLink{Href: self, Rel: "self", Type: feeds.Atom.MediaType()},
			atomLink{Href: p.homePage(), Rel: "alternate", Type: "text/html"})
		for _, e := range feeds.Editions {
			if e != p.edition && p.page == "" {
				f.Links = append(f.Links, atomLink{Href: address(p.site, p.channel.Path(e, feeds.Atom)),
					Rel: "alternate", Type: feeds.Atom.MediaType(), Hreflang: string(e)})
			}
		}
	}
	if hub := feeds.URI(p.site.Hub); hub != "" && p.site.URL != "" {
		f.Links = append(f.Links, atomLink{Href: hub, Rel: "hub"})
	}
	return f
}

func (x *entry) atom() any {
	a := atomEntry{
		Lang: x.lang, ID: x.id, Title: atomTitle(x.title, x.lang),
		Published: stamp(x.published), Updated: stamp(x.updated),
		Content: atomContent{"html", x.lang, x.escapedContent()},
		Media:   pictures(x.images),
		Source:  x.atomSource(),
	}
	for _, name := range x.authors {
		a.Authors = append(a.Authors, gorilla.AtomAuthor{AtomPerson: gorilla.AtomPerson{Name: name}})
	}
	for _, c := range x.categories {
		a.Categories = append(a.Categories, atomCategory{c})
	}
	alternate := atomLink{Href: x.link, Rel: "alternate", Type: "text/html", Hreflang: x.story.Lang}
	if x.via != "" {
		a.Links = append(a.Links, atomLink{Href: x.via, Rel: "via", Type: "text/html", Hreflang: x.story.Lang})
		alternate.Hreflang = "" // our page has both languages
	}
	if x.link != "" {
		a.Links = slices.Insert(a.Links, 0, alternate)
	}
	for _, e := range x.enclosures {
		a.Links = append(a.Links, atomLink{Href: e.URL, Rel: "enclosure", Type: e.Type, Length: e.Length})
	}
	if x.rights != "" {
		rights := atomTitle(x.rights, "")
		if x.edition == feeds.English && arabic.Has(x.rights) {
			rights.Lang = "ar"
		}
		a.Rights = &rights
	}
	if x.summary != "" {
		summary := atomTitle(x.summary, x.lang)
		a.Summary = &summary
	}
	if x.image != "" {
		a.Thumbnail = &mediaURL{URL: x.image}
	}
	return a
}

// atomTitle returns plain text as an element. What looks like markup is escaped as HTML and
// labelled so.
func atomTitle(s, lang string) atomText {
	if hasMarkup(s) {
		return atomText{"html", lang, html.EscapeString(s)}
	}
	return atomText{Lang: lang, Body: s}
}

// pictures returns images as elements of Media RSS.
func pictures(images []feeds.Enclosure) (out []mediaURL) {
	for _, m := range images {
		if !strings.HasPrefix(m.Type, "image/") {
			m.Type = ""
		}
		out = append(out, mediaURL{m.URL, m.Type, "image", m.Length})
	}
	return out
}

// atomSource returns the element that says which feed the entry is from.
func (x *entry) atomSource() *atomSource {
	if len(x.story.Items) == 0 { // a digest is from many
		return nil
	}
	lead := x.story.Items[0].Item
	outlet := x.outlet(lead.SourceID)
	s := &atomSource{
		ID:      urn("", "sources/"+lead.SourceID, feeds.Bilingual),
		Title:   atomTitle(outlet.name, ""),
		Updated: stamp(x.published),
	}
	if lead.Updated.After(x.published) {
		s.Updated = stamp(lead.Updated)
	}
	if outlet.home != "" {
		s.Links = append(s.Links, atomLink{Href: outlet.home, Rel: "alternate", Type: "text/html"})
	}
	if outlet.feed != "" && outlet.feed != outlet.home {
		s.Links = append(s.Links, atomLink{Href: outlet.feed, Rel: "self"})
	}
	return s
}
