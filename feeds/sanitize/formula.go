package sanitize

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// formula returns a MathML element as a var element: text with raised and lowered parts.
func formula(math *html.Node) *html.Node {
	out := &html.Node{Type: html.ElementNode, Data: "var", DataAtom: atom.Var}
	appendFormula(out, math)
	return out
}

// appendFormula appends the content of n, an element of MathML, to out.
func appendFormula(out, n *html.Node) {
	if n.Data == "msqrt" {
		out.AppendChild(newText("√"))
	}
	part := 0 // of a fraction, a power or an index
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			out.AppendChild(newText(strings.TrimSpace(c.Data)))
		}
		if c.Type != html.ElementNode || elements[c.DataAtom] == removed || strings.HasPrefix(c.Data, "annotation") {
			continue
		}
		to := out
		switch part++; {
		case part == 2 && (n.Data == "msub" || n.Data == "msubsup"):
			to = &html.Node{Type: html.ElementNode, Data: "sub", DataAtom: atom.Sub}
		case part == 2 && n.Data == "msup", part == 3 && n.Data == "msubsup":
			to = &html.Node{Type: html.ElementNode, Data: "sup", DataAtom: atom.Sup}
		case part == 2 && n.Data == "mfrac":
			out.AppendChild(newText("/"))
		}
		if to != out {
			out.AppendChild(to)
		}
		appendFormula(to, c)
	}
}
