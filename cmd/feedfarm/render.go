package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"time"
)

// cp1256hi are the characters of the bytes 128 to 255, in order (the code page as the WHATWG Encoding Standard has it).
const cp1256hi = "\u20ac\u067e\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0679\u2039\u0152\u0686\u0698\u0688\u06af\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u06a9\u2122\u0691\u203a\u0153\u200c\u200d\u06ba\u00a0\u060c\u00a2\u00a3\u00a4\u00a5\u00a6\u00a7\u00a8\u00a9\u06be\u00ab\u00ac\u00ad\u00ae\u00af\u00b0\u00b1\u00b2\u00b3\u00b4\u00b5\u00b6\u00b7\u00b8\u00b9\u061b\u00bb\u00bc\u00bd\u00be\u061f\u06c1\u0621\u0622\u0623\u0624\u0625\u0626\u0627\u0628\u0629\u062a\u062b\u062c\u062d\u062e\u062f\u0630\u0631\u0632\u0633\u0634\u0635\u0636\u00d7\u0637\u0638\u0639\u063a\u0640\u0641\u0642\u0643\u00e0\u0644\u00e2\u0645\u0646\u0647\u0648\u00e7\u00e8\u00e9\u00ea\u00eb\u0649\u064a\u00ee\u00ef\u064b\u064c\u064d\u064e\u00f4\u064f\u0650\u00f7\u0651\u00f9\u0652\u00fb\u00fc\u200e\u200f\u06d2"

var cp1256 = cp1256Table()

func cp1256Table() map[rune]byte {
	table := map[rune]byte{}
	for i, c := range []rune(cp1256hi) {
		table[c] = byte(128 + i)
	}
	return table
}

// toCP1256 encodes s; what the code page lacks becomes a character reference.
func toCP1256(s []byte) []byte {
	out := make([]byte, 0, len(s))
	for _, c := range string(s) {
		if c < 128 {
			out = append(out, byte(c))
		} else if b, ok := cp1256[c]; ok {
			out = append(out, b)
		} else {
			out = fmt.Appendf(out, "&#%d;", c)
		}
	}
	return out
}

var esc = html.EscapeString

// html is put either as CDATA or escaped, both being common.
func xmlHTML(s string, cdata bool) string {
	if cdata {
		return "<![CDATA[" + s + "]]>"
	}
	return esc(s)
}

// render writes the document of feed f from its items, newest first.
func (fm *farm) render(fd *feed, items []item) (body []byte, ctype string) {
	var b bytes.Buffer
	base, f := fm.cfg.base, fd.id
	name := fmt.Sprintf("%s %d", sites[f%len(sites)], f)
	enc, cdata := "utf-8", f%3 != 0
	if fd.cp1256 {
		enc = "windows-1256"
	}
	latest := items[0].date
	switch fd.format {
	case "rss":
		ctype = "application/rss+xml"
		fmt.Fprintf(&b, `<?xml version="1.0" encoding="%s"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>%s</title><link>%s/s/%d</link><atom:link href="%s/f/%d" rel="self" type="application/rss+xml"/><description>أخبار التقنية العربية</description><language>ar</language><lastBuildDate>%s</lastBuildDate>`, enc, name, base, f, base, f, latest.Format(time.RFC1123Z))
		for _, it := range items {
			fmt.Fprintf(&b, `<item><title>%s</title><link>%s</link><guid isPermaLink="false">%s</guid><dc:creator>%s</dc:creator><category>تقنية</category><pubDate>%s</pubDate><description>%s</description><content:encoded>%s</content:encoded></item>`+"\n", esc(it.title), esc(it.link), it.guid, it.author, it.date.Format(time.RFC1123Z), xmlHTML(summary(it.html), cdata), xmlHTML(it.html, cdata))
		}
		b.WriteString("</channel></rss>\n")
	case "rdf":
		ctype = "application/rdf+xml"
		fmt.Fprintf(&b, `<?xml version="1.0" encoding="%s"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel rdf:about="%s/s/%d"><title>%s</title><link>%s/s/%d</link><description>أخبار التقنية</description><items><rdf:Seq>`, enc, base, f, name, base, f)
		for _, it := range items {
			fmt.Fprintf(&b, `<rdf:li rdf:resource="%s"/>`, esc(it.link))
		}
		b.WriteString("</rdf:Seq></items></channel>\n")
		for _, it := range items {
			fmt.Fprintf(&b, `<item rdf:about="%s"><title>%s</title><link>%s</link><dc:date>%s</dc:date><dc:creator>%s</dc:creator><content:encoded>%s</content:encoded></item>`+"\n", esc(it.link), esc(it.title), esc(it.link), it.date.Format(time.RFC3339), it.author, xmlHTML(it.html, cdata))
		}
		b.WriteString("</rdf:RDF>\n")
	case "atom":
		ctype = "application/atom+xml"
		fmt.Fprintf(&b, `<?xml version="1.0" encoding="%s"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar"><title>%s</title><id>%s/s/%d</id><link href="%s/s/%d"/><link rel="self" href="%s/f/%d"/><updated>%s</updated>`, enc, name, base, f, base, f, base, f, latest.Format(time.RFC3339))
		for _, it := range items {
			fmt.Fprintf(&b, `<entry><title type="html">%s</title><id>%s</id><link rel="alternate" href="%s"/><published>%s</published><updated>%s</updated><author><name>%s</name></author><content type="html">%s</content></entry>`+"\n", esc(it.title), it.guid, esc(it.link), it.date.Format(time.RFC3339), it.date.Format(time.RFC3339), it.author, xmlHTML(it.html, cdata))
		}
		b.WriteString("</feed>\n")
	case "json":
		var list []map[string]string
		for _, it := range items {
			list = append(list, map[string]string{"id": it.guid, "url": it.link, "title": it.title, "content_html": it.html, "date_published": it.date.Format(time.RFC3339)})
		}
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.Encode(map[string]any{"version": "https://jsonfeed.org/version/1.1", "title": name, "home_page_url": fmt.Sprintf("%s/s/%d", base, f), "feed_url": fmt.Sprintf("%s/f/%d", base, f), "language": "ar", "items": list})
		return b.Bytes(), "application/feed+json"
	}
	if fd.cp1256 {
		return toCP1256(b.Bytes()), ctype + "; charset=windows-1256"
	}
	return b.Bytes(), ctype + "; charset=utf-8"
}

// summary is the first paragraph of text, as feeds put it in <description>.
func summary(html string) string {
	_, s, _ := strings.Cut(html, "<p>")
	s, _, _ = strings.Cut(s, "</p>")
	return "<p>" + s + "</p>"
}
