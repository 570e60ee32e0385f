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
	HTML      template.HTML // inline elements only; empty: the text has no words
	Lang, Dir string        // set if the excerpt is in another language than its text
}

// maxExcerpt is in graphemes: a longer block is no opening paragraph but an article without
// paragraphs.
const maxExcerpt = 600

// newExcerpt makes an excerpt of the first block of t, without pictures and line breaks.
func newExcerpt(t feeds.Text) (x excerpt) {
	body := sanitize.Parse(sanitize.FirstBlock(t.Main()), "")
	lang := t.Lang
	if only := body.FirstChild; only != nil && only.NextSibling == nil && sanitize.Block(only) {
		if own := declaredLang(only); own != "" && own != lang {
			lang, x.Lang, x.Dir = own, own, arabic.Dir(own)
		}
	}
	out := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	flatten(out, body)
	if blank(out) {
		return excerpt{}
	}
	shorten(out, maxExcerpt)
	setApart(out, lang)
	x.HTML = safeHTML(out)
	return x
}

// flatten appends the children of from to to as inline content.
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
			inner := &html.Node{Type: html.ElementNode, Data: c.Data, DataAtom: c.DataAtom, Attr: inlineAttributes(c)}
			if (c.DataAtom == atom.Bdi || c.DataAtom == atom.Span) && inner.Attr == nil {
				flatten(to, c)
				continue
			}
			if flatten(inner, c); blank(inner) {
				inner = text(" ")
			}
			to.AppendChild(inner)
		}
	}
}

func blank(n *html.Node) bool { return strings.TrimSpace(sanitize.Text(n)) == "" }

// inlineAttributes returns those of n's attributes that an excerpt keeps: the target of a link, a
// time, and the language.
func inlineAttributes(n *html.Node) (out []html.Attribute) {
	for _, a := range n.Attr {
		if a.Key == "href" || a.Key == "datetime" {
			out = append(out, html.Attribute{Key: a.Key, Val: a.Val})
		}
	}
	if lang := declaredLang(n); lang != "" {
		out = append(out, langAttributes(lang)...)
	}
	return out
}

func langAttributes(lang string) []html.Attribute {
	return []html.Attribute{{Key: "lang", Val: lang}, {Key: "dir", Val: arabic.Dir(lang)}}
}

// declaredLang returns n's lang attribute, or "" if n has none or its letters run in the other
// direction.
func declaredLang(n *html.Node) string {
	at := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "lang" })
	if at < 0 {
		return ""
	}
	lang := n.Attr[at].Val
	if seen := arabic.Lang(sanitize.Text(n)); seen != "" && arabic.Dir(seen) != arabic.Dir(lang) {
		return ""
	}
	return lang
}

// setApart gives words of Arabic script elements of their own if they stand in left-to-right text
// beneath n. lang is the language of n.
func setApart(n *html.Node, lang string) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type != html.TextNode:
			inner := lang
			if own := declaredLang(c); own != "" {
				inner = own
			}
			setApart(c, inner)
		case arabic.Dir(lang) == "ltr" && arabic.Has(c.Data):
			for _, r := range runs(c.Data, lang) {
				piece := text(r.Text)
				if r.Lang != "" {
					piece = &html.Node{Type: html.ElementNode, Data: "bdi", DataAtom: atom.Bdi,
						Attr: langAttributes(r.Lang)}
					piece.AppendChild(text(r.Text))
				}
				n.InsertBefore(piece, c)
			}
			n.RemoveChild(c)
		}
		c = next
	}
}

// shorten cuts the text beneath n to limit graphemes, between words if possible.
func shorten(n *html.Node, limit int) {
	left, full := limit, false
	for d := range n.Descendants() {
		if d.Type != html.TextNode {
			continue
		}
		if full {
			d.Data = ""
			continue
		}
		size := 0
		for g := graphemes.FromString(d.Data); g.Next(); size++ {
			if full = size == left; full {
				d.Data = clip(d.Data[:g.Start()])
				break
			}
		}
		left -= size
	}
}

// clip returns s, which was cut, with an ellipsis for its last word, which may be a part of one.
func clip(s string) string {
	if space := strings.LastIndexByte(s, ' '); space > 0 {
		s = s[:space]
	}
	return strings.TrimRight(s, " ,،;؛:.-–—") + "…"
}

func text(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }
