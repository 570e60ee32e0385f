package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// Proposal is what may be the list of a page.
type Proposal struct {
	Page  feeds.Page
	Items []Item // what Page finds
	score float64
}

// String returns the selectors as the config file has them.
func (p Proposal) String() string {
	var parts []string
	for _, f := range fields(p.Page) {
		if f.text != "" {
			parts = append(parts, fmt.Sprintf("%s: %q", f.key, f.text))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// Limits of the search, and what a list is; chosen on the pages in testdata.
const (
	maxLinks     = 3000 // of a page: a portal has 500
	maxGroups    = 12   // that are looked at closely
	maxProposals = 4
	maxTokens    = 300       // by which the items of a group are looked for
	maxWithin    = 500       // elements of an item that are looked at
	maxSearch    = 1_500_000 // elements of a page times its depth: a portal has a tenth
	fewest       = 3         // items of a list
	headlineLen  = 15        // letters of the shortest headline
	headlineTerm = 3         // its words
	aside        = " aside"  // ends the keys of what stands in menus, margins and footers
	aboutField   = 1.4       // what a list is worth whose items have dates, texts or pictures
	inHeading    = 1.5       // what a headline in a heading is worth, compared with others
	most         = 0.8       // of the items of a list have what is said of all
	aboutMinor   = 0.12      // what a list in a menu, a margin or a footer is worth, compared with others
)

// Propose returns selectors for what t repeats, likeliest first; nil: it shows no list of links with
// headlines.
func Propose(t *Tree) []Proposal {
	if t.size.elements*t.size.depth > maxSearch {
		return nil
	}
	f := newFinder(t)
	var out []Proposal
	for _, g := range f.groups() {
		for _, item := range f.itemSelectors(g) {
			if p, ok := f.proposal(g, item); ok {
				out = append(out, p)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y Proposal) int { return cmp.Compare(y.score, x.score) })
	var best []Proposal
	for _, p := range out {
		if len(best) < maxProposals && !slices.ContainsFunc(best, func(b Proposal) bool { return overlap(b, p) }) {
			best = append(best, p)
		}
	}
	return best
}

// overlap reports whether half of the links of p are in better.
func overlap(better, p Proposal) bool {
	known := map[string]bool{}
	for _, it := range better.Items {
		known[it.Link] = true
	}
	n := 0
	for _, it := range p.Items {
		if known[it.Link] {
			n++
		}
	}
	return 2*n >= len(p.Items)
}

// headline is a link whose text may be a headline.
type headline struct {
	node        *html.Node
	link, title string
	minor       bool // it stands in a menu, a margin or a footer
}

// group is headlines that stand alike in a page.
type group struct {
	key       string // selects their links
	headlines []headline
	weight    float64
}

// finder looks for lists in a page.
type finder struct {
	*Tree
	reader
	headlines []headline
	index     map[string][]*html.Node // by token
}

func newFinder(t *Tree) *finder {
	f := &finder{Tree: t, reader: reader{Selectors: &Selectors{}, Tree: t, matcher: matcher{}},
		index: map[string][]*html.Node{}}
	here := t.address()
	f.index[t.body.Data] = []*html.Node{t.body}
	for n := range t.body.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, token := range tokens(n) {
			f.index[token] = append(f.index[token], n)
		}
		if n.DataAtom != atom.A || len(f.headlines) == maxLinks {
			continue
		}
		h := headline{node: n, title: headlineOf(n)}
		if !telling(h.title) {
			continue
		}
		if h.link = f.resolve(sanitize.Attr(n, "href")); h.link != "" && h.link != here && !hidden(n) {
			h.minor = minor(n)
			f.headlines = append(f.headlines, h)
		}
	}
	return f
}

// telling reports whether s is long enough for a headline.
func telling(s string) bool {
	return utf8.RuneCountInString(s) >= headlineLen && len(strings.Fields(s)) >= headlineTerm
}

// headlineOf returns the heading within a link, else all its text, else what names the link.
func headlineOf(a *html.Node) string {
	for d := range a.Descendants() {
		if isHeading(d) {
			if s := line(d); s != "" {
				return s
			}
		}
	}
	return titleOf(a, "")
}

func hidden(n *html.Node) bool {
	for p := range n.Ancestors() {
		if unseen(p) {
			return true
		}
	}
	return false
}

// groups returns the headlines by how they stand in the page, the weightiest groups first.
func (f *finder) groups() (out []group) {
	byKey := map[string]*group{}
	var keys []string
	for _, h := range f.headlines {
		for _, key := range keysOf(h.node) {
			if h.minor {
				key += aside
			}
			g := byKey[key]
			if g == nil {
				g = &group{key: key}
				byKey[key], keys = g, append(keys, key)
			}
			g.headlines = append(g.headlines, h)
		}
	}
	same := map[string]bool{}
	for _, key := range keys {
		g := byKey[key]
		links, titles := map[string]bool{}, map[string]bool{}
		var all strings.Builder
		for _, h := range g.headlines {
			if titles[h.title] = true; !links[h.link] {
				links[h.link] = true
				all.WriteString(h.link + "\n")
				g.weight += worth(h)
			}
		}
		if len(links) < fewest || float64(len(titles)) < most*float64(len(links)) || same[all.String()+key[:1]] {
			continue
		}
		same[all.String()+key[:1]] = true
		out = append(out, *g)
	}
	slices.SortStableFunc(out, func(x, y group) int { return cmp.Compare(y.weight, x.weight) })
	return out[:min(len(out), maxGroups)]
}

// headed reports whether a link stands in a heading, or has one in it.
func headed(a *html.Node) bool {
	for d := range a.Descendants() {
		if isHeading(d) {
			return true
		}
	}
	for p := range a.Ancestors() {
		if isHeading(p) {
			return true
		}
	}
	return false
}

func worth(h headline) float64 {
	w := float64(min(utf8.RuneCountInString(h.title), 90))
	if headed(h.node) {
		w *= inHeading
	}
	if h.minor {
		w *= aboutMinor
	}
	return w
}

// keysOf returns selectors of a link by its own classes, and by what is around it.
func keysOf(a *html.Node) (keys []string) {
	keys = append(keys, tokens(a)[1:]...)
	const near = 4 // elements around a link that name it
	for d := range a.Descendants() {
		if isHeading(d) {
			keys = append(keys, "a "+d.Data)
		}
	}
	i := 0
	for p := range a.Ancestors() {
		for _, id := range identity(p) {
			keys = append(keys, id+" a")
		}
		if i++; i > near || p.DataAtom == atom.Body {
			continue
		}
		own := tokens(p)
		for _, token := range own[1:] {
			keys = append(keys, token+" a")
		}
		if isHeading(p) || i == 1 {
			keys = append(keys, own[0]+" a")
		}
	}
	return keys
}

// proposal returns the selectors of the items and of what is in them.
func (f *finder) proposal(g group, item string) (p Proposal, ok bool) {
	p.Page.Item = item
	v, err := compile(item, false)
	if err != nil {
		return p, false
	}
	nodes, err := f.outermost(f.all(v, f.root))
	if err != nil || len(nodes) < fewest {
		return p, false
	}
	f.fields(&p.Page, g, nodes)
	s, err := Compile(p.Page)
	if err != nil {
		return p, false
	}
	if p.Items, _, err = s.Items(f.Tree); err != nil || len(p.Items) < fewest {
		return p, false
	}
	p.score = f.score(p, g, nodes)
	return p, true
}

// score says how likely the items are what readers come for: many, with telling headlines, and with
// dates, texts and pictures, which all of them have.
func (f *finder) score(p Proposal, g group, nodes []*html.Node) float64 {
	n := float64(len(p.Items))
	share := func(has func(Item) bool) float64 {
		count := 0
		for _, it := range p.Items {
			if has(it) {
				count++
			}
		}
		return float64(count) / n
	}
	letters := 0.0
	for _, it := range p.Items {
		letters += float64(min(utf8.RuneCountInString(it.Title), 90))
	}
	score := math.Pow(min(n, 40), 0.7) * letters / n
	for _, field := range []struct {
		selector string
		has      func(Item) bool
	}{
		{p.Page.Date, func(it Item) bool { return len(it.Dates) > 0 }},
		{p.Page.Summary, func(it Item) bool { return it.Summary != "" }},
		{p.Page.Image, func(it Item) bool { return it.Image != "" }},
	} {
		if field.selector != "" {
			score *= aboutField * share(field.has)
		}
	}
	heads, side := 0.0, 0.0
	for _, h := range g.headlines {
		if headed(h.node) {
			heads++
		}
	}
	for _, node := range nodes {
		if minor(node) {
			side++
		}
	}
	score *= 1 + (inHeading-1)*heads/float64(len(g.headlines))
	if side > n/2 {
		score *= aboutMinor
	}
	return score
}
