package page

import (
	"slices"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// matcher applies chains from right to left, as browsers do. It remembers which elements stand beneath
// or after the beginning of a chain: without that, each further part would multiply the work.
type matcher map[place]bool

// place is a part of a chain, and an element that it may stand before.
type place struct {
	part *compound
	node *html.Node
}

// at reports whether the first i+1 parts of c lead to n.
func (m matcher) at(c chain, i int, n *html.Node) bool {
	if n.Type != html.ElementNode || !c[i].match.Match(n) {
		return false
	}
	switch c[i].comb {
	case '>':
		return n.Parent != nil && m.at(c, i-1, n.Parent)
	case '+':
		before := previous(n)
		return before != nil && m.at(c, i-1, before)
	case ' ':
		return m.before(c, i, n, func(n *html.Node) *html.Node { return n.Parent })
	case '~':
		return m.before(c, i, n, previous)
	}
	return true
}

// before reports whether what stands before part i of c leads to an element that next returns of n, or
// of one that it returned.
func (m matcher) before(c chain, i int, n *html.Node, next func(*html.Node) *html.Node) (found bool) {
	var passed []*html.Node
	for ; n != nil && !found; n = next(n) {
		known, ok := m[place{&c[i], n}]
		if found = known; ok {
			break
		}
		passed = append(passed, n)
		if to := next(n); to != nil {
			found = m.at(c, i-1, to)
		}
	}
	for _, p := range passed {
		m[place{&c[i], p}] = found
	}
	return found
}

// previous returns the element before n; nil: there is none.
func previous(n *html.Node) *html.Node {
	for n = n.PrevSibling; n != nil && n.Type != html.ElementNode; n = n.PrevSibling {
	}
	return n
}

// matches reports whether c leads to n.
func (m matcher) matches(c chain, n *html.Node) bool { return len(c) > 0 && m.at(c, len(c)-1, n) }

// All returns what s selects beneath body, in document order. It fails if that would take too long.
func (s Selector) All(body *html.Node) ([]*html.Node, error) {
	if err := measure(body, 0).affordable(s.of); err != nil {
		return nil, err
	}
	return matcher{}.all(s.of, body), nil
}

// all returns what one of v selects beneath root, in document order.
func (m matcher) all(v value, root *html.Node) (out []*html.Node) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && slices.ContainsFunc(v, func(c choice) bool { return m.matches(c.chain, n) }) &&
			!inTemplate(n) {
			out = append(out, n)
		}
	}
	return out
}

// inTemplate reports whether n is only a model for scripts.
func inTemplate(n *html.Node) bool {
	for p := range n.Ancestors() {
		if p.DataAtom == atom.Template {
			return true
		}
	}
	return false
}
