package parse

import (
	"bytes"
	"encoding/base64"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/nashra/nashra/feeds"
)

// Texts of items bypass gofeed, which does not decode base64, drops some kinds of XHTML and reads the
// rest byte by byte. They are nine tenths of a feed, so this also halves the time of reading one.

// mark begins and ends the placeholder of a text: a private use character that no feed is known to use.
// A document that forges placeholders only moves its own texts about.
const mark = "\uF8A0"

// passage is a text of an item as it stands in the document.
type passage struct {
	raw  []byte
	done string   // the text as HTML; empty: it is still to be read from raw
	base *url.URL // xml:base in force; nil: none
	kind kind
}

// kind is how a text is written in XML.
type kind byte

const (
	loose    kind = iota // escaped, in CDATA sections, or plain markup, as in RSS
	elements             // of XHTML
	mixed                // escaped, whatever elements stand around it
	base64Text
	plain   // escaped text in which nothing is markup
	untyped // plain, but for what must be HTML all the same
)

// textKind reports whether a child of an item holds a text, judged by its name and type, and how.
func textKind(tag, name []byte, inAtom bool) (kind, bool) {
	switch string(name) {
	case "id":
		return mixed, true // gofeed would resolve an Atom id as an address
	case "title", "atom:title":
		if !inAtom {
			return base64Text, attribute(tag, "mode") == "base64"
		}
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
	case typ != "" && (inAtom || bytes.HasPrefix(name, []byte("atom:"))):
		return plain, true
	case inAtom && attribute(tag, "mode") == "":
		return untyped, true
	}
	return loose, true
}

// innerEnd returns where the end tag stands of the element with this name whose content begins at i;
// -1: there is none before the end of its item.
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
		case doc[i-1] == '>' && doc[i-2] != '/' && bytes.Equal(tagName(tag), name):
			within++
		}
	}
}

// liftText puts a placeholder in place of doc[i:end].
func (s *scanner) liftText(i, end int, base *url.URL, k kind) {
	s.edit(i, end, "<![CDATA["+mark+strconv.Itoa(len(s.texts))+mark+"]]>")
	s.texts = append(s.texts, passage{raw: s.doc[i:end], base: base, kind: k})
}

// text returns what given, a value from gofeed, stands for: given itself where it is no placeholder.
func (s scan) text(given string) passage {
	for _, m := range [...]string{mark, url.PathEscape(mark)} { // gofeed escapes some values
		if _, n, ok := strings.Cut(given, m); ok {
			n, _, _ = strings.Cut(n, m)
			if i, err := strconv.Atoi(n); err == nil && i >= 0 && i < len(s.texts) {
				return s.texts[i]
			}
		}
	}
	return passage{done: given}
}

// size returns the length of p in bytes, as it stands.
func (p passage) size() int { return max(len(p.done), len(p.raw)) }

// html returns p as HTML. Blank lines of a text without tags divide paragraphs.
func (p passage) html() string {
	if p.done != "" {
		return p.done
	}
	s, k := p.decoded()
	switch {
	case k == plain || k == untyped && !structured.MatchString(s):
		return lines(unwrapped(s))
	case strings.IndexByte(s, '<') < 0:
		return blankLine.ReplaceAllString(s, "<br><br>")
	}
	return s
}

// title returns p, a headline, as plain text.
func (p passage) title() string {
	s, k := p.done, p.kind
	if s == "" {
		s, k = p.decoded()
	}
	switch k {
	case plain, untyped:
		s = feeds.Line(s)
	case mixed, elements:
		s = feeds.Line(html.UnescapeString(feeds.Unmarked(s)))
	default:
		s = feeds.PlainText(s)
	}
	return feeds.Shorten(strings.ReplaceAll(s, brokenLetter, ""), feeds.MaxTitle)
}

var (
	// structured matches tags that only HTML has and no text about it is likely to have.
	structured = regexp.MustCompile(`(?i)</(p|div|ul|ol|h[1-6]|blockquote|table)>|<br ?/?>` +
		`|<(img|a|iframe)\s[^<>]*(src|href)\s*=`)
	blankLine = regexp.MustCompile(`(\r?\n[ \t]*){2,}`)
	// unindented begins a line of a text that is not indented to fit its document.
	unindented = regexp.MustCompile(`[^\n]\n\S`)
	wrapped    = regexp.MustCompile(`(\S)\n[ \t]+`)
	newline    = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n")
)

// lines returns plain text as HTML that keeps its lines.
func lines(s string) string {
	return strings.ReplaceAll(html.EscapeString(newline.Replace(strings.TrimSpace(s))), "\n", "<br>")
}

// unwrapped returns plain text with a space in place of each line break if all lines are indented,
// as some programs write XML.
func unwrapped(s string) string {
	if s = blankLine.ReplaceAllString(newline.Replace(s), "\n\n"); unindented.MatchString(s) {
		return s
	}
	return wrapped.ReplaceAllString(s, "$1 ")
}

// decoded returns p as it was before it was put into XML, and its kind: plain text holds no elements.
func (p passage) decoded() (string, kind) {
	raw := strings.TrimSpace(string(p.raw))
	if p.kind == base64Text {
		if s, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(raw), "")); err == nil {
			text, _, _ := decode(s, "")
			return string(text), loose
		}
	}
	var parts []string
	k := p.kind
	for raw != "" {
		outside, rest, _ := strings.Cut(raw, "<![CDATA[")
		switch {
		case k == elements:
		case k != mixed && strings.Contains(outside, "<"):
			k = loose
		default:
			outside = unescape(outside)
		}
		var section string
		section, raw, _ = strings.Cut(rest, "]]>")
		for _, part := range [...]string{outside, section} {
			if part != "" { // Join does not copy a single part
				parts = append(parts, part)
			}
		}
	}
	text := strings.Join(parts, "")
	if p.kind == elements {
		return closedTwice.ReplaceAllString(prefixed.ReplaceAllString(text, "$1"), "<$1$2></$1>"), k
	}
	return strings.TrimSpace(text), k
}

var (
	// prefixed is the beginning of an element with a prefix, which XHTML may have and HTML not.
	prefixed = regexp.MustCompile(`(</?)(?:xhtml|html|xh|x|h|div):`)
	// closedTwice are elements that XML lets end in their start tag, and HTML does not.
	closedTwice = regexp.MustCompile(`<(a|b|i|em|strong|p|div|span|td|th|li|h[1-6]|script|style|title|textarea` +
		`|iframe|object|video|audio|blockquote|code|pre)(\s[^<>]*)?/>`)
)

// maxReference is the longest character reference in bytes; the longest name in HTML has 33.
const maxReference = 40

// unescape decodes the character references of s that end in a semicolon, once: others are parts of
// addresses, not XML.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		before, rest, found := strings.Cut(s, "&")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n := strings.IndexByte(rest[:min(len(rest), maxReference)], ';') + 1
		decoded := html.UnescapeString("&" + rest[:n])
		if n == 0 || strings.HasSuffix(decoded, ";") { // not a reference
			decoded, n = "&", 0
		}
		b.WriteString(decoded)
		s = rest[n:]
	}
}
