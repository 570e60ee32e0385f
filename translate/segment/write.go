package segment

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/translate/arabic"
)

// Note marks a block that is not translated.
const Note = `<em lang="en" dir="ltr">` + noteText + `</em> `

const noteText = "[not translated]"

// writer writes a translated document.
type writer struct {
	doc    *Doc
	target []string
	out    strings.Builder
}

// children writes the children of n.
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

// blockOf returns n if it is a block, else the block that n is in.
func blockOf(n *html.Node) *html.Node {
	for n.Parent != nil && !isBlock(n) {
		n = n.Parent
	}
	return n
}

// node writes n, which begins no segment.
func (w *writer) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		w.code(n)
	case html.ElementNode:
		if isBlock(n) && opaque(n) {
			w.source(n, false)
			return
		}
		w.open(n)
		w.children(n)
		w.endTag(n)
	}
}

// code writes the text n with its parts translated.
func (w *writer) code(n *html.Node) {
	done := 0
	for _, p := range w.doc.parts[n] {
		w.out.WriteString(Escape(n.Data[done:p.from]))
		source := Escape(n.Data[p.from:p.to])
		switch {
		case w.target[p.seg] != "":
			w.out.WriteString(Escape(Plaintext(w.target[p.seg])))
		case w.untranslated(p.seg):
			w.out.WriteString(`<span lang="ar" dir="rtl">` + Note + arabic.RLI + source + arabic.PDI + "</span>")
		default:
			w.out.WriteString(source)
		}
		done = p.to
	}
	w.out.WriteString(Escape(n.Data[done:]))
}

// source writes n as the source has it. If n stands in an isolate, line breaks interrupt that.
func (w *writer) source(n *html.Node, isolated bool) {
	switch {
	case isolated && n.DataAtom == atom.Br:
		w.out.WriteString(arabic.PDI + "<br>" + arabic.RLI)
	case n.Type == html.TextNode:
		w.out.WriteString(Escape(n.Data))
	case n.Type == html.ElementNode:
		w.startTag(n, n.Attr)
		for c := range n.ChildNodes() {
			w.source(c, isolated)
		}
		w.endTag(n)
	}
}

// open writes the translated start tag of n, without the source's direction and language. A block whose
// only text stays Arabic says so, and inline text that was in a third language keeps its own.
func (w *writer) open(n *html.Node) {
	lang, _, _ := strings.Cut(strings.ToLower(attr(n, "lang")), "-")
	other := !isBlock(n) && lang != "" && lang != "ar" && !arabic.Has(text(n))
	attrs := slices.DeleteFunc(w.attrs(n), func(a html.Attribute) bool {
		return a.Key == "dir" || a.Key == "lang" && !other || a.Key == "align"
	})
	if i, ok := w.doc.alone[n]; ok && w.untranslated(i) {
		attrs = append(attrs, html.Attribute{Key: "lang", Val: "ar"}, html.Attribute{Key: "dir", Val: "rtl"})
	}
	w.startTag(n, attrs)
}

// attrs returns n's translated attributes. An untranslated title is left out, but an untranslated
// alt text stays.
func (w *writer) attrs(n *html.Node) (out []html.Attribute) {
	for _, a := range n.Attr {
		i, hasText := w.doc.attrs[attribute{n, a.Key}]
		switch {
		case hasText && i != redundant && w.target[i] != "":
			a.Val = Plaintext(w.target[i])
		case hasText && a.Key == "title":
			continue
		}
		out = append(out, a)
	}
	return out
}

func (w *writer) startTag(n *html.Node, attrs []html.Attribute) {
	w.out.WriteString("<" + n.Data)
	for _, a := range attrs {
		w.out.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
	}
	w.out.WriteString(">")
}

func (w *writer) endTag(n *html.Node) {
	switch n.DataAtom {
	case atom.Br, atom.Img, atom.Hr, atom.Wbr, atom.Col:
	default:
		w.out.WriteString("</" + n.Data + ">")
	}
}

// untranslated reports whether segment i stays Arabic.
func (w *writer) untranslated(i int) bool {
	return w.target[i] == "" && Translatable(w.doc.segs[i].Text, "ar")
}

// segment writes segment i. alone says that it is the only one in its block.
func (w *writer) segment(i int, alone bool) {
	r := w.doc.runs[i]
	switch {
	case w.target[i] != "":
		w.neutral(w.target[i], r)
	case !w.untranslated(i):
		for _, n := range r.nodes {
			w.node(n)
		}
	default:
		if !alone {
			w.out.WriteString(`<span lang="ar" dir="rtl">`)
		}
		w.out.WriteString(Note + arabic.RLI)
		for _, n := range r.nodes {
			w.source(n, true)
		}
		w.out.WriteString(arabic.PDI)
		if !alone {
			w.out.WriteString("</span>")
		}
	}
}

// neutral writes a translation of r, with the source's elements for its codes.
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
				w.endTag(n)
			}
		default:
			for _, n := range chain {
				w.open(n)
			}
		}
	}
	w.lostLinks(used, r)
	w.lostNodes(used, r)
}

// lostLinks writes the links of r whose codes are not used.
func (w *writer) lostLinks(used map[int]bool, r run) {
	before, after := " (Links: ", ""
	for i, chain := range r.codes {
		at := slices.IndexFunc(chain, func(n *html.Node) bool { return n.DataAtom == atom.A && attr(n, "href") != "" })
		if used[i+1] || at < 0 {
			continue
		}
		a := chain[at]
		label := oneSpaced(text(a))
		if label == "" || arabic.Has(label) {
			label = host(attr(a, "href"))
		}
		w.out.WriteString(before)
		w.startTag(a, w.attrs(a))
		w.out.WriteString(Escape(label) + "</a>")
		before, after = ", ", ")"
	}
	w.out.WriteString(after)
}

// lostNodes writes the pictures, code and addresses of r whose codes are not used.
func (w *writer) lostNodes(used map[int]bool, r run) {
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
