package render

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// direction is how a block of a right-to-left language keeps its direction in readers that strip
// attributes.
type direction bool

const (
	isolated direction = true  // beside English: RLI…PDI around its text
	marked   direction = false // alone: a mark before it, because guessing by the first strong letter ignores isolates
)

// clone copies n and all beneath it.
func clone(n *html.Node) *html.Node {
	c := *n
	c.Parent, c.FirstChild, c.LastChild, c.PrevSibling, c.NextSibling = nil, nil, nil, nil, nil
	c.Attr = slices.Clone(n.Attr)
	for child := range n.ChildNodes() {
		c.AppendChild(clone(child))
	}
	return &c
}

// decorate returns body, which it changes, as HTML of one language, with every block in its direction.
// Pictures and code are kept if whole is set.
func (w *Writer) decorate(body *html.Node, lang string, d direction, whole bool) string {
	if !whole {
		prune(body)
	}
	for n := range body.Descendants() {
		for i, a := range n.Attr {
			if a.Key == "alt" || a.Key == "title" {
				n.Attr[i].Val = arabic.StripBidi(a.Val)
			}
		}
	}
	if w.site.NoImages {
		sanitize.LinkPictures(body, feeds.Picture(lang))
	}
	if arabic.Dir(lang) == "rtl" {
		directBlocks(body, lang, d)
	} else {
		balanceIsolates(body)
	}
	return sanitize.Render(body)
}

// balanceIsolates strips isolates from each text beneath n that does not close them itself: an open one
// would change the direction of what follows.
func balanceIsolates(n *html.Node) {
	for c := range n.Descendants() {
		if c.Type == html.TextNode && !balanced(c.Data) {
			c.Data = arabic.StripBidi(c.Data)
		}
	}
}

// balanced reports whether each isolate of s (U+2066–2068) ends in s with a PDI (U+2069), and no PDI is
// left over.
func balanced(s string) bool {
	open := 0
	for _, r := range s {
		switch {
		case r >= 0x2066 && r <= 0x2068:
			open++
		case r == 0x2069:
			open--
		}
		if open < 0 {
			return false
		}
	}
	return open == 0
}

// prune removes what the other half shows already.
func prune(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.DataAtom == atom.Img, c.DataAtom == atom.Pre && !arabic.Has(sanitize.Text(c)):
			n.RemoveChild(c)
		default:
			had := c.FirstChild != nil
			prune(c)
			if had && !worded(c) {
				n.RemoveChild(c)
			}
		}
		c = next
	}
}

// directBlocks gives every block beneath n lang and dir, and every run of text its isolate or mark. It
// takes lang and dir from inline elements around Arabic words, which may have them from a keyboard.
func directBlocks(n *html.Node, lang string, d direction) {
	var run []*html.Node
	flush := func() {
		if slices.ContainsFunc(run, worded) {
			enclose(n, run, d)
		}
		run = nil
	}
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.DataAtom == atom.Pre && !arabic.Prose(sanitize.Text(c)): // code reads left to right
			flush()
			setDirection(c, "", "ltr")
		case c.Type == html.ElementNode && (sanitize.Block(c) || sanitize.HoldsBlock(c)):
			flush()
			if sanitize.Block(c) && c.DataAtom != atom.Hr {
				setDirection(c, lang, arabic.Dir(lang))
			}
			directBlocks(c, lang, d)
		default:
			run = append(run, c)
		}
		c = next
	}
	flush()
}

// worded reports whether n is, or holds, text that is not blank.
func worded(n *html.Node) bool {
	if n.Type == html.TextNode {
		return strings.TrimSpace(n.Data) != ""
	}
	for c := range n.ChildNodes() {
		if worded(c) {
			return true
		}
	}
	return false
}

// setDirection sets the language and direction of n; lang may be empty.
func setDirection(n *html.Node, lang, dir string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "lang" || a.Key == "dir" })
	if lang != "" {
		n.Attr = append(n.Attr, html.Attribute{Key: "lang", Val: lang})
	}
	n.Attr = append(n.Attr, html.Attribute{Key: "dir", Val: dir})
}

// enclose puts the run of nodes in n into an isolate, which ends and begins again at each line break,
// or marks each of its lines.
func enclose(n *html.Node, run []*html.Node, d direction) {
	open, shut := arabic.RLI, arabic.PDI
	if d == marked {
		open, shut = arabic.RLM, ""
	}
	for _, c := range run {
		inherit(c)
		rebreak(c, open, shut, n.DataAtom == atom.Pre)
	}
	n.InsertBefore(textNode(open), run[0])
	if shut != "" {
		n.InsertBefore(textNode(shut), run[len(run)-1].NextSibling)
	}
	merge(n)
}

// inherit removes the source's own bidirectional controls from n, and the language and direction of
// elements with Arabic letters. It reports whether n has any.
func inherit(n *html.Node) (hasArabic bool) {
	if n.Type == html.TextNode {
		n.Data = arabic.StripBidi(n.Data)
		return arabic.Has(n.Data)
	}
	for c := range n.ChildNodes() {
		hasArabic = inherit(c) || hasArabic
	}
	if hasArabic {
		n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "lang" || a.Key == "dir" })
	}
	return hasArabic
}

// rebreak puts shut before and open after each line break in n; lines says that newlines are line breaks.
func rebreak(n *html.Node, open, shut string, lines bool) {
	if n.Type == html.TextNode && lines {
		n.Data = strings.ReplaceAll(n.Data, "\n", shut+"\n"+open)
	}
	if n.DataAtom == atom.Br {
		if shut != "" {
			n.Parent.InsertBefore(textNode(shut), n)
		}
		n.Parent.InsertBefore(textNode(open), n.NextSibling)
		return
	}
	for _, c := range slices.Collect(n.ChildNodes()) {
		rebreak(c, open, shut, lines)
	}
}

// merge joins adjacent texts beneath n, as a parser would.
func merge(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		for c.Type == html.TextNode && c.NextSibling != nil && c.NextSibling.Type == html.TextNode {
			c.Data += c.NextSibling.Data
			n.RemoveChild(c.NextSibling)
		}
		merge(c)
	}
}

func textNode(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

// blocks returns the blocks at the top of body, and the runs of text between them, each in a body
// of its own.
func blocks(body *html.Node) (out []*html.Node) {
	var run *html.Node
	fresh := func() *html.Node {
		return &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	}
	for c := body.FirstChild; c != nil; {
		next := c.NextSibling
		body.RemoveChild(c)
		switch {
		case sanitize.Block(c):
			run = nil
			alone := fresh()
			alone.AppendChild(c)
			out = append(out, alone)
		case run == nil && c.Type == html.TextNode && strings.TrimSpace(c.Data) == "":
		default:
			if run == nil {
				run = fresh()
				out = append(out, run)
			}
			run.AppendChild(c)
		}
		c = next
	}
	return out
}
