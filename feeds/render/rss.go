package render

import (
	"encoding/xml"
	"html"
	"io"
	"regexp"
	"strings"
	"time"

	gorilla "github.com/gorilla/feeds"

	"github.com/nashra/nashra/feeds"
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
		Image       *rssImage  `xml:"image"`
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
	rssImage struct {
		URL    string `xml:"url"`
		Title  string `xml:"title"`
		Link   string `xml:"link"`
		Width  int    `xml:"width"`
		Height int    `xml:"height"`
	}
	rssContent struct {
		Body string `xml:",innerxml"` // escaped
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
	title := unlike(p.title)
	ch := rssChannel{Title: title, Link: p.page(), Description: title, Language: p.lang, Generator: generator}
	if logo := p.at(feeds.LogoPath); logo != "" {
		ch.Image = &rssImage{logo, title, ch.Link, logoWidth, logoWidth / 2}
	}
	if !p.updated.IsZero() {
		ch.Built = date(p.updated)
	}
	if self := p.self(feeds.RSS); self != "" {
		ch.Links = append(ch.Links, atomLink{Href: self, Rel: "self", Type: feeds.RSS.MediaType()})
	}
	if hub := feeds.URI(p.site.Hub); hub != "" && p.site.URL != "" {
		ch.Links = append(ch.Links, atomLink{Href: hub, Rel: "hub"})
	}
	ch.Items = make([]rssItem, 0, len(p.entries))
	for _, x := range p.entries {
		ch.Items = append(ch.Items, p.rssItem(x))
	}
	return gorilla.WriteXML(&rssFeed{Version: "2.0", Content: "http://purl.org/rss/1.0/modules/content/", DC: "http://purl.org/dc/elements/1.1/",
		Atom: atomNS, Media: mediaNS, Channel: ch}, w)
}

func (p Publication) rssItem(x entry) rssItem {
	it := rssItem{Title: unlike(x.title), Link: x.link, Description: html.EscapeString(x.summary), Content: &rssContent{x.escaped}, Creators: unlikes(x.authors), Categories: unlikes(x.categories),
		GUID: rssGUID{false, x.id}, Published: date(x.published), Rights: unlike(x.rights)}
	if it.Description == "" {
		it.Description = html.EscapeString(x.title)
	}
	if x.feed != "" {
		it.Source = &rssSource{x.feed, unlike(x.outlet)}
	}
	for i, e := range x.enclosures {
		if e.Type == "" {
			e.Type = unknownType
		}
		if i == 0 { // RSS has one an item
			it.Enclosure = &rssEnclosure{e.URL, e.Length, e.Type}
			continue
		}
		it.Media = append(it.Media, mediaURL{e.URL, e.Type, "", e.Length})
	}
	if x.image != "" {
		it.Thumbnail = &mediaURL{URL: x.image}
	}
	it.Media = append(it.Media, pictures(x.images)...)
	return it
}

// unknownType is what a file is whose source does not say (RFC 2046).
const unknownType = "application/octet-stream"

// logoWidth is the most that RSS 2.0 allows, in pixels.
const logoWidth = 144

// markup is what looks like HTML in plain text: the beginning of a tag or of an entity.
var markup = regexp.MustCompile(`<[A-Za-z/!?]|&#?[A-Za-z0-9]+;`)

// unlike is plain text that no reader can take for HTML. RSS does not say which of both a title is: a word joiner, which is not seen,
// keeps what looks like a tag or an entity from being one.
func unlike(s string) string {
	if !strings.ContainsAny(s, "<&") { // as good as always
		return s
	}
	return markup.ReplaceAllStringFunc(s, func(m string) string { return m[:1] + wordJoiner + m[1:] })
}

const wordJoiner = "\u2060"

func unlikes(list []string) (out []string) {
	for _, s := range list {
		out = append(out, unlike(s))
	}
	return out
}

// date is t as RSS has it (RFC 822 with a four-digit year), in UTC.
func date(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000") }
