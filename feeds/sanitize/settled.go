package sanitize

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDepth keeps a tree below the depth that the parser refuses, with room for what a page wraps around it.
const maxDepth = 400

// settled says whether the tree beneath body, written and parsed, gives itself again: that it obeys the rules of nesting which
// the parser (HTML standard, 13.2.6) would otherwise enforce by moving elements about, and that nothing in it is empty.
func settled(body *html.Node) bool { return settledIn(body, nest{}) }

// nest is what an element stands in.
type nest struct {
	p, a, format, li, heading, term bool
	depth                           int
}

func settledIn(n *html.Node, in nest) bool {
	if in.depth > maxDepth {
		return false
	}
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			if tabular(n.DataAtom) && strings.TrimSpace(c.Data) != "" ||
				c.PrevSibling != nil && c.PrevSibling.Type == html.TextNode ||
				n.DataAtom == atom.Pre && c.PrevSibling == nil && strings.HasPrefix(c.Data, "\n") {
				return false
			}
			continue
		}
		below, ok := in.into(n, c)
		if !ok || empty(c) || !settledIn(c, below) {
			return false
		}
	}
	return true
}

// into is the nest within c, which stands in n; false where c may not stand there.
func (in nest) into(n, c *html.Node) (nest, bool) {
	in.depth++
	switch c.DataAtom {
	case atom.Thead, atom.Tbody, atom.Tfoot, atom.Caption:
		if n.DataAtom != atom.Table {
			return in, false
		}
	case atom.Tr:
		if n.DataAtom != atom.Tbody && n.DataAtom != atom.Thead && n.DataAtom != atom.Tfoot {
			return in, false
		}
	case atom.Td, atom.Th:
		if n.DataAtom != atom.Tr {
			return in, false
		}
	default:
		if tabular(n.DataAtom) {
			return in, false
		}
	}
	if Block(c) {
		if in.p || in.format || in.a || in.heading {
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
	if c.DataAtom == atom.A {
		if in.a {
			return in, false
		}
		in.a = true
	}
	in.format = in.format || c.DataAtom != atom.Span
	return in, true
}

func tabular(a atom.Atom) bool {
	return a == atom.Table || a == atom.Thead || a == atom.Tbody || a == atom.Tfoot || a == atom.Tr
}
