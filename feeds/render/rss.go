package render

import (
	"cmp"
	"encoding/xml"
	"html"
	"regexp"
	"strings"
	"time"

	gorilla "github.com/gorilla/feeds"

	"github.com/nashra/nashra/feeds"
)

// The elements of RSS 2.0 with content:encoded, dc:creator, atom:link and Media RSS. gorilla's own fail
// the W3C validator: a name in place of an e-mail address, a source without its address.
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
	}
	rssItem struct {
		XMLName     xml.Name      `xml:"item"`
		Title       string        `xml:"title"`
		Link        string        `xml:"link,omitempty"`
		Description string        `xml:"description"`
		Content     escaped       `xml:"content:encoded"`
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

// FeedXml passes the feed to gorilla's writer.
func (f *rssFeed) FeedXml() any { return f }

func (p *feed) rss() gorilla.XmlFeed {
	title := defuse(p.title)
	ch := rssChannel{Title: title, Link: p.homePage(), Description: title, Language: p.lang, Generator: generator}
	if logo := address(p.site, feeds.LogoPath); logo != "" {
		ch.Image = &rssImage{logo, title, ch.Link, logoWidth, logoWidth / 2}
	}
	if !p.updated.IsZero() {
		ch.Built = date(p.updated)
	}
	if self := p.self(); self != "" {
		ch.Links = append(ch.Links, atomLink{Href: self, Rel: "self", Type: feeds.RSS.MediaType()})
	}
	if hub := feeds.URI(p.site.Hub); hub != "" && p.site.URL != "" {
		ch.Links = append(ch.Links, atomLink{Href: hub, Rel: "hub"})
	}
	return &rssFeed{
		Version: "2.0",
		Content: "http://purl.org/rss/1.0/modules/content/", DC: "http://purl.org/dc/elements/1.1/",
		Atom: atomNS, Media: mediaNS,
		Channel: ch,
	}
}

func (x *entry) rss() any {
	it := rssItem{
		Title: defuse(x.title), Link: x.link, Description: html.EscapeString(cmp.Or(x.summary, x.title)),
		Content: x.escapedContent(), Creators: defuseAll(x.authors), Categories: defuseAll(x.categories),
		GUID: rssGUID{false, x.id}, Published: date(x.published), Rights: defuse(x.rights),
	}
	if len(x.story.Items) > 0 {
		if outlet := x.outlet(x.story.Items[0].SourceID); outlet.feed != "" {
			it.Source = &rssSource{outlet.feed, defuse(outlet.name)}
		}
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

// unknownType is the type of a file whose source names none (RFC 2046).
const unknownType = "application/octet-stream"

// logoWidth is the most that RSS 2.0 allows, in pixels.
const logoWidth = 144

// markup is what looks like HTML in plain text: the beginning of a tag, or an entity.
var markup = regexp.MustCompile(`<[A-Za-z/!?]|&#?[A-Za-z0-9]+;`)

// hasMarkup reports whether s has what looks like HTML. Few texts need the slow search.
func hasMarkup(s string) bool { return strings.ContainsAny(s, "<&") && markup.MatchString(s) }

// defuse returns plain text that no reader can take for HTML: an invisible word joiner breaks what
// looks like a tag or an entity. RSS does not say whether titles are plain text or HTML.
func defuse(s string) string {
	if !hasMarkup(s) {
		return s
	}
	return markup.ReplaceAllStringFunc(s, func(m string) string { return m[:1] + wordJoiner + m[1:] })
}

const wordJoiner = "\u2060"

func defuseAll(list []string) (out []string) {
	for _, s := range list {
		out = append(out, defuse(s))
	}
	return out
}

// date formats t as RSS has it (RFC 822 with a four-digit year), in UTC.
func date(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000") }
