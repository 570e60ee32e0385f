package site

import (
	"slices"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// excerpt is the opening of a text, plain: lists show one line of it.
type excerpt struct {
	Text      []run  // nil: the text has no words
	Lang, Dir string // set if the excerpt is in another language than its text
}

// maxExcerpt is in graphemes: what fits on the longest line of a list.
const maxExcerpt = 180

// newExcerpt makes an excerpt of the first block of t.
func newExcerpt(t feeds.Text) (x excerpt) {
	body := sanitize.Parse(sanitize.FirstBlock(t.Main()), "")
	lang := t.Lang
	if only := body.FirstChild; only != nil && only.NextSibling == nil && sanitize.Block(only) {
		if own := declaredLang(only); own != "" && own != lang {
			lang, x.Lang, x.Dir = own, own, arabic.Dir(own)
		}
	}
	text := cleanText(feeds.Shorten(feeds.OneLine(arabic.StripBidi(sanitize.Text(body))), maxExcerpt))
	if x.Text = runs(text, lang); x.Text == nil {
		return excerpt{}
	}
	return x
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

func text(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }
