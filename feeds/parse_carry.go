package feeds

import (
	"bytes"
	"html"
	"net/url"
	"strconv"
	"strings"
)

// The texts of items go around the library: it reads them byte by byte, and three times over where they are XHTML, and they are
// nine tenths of a feed. It gets a mark in place of each, and tells by where the mark comes back what the text is.

// standIn begins and ends what stands for a text: a character for private use. A document that holds it itself is read the long way.
const standIn = "\uF8AE"

// passage is an item's text as it stands in the document.
type passage struct {
	raw   []byte
	html  string   // already read; empty: raw counts
	base  *url.URL // xml:base in force; nil: none
	xhtml bool
}

// carries says whether an element beneath an item holds a text: by its name, and by its type that it is neither binary nor coded.
func carries(tag, name []byte) bool {
	switch string(name) {
	case "description", "content:encoded", "content", "summary", "encoded", "atom:content", "atom:summary":
	default:
		return false
	}
	if bytes.Contains(tag, []byte("base64")) {
		return false
	}
	switch strings.ToLower(attribute(tag, "type")) {
	case "", "text", "html", "xhtml", "text/html", "text/plain", "application/xhtml+xml":
		return true
	}
	return false
}

// attribute is the value of tag's attribute; empty where it has none.
func attribute(tag []byte, name string) string {
	for rest := tag; ; {
		n := bytes.Index(rest, []byte(name+"="))
		if n < 0 || n+len(name)+1 >= len(rest) {
			return ""
		}
		before, value := rest[max(0, n-1)], rest[n+len(name)+1:]
		if n > 0 && strings.IndexByte(" \t\r\n", before) >= 0 && (value[0] == '"' || value[0] == '\'') {
			if end := bytes.IndexByte(value[1:], value[0]); end >= 0 {
				return string(value[1 : 1+end])
			}
		}
		rest = value
	}
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
func (s *scanner) carryText(i, end int, base *url.URL, tag []byte) {
	s.copy(i)
	s.lean = append(s.lean, "<![CDATA["+standIn...)
	s.lean = strconv.AppendInt(s.lean, int64(len(s.texts)), 10)
	s.lean = append(s.lean, standIn+"]]>"...)
	s.from = end
	s.texts = append(s.texts, passage{raw: s.doc[i:end], base: base, xhtml: bytes.Contains(tag, []byte("xhtml"))})
}

// text is what s, as the library gave it, stands for; s itself where it is no mark.
func (s scan) text(given string) passage {
	if n, ok := strings.CutPrefix(given, standIn); ok {
		if i, err := strconv.Atoi(strings.TrimSuffix(n, standIn)); err == nil && i >= 0 && i < len(s.texts) {
			return s.texts[i]
		}
	}
	return passage{html: given}
}

// size is how many bytes p is as it stands.
func (p passage) size() int { return max(len(p.html), len(p.raw)) }

// read is p as HTML: what is escaped or in CDATA sections is taken out of them, and markup among it is left.
func (p passage) read() string {
	if p.html != "" {
		return p.html
	}
	raw := bytes.TrimSpace(p.raw)
	var b strings.Builder
	for {
		i := bytes.Index(raw, []byte("<![CDATA["))
		outside := raw
		if i >= 0 {
			outside = raw[:i]
		}
		if s := string(outside); p.xhtml || strings.IndexByte(s, '<') >= 0 {
			b.WriteString(s)
		} else {
			b.WriteString(unescape(s))
		}
		if i < 0 {
			return b.String()
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
}

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
