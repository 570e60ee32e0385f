package feeds

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// generator names the program in what it writes; its home page stands in for a channel's own where none is configured, as RSS
// demands a link.
const (
	generator = "nashra"
	home      = "https://github.com/nashra/nashra"
)

// legal is s with nothing but characters that XML 1.0 allows, and without embeddings and overrides of direction (U+202A–202E): what
// is published isolates. Control characters that XML allows are left out too.
func legal(s string) string {
	if fine(s) { // nearly always
		return s
	}
	return strings.Map(func(r rune) rune {
		if illegal(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// fine says whether s has nothing illegal. English and Arabic letters, of one and two bytes, need no decoding.
func fine(s string) bool {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= ' ' && c < 0x7F:
			i++
		case c > 0xC2 && c < 0xE0 && i+1 < len(s) && s[i+1]&0xC0 == 0x80:
			i += 2
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || illegal(r) {
				return false
			}
			i += n
		}
	}
	return true
}

func illegal(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E || r&0xFFFE == 0xFFFE
}

// escaped is s, which is legal, as the text of an XML element: what xml.EscapeText makes of it, in a third of the time.
func escaped(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/4) // HTML grows by a fifth
	sanitize.Replace(&b, s, &inXML)
	return b.String()
}

// quote writes s, which is legal, as a string of JSON: as encoding/json does without care for HTML, in half the time.
func quote(b *bytes.Buffer, s string) {
	b.Grow(len(s) + len(s)/8) // quotation marks of HTML's attributes
	b.WriteByte('"')
	sanitize.Replace(b, strings.ReplaceAll(strings.ReplaceAll(s, "\u2028", "\x01"), "\u2029", "\x02"), &inJSON)
	b.WriteByte('"')
}

var (
	inXML  = sanitize.Stead{'"': "&#34;", '\'': "&#39;", '&': "&amp;", '<': "&lt;", '>': "&gt;", '\t': "&#x9;", '\n': "&#xA;"}
	inJSON = sanitize.Stead{'"': `\"`, '\\': `\\`, '\t': `\t`, '\n': `\n`, 1: `\u2028`, 2: `\u2029`} // no legal text has 1 and 2
)

// wording is plain text as a feed has it: legal, on one line, without controls of direction.
func wording(s string) string { return strings.Join(strings.Fields(arabic.StripBidi(legal(s))), " ") }

// uri is an address as feeds must have it: ASCII, everything else percent-encoded, the host in its ASCII form. Empty where it is no
// absolute http address.
func uri(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	if strings.Trim(u.Host, "abcdefghijklmnopqrstuvwxyz0123456789.") != "" { // else it is in its ASCII form, as nearly always
		if host, err := idna.Lookup.ToASCII(u.Hostname()); err == nil && host != u.Hostname() {
			if port := u.Port(); port != "" {
				host += ":" + port
			}
			u.Host = host
		}
	}
	s := u.String()
	if strings.IndexFunc(s, unfit) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range []byte(s) {
		if unfit(rune(c)) {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// unfit says whether c, or the byte c of a longer character, may not stand in a URI (RFC 3986).
func unfit(c rune) bool {
	return c <= ' ' || c >= 0x7F || strings.IndexByte("\"<>\\^`{|}", byte(c)) >= 0
}

// self is where the edition stands publicly; empty without publish.url.
func (p Publication) self(f Format) string { return p.at(Path(p.channel.ID, p.edition, f)) }

func (p Publication) at(name string) string {
	if p.site.URL == "" {
		return ""
	}
	return uri(p.site.URL + name)
}

// page is the public page of the channel; home where there is none.
func (p Publication) page() string {
	if p.site.URL == "" {
		return home
	}
	return uri(p.site.URL)
}

// origin is the address that stands for a source in what is published: its feed's, or its home page where that is private. Empty
// where neither may be told.
func origin(s Source) string {
	if s.Private || s.URL == "" {
		return uri(s.Site)
	}
	return uri(s.URL)
}

// stamp is t as Atom and JSON Feed have it (RFC 3339), in UTC.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
