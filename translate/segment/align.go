package segment

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Translated is a segment and its translation, both in neutral form.
type Translated struct {
	Source, Target string
}

// Align returns the segments of source with their translations in target, HTML that Doc.HTML wrote of
// source's skeleton, perhaps sanitised since. It returns nil if the two have not the same blocks. A
// segment that stands in the original, marked, or whose markup differs is left out.
func Align(source, target string) (out []Translated) {
	from, err := Parse(source)
	if err != nil {
		return nil
	}
	to, err := parseRuns(target, true) // a code may have moved to an edge of its segment
	if err != nil {
		return nil
	}
	ours, theirs := from.texts(), to.texts()
	if !slices.EqualFunc(ours, theirs, func(x, y int) bool { return from.blocksOf(x) == to.blocksOf(y) }) {
		return nil
	}
	for i, seg := range ours {
		text := to.recoded(theirs[i], from.runs[seg])
		if text != "" && !strings.Contains(Plaintext(text), noteText) {
			out = append(out, Translated{from.segs[seg].Text, text})
		}
	}
	return append(out, from.labels(to)...)
}

// texts returns the segments that are text, not of an attribute or of code.
func (d *Doc) texts() (out []int) {
	for i, r := range d.runs {
		if len(r.nodes) > 0 {
			out = append(out, i)
		}
	}
	return out
}

// blocksOf returns the names of the blocks around a segment.
func (d *Doc) blocksOf(seg int) string {
	var names []string
	for n := d.runs[seg].nodes[0].Parent; n != nil; n = n.Parent {
		if isBlock(n) {
			names = append(names, n.Data)
		}
	}
	return strings.Join(names, " ")
}

// recoded returns the text of a segment with the numbers that its codes have in another document's run.
// Codes that the run lacks are left out; empty: one of these is an address.
func (d *Doc) recoded(seg int, as run) string {
	ids, used := map[int]int{}, map[int]bool{}
	for i, chain := range d.runs[seg].codes {
		for j, other := range as.codes {
			if !used[j] && sameElements(chain, other) {
				ids[i+1], used[j] = j+1, true
				break
			}
		}
		if ids[i+1] == 0 && chain[0].Type == html.TextNode {
			return ""
		}
	}
	toks := slices.DeleteFunc(tokens(d.segs[seg].Text), func(t token) bool {
		return t.code != nil && ids[t.code.id] == 0
	})
	for i, t := range toks {
		if t.code != nil {
			as := *t.code
			as.id = ids[as.id]
			toks[i].code = &as
		}
	}
	return oneSpaced(join(toks))
}

// sameElements reports whether two codes stand for the same elements, whatever text is in them.
func sameElements(x, y []*html.Node) bool {
	return slices.EqualFunc(x, y, func(a, b *html.Node) bool {
		if a.Type == html.TextNode || isCode(a) && void(a) {
			return a.Type == b.Type && text(a) == text(b)
		}
		return a.DataAtom == b.DataAtom && single(a) == single(b) &&
			attr(a, "href") == attr(b, "href") && attr(a, "src") == attr(b, "src")
	})
}

// labels returns alt texts and titles of d with their translations: those of the elements of other with the
// same address.
func (d *Doc) labels(other *Doc) (out []Translated) {
	type place struct {
		element atom.Atom
		address string
	}
	placeOf := func(n *html.Node) place { return place{n.DataAtom, attr(n, "src") + attr(n, "href")} }
	elements := map[place]*html.Node{}
	for n := range other.root.Descendants() {
		if p := placeOf(n); p.address != "" && elements[p] == nil {
			elements[p] = n
		}
	}
	for at, seg := range d.attrs {
		n := elements[placeOf(at.node)]
		if seg == redundant || n == nil || attr(n, at.key) == attr(at.node, at.key) {
			continue
		}
		out = append(out, Translated{d.segs[seg].Text, Escape(oneSpaced(attr(n, at.key)))})
	}
	slices.SortFunc(out, func(x, y Translated) int { return strings.Compare(x.Source, y.Source) })
	return out
}
