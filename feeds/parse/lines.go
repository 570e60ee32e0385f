package parse

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// line is what stands on a line of its own.
type line struct {
	nodes   []*html.Node // siblings, with the line break after them
	text    string
	fold    string // of text; empty where the line is too long to be furniture
	words   int    // at most longest+1
	linked  bool   // all after a colon is a link
	heading bool
	point   bool // of a list
	bold    bool
	under   bool // a picture stands directly before it
	over    bool // a picture stands directly after it
}

// article is the lines of a text and the captions of its pictures.
type article struct {
	lines    []line
	captions map[string]bool // folded captions and alt texts
	widest   int             // bytes of the longest figcaption
	template map[string]bool // folded lines that belong to the source's template
	picture  bool            // a picture stands after the last line
	text     []byte          // of a line; its memory is used again
}

// collect finds the lines beneath n.
func (a *article) collect(n *html.Node) {
	var nodes []*html.Node
	flush := func() {
		if len(nodes) > 0 {
			a.addLine(n, nodes)
		}
		nodes = nil
	}
	for c := range n.ChildNodes() {
		if c.DataAtom == atom.Img {
			a.addImage(c)
		}
		switch {
		case c.DataAtom == atom.Pre || c.DataAtom == atom.Table:
			flush()
		case c.DataAtom == atom.Figcaption:
			caption := sanitize.Text(c)
			a.addCaption(caption)
			a.widest = max(a.widest, len(caption))
		case sanitize.Block(c) || sanitize.HoldsBlock(c):
			flush()
			a.collect(c)
		case c.DataAtom == atom.Br:
			nodes = append(nodes, c)
			flush()
		default:
			nodes = append(nodes, c)
			for d := range c.Descendants() {
				if d.DataAtom == atom.Img {
					a.addImage(d)
				}
			}
		}
	}
	flush()
}

// addImage notes the alternative text of an image, and that the image follows the last line.
func (a *article) addImage(img *html.Node) {
	a.picture = true
	if last := len(a.lines) - 1; last >= 0 {
		a.lines[last].over = true
	}
	for _, at := range img.Attr {
		if at.Key == "alt" {
			a.addCaption(at.Val)
		}
	}
}

func (a *article) addCaption(s string) {
	if f := arabic.Fold(s); f != "" {
		a.captions[f] = true
	}
}

// longest is in words: longer lines are sentences, whatever they begin with.
const longest = 8

// addLine notes the line made of nodes, which stand in parent. Pictures do not count: they are no
// furniture, but words beside them may be.
func (a *article) addLine(parent *html.Node, nodes []*html.Node) {
	l := line{nodes: slices.DeleteFunc(nodes, holdsImage)}
	a.text = a.text[:0]
	before := "" // the last part that is not blank
	for _, n := range l.nodes {
		if n.DataAtom == atom.A {
			l.linked = before == "" || strings.HasSuffix(before, ":")
		}
		part := n.Data
		if n.Type != html.TextNode {
			part = sanitize.Text(n)
		}
		l.bold = n.DataAtom == atom.B || n.DataAtom == atom.Strong || l.bold && strings.TrimSpace(part) == ""
		l.text, a.text = part, append(a.text, part...)
		before = cmp.Or(strings.TrimSpace(part), before)
	}
	if before == "" {
		return
	}
	l.under, a.picture = a.picture, false
	if len(l.nodes) > 1 {
		l.text = string(a.text)
	}
	l.text = strings.TrimSpace(l.text)
	for range strings.FieldsFuncSeq(l.text, blank) {
		if l.words++; l.words > longest {
			break
		}
	}
	switch parent.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		l.heading = true
	case atom.Li, atom.Dd, atom.Dt:
		l.point = true
	}
	if l.words <= longest || l.linked || footer.MatchString(l.text) {
		l.text = strings.Join(strings.Fields(l.text), " ")
		l.fold = arabic.Fold(l.text)
	}
	a.lines = append(a.lines, l)
}

// blank is unicode.IsSpace for what a sanitised text holds. It decides on letters at once.
func blank(r rune) bool {
	const lastLetter = 0x06FF
	return r <= ' ' || r == '\u00A0' || r > lastLetter && unicode.IsSpace(r)
}

// holdsImage reports whether n is an image or holds one.
func holdsImage(n *html.Node) bool {
	for d := range n.Descendants() {
		if d.DataAtom == atom.Img {
			return true
		}
	}
	return n.DataAtom == atom.Img
}
