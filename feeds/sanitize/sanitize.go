// Package sanitize is the one gate for HTML that nashra republishes. Its cleaner walks a parsed
// tree: it keeps the elements and attributes of the tables in table.go, removes what is hidden or
// advertises, replaces embedded documents by links, and makes links absolute. Parse and Render both
// apply it, so that every string that Render returns has passed the gate, whatever was done to the
// tree before.
package sanitize

import (
	"cmp"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// HTML returns s sanitised, with links and images absolute against base. Sanitising twice changes
// nothing. HTML that is nested too deeply for the parser keeps its text only.
func HTML(s, base string) string { return Render(Parse(s, base)) }

// Parse reads HTML into a body element and cleans it. Its nodes may be changed before Render.
func Parse(s, base string) *html.Node { return ParseChanged(s, base, nil) }

// ParseChanged is Parse, but calls change, if not nil, with the body before it is cleaned. HTML that is nested too
// deeply for the parser has no nodes to change.
func ParseChanged(s, base string, change func(body *html.Node)) *html.Node {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\x00", ""))
	body := newBody()
	if strings.Contains(s, "<iframe") && !strings.Contains(s, "</iframe") { // the rest would be the text of the iframe
		s = openFrame.ReplaceAllString(s, "$0</iframe>")
	}
	nodes, err := html.ParseFragmentWithOptions(strings.NewReader(s), newBody(), html.ParseOptionEnableScripting(false))
	if err != nil { // nested deeper than the parser allows
		body.AppendChild(newText(strings.TrimSpace(printable(TextOf(code.ReplaceAllString(s, ""))))))
		return body
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	if change != nil {
		change(body)
	}
	c := cleaner{base: parseBase(base)}
	c.children(body)
	return body
}

// code matches scripts, styles and comments, up to the end of the text if they are not closed.
var code = regexp.MustCompile(`(?is)<(?:script|style)\b.*?(?:</(?:script|style)\b[^>]*>|$)|<!--.*?(?:-->|$)`)

var openFrame = regexp.MustCompile(`<iframe\b[^<>]*>`)

// Render cleans the tree again, since it may have been changed, and returns the children of body as
// sanitised HTML.
func Render(body *html.Node) string {
	var c cleaner
	c.children(body)
	out := write(body)
	if settled(body) {
		return out
	}
	return stabilise(out)
}

// maxRounds limits the rounds of stabilise. The fuzzer has found nothing that needs more than two.
const maxRounds = 4

// stabilise repeats Parse until it changes nothing: HTML may be parsed into another tree than it
// was written from.
func stabilise(out string) string {
	for range maxRounds {
		again := write(Parse(out, ""))
		if again == out {
			return out
		}
		out = again
	}
	return html.EscapeString(strings.TrimSpace(Text(Parse(out, "")))) // text alone is stable
}

func write(body *html.Node) string {
	var b strings.Builder
	b.Grow(size(body))
	for c := range body.ChildNodes() {
		if err := html.Render(&b, c); err != nil { // a void element with children, which the parser never makes
			return html.EscapeString(Text(body))
		}
	}
	return strings.TrimSpace(b.String())
}

// size estimates the bytes of what write returns.
func size(n *html.Node) (bytes int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		bytes += len(c.Data) + len("<></>") + size(c)
		for _, a := range c.Attr {
			bytes += len(a.Key) + len(a.Val) + len(` =""`)
		}
	}
	return bytes
}

// Block reports whether n is an element that stands on lines of its own.
func Block(n *html.Node) bool { return n.Type == html.ElementNode && elements[n.DataAtom] == block }

// HoldsBlock reports whether a block is anywhere beneath n.
func HoldsBlock(n *html.Node) bool {
	for d := range n.Descendants() {
		if Block(d) {
			return true
		}
	}
	return false
}

// FirstBlock returns the first paragraph, list item or quote with text of sanitised HTML, or all of
// it if there is none.
func FirstBlock(s string) string {
	body := Parse(s, "")
	for n := range body.Descendants() {
		if n.DataAtom != atom.P && n.DataAtom != atom.Li && n.DataAtom != atom.Blockquote ||
			strings.TrimSpace(Text(n)) == "" {
			continue
		}
		n.Parent.RemoveChild(n)
		if n.DataAtom == atom.Li {
			n.Data, n.DataAtom = "p", atom.P
		}
		body = newBody()
		body.AppendChild(n)
		break
	}
	return Render(body)
}

// LinkPictures replaces the pictures beneath body by links to them, or by their words if they stand
// within a link. The words are a picture's alternative text or, if it has none, name.
func LinkPictures(body *html.Node, name string) {
	var pictures []*html.Node
	for n := range body.Descendants() {
		if n.DataAtom == atom.Img {
			pictures = append(pictures, n)
		}
	}
	for _, p := range pictures {
		shown := newText(cmp.Or(strings.TrimSpace(Attr(p, "alt")), name))
		linked := false
		for n := range p.Ancestors() {
			linked = linked || n.DataAtom == atom.A
		}
		if !linked {
			shown = newLink(Attr(p, "src"), shown)
		}
		p.Parent.InsertBefore(shown, p)
		p.Parent.InsertBefore(newText(" "), p)
		p.Parent.RemoveChild(p)
	}
}

func newBody() *html.Node {
	return &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
}

func newText(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }
