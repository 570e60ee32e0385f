package sanitize

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDepth keeps a tree below the depth of 512 that the parser refuses.
const maxDepth = 400

// settled reports whether body obeys the rules of nesting that the parser (HTML standard, 13.2.6)
// would enforce. Most texts do, and need no second parsing: a fifth of the CPU of a first round.
func settled(body *html.Node) bool { return settledIn(body, nesting{}) }

// nesting says which elements a node is in. inline includes a, but not span.
type nesting struct {
	p, a, inline, li, heading, term bool
	depth                           int
}

func settledIn(n *html.Node, in nesting) bool {
	if in.depth > maxDepth {
		return false
	}
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			if inTable(n.DataAtom) && strings.TrimSpace(c.Data) != "" ||
				c.PrevSibling != nil && c.PrevSibling.Type == html.TextNode ||
				n.DataAtom == atom.Pre && c.PrevSibling == nil && strings.HasPrefix(c.Data, "\n") {
				return false
			}
			continue
		}
		below, ok := in.enter(n, c)
		if !ok || !settledIn(c, below) {
			return false
		}
	}
	return true
}

// enter returns the nesting within c, a child of n, and whether c may be there.
func (in nesting) enter(n, c *html.Node) (nesting, bool) {
	in.depth++
	if !mayContain(n.DataAtom, c.DataAtom) {
		return in, false
	}
	if !Block(c) {
		if c.DataAtom == atom.A && in.a {
			return in, false
		}
		in.a = in.a || c.DataAtom == atom.A
		in.inline = in.inline || c.DataAtom != atom.Span
		return in, true
	}
	if in.p || in.inline || in.heading {
		return in, false
	}
	switch c.DataAtom {
	case atom.P:
		in.p = true
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		in.heading = true
	case atom.Li:
		if in.li {
			return in, false
		}
		in.li = true
	case atom.Dt, atom.Dd:
		if in.term {
			return in, false
		}
		in.term = true
	case atom.Ul, atom.Ol, atom.Dl, atom.Table, atom.Blockquote, atom.Figure:
		in.li, in.term = false, false
	}
	return in, true
}

// mayContain reports whether child may be in parent as far as tables are concerned.
func mayContain(parent, child atom.Atom) bool {
	switch child {
	case atom.Thead, atom.Tbody, atom.Tfoot, atom.Caption:
		return parent == atom.Table
	case atom.Tr:
		return parent == atom.Tbody || parent == atom.Thead || parent == atom.Tfoot
	case atom.Td, atom.Th:
		return parent == atom.Tr
	}
	return !inTable(parent)
}

func inTable(a atom.Atom) bool {
	return a == atom.Table || a == atom.Thead || a == atom.Tbody || a == atom.Tfoot || a == atom.Tr
}
