package segment

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/translate/arabic"
)

// Note marks a block that is still in the original.
const Note = `<em lang="en" dir="ltr">[not translated]</em> `

// writer writes a document with translations in it.
type writer struct {
	doc    *Doc
	target []string
	out    strings.Builder
}

func (w *writer) children(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		i, ok := w.doc.at[c]
		if !ok {
			w.node(c)
			c = c.NextSibling
			continue
		}
		r := w.doc.runs[i]
		_, alone := w.doc.alone[blockOf(n)]
		w.segment(i, alone)
		c = r.nodes[len(r.nodes)-1].NextSibling
	}
}

// blockOf is the block that n is, or is in.
func blockOf(n *html.Node) *html.Node {
	for n.Parent != nil && !isBlock(n) {
		n = n.Parent
	}
	return n
}

// node writes what is no segment.
func (w *writer) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		w.out.WriteString(Escape(n.Data))
	case html.ElementNode:
		if opaqueBlock(n) && isBlock(n) {
			w.raw(n)
			return
		}
		w.open(n)
		w.children(n)
		w.close(n)
	}
}

// raw writes n as the source has it.
func (w *writer) raw(n *html.Node) {
	if n.Type == html.TextNode {
		w.out.WriteString(Escape(n.Data))
		return
	}
	w.tag(n, n.Attr)
	for c := range n.ChildNodes() {
		w.raw(c)
	}
	w.close(n)
}

// open writes n's start tag as the translation has it: without the source's direction, or with it where all its text is left Arabic.
func (w *writer) open(n *html.Node) {
	attrs := w.attrs(n)
	left := false
	if i, ok := w.doc.alone[n]; ok && isBlock(n) {
		left = w.left(i)
	}
	if isBlock(n) || left {
		attrs = slices.DeleteFunc(attrs, func(a html.Attribute) bool { return a.Key == "dir" || a.Key == "lang" || a.Key == "align" })
	}
	if left {
		attrs = append(attrs, html.Attribute{Key: "lang", Val: "ar"}, html.Attribute{Key: "dir", Val: "rtl"})
	}
	w.tag(n, attrs)
}

// attrs are n's attributes as the translation has them. A title without one is left out; an alt text stands for its picture.
func (w *writer) attrs(n *html.Node) (out []html.Attribute) {
	for _, a := range n.Attr {
		i, read := w.doc.attrs[place{n, a.Key}]
		switch {
		case read && i != said && w.target[i] != "":
			a.Val = Plaintext(w.target[i])
		case read && a.Key == "title":
			continue
		}
		out = append(out, a)
	}
	return out
}

func (w *writer) tag(n *html.Node, attrs []html.Attribute) {
	w.out.WriteString("<" + n.Data)
	for _, a := range attrs {
		w.out.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
	}
	w.out.WriteString(">")
}

func (w *writer) close(n *html.Node) {
	switch n.DataAtom {
	case atom.Br, atom.Img, atom.Hr, atom.Wbr, atom.Col:
	default:
		w.out.WriteString("</" + n.Data + ">")
	}
}

// left says whether segment i stays Arabic.
func (w *writer) left(i int) bool {
	return w.target[i] == "" && Translatable(w.doc.segs[i].Text, "ar")
}

func (w *writer) segment(i int, alone bool) {
	r := w.doc.runs[i]
	switch {
	case w.target[i] != "":
		w.neutral(w.target[i], r)
	case !w.left(i):
		for _, n := range r.nodes {
			w.node(n)
		}
	default:
		if !alone {
			w.out.WriteString(`<span lang="ar" dir="rtl">`)
		}
		w.out.WriteString(Note + arabic.RLI)
		for _, n := range r.nodes {
			w.isolated(n)
		}
		w.out.WriteString(arabic.PDI)
		if !alone {
			w.out.WriteString("</span>")
		}
	}
}

// isolated writes n as the source has it, in an isolate that is closed over each line break.
func (w *writer) isolated(n *html.Node) {
	switch {
	case n.DataAtom == atom.Br:
		w.out.WriteString(arabic.PDI + "<br>" + arabic.RLI)
	case n.Type == html.TextNode:
		w.out.WriteString(Escape(n.Data))
	case n.Type == html.ElementNode:
		w.tag(n, n.Attr)
		for c := range n.ChildNodes() {
			w.isolated(c)
		}
		w.close(n)
	}
}

// neutral writes a translation: its codes are the source's elements.
func (w *writer) neutral(target string, r run) {
	used := map[int]bool{}
	for _, t := range tokens(target) {
		if t.code == nil {
			w.out.WriteString(Escape(Plaintext(t.text)))
			continue
		}
		if t.code.id < 1 || t.code.id > len(r.codes) {
			continue
		}
		used[t.code.id] = true
		chain := r.codes[t.code.id-1]
		switch {
		case !t.code.pair:
			w.node(chain[0])
		case t.code.closing:
			for _, n := range slices.Backward(chain) {
				w.close(n)
			}
		default:
			for _, n := range chain {
				w.open(n)
			}
		}
	}
	w.lost(used, r)
}

// lost lists what a target without its codes would lose.
func (w *writer) lost(used map[int]bool, r run) {
	var links int
	for i, chain := range r.codes {
		if used[i+1] {
			continue
		}
		if at := slices.IndexFunc(chain, func(n *html.Node) bool { return n.DataAtom == atom.A && attr(n, "href") != "" }); at >= 0 {
			w.out.WriteString([]string{" (Links: ", ", "}[min(links, 1)])
			links++
			a := chain[at]
			label := strings.Join(strings.Fields(text(a)), " ")
			if label == "" || arabic.Has(label) {
				label = host(attr(a, "href"))
			}
			w.tag(a, w.attrs(a))
			w.out.WriteString(Escape(label) + "</a>")
		}
	}
	if links > 0 {
		w.out.WriteString(")")
	}
	for i, chain := range r.codes {
		n := chain[0]
		if used[i+1] || n.DataAtom == atom.Br || n.DataAtom == atom.Wbr || n.DataAtom == atom.A {
			continue
		}
		if void(n) || n.Type == html.TextNode {
			w.out.WriteString(" ")
			w.node(n)
		}
	}
}
