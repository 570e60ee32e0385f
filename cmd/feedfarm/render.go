package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// toCP1256 encodes UTF-8 text in windows-1256, with character references for what that lacks.
func toCP1256(text []byte) []byte {
	out, err := encoding.HTMLEscapeUnsupported(charmap.Windows1256.NewEncoder()).Bytes(text)
	if err != nil {
		panic(err) // the text is valid UTF-8
	}
	return out
}

var esc = html.EscapeString

// xmlHTML puts HTML into XML, as CDATA or escaped: both are common.
func xmlHTML(s string, cdata bool) string {
	if cdata {
		return "<![CDATA[" + s + "]]>"
	}
	return esc(s)
}

// channel is what a feed's formats write about it.
type channel struct {
	enc, name, base string
	f               int
	cdata           bool
	items           []item
}

// render returns the document of a feed with items.
func (fm *farm) render(fd *feed, items []item) (body []byte, ctype string) {
	var b bytes.Buffer
	c := channel{"utf-8", fmt.Sprintf("%s %d", sites[fd.id%len(sites)], fd.id), fm.cfg.base, fd.id, fd.id%3 != 0, items}
	if fd.cp1256 {
		c.enc = "windows-1256"
	}
	switch fd.format {
	case "rss":
		ctype = "application/rss+xml"
		c.rss(&b)
	case "rdf":
		ctype = "application/rdf+xml"
		c.rdf(&b)
	case "atom":
		ctype = "application/atom+xml"
		c.atom(&b)
	case "json":
		c.json(&b)
		return b.Bytes(), "application/feed+json"
	}
	if fd.cp1256 {
		return toCP1256(b.Bytes()), ctype + "; charset=windows-1256"
	}
	return b.Bytes(), ctype + "; charset=utf-8"
}

func (c channel) rss(b *bytes.Buffer) {
	fmt.Fprintf(b, `<?xml version="1.0" encoding="%s"?>`+
		`<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"`+
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">`+
		`<channel><title>%s</title><link>%s/s/%d</link>`+
		`<atom:link href="%s/f/%d" rel="self" type="application/rss+xml"/>`+
		`<description>أخبار التقنية العربية</description><language>ar</language>`+
		`<lastBuildDate>%s</lastBuildDate>`,
		c.enc, c.name, c.base, c.f, c.base, c.f, c.items[0].date.Format(time.RFC1123Z))
	for _, it := range c.items {
		fmt.Fprintf(b, `<item><title>%s</title><link>%s</link><guid isPermaLink="false">%s</guid>`+
			`<dc:creator>%s</dc:creator><category>تقنية</category><pubDate>%s</pubDate>`+
			`<description>%s</description><content:encoded>%s</content:encoded></item>`+"\n",
			esc(it.title), esc(it.link), it.guid, it.author, it.date.Format(time.RFC1123Z),
			xmlHTML(summary(it.html), c.cdata), xmlHTML(it.html, c.cdata))
	}
	b.WriteString("</channel></rss>\n")
}

func (c channel) rdf(b *bytes.Buffer) {
	fmt.Fprintf(b, `<?xml version="1.0" encoding="%s"?>`+
		`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"`+
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">`+
		`<channel rdf:about="%s/s/%d"><title>%s</title><link>%s/s/%d</link>`+
		`<description>أخبار التقنية</description><items><rdf:Seq>`, c.enc, c.base, c.f, c.name, c.base, c.f)
	for _, it := range c.items {
		fmt.Fprintf(b, `<rdf:li rdf:resource="%s"/>`, esc(it.link))
	}
	b.WriteString("</rdf:Seq></items></channel>\n")
	for _, it := range c.items {
		fmt.Fprintf(b, `<item rdf:about="%[1]s"><title>%[2]s</title><link>%[1]s</link><dc:date>%[3]s</dc:date>`+
			`<dc:creator>%[4]s</dc:creator><content:encoded>%[5]s</content:encoded></item>`+"\n",
			esc(it.link), esc(it.title), it.date.Format(time.RFC3339), it.author, xmlHTML(it.html, c.cdata))
	}
	b.WriteString("</rdf:RDF>\n")
}

func (c channel) atom(b *bytes.Buffer) {
	fmt.Fprintf(b, `<?xml version="1.0" encoding="%s"?>`+
		`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar"><title>%s</title><id>%s/s/%d</id>`+
		`<link href="%s/s/%d"/><link rel="self" href="%s/f/%d"/><updated>%s</updated>`,
		c.enc, c.name, c.base, c.f, c.base, c.f, c.base, c.f, c.items[0].date.Format(time.RFC3339))
	for _, it := range c.items {
		fmt.Fprintf(b, `<entry><title type="html">%[1]s</title><id>%[2]s</id><link rel="alternate" href="%[3]s"/>`+
			`<published>%[4]s</published><updated>%[4]s</updated><author><name>%[5]s</name></author>`+
			`<content type="html">%[6]s</content></entry>`+"\n",
			esc(it.title), it.guid, esc(it.link), it.date.Format(time.RFC3339), it.author, xmlHTML(it.html, c.cdata))
	}
	b.WriteString("</feed>\n")
}

func (c channel) json(b *bytes.Buffer) {
	var list []map[string]string
	for _, it := range c.items {
		list = append(list, map[string]string{"id": it.guid, "url": it.link, "title": it.title,
			"content_html": it.html, "date_published": it.date.Format(time.RFC3339)})
	}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.Encode(map[string]any{"version": "https://jsonfeed.org/version/1.1", "title": c.name,
		"home_page_url": fmt.Sprintf("%s/s/%d", c.base, c.f), "feed_url": fmt.Sprintf("%s/f/%d", c.base, c.f),
		"language": "ar", "items": list})
}

// summary is the first paragraph, which feeds have in <description>.
func summary(html string) string {
	_, s, _ := strings.Cut(html, "<p>")
	s, _, _ = strings.Cut(s, "</p>")
	return "<p>" + s + "</p>"
}
