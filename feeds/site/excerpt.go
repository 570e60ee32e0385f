package site

import (
	"html/template"
	"slices"
	"strings"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// excerpt is the opening of a text.
type excerpt struct {
	HTML      template.HTML // inline only; empty: there are no words
	Lang, Dir string        // where the block is in another language than its text; else empty
}

// maxExcerpt is in graphemes: what is longer is no opening paragraph but an article without paragraphs.
const maxExcerpt = 600

// newExcerpt is the first block of t without pictures and line breaks.
func newExcerpt(t feeds.Text) (x excerpt) {
	body := sanitize.Parse(sanitize.FirstBlock(t.Main()), "")
	lang := t.Lang
	if only := body.FirstChild; only != nil && only.NextSibling == nil && sanitize.Block(only) {
		if own := claimed(only); own != "" && own != lang {
			lang, x.Lang, x.Dir = own, own, arabic.Dir(own)
		}
	}
	out := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	flatten(out, body)
	if strings.TrimSpace(sanitize.Text(out)) == "" {
		return excerpt{}
	}
	shorten(out, maxExcerpt)
	setApart(out, lang)
	x.HTML = template.HTML(sanitize.HTML(sanitize.Render(out), "")) // the allow-list has the last word
	return x
}

// flatten puts into to what stands beneath from, as inline content.
func flatten(to, from *html.Node) {
	for c := range from.ChildNodes() {
		switch {
		case c.Type == html.TextNode:
			to.AppendChild(text(arabic.StripBidi(c.Data)))
		case c.DataAtom == atom.Img:
		case c.DataAtom == atom.Br || sanitize.Block(c):
			to.AppendChild(text(" "))
			flatten(to, c)
			to.AppendChild(text(" "))
		default:
			inner := &html.Node{Type: html.ElementNode, Data: c.Data, DataAtom: c.DataAtom, Attr: attributes(c)}
			if c.DataAtom == atom.Bdo || (c.DataAtom == atom.Bdi || c.DataAtom == atom.Span) && inner.Attr == nil {
				flatten(to, c)
				continue
			}
			if flatten(inner, c); strings.TrimSpace(sanitize.Text(inner)) != "" {
				to.AppendChild(inner)
			} else {
				to.AppendChild(text(" "))
			}
		}
	}
}

// attributes are those of n's that an excerpt keeps: where a link goes, and a language with the direction that follows from it.
func attributes(n *html.Node) (out []html.Attribute) {
	for _, a := range n.Attr {
		if a.Key == "href" || a.Key == "datetime" {
			out = append(out, html.Attribute{Key: a.Key, Val: a.Val})
		}
	}
	if lang := claimed(n); lang != "" {
		out = append(out, language(lang)...)
	}
	return out
}

func language(lang string) []html.Attribute {
	return []html.Attribute{{Key: "lang", Val: lang}, {Key: "dir", Val: arabic.Dir(lang)}}
}

// claimed is the language that n says it is in; empty where it says none, or its letters are of another direction.
func claimed(n *html.Node) string {
	at := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "lang" })
	if at < 0 {
		return ""
	}
	lang := n.Attr[at].Val
	if told := arabic.Lang(sanitize.Text(n)); told != "" && arabic.Dir(told) != arabic.Dir(lang) {
		return ""
	}
	return lang
}

// setApart gives the words of Arabic script beneath n, which is in lang, elements of their own where other letters surround them.
func setApart(n *html.Node, lang string) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type != html.TextNode:
			inner := lang
			if own := claimed(c); own != "" {
				inner = own
			}
			setApart(c, inner)
		case arabic.Dir(lang) == "ltr" && arabic.Has(c.Data):
			for _, r := range runs(c.Data, lang) {
				piece := text(r.Text)
				if r.Lang != "" {
					piece = &html.Node{Type: html.ElementNode, Data: "bdi", DataAtom: atom.Bdi, Attr: language(r.Lang)}
					piece.AppendChild(text(r.Text))
				}
				n.InsertBefore(piece, c)
			}
			n.RemoveChild(c)
		}
		c = next
	}
}

// shorten cuts what stands beneath n to limit graphemes, between words where it can.
func shorten(n *html.Node, limit int) {
	left := limit
	var texts []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			texts = append(texts, d)
		}
	}
	for i, t := range texts {
		size, fits := measure(t.Data, left)
		if left -= size; fits {
			continue
		}
		t.Data = clip(t.Data, size)
		for _, rest := range texts[i+1:] {
			rest.Data = ""
		}
		return
	}
}

// measure counts the graphemes of s, up to most, and says whether these are all.
func measure(s string, most int) (n int, all bool) {
	g := graphemes.FromString(s)
	for g.Next() {
		if n == most {
			return n, false
		}
		n++
	}
	return n, true
}

// clip is the first n graphemes of s without a last word that may be cut, and an ellipsis.
func clip(s string, n int) string {
	g := graphemes.FromString(s)
	end := 0
	for ; n > 0 && g.Next(); n-- {
		end = g.End()
	}
	if space := strings.LastIndexByte(s[:end], ' '); space > 0 {
		end = space
	}
	return strings.TrimRight(s[:end], " ,،;؛:.-–—") + "…"
}

func text(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }
