package parse

import (
	"bytes"
	"encoding/base64"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// The texts of items go around the library: it reads them byte by byte, and three times over where they are XHTML, and they are
// nine tenths of a feed. It gets a mark in place of each, and tells by where the mark comes back what the text is.

// chooseMark is a character for private use that doc holds in no form, to begin and end what stands for a text; empty: there is
// none, and doc is read the long way.
func chooseMark(doc []byte) string {
	for r := firstMark; r < firstMark+marks; r++ {
		if m := string(r); !bytes.Contains(doc, []byte(m)) && !bytes.Contains(doc, []byte(url.PathEscape(m))) {
			return m
		}
	}
	return ""
}

const (
	firstMark = '\uF8A0' // at the end of the private use area, where nobody is known to have put letters
	marks     = 16
)

// passage is an item's text as it stands in the document.
type passage struct {
	raw  []byte
	done string   // already read; empty: raw counts
	base *url.URL // xml:base in force; nil: none
	kind kind
}

// kind is how a text is written into XML.
type kind byte

const (
	loose    kind = iota // escaped, in CDATA sections, or markup as it stands, as in RSS
	elements             // of XHTML
	mixed                // escaped, whatever elements stand around it
	base64Text
)

// carries says whether an element beneath an item holds a text, by its name and its type.
func carries(tag, name []byte) (kind, bool) {
	switch string(name) {
	case "id":
		return mixed, true // an Atom id is no address to be put in order, whatever the library thinks
	case "title":
		return base64Text, attribute(tag, "mode") == "base64"
	case "description", "content:encoded", "content", "summary", "encoded", "atom:content", "atom:summary", "fullitem":
	case "xhtml:body", "body":
		return elements, true
	default:
		return 0, false
	}
	typ := strings.ToLower(attribute(tag, "type"))
	switch typ {
	case "", "text", "html", "xhtml", "text/html", "text/plain", "application/xhtml+xml":
	default:
		return 0, false
	}
	switch {
	case attribute(tag, "mode") == "base64":
		return base64Text, true
	case strings.Contains(typ, "xhtml"):
		return elements, true
	case strings.Contains(typ, "html"):
		return mixed, true
	}
	return loose, true
}

// innerEnd is where the end tag stands of the element with this name whose content begins at i; -1: it has none before its item's.
func innerEnd(doc []byte, i int, name []byte) int {
	for within := 0; ; {
		j := bytes.IndexByte(doc[i:], '<')
		if j < 0 {
			return -1
		}
		at := i + j
		if i = skipTag(doc, at); i < 0 {
			return -1
		}
		tag := doc[at+1 : i]
		switch {
		case len(tag) == 0:
		case tag[0] == '/' && bytes.Equal(tagName(tag[1:]), name):
			if within--; within < 0 {
				return at
			}
		case tag[0] == '/' && isItem(tagName(tag[1:])):
			return -1
		case doc[i-1] == '>' && doc[i-2] != '/' && bytes.HasPrefix(tag, name) && bytes.Equal(tagName(tag), name):
			within++
		}
	}
}

// carryText puts a mark in place of doc[i:end].
func (s *scanner) carryText(i, end int, base *url.URL, k kind) {
	s.edit(i, end, "<![CDATA["+s.mark+strconv.Itoa(len(s.texts))+s.mark+"]]>")
	s.texts = append(s.texts, passage{raw: s.doc[i:end], base: base, kind: k})
}

// text is what given, as the library gave it, stands for; given itself where it is no mark.
func (s scan) text(given string) passage {
	if s.mark == "" {
		return passage{done: given}
	}
	for _, sign := range [...]string{s.mark, url.PathEscape(s.mark)} { // the library escapes some
		if _, n, ok := strings.Cut(given, sign); ok {
			n, _, _ = strings.Cut(n, sign)
			if i, err := strconv.Atoi(n); err == nil && i >= 0 && i < len(s.texts) {
				return s.texts[i]
			}
		}
	}
	return passage{done: given}
}

// size is how many bytes p is as it stands.
func (p passage) size() int { return max(len(p.done), len(p.raw)) }

// read is p as HTML: what is escaped or in CDATA sections is taken out of them, and markup among it is left.
func (p passage) read() string {
	if p.done != "" {
		return p.done
	}
	raw := bytes.TrimSpace(p.raw)
	if p.kind == base64Text {
		if s, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(raw)), "")); err == nil {
			return string(decode(s, ""))
		}
	}
	var b strings.Builder
	for {
		i := bytes.Index(raw, []byte("<![CDATA["))
		if i < 0 && b.Len() == 0 && p.kind != elements && (p.kind != loose || bytes.IndexByte(raw, '<') < 0) {
			return unescape(string(raw)) // all of it, as in half of all feeds
		}
		outside := raw
		if i >= 0 {
			outside = raw[:i]
		}
		if p.kind == elements || p.kind == loose && bytes.IndexByte(outside, '<') >= 0 {
			b.Write(outside)
		} else {
			b.WriteString(unescape(string(outside)))
		}
		if i < 0 {
			break
		}
		raw = raw[i+len("<![CDATA["):]
		end := bytes.Index(raw, []byte("]]>"))
		if end < 0 {
			end = len(raw)
		}
		if b.Len() == 0 && end+len("]]>") >= len(raw) {
			return strings.TrimSpace(string(raw[:end])) // as nearly always
		}
		b.Write(raw[:end])
		raw = raw[min(end+len("]]>"), len(raw)):]
	}
	if p.kind == elements {
		return closedTwice.ReplaceAllString(prefixed.ReplaceAllString(b.String(), "$1"), "<$1$2></$1>")
	}
	return b.String()
}

var (
	// prefixed is the beginning of an element with a prefix, as XHTML may have it and HTML not.
	prefixed = regexp.MustCompile(`(</?)(?:xhtml|html|xh|x|h|div):`)
	// closedTwice are elements that XML lets end where they begin, and HTML does not.
	closedTwice = regexp.MustCompile(`<(a|b|i|em|strong|p|div|span|td|th|li|h[1-6]|script|style|title|textarea|iframe|object|video|audio|blockquote|code|pre)(\s[^<>]*)?/>`)
)

// maxEntity is in bytes: longer than the longest name of a character in HTML (33 with its signs).
const maxEntity = 40

// unescape decodes the character references of s that end in a semicolon, once: others are no XML, but parts of an address.
func unescape(s string) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; i >= 0; i = strings.IndexByte(s, '&') {
		b.WriteString(s[:i])
		s = s[i:]
		end := strings.IndexByte(s[:min(len(s), maxEntity)], ';') + 1
		decoded := ""
		switch s[:end] {
		case "":
		case "&lt;":
			decoded = "<"
		case "&gt;":
			decoded = ">"
		case "&amp;":
			decoded = "&"
		case "&quot;", "&#34;":
			decoded = `"`
		case "&#39;", "&apos;":
			decoded = "'"
		default:
			if d := html.UnescapeString(s[:end]); !strings.HasSuffix(d, ";") {
				decoded = d
			}
		}
		if decoded == "" {
			decoded, end = "&", 1
		}
		b.WriteString(decoded)
		s = s[end:]
	}
	b.WriteString(s)
	return b.String()
}
