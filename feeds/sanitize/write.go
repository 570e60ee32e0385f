package sanitize

import (
	"strings"

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
			escape(b, c.Data)
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
			escape(b, a.Val)
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

// escape writes s as it stands in a text or between quotes.
func escape(b *strings.Builder, s string) {
	from := 0
	for i := range len(s) {
		if s[i] > '>' { // as nearly all are
			continue
		}
		var code string
		switch s[i] {
		case '&':
			code = "&amp;"
		case '\'':
			code = "&#39;"
		case '<':
			code = "&lt;"
		case '>':
			code = "&gt;"
		case '"':
			code = "&#34;"
		case '\r':
			code = "&#13;"
		default:
			continue
		}
		b.WriteString(s[from:i])
		b.WriteString(code)
		from = i + 1
	}
	b.WriteString(s[from:])
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
