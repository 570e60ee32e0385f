package render

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// direction is how a block of a right-to-left language keeps its direction where attributes are stripped.
type direction bool

const (
	isolated direction = true  // beside English: RLI…PDI around its text
	marked   direction = false // alone: a mark before it, as first-strong guessing looks past an isolate
)

// clone is n and all beneath it.
func clone(n *html.Node) *html.Node {
	c := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: slices.Clone(n.Attr)}
	for k := range n.ChildNodes() {
		c.AppendChild(clone(k))
	}
	return c
}

// decorate is the HTML of one language, every block in its own direction. Pictures and code go along only where whole. Body is changed.
func decorate(body *html.Node, lang string, d direction, whole bool) string {
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
	if arabic.Dir(lang) == "rtl" {
		direct(body, lang, d)
	} else {
		close(body)
	}
	return sanitize.Render(body)
}

// close keeps of the isolates in each text beneath n those that it closes itself: an open one would turn what follows around.
func close(n *html.Node) {
	for c := range n.Descendants() {
		if c.Type == html.TextNode && !closed(c.Data) {
			c.Data = arabic.StripBidi(c.Data)
		}
	}
}

// closed says whether each isolate of s (U+2066–2068) ends in s, with a PDI (U+2069), and nothing else does.
func closed(s string) bool {
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

// prune takes out what the other half shows already.
func prune(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch c.DataAtom {
		case atom.Img, atom.Pre:
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

// direct gives every block beneath n lang and dir, and every run of text its isolate or mark.
func direct(n *html.Node, lang string, d direction) {
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
		case c.DataAtom == atom.Pre: // code reads left to right
			flush()
			own(c, "", "ltr")
		case c.Type == html.ElementNode && (sanitize.Block(c) || sanitize.HoldsBlock(c)):
			flush()
			if sanitize.Block(c) && c.DataAtom != atom.Hr {
				own(c, lang, arabic.Dir(lang))
			}
			direct(c, lang, d)
		default:
			run = append(run, c)
		}
		c = next
	}
	flush()
}

// worded says whether n, or something beneath it, is text that can be read.
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

// own sets n's language and direction; lang "" leaves the language open.
func own(n *html.Node, lang, dir string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "lang" || a.Key == "dir" })
	if lang != "" {
		n.Attr = append(n.Attr, html.Attribute{Key: "lang", Val: lang})
	}
	n.Attr = append(n.Attr, html.Attribute{Key: "dir", Val: dir})
}

// enclose puts the run of nodes in n into an isolate, closed and opened again at each line break, or marks each of its lines.
func enclose(n *html.Node, run []*html.Node, d direction) {
	open, shut := arabic.RLI, arabic.PDI
	if d == marked {
		open, shut = arabic.RLM, ""
	}
	for _, c := range run {
		strip(c)
		rebreak(c, open, shut)
	}
	n.InsertBefore(textNode(open), run[0])
	if shut != "" {
		n.InsertBefore(textNode(shut), run[len(run)-1].NextSibling)
	}
	merge(n)
}

// strip takes bidi controls of the source's own out of n's text.
func strip(n *html.Node) {
	if n.Type == html.TextNode {
		n.Data = arabic.StripBidi(n.Data)
	}
	for c := range n.ChildNodes() {
		strip(c)
	}
}

// rebreak puts shut before and open after each line break in n.
func rebreak(n *html.Node, open, shut string) {
	if n.DataAtom == atom.Br {
		if shut != "" {
			n.Parent.InsertBefore(textNode(shut), n)
		}
		n.Parent.InsertBefore(textNode(open), n.NextSibling)
		return
	}
	for _, c := range slices.Collect(n.ChildNodes()) {
		rebreak(c, open, shut)
	}
}

// merge joins neighbouring texts beneath n, as a parser would.
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

// blocks are the blocks at the top of body, and the runs of text between them, each in a body of its own.
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
