package site

import (
	"html/template"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// whole is what the page of a story has beyond its entry.
type whole struct {
	Picture string // before the text, which has none of its own; empty: none
	Authors []phrase
	Rights  phrase
	Files   []file
}

// file is an enclosure.
type file struct{ Link, Name, Type string }

// complete is e, which shows s, with all of its text.
func (e entry) complete(s feeds.Story) entry {
	e.Sides = slices.Clone(e.Sides)
	lead := s.Items[0].Item
	e.When = newMoment(s.Published, "2 January 2006, 15:04")
	texts := []feeds.Text{s.Text}
	if len(e.Sides) > 1 {
		texts = []feeds.Text{s.Translation.Text, s.Text}
		if s.Translation.State == feeds.Waiting {
			texts[0] = feeds.Text{}
		}
	}
	pictures := false
	for i, t := range texts {
		side := &e.Sides[i]
		if i == 0 && len(texts) > 1 && side.Excerpt.HTML == "" { // what there is stands in the original
			continue
		}
		body := sanitize.Parse(t.Main(), "")
		pictures = settle(body, pictures)
		setApart(body, side.Lang)
		side.Text = template.HTML(sanitize.Render(body))
	}
	if len(lead.Images) > 0 && !pictures {
		e.Picture = address(lead.Images[0].URL)
	}
	for _, a := range lead.Authors {
		e.Authors = append(e.Authors, spoken(a))
	}
	e.Rights = spoken(lead.Rights)
	for _, f := range lead.Enclosures {
		if link := address(f.URL); link != "" {
			e.Files = append(e.Files, file{link, fileName(link), tidy(f.Type)})
		}
	}
	return e
}

// settle makes body's elements fit a page: no headline above the page's own, code from left to right, nothing that turns text around,
// and pictures only where they did not stand already. It says whether there are any now.
func settle(body *html.Node, pictures bool) bool {
	shown := pictures
	var drop []*html.Node
	for n := range body.Descendants() {
		if n.Type == html.ElementNode {
			own := claimed(n)
			n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "lang" || a.Key == "dir" })
			if own != "" {
				n.Attr = append(n.Attr, language(own)...)
			}
		}
		switch {
		case n.Type == html.TextNode:
			n.Data = arabic.StripBidi(n.Data)
		case n.DataAtom == atom.H1:
			n.Data, n.DataAtom = "h2", atom.H2
		case n.DataAtom == atom.Bdo:
			n.Data, n.DataAtom = "bdi", atom.Bdi
		case n.DataAtom == atom.Pre:
			n.Attr = []html.Attribute{{Key: "lang"}, {Key: "dir", Val: "ltr"}} // in no language that people speak
		case n.DataAtom == atom.Img && pictures:
			drop = append(drop, n)
		case n.DataAtom == atom.Img:
			shown = true
		}
	}
	for _, n := range drop {
		for p := n.Parent; ; n, p = p, p.Parent { // and what held nothing but it
			p.RemoveChild(n)
			if p == body || p.FirstChild != nil {
				break
			}
		}
	}
	return shown
}

// spoken is plain text in the language that its letters tell.
func spoken(s string) phrase {
	p := phrase{Text: tidy(s), Dir: "ltr"}
	if arabic.Has(p.Text) {
		p.Lang, p.Dir = script(p.Text), "rtl"
	}
	return p
}

// fileName is the last part of an address's path.
func fileName(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return tidy(path.Base(address))
}

// line is e's headlines on one line.
func (e entry) line() string {
	for _, s := range e.Sides {
		var b strings.Builder
		for _, r := range s.Title {
			b.WriteString(r.Text)
		}
		if b.Len() > 0 {
			return line([]phrase{{s.Lang, s.Dir, b.String()}})
		}
	}
	return e.Outlet.Name
}
