package feeds

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"

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
	if !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || illegal(r) }) { // nearly always
		return s
	}
	return strings.Map(func(r rune) rune {
		if illegal(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func illegal(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E || r&0xFFFE == 0xFFFE
}

// escaped is s as the text of an XML element: done once for all formats, it is the most costly part of writing them.
func escaped(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// wording is plain text as a feed has it: legal, on one line, without controls of direction.
func wording(s string) string { return strings.Join(strings.Fields(arabic.StripBidi(legal(s))), " ") }

// uri is an address as feeds must have it: ASCII, everything else percent-encoded, the host in its ASCII form. Empty where it is no
// absolute http address.
func uri(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	if host, err := idna.Lookup.ToASCII(u.Hostname()); err == nil && host != u.Hostname() {
		if port := u.Port(); port != "" {
			host += ":" + port
		}
		u.Host = host
	}
	s := u.String()
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c > ' ' && c < 0x7F && !strings.ContainsRune("\"<>\\^`{|}", rune(c)) {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
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
