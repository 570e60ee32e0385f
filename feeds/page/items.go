package page

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
)

// Item is what a page says of one item.
type Item struct {
	Title   string   // plain text, on one line
	Link    string   // absolute; empty: it has none
	Dates   []string // what may say when it was published, most exact first, as the page writes it
	Summary string   // HTML, not sanitised
	Image   string   // absolute; empty: it has none
}

// Errors of Items. Both mean that the selectors do not fit the page.
var (
	ErrNone  = errors.New("the layout of the page may have changed")
	ErrWhole = errors.New("the selectors take the whole page for one item")
)

// nothing returns the error that a selector finds nothing.
func nothing(key, selector string) error {
	return fmt.Errorf("%s %q finds nothing: %w", key, selector, ErrNone)
}

// Items returns what s finds on t, at most 500 items in document order, and what is odd about them; an
// item that the page shows twice counts once.
func (s *Selectors) Items(t *Tree) (items []Item, note string, err error) {
	if err := t.size.affordable(s.item, s.title, s.link, s.date, s.summary, s.image); err != nil {
		return nil, "", err
	}
	r := reader{Selectors: s, Tree: t, matcher: matcher{}, found: map[string]bool{}}
	found := r.all(s.item, t.root)
	if note = t.Note; len(found) > maxItems {
		found = found[:maxItems]
		note = strings.TrimPrefix(fmt.Sprintf("%s; the selectors find more than %d items: only the first were read",
			note, maxItems), "; ")
	}
	found, err = t.outermost(found)
	if err != nil {
		return nil, "", err
	}
	for _, n := range found {
		if it := r.item(n); it.Title != "" || it.Link != "" {
			items = append(items, it)
		}
	}
	if items = once(items); len(items) == 0 {
		return nil, "", nothing("item", s.page.Item)
	}
	var odd []string
	for _, f := range fields(s.page) {
		switch {
		case f.text == "" || f.key == "item" || r.found[f.key]:
		case f.key == "link" || f.key == "title": // without them all items would look new, or changed
			return nil, "", nothing(f.key, f.text)
		default:
			odd = append(odd, fmt.Sprintf("%s %q finds nothing in any of %d items", f.key, f.text, len(items)))
		}
	}
	return items, strings.TrimPrefix(strings.Join(append([]string{note}, odd...), "; "), "; "), nil
}

// outermost returns found without those that stand in others. It fails if one holds the page.
func (t *Tree) outermost(found []*html.Node) (out []*html.Node, err error) {
	is := make(map[*html.Node]bool, len(found))
	for _, n := range found {
		is[n] = true
	}
	for _, n := range found {
		within := false
		for p := range n.Ancestors() {
			within = within || is[p]
		}
		if n == t.body || n.DataAtom == atom.Html && n.Parent == t.root {
			return nil, ErrWhole
		}
		if !within {
			out = append(out, n)
		}
	}
	// selectors such as div find the frame of the page, and all that is in it
	if len(out) < len(found) && len(out) <= 3 && slices.ContainsFunc(out, t.most) {
		return nil, ErrWhole
	}
	return out, nil
}

// most reports whether nine tenths of the page's text stand beneath n.
func (t *Tree) most(n *html.Node) bool { return len(line(n))*10 >= len(line(t.body))*9 }

// once returns items without those that repeat the link of an earlier one, unless so many have it that
// it tells nothing.
func once(items []Item) []Item {
	count := map[string]int{}
	for _, it := range items {
		count[it.Link]++
	}
	seen := map[[2]string]bool{}
	return slices.DeleteFunc(items, func(it Item) bool {
		key := [2]string{it.Link}
		if it.Link == "" || count[it.Link] > max(2, len(items)/2) {
			key[1] = it.Title
		}
		again := seen[key]
		seen[key] = true
		return again
	})
}

// reader takes items from a page.
type reader struct {
	*Selectors
	*Tree
	matcher
	found map[string]bool // keys whose selectors found something
}

// field is first for the key of a selector.
func (r reader) field(key string, v value, n *html.Node, of func(n *html.Node, attr string) string) string {
	s := r.first(v, n, of)
	if s != "" {
		r.found[key] = true
	}
	return s
}

// item returns what the selectors find in n.
func (r reader) item(n *html.Node) (it Item) {
	var link *html.Node
	if r.link == nil {
		link = r.firstLink(n)
		if link != nil {
			it.Link = r.resolve(sanitize.Attr(link, "href"))
		}
	} else {
		it.Link = r.field("link", r.link, n, func(n *html.Node, name string) string {
			if name != "" {
				return r.resolve(sanitize.Attr(n, name))
			}
			link = linkOf(n)
			return r.resolve(cmp.Or(sanitize.Attr(link, "href"), sanitize.Attr(link, "data-href")))
		})
	}
	if it.Title = r.field("title", r.title, n, titleOf); it.Title == "" {
		it.Title = r.linkTitle(n, link, it.Link)
	}
	it.Summary = r.field("summary", r.summary, n, func(n *html.Node, name string) string {
		if name != "" {
			return html.EscapeString(sanitize.Attr(n, name))
		}
		return inner(n)
	})
	it.Image = r.field("image", r.image, n, r.imageOf)
	r.field("date", r.date, n, func(n *html.Node, name string) string {
		it.Dates = datesOf(n, name)
		return strings.Join(it.Dates, "")
	})
	return it
}

// first returns the first text that of returns for what v finds within n, or for n itself if v finds
// nothing within. The choices of v are tried in turn.
func (r reader) first(v value, n *html.Node, of func(n *html.Node, attr string) string) string {
	for _, c := range v {
		if len(c.chain) == 0 {
			if s := of(n, c.attr); s != "" {
				return s
			}
			continue
		}
		for d := range n.Descendants() {
			if d.Type == html.ElementNode && r.matches(c.chain, d) {
				if s := of(d, c.attr); s != "" {
					return s
				}
			}
		}
		if r.matches(c.chain, n) {
			if s := of(n, c.attr); s != "" {
				return s
			}
		}
	}
	return ""
}

// firstLink returns the first link to another place within n, else n itself or what is around it, if
// that is a link; nil: there is none.
func (r reader) firstLink(n *html.Node) *html.Node {
	for d := range n.Descendants() {
		if d.DataAtom == atom.A && r.resolve(sanitize.Attr(d, "href")) != "" {
			return d
		}
	}
	if l := linkOf(n); l.DataAtom == atom.A && r.resolve(sanitize.Attr(l, "href")) != "" {
		return l
	}
	return nil
}

// linkOf returns n if it has an address, else the link within it, else the one around it, else n.
func linkOf(n *html.Node) *html.Node {
	if sanitize.Attr(n, "href") != "" {
		return n
	}
	for d := range n.Descendants() {
		if d.DataAtom == atom.A && sanitize.Attr(d, "href") != "" {
			return d
		}
	}
	for p := range n.Ancestors() {
		if p.DataAtom == atom.A && sanitize.Attr(p, "href") != "" {
			return p
		}
	}
	return n
}

// titleOf returns the text of n, else what names n for those who do not see it.
func titleOf(n *html.Node, name string) string {
	if name != "" {
		return feeds.Line(sanitize.Attr(n, name))
	}
	s := cmp.Or(line(n), feeds.Line(sanitize.Attr(n, "title")), feeds.Line(sanitize.Attr(n, "aria-label")))
	for d := range n.Descendants() {
		if s == "" && d.DataAtom == atom.Img {
			s = feeds.Line(sanitize.Attr(d, "alt"))
		}
	}
	return s
}

// linkTitle returns the longest text of the links within n that lead to address; if none has a text,
// the first heading; else what else names link.
func (r reader) linkTitle(n, link *html.Node, address string) (title string) {
	if link == nil {
		return titleOf(n, "")
	}
	if title = line(link); link.Parent != nil && isHeading(link.Parent) && title != "" {
		return title
	}
	heading := ""
	for d := range n.Descendants() {
		switch {
		case d.DataAtom == atom.A && r.resolve(sanitize.Attr(d, "href")) == address:
			if s := line(d); len(s) > len(title) {
				title = s
			}
		case isHeading(d) && heading == "":
			heading = line(d)
		}
	}
	if heading != "" && (title == "" || strings.Contains(title, heading)) { // the whole card is a link
		title = heading
	}
	return cmp.Or(title, titleOf(link, ""))
}

func isHeading(n *html.Node) bool {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// datesOf returns what may be the date that n names, most exact first.
func datesOf(n *html.Node, name string) (out []string) {
	names := []string{"datetime", "content", "data-time", "data-timestamp", "data-date", "title"}
	if name != "" {
		names = []string{name}
	}
	for _, key := range names {
		if s := feeds.Line(sanitize.Attr(n, key)); s != "" {
			out = append(out, s)
		}
	}
	for d := range n.Descendants() {
		if s := feeds.Line(sanitize.Attr(d, "datetime")); s != "" && name == "" {
			out = append(out, s)
		}
	}
	if s := line(n); name == "" && s != "" {
		out = append(out, s)
	}
	return out
}

// imageOf returns the address of the picture that n is or holds, also of one that is loaded late or
// stands behind n.
func (r reader) imageOf(n *html.Node, name string) string {
	if s := sanitize.Attr(n, name); name != "" {
		return r.resolve(pictureIn(name, s))
	}
	if n.DataAtom == atom.Img {
		return sanitize.Picture(n, r.address())
	}
	for d := range n.Descendants() {
		if d.DataAtom == atom.Img || d.DataAtom == atom.Source {
			if s := sanitize.Picture(d, r.address()); s != "" {
				return s
			}
		}
	}
	if s := r.resolve(pictureIn("style", sanitize.Attr(n, "style"))); s != "" {
		return s
	}
	return sanitize.Picture(n, r.address())
}

// address returns where relative links start; empty: nowhere.
func (t *Tree) address() string {
	if t.Base == nil {
		return ""
	}
	return t.Base.String()
}

// pictureIn returns the address of a picture in an attribute that may hold more than that.
func pictureIn(name, s string) string {
	switch {
	case strings.HasSuffix(name, "srcset"):
		return sanitize.Widest(s)
	case strings.Contains(s, "url("):
		_, s, _ = strings.Cut(s, "url(")
		s, _, _ = strings.Cut(s, ")")
		return strings.Trim(s, `"' `)
	case name == "style":
		return ""
	}
	return s
}
