package sanitize

import (
	plain "html"
	"math"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Text returns the text beneath n. A line break, and the start of a block after other text, become
// newlines.
func Text(n *html.Node) string { return Opening(n, math.MaxInt) }

// Opening returns the text beneath n up to the end of the text node that reaches size bytes.
func Opening(n *html.Node, size int) string {
	if only := n.FirstChild; only != nil && only == n.LastChild && only.Type == html.TextNode {
		return only.Data
	}
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(d.Data)
		case d.DataAtom == atom.Br || Block(d) && b.Len() > 0:
			b.WriteByte('\n')
		}
		if b.Len() >= size {
			break
		}
	}
	return b.String()
}

// TextOf returns the text of sanitised HTML, in which < and > stand in tags alone. Line breaks, images,
// and both ends of a block become newlines.
func TextOf(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		text, tag, _ := strings.Cut(s, "<")
		b.WriteString(plain.UnescapeString(text)) // x/net/html decodes every letter to find an &
		tag, s, _ = strings.Cut(tag, ">")
		name, _, _ := strings.Cut(strings.TrimPrefix(tag, "/"), " ")
		a := atom.Lookup([]byte(strings.TrimSuffix(name, "/")))
		if a == atom.Br || a == atom.Img || elements[a] == block {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// printable returns s as valid UTF-8 without control characters, except tabs and newlines, and
// without noncharacters.
func printable(s string) string {
	for _, r := range s {
		if r == utf8.RuneError || control(r) {
			s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
			return strings.Map(withoutControl, s)
		}
	}
	return s
}

func withoutControl(r rune) rune {
	switch {
	case r == '\r':
		return '\n'
	case control(r):
		return -1
	}
	return r
}

func control(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' || r >= 0x7F && r <= 0x9F || r&0xFFFE == 0xFFFE
}
