package sanitize

import (
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// write renders the children of body: as they stand where nothing is beyond the allow-list, else as bluemonday leaves them.
func write(body *html.Node) string {
	var b strings.Builder
	b.Grow(size(body))
	if writeFit(&b, body) {
		return strings.TrimSpace(b.String())
	}
	b.Reset()
	for c := range body.ChildNodes() {
		if err := html.Render(&b, c); err != nil { // only for void elements with children: the parser makes none
			return html.EscapeString(Text(body))
		}
	}
	return strings.TrimSpace(policy.Sanitize(b.String()))
}

// writeFit writes what stands beneath n, as html.Render does, in half its time (the fuzzer holds them against each other). False: not all of it is fit.
func writeFit(b *strings.Builder, n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			Replace(b, c.Data, &inHTML)
			continue
		}
		if !fit(c) || void(c) && c.FirstChild != nil {
			return false
		}
		b.WriteByte('<')
		b.WriteString(c.Data)
		for _, a := range c.Attr {
			b.WriteByte(' ')
			b.WriteString(a.Key)
			b.WriteString(`="`)
			Replace(b, a.Val, &inHTML)
			b.WriteByte('"')
		}
		if void(c) {
			b.WriteString("/>")
			continue
		}
		b.WriteByte('>')
		if f := c.FirstChild; c.DataAtom == atom.Pre && f != nil && f.Type == html.TextNode && strings.HasPrefix(f.Data, "\n") {
			b.WriteByte('\n') // parsers drop the first one
		}
		if !writeFit(b, c) {
			return false
		}
		b.WriteString("</")
		b.WriteString(c.Data)
		b.WriteByte('>')
	}
	return true
}

var inHTML = Stead{'&': "&amp;", '\'': "&#39;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\r': "&#13;"}

// Stead is what stands in the place of some of the characters of ASCII.
type Stead [utf8.RuneSelf]string

// Replace writes s into memory with what by has in the place of its characters.
func Replace(w io.StringWriter, s string, by *Stead) {
	from := 0
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf && by[c] != "" {
			_, _ = w.WriteString(s[from:i])
			_, _ = w.WriteString(by[c])
			from = i + 1
		}
	}
	_, _ = w.WriteString(s[from:])
}

// fit says whether n, no text, is what policy would leave as it is: the same allow-list, asked of the tree and not of what is
// written, so that a text is tokenised once. The fuzzer holds the two against each other.
func fit(n *html.Node) bool {
	if _, ok := allowed[n.DataAtom]; !ok || n.Type != html.ElementNode || n.Namespace != "" || n.Data != n.DataAtom.String() {
		return false
	}
	for _, a := range n.Attr {
		if a.Namespace != "" || !fits(n.DataAtom, a) {
			return false
		}
	}
	bare := n.DataAtom == atom.A || n.DataAtom == atom.Img || n.DataAtom == atom.Span
	return !bare || len(n.Attr) > 0 // they say nothing without attributes, and go
}

// size is about how many bytes n is when written.
func size(n *html.Node) (bytes int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		bytes += len(c.Data) + 8 + size(c)
		for _, a := range c.Attr {
			bytes += len(a.Key) + len(a.Val) + 4
		}
	}
	return bytes
}
