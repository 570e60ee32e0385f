package page

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// unseen reports whether the text beneath n is not for readers.
func unseen(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Select, atom.Textarea:
		return true
	}
	for _, a := range n.Attr {
		if a.Key == "hidden" {
			return true
		}
	}
	return false
}

// line returns the text that readers see beneath n, on one line.
func line(n *html.Node) string {
	if only := n.FirstChild; only != nil && only == n.LastChild && only.Type == html.TextNode && !unseen(n) {
		return feeds.Line(only.Data)
	}
	var b strings.Builder
	write(&b, n)
	return feeds.Line(b.String())
}

func write(b *strings.Builder, n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			b.WriteString(c.Data)
		case c.Type != html.ElementNode || unseen(c):
		default:
			apart := c.DataAtom == atom.Br || sanitize.Block(c)
			if apart {
				b.WriteByte(' ')
			}
			if write(b, c); apart {
				b.WriteByte(' ')
			}
		}
	}
}

// inner returns the HTML beneath n; empty if readers see neither text nor pictures there.
func inner(n *html.Node) string {
	if line(n) == "" {
		return ""
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		if html.Render(&b, c) != nil { // a void element with children, which the parser never makes
			return html.EscapeString(line(n))
		}
	}
	return strings.TrimSpace(b.String())
}
