package render

import (
	"bytes"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
)

// generator names the program in what it writes; its home page stands in for a channel's own where none is configured, as RSS
// demands a link.
const (
	generator = "nashra"
	home      = "https://github.com/nashra/nashra"
)

// escaped is s, which is legal, as the text of an XML element: what xml.EscapeText makes of it, in a third of the time.
func escaped(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/4) // HTML grows by a fifth
	replace(&b, s, &inXML)
	return b.String()
}

// quote writes s, which is legal, as a string of JSON: as encoding/json does without care for HTML, in half the time.
func quote(b *bytes.Buffer, s string) {
	b.Grow(len(s) + len(s)/8) // quotation marks of HTML's attributes
	b.WriteByte('"')
	replace(b, strings.ReplaceAll(strings.ReplaceAll(s, "\u2028", "\x01"), "\u2029", "\x02"), &inJSON)
	b.WriteByte('"')
}

var (
	inXML  = stead{'"': "&#34;", '\'': "&#39;", '&': "&amp;", '<': "&lt;", '>': "&gt;", '\t': "&#x9;", '\n': "&#xA;"}
	inJSON = stead{'"': `\"`, '\\': `\\`, '\t': `\t`, '\n': `\n`, 1: `\u2028`, 2: `\u2029`} // no legal text has 1 and 2
)

// self is where the edition stands publicly; empty without publish.url.
func (p Publication) self(f feeds.Format) string { return p.at(feeds.Path(p.channel.ID, p.edition, f)) }

func (p Publication) at(name string) string {
	if p.site.URL == "" {
		return ""
	}
	return feeds.URI(p.site.URL + name)
}

// page is the public page of the channel; home where there is none.
func (p Publication) page() string {
	if p.site.URL == "" {
		return home
	}
	return feeds.URI(p.site.URL)
}

// origin is the address that stands for a source in what is published: its feed's, or its home page where that is private. Empty
// where neither may be told.
func origin(s feeds.Source) string {
	if s.Private || s.URL == "" {
		return feeds.URI(s.Site)
	}
	return feeds.URI(s.URL)
}

// stamp is t as Atom and JSON Feed have it (RFC 3339), in UTC.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
