package page

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// fields fills in the selectors of what is within items, of which each holds a headline of g.
func (f *finder) fields(p *feeds.Page, g group, items []*html.Node) {
	heads := make([]headline, len(items))
	for i, n := range items {
		for _, h := range g.headlines {
			if h.node == n || beneath(h.node, n) {
				heads[i] = h
				break
			}
		}
		if h := heads[i].node; h != nil && line(h) == "" { // it covers the item, whose headline stands beside it
			for d := range n.Descendants() {
				if isHeading(d) && line(d) != "" {
					heads[i].title = line(d)
					break
				}
			}
		}
	}
	p.Title, p.Link = f.titleAndLink(g, items, heads)
	p.Date = f.common(items, heads, dated, func(n *html.Node) bool { return isDate(n) })
	p.Image = f.common(items, heads, pictured, func(n *html.Node) bool { return f.imageOf(n, "") != "" })
	if p.Summary = f.common(items, heads, texts, nil); p.Summary == p.Date {
		p.Summary = ""
	}
}

// titleAndLink returns selectors of the headline and the link. Both are empty if the first link of each
// item is its headline's.
func (f *finder) titleAndLink(g group, items []*html.Node, heads []headline) (title, link string) {
	plain := 0
	for i, n := range items {
		if l := f.firstLink(n); l != nil && f.resolve(sanitize.Attr(l, "href")) == heads[i].link &&
			f.linkTitle(n, l, heads[i].link) == heads[i].title {
			plain++
		}
	}
	titles, links := map[string]int{}, map[string]int{}
	var found []string
	for i, n := range items {
		for _, s := range f.within(n, heads[i]) {
			v, err := compile(s, true)
			if err != nil {
				continue
			}
			if titles[s]+links[s] == 0 {
				found = append(found, s)
			}
			if f.first(v, n, titleOf) == heads[i].title {
				titles[s]++
			}
			isLink := func(n *html.Node, _ string) string {
				if n.DataAtom != atom.A {
					return "no link"
				}
				return f.resolve(sanitize.Attr(n, "href"))
			}
			if f.first(v, n, isLink) == heads[i].link {
				links[s]++
			}
		}
	}
	best := func(count map[string]int) (best string) {
		for _, s := range found {
			if count[s] > count[best] {
				best = s
			}
		}
		return best
	}
	title, link = best(titles), best(links)
	if plain >= max(titles[title], links[link]) && plain == len(items) {
		return "", ""
	}
	switch { // if one selector says both
	case links[title] == links[link]:
		link = title
	case titles[link] == titles[title]:
		title = link
	}
	return title, link
}

// within returns selectors of the headline and its link in an item: by heading, by class, and by tag.
func (f *finder) within(item *html.Node, h headline) (out []string) {
	if h.node == nil {
		return nil
	}
	for d := range elements(item) {
		if (isHeading(d) || beneath(d, h.node)) && line(d) == h.title {
			out = append(out, reversed(tokens(d))...)
		}
	}
	for p := h.node; p != nil && p != item; p = p.Parent {
		for _, token := range reversed(tokens(p)) {
			if p != h.node {
				token += " a"
			}
			out = append(out, token)
		}
	}
	for d := range h.node.Descendants() {
		if isHeading(d) {
			out = append(out, "a:has("+d.Data+")")
		}
	}
	slices.SortStableFunc(out, func(x, y string) int { return headingFirst(x) - headingFirst(y) })
	return distinct(out)
}

// distinct returns list without repetitions, in order.
func distinct(list []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func headingFirst(s string) int {
	if len(s) > 1 && s[0] == 'h' && s[1] >= '1' && s[1] <= '6' {
		return 0
	}
	return 1
}

// reversed returns tokens with classes first: they say more.
func reversed(tokens []string) []string {
	return append(slices.Clone(tokens[1:]), tokens[0])
}

// common returns the selector that finds a fit element in most items, and in none an unfit one first;
// empty: there is none. candidates returns the fit elements of an item.
func (f *finder) common(items []*html.Node, heads []headline,
	candidates func(f *finder, item *html.Node, h headline) []*html.Node, fits func(*html.Node) bool) string {
	count := map[string]int{}
	var found []string
	for i, n := range items {
		fit := candidates(f, n, heads[i])
		for _, s := range namesOf(n, fit) {
			v, err := compile(s, true)
			if err != nil {
				continue
			}
			right := false
			f.first(v, n, func(d *html.Node, _ string) string {
				right = d != n && (slices.Contains(fit, d) || fits != nil && fits(d))
				return "found"
			})
			if count[s] == 0 {
				found = append(found, s)
			}
			if right {
				count[s]++
			}
		}
	}
	best := ""
	for _, s := range found {
		if count[s] > count[best] {
			best = s
		}
	}
	if float64(count[best]) < 0.6*float64(len(items)) { // some items of a list have no picture, or no text
		return ""
	}
	return best
}

// namesOf returns selectors of elements within item: tags that say all, classes, classes of what is
// around, then any tags, and tags by their place.
func namesOf(item *html.Node, elements []*html.Node) []string {
	var telling, classes, parents, tags, places []string
	for _, n := range elements {
		own := tokens(n)
		if n.DataAtom == atom.Time || n.DataAtom == atom.Img {
			telling = append(telling, n.Data)
		}
		classes, tags, places = append(classes, own[1:]...), append(tags, own[0]), append(places, own[0]+nth(n))
		if p := n.Parent; p != nil && p != item {
			for _, s := range tokens(p)[1:] {
				parents = append(parents, s+" "+n.Data)
			}
		}
	}
	return distinct(slices.Concat(telling, classes, parents, tags, places))
}

// nth returns which of the elements of its kind n is in its parent.
func nth(n *html.Node) string {
	i := 1
	for p := previous(n); p != nil; p = previous(p) {
		if p.Data == n.Data {
			i++
		}
	}
	return ":nth-of-type(" + strconv.Itoa(i) + ")"
}

// elements returns the first elements beneath n.
func elements(n *html.Node) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		count := 0
		for d := range n.Descendants() {
			if d.Type != html.ElementNode {
				continue
			}
			if count++; count > maxWithin || !yield(d) {
				return
			}
		}
	}
}

// dated returns the elements of an item that say when it was published.
func dated(f *finder, item *html.Node, h headline) (out []*html.Node) {
	for d := range elements(item) {
		if d != h.node && isDate(d) && !strings.Contains(line(d), h.title) {
			out = append(out, d)
		}
	}
	slices.Reverse(out) // the innermost says the least besides
	slices.SortStableFunc(out, func(x, y *html.Node) int { return len(line(x)) - len(line(y)) })
	return out
}

// maxDateLine is in letters: a line with a name, a section and a date.
const maxDateLine = 80

func isDate(n *html.Node) bool {
	if unseen(n) {
		return false
	}
	for _, key := range []string{"datetime", "content"} {
		if s := sanitize.Attr(n, key); s != "" && Readable(s) {
			return true
		}
	}
	s := line(n)
	return s != "" && utf8.RuneCountInString(s) <= maxDateLine && hasDate(s)
}

// pictured returns the pictures of an item.
func pictured(f *finder, item *html.Node, _ headline) (out []*html.Node) {
	for d := range elements(item) {
		switch {
		case d.DataAtom == atom.Img && f.imageOf(d, "") != "":
			out = append(out, d)
		case d.FirstChild == nil && f.imageOf(d, "") != "":
			out = append(out, d)
		}
	}
	return out
}

// minSummary is in letters: a shorter text says no more than a headline.
const minSummary = 40

// texts returns the texts of an item, the longest first, besides its headline.
func texts(f *finder, item *html.Node, h headline) (out []*html.Node) {
	dates := dated(f, item, h)
	for d := range elements(item) {
		if unseen(d) || isHeading(d) || slices.Contains(dates, d) ||
			slices.ContainsFunc(dates, func(date *html.Node) bool { return beneath(date, d) }) {
			continue
		}
		s := line(d)
		if utf8.RuneCountInString(s) < minSummary || s == h.title || strings.Contains(s, h.title) && h.title != "" {
			continue
		}
		inHeading := false
		for p := d.Parent; p != nil && p != item; p = p.Parent {
			inHeading = inHeading || isHeading(p)
		}
		if !inHeading && d.DataAtom != atom.A {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(x, y *html.Node) int { return len(line(y)) - len(line(x)) })
	return out
}
