package feeds

import (
	"encoding/xml"
	"io"
	"time"

	gorilla "github.com/gorilla/feeds"
)

// The elements of RSS 2.0 with content:encoded, dc:creator, atom:link and Media RSS. gorilla's own fail the W3C validator: a name
// where an e-mail address must stand, a source without its address.
type (
	rssFeed struct {
		XMLName xml.Name   `xml:"rss"`
		Version string     `xml:"version,attr"`
		Content string     `xml:"xmlns:content,attr"`
		DC      string     `xml:"xmlns:dc,attr"`
		Atom    string     `xml:"xmlns:atom,attr"`
		Media   string     `xml:"xmlns:media,attr"`
		Channel rssChannel `xml:"channel"`
	}
	rssChannel struct {
		Title       string     `xml:"title"`
		Link        string     `xml:"link"`
		Description string     `xml:"description"`
		Language    string     `xml:"language"`
		Built       string     `xml:"lastBuildDate,omitempty"`
		Generator   string     `xml:"generator"`
		Links       []atomLink `xml:"atom:link"`
		Items       []rssItem  `xml:"item"`
	}
	rssItem struct {
		Title       string        `xml:"title"`
		Link        string        `xml:"link,omitempty"`
		Description string        `xml:"description"`
		Content     *rssContent   `xml:"content:encoded"`
		Creators    []string      `xml:"dc:creator"`
		Categories  []string      `xml:"category"`
		Enclosure   *rssEnclosure `xml:"enclosure"`
		GUID        rssGUID       `xml:"guid"`
		Published   string        `xml:"pubDate"`
		Source      *rssSource    `xml:"source"`
		Rights      string        `xml:"dc:rights,omitempty"`
		Thumbnail   *mediaURL     `xml:"media:thumbnail"`
		Media       []mediaURL    `xml:"media:content"`
	}
	rssContent struct {
		Body string `xml:",chardata"`
	}
	rssEnclosure struct {
		URL    string `xml:"url,attr"`
		Length int64  `xml:"length,attr"`
		Type   string `xml:"type,attr"`
	}
	rssGUID struct {
		Permalink bool   `xml:"isPermaLink,attr"`
		ID        string `xml:",chardata"`
	}
	rssSource struct {
		URL   string `xml:"url,attr"`
		Title string `xml:",chardata"`
	}
)

// FeedXml gives the feed to gorilla's writer.
func (f *rssFeed) FeedXml() any { return f }

func (p Publication) rss(w io.Writer) error {
	ch := rssChannel{Title: p.title, Link: p.page(), Description: p.title, Language: p.lang, Generator: generator}
	if !p.updated.IsZero() {
		ch.Built = date(p.updated)
	}
	if self := p.self(RSS); self != "" {
		ch.Links = append(ch.Links, atomLink{Href: self, Rel: "self", Type: RSS.MediaType()})
	}
	if hub := uri(p.site.Hub); hub != "" && p.site.URL != "" {
		ch.Links = append(ch.Links, atomLink{Href: hub, Rel: "hub"})
	}
	for _, x := range p.entries {
		ch.Items = append(ch.Items, p.rssItem(x))
	}
	return gorilla.WriteXML(&rssFeed{Version: "2.0", Content: "http://purl.org/rss/1.0/modules/content/", DC: "http://purl.org/dc/elements/1.1/",
		Atom: atomNS, Media: mediaNS, Channel: ch}, w)
}

func (p Publication) rssItem(x entry) rssItem {
	it := rssItem{Title: x.title, Link: x.link, Description: x.summary, Content: &rssContent{x.content}, Creators: x.authors, Categories: x.categories,
		GUID: rssGUID{false, x.id}, Published: date(x.published), Rights: x.rights}
	if it.Description == "" {
		it.Description = x.title
	}
	if from := origin(x.outlet); from != "" {
		it.Source = &rssSource{from, legal(p.name(x.story.Items[0].SourceID))}
	}
	if len(x.enclosures) > 0 { // RSS has one an item
		e := x.enclosures[0]
		if e.Type == "" {
			e.Type = "application/octet-stream"
		}
		it.Enclosure = &rssEnclosure{e.URL, e.Length, e.Type}
	}
	if img := x.image(); img != "" {
		it.Thumbnail = &mediaURL{URL: img}
	}
	for _, m := range x.images {
		it.Media = append(it.Media, mediaURL{m.URL, "image"})
	}
	return it
}

// date is t as RSS has it (RFC 822 with a four-digit year), in UTC.
func date(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000") }
