package page

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// blocks returns the elements that hold one headline of g and no other, by the headline's number, each
// from the link outwards.
func (f *finder) blocks(g group) [][]*html.Node {
	first, several := map[*html.Node]string{}, map[*html.Node]bool{}
	for _, h := range g.headlines {
		for p := h.node; p != nil && p != f.body; p = p.Parent {
			if link, ok := first[p]; !ok {
				first[p] = h.link
			} else if link != h.link {
				several[p] = true
			}
		}
	}
	out := make([][]*html.Node, len(g.headlines))
	for i, h := range g.headlines {
		for p := h.node; p != nil && p != f.body && !several[p]; p = p.Parent {
			out[i] = append(out[i], p)
		}
	}
	return out
}

// itemSelectors returns selectors of elements that each hold one headline of g, best first.
func (f *finder) itemSelectors(g group) (out []string) {
	blocks := f.blocks(g)
	holds := map[*html.Node]string{} // the link of the headline
	height := map[string]int{}       // by token: how far outwards it stands
	var found []string
	for i, b := range blocks {
		for j, n := range b {
			holds[n] = g.headlines[i].link
			for _, token := range tokens(n) {
				if _, known := height[token]; !known && len(found) < maxTokens {
					found = append(found, token)
				}
				height[token] = max(height[token], j+1)
			}
		}
	}
	links := map[string]bool{}
	for _, h := range g.headlines {
		links[h.link] = true
	}
	list := common(blocks)
	var all []choiceOf
	for _, token := range found {
		if c, ok := f.fitting(g, token, holds, list); ok {
			c.height = height[token]
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(x, y choiceOf) int {
		return cmp.Or(cmp.Compare(len(y.links), len(x.links)), cmp.Compare(y.height, x.height),
			cmp.Compare(rank(x.token), rank(y.token)))
	})
	return cover(all, links)
}

// choiceOf is a selector of items, with the links that it finds.
type choiceOf struct {
	token, selector string
	links           map[string]bool
	height          int
}

// rank orders tokens that find the same: those with a class are plainer than those with part of one,
// and tags alone fit too much when the page changes.
func rank(token string) int {
	switch {
	case strings.HasPrefix(token, "article"):
		return 0
	case strings.Contains(token, "."):
		return 1
	case strings.Contains(token, "["):
		return 2
	}
	return bare
}

// bare is the rank of a tag without a class.
const bare = 3

// cover returns the selectors of the best choice, alone and joined with those that find what it lacks.
func cover(all []choiceOf, links map[string]bool) (out []string) {
	if len(all) == 0 {
		return nil
	}
	selector, done := all[0].selector, map[string]bool{}
	for link := range all[0].links {
		done[link] = true
	}
	if len(done) >= fewest {
		out = append(out, selector)
	}
	const joined = 3 // lists have one to three kinds of items: a large one, others, small ones
	for range joined - 1 {
		best, gain := "", 0
		for _, c := range all[1:] {
			n := 0
			for link := range c.links {
				if !done[link] {
					n++
				}
			}
			if n > gain && n == len(c.links) {
				best, gain = c.selector, n
			}
		}
		if gain == 0 || len(done) == len(links) {
			break
		}
		selector += ", " + best
		for _, c := range all {
			if c.selector == best {
				for link := range c.links {
					done[link] = true
				}
			}
		}
		out = append(out, selector)
	}
	slices.Reverse(out)
	return out
}

// fitting returns a selector by token that finds blocks of headlines of g alone: by the token, by what
// is around the list, or by the headlines in the blocks.
func (f *finder) fitting(g group, token string, holds map[*html.Node]string, list []*html.Node) (choiceOf, bool) {
	nodes := f.index[token]
	alone, found := only(token, token, nodes, holds)
	if found && rank(token) < bare {
		return alone, true
	}
	key := strings.TrimSuffix(g.key, aside)
	for _, around := range list {
		within := slices.DeleteFunc(slices.Clone(nodes), func(n *html.Node) bool { return !beneath(n, around) })
		children := slices.DeleteFunc(slices.Clone(nodes), func(n *html.Node) bool { return n.Parent != around })
		for _, name := range f.unique(around) {
			if c, ok := only(token, name+" "+token, within, holds); ok {
				return c, true
			}
			if c, ok := only(token, name+" > "+token, children, holds); ok {
				return c, true
			}
			// a link to more, or a heading, may stand in an element of the same kind
			for _, but := range []string{":has(" + key + ")", ":not(:last-child)", ":not(:first-child)"} {
				if c, ok := f.having(token, name+" > "+token+but, children, holds); ok {
					return c, true
				}
			}
		}
	}
	if found {
		return alone, true
	}
	return f.having(token, token+":has("+key+")", nodes, holds)
}

// only returns selector as a choice if it finds nodes that each hold one headline.
func only(token, selector string, nodes []*html.Node, holds map[*html.Node]string) (choiceOf, bool) {
	c := choiceOf{token: token, selector: selector, links: map[string]bool{}}
	for _, n := range nodes {
		link, ok := holds[n]
		if !ok {
			return c, false
		}
		c.links[link] = true
	}
	return c, len(nodes) > 0
}

// having is only for a selector that leaves out those of nodes without a headline.
func (f *finder) having(token, selector string, nodes []*html.Node, holds map[*html.Node]string) (choiceOf, bool) {
	some := 0
	for _, n := range nodes {
		if _, ok := holds[n]; ok {
			some++
		}
	}
	v, err := compile(selector, false)
	if some < fewest || err != nil || f.size.affordable(v) != nil {
		return choiceOf{}, false
	}
	return only(token, selector, f.all(v, f.root), holds)
}

// unique returns selectors that find n alone.
func (f *finder) unique(n *html.Node) []string {
	out := identity(n)
	for _, token := range tokens(n) {
		if len(f.index[token]) == 1 {
			out = append(out, token)
		}
	}
	if n.Parent == nil || n.DataAtom == atom.Body || len(out) > 0 {
		return out
	}
	alone := true
	for c := range n.Parent.ChildNodes() {
		alone = alone && (c == n || c.Data != n.Data)
	}
	if above := f.unique(n.Parent); alone && len(above) > 0 {
		out = append(out, above[0]+" > "+n.Data)
	}
	return out
}

func beneath(n, around *html.Node) bool {
	for p := range n.Ancestors() {
		if p == around {
			return true
		}
	}
	return false
}

// common returns the elements around all blocks, the innermost first.
func common(blocks [][]*html.Node) (out []*html.Node) {
	count := map[*html.Node]int{}
	for _, b := range blocks {
		if len(b) > 0 {
			for p := range b[len(b)-1].Ancestors() {
				count[p]++
			}
		}
	}
	if len(blocks) == 0 || len(blocks[0]) == 0 {
		return nil
	}
	for p := range blocks[0][len(blocks[0])-1].Ancestors() {
		if float64(count[p]) >= most*float64(len(blocks)) && p.Type == html.ElementNode {
			out = append(out, p)
		}
	}
	return out
}
