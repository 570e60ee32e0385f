// Package sanitize is the one gate for HTML that nashra republishes. Parse reads HTML into a tree and cleans it: it keeps
// the elements and attributes of the tables in table.go, removes what is hidden or advertises, replaces embedded documents
// by links, and makes links absolute. Render writes a tree and repeats Parse on the result until nothing changes, so that
// every string it returns has passed the gate, whatever was done to the tree before.
package sanitize

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// HTML returns s sanitised, with links and images absolute against base. It removes links and images that cannot be made
// absolute. Sanitising twice changes nothing. Text without markup stays text, and empty gives empty. HTML nested too
// deeply for the parser keeps its text only.
func HTML(s, base string) string { return Render(Parse(s, base)) }

// Parse reads HTML into a body element and cleans it. Its nodes may be changed before Render.
func Parse(s, base string) *html.Node {
	s = strings.TrimSpace(printable(s))
	body := newBody()
	if !strings.Contains(s, "<") {
		if s = html.UnescapeString(s); s != "" {
			body.AppendChild(newText(strings.TrimSpace(printable(s))))
		}
		return body
	}
	if strings.Contains(s, "<iframe") && !strings.Contains(s, "</iframe") { // the rest would be the text of the iframe
		s = openFrame.ReplaceAllString(s, "$0</iframe>")
	}
	nodes, err := html.ParseFragmentWithOptions(strings.NewReader(s), newBody(), html.ParseOptionEnableScripting(false))
	if err != nil { // nested deeper than the parser allows
		body.AppendChild(newText(strings.TrimSpace(printable(TextOf(s)))))
		return body
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	c := cleaner{base: parseBase(base), entities: strings.Contains(s, "&#")}
	c.children(body)
	return body
}

var openFrame = regexp.MustCompile(`<iframe\b[^<>]*>`)

// maxRounds limits how often Render repeats Parse. The fuzzer has found nothing that needs more than two rounds.
const maxRounds = 4

// Render returns the children of body as sanitised HTML.
func Render(body *html.Node) string {
	const usual = 4 << 10 // bytes of an article
	out := write(body, usual)
	for range maxRounds {
		again := write(Parse(out, ""), len(out))
		if again == out {
			return again // which is not in a larger buffer
		}
		out = again
	}
	return html.EscapeString(strings.TrimSpace(Text(Parse(out, "")))) // text alone is stable
}

// write returns the children of body as HTML of about size bytes.
func write(body *html.Node, size int) string {
	var b strings.Builder
	b.Grow(size)
	for c := range body.ChildNodes() {
		if err := html.Render(&b, c); err != nil { // a void element with children, which the parser never makes
			return html.EscapeString(Text(body))
		}
	}
	return strings.TrimSpace(b.String())
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

// FirstBlock returns the first paragraph, list item or quote with text of sanitised HTML, or all of it if there is none.
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

func newBody() *html.Node {
	return &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
}

func newText(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }
