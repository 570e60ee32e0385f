package parse

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds/sanitize"
)

// paragraphs puts bare text of body and its divs into p elements. It splits them, and p elements,
// where two line breaks stand together.
func paragraphs(n *html.Node) {
	var run []*html.Node
	blocks := hasChild(n, sanitize.Block)
	flush := func() {
		pieces := split(run)
		if n.DataAtom != atom.Body && !blocks && len(pieces) < 2 {
			pieces = nil // a div of one line is not a paragraph
		}
		for _, piece := range pieces {
			wrap(n, piece)
		}
		run = nil
	}
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.TextNode || !sanitize.Block(c) && !sanitize.HoldsBlock(c):
			run = append(run, c)
		default:
			flush()
			switch c.DataAtom {
			case atom.Div:
				paragraphs(c)
			case atom.P:
				splitP(n, c)
			}
		}
		c = next
	}
	flush()
}

// unwrap removes the div around all of body, which XHTML must have (RFC 4287 3.1.1.3).
func unwrap(body *html.Node) {
	var only *html.Node
	for c := range body.ChildNodes() {
		switch {
		case gap(c):
		case only != nil || c.DataAtom != atom.Div:
			return
		default:
			only = c
		}
	}
	if only == nil {
		return
	}
	for body.FirstChild != nil {
		body.RemoveChild(body.FirstChild)
	}
	for c := only.FirstChild; c != nil; c = only.FirstChild {
		only.RemoveChild(c)
		body.AppendChild(c)
	}
}

// split divides nodes at two or more line breaks in a row, and drops pieces without words or image.
func split(nodes []*html.Node) (pieces [][]*html.Node) {
	var piece []*html.Node
	breaks := 0
	end := func() {
		for len(piece) > 0 && gap(piece[len(piece)-1]) {
			piece = piece[:len(piece)-1]
		}
		if len(piece) > 0 {
			pieces = append(pieces, piece)
		}
		piece, breaks = nil, 0
	}
	for _, n := range nodes {
		if gap(n) {
			if n.DataAtom == atom.Br {
				breaks++
			}
			if len(piece) > 0 {
				piece = append(piece, n)
			}
			continue
		}
		if breaks >= 2 {
			end()
		}
		breaks = 0
		piece = append(piece, n)
	}
	end()
	return pieces
}

// gap reports whether n is a line break or white space.
func gap(n *html.Node) bool {
	return n.DataAtom == atom.Br || n.Type == html.TextNode && strings.TrimSpace(n.Data) == ""
}

// hasChild reports whether a child of n satisfies f.
func hasChild(n *html.Node, f func(*html.Node) bool) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if f(c) {
			return true
		}
	}
	return false
}

// wrap puts nodes, adjacent children of parent, into a new p in their place.
func wrap(parent *html.Node, nodes []*html.Node) {
	p := &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
	parent.InsertBefore(p, nodes[0])
	for n, last := nodes[0], nodes[len(nodes)-1]; ; {
		next := n.NextSibling
		parent.RemoveChild(n)
		p.AppendChild(n)
		if n == last {
			break
		}
		n = next
	}
	trimEdges(p)
	for n := p.NextSibling; n != nil && n.DataAtom == atom.Br; n = p.NextSibling { // p stands for these breaks
		parent.RemoveChild(n)
	}
}

// trimEdges removes white space and line breaks at the edges of p.
func trimEdges(p *html.Node) {
	for p.FirstChild != nil && gap(p.FirstChild) {
		p.RemoveChild(p.FirstChild)
	}
	for p.LastChild != nil && gap(p.LastChild) {
		p.RemoveChild(p.LastChild)
	}
	if f := p.FirstChild; f != nil && f.Type == html.TextNode {
		f.Data = strings.TrimLeft(f.Data, " \t\n")
	}
	if l := p.LastChild; l != nil && l.Type == html.TextNode {
		l.Data = strings.TrimRight(l.Data, " \t\n")
	}
}

// splitP replaces a p that holds several paragraphs.
func splitP(parent, p *html.Node) {
	pieces := split(slices.Collect(p.ChildNodes()))
	if len(pieces) < 2 {
		return
	}
	for _, piece := range pieces {
		q := &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P, Attr: p.Attr}
		for _, n := range piece {
			p.RemoveChild(n)
			q.AppendChild(n)
		}
		trimEdges(q)
		parent.InsertBefore(q, p)
	}
	parent.RemoveChild(p)
}
