package site

import (
	"html/template"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// details is what only the page of a story shows of an entry.
type details struct {
	Picture string // stands before a text that has no pictures; empty: none
	Linked  bool   // Picture is only linked
	Image   string // for cards of the page; empty: none
	Rights  phrase
	Files   []enclosure
}

type enclosure struct{ Link, Name, Type string }

// detailed returns e, made from s, with the whole text and the details.
func (e Entry) detailed(s feeds.Story, noImages bool) Entry {
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
		if i == 0 && len(texts) > 1 && side.Excerpt.Text == nil { // the text has not been translated
			continue
		}
		body := sanitize.Parse(t.Main(), "")
		pictures = adapt(body) || pictures
		if noImages {
			sanitize.LinkPictures(body, feeds.Picture(side.Lang))
		}
		setApart(body, side.Lang)
		side.Text = safeHTML(body)
	}
	if !pictures {
		e.Picture, e.Linked = pictureOf(lead), noImages
	}
	if !noImages {
		e.Image = imageOf(s)
	}
	e.Rights = newPhrase(lead.Rights)
	for _, f := range lead.Enclosures {
		if link := linkable(f.URL); link != "" {
			e.Files = append(e.Files, enclosure{link, fileName(link), cleanText(f.Type)})
		}
	}
	return e
}

// pictureOf returns the address of the picture that came with an item; empty if there is none.
func pictureOf(it feeds.Item) string {
	for _, e := range it.Images {
		if address := linkable(e.URL); address != "" {
			return address
		}
	}
	for _, e := range it.Enclosures {
		if address := linkable(e.URL); address != "" && e.Picture() {
			return address
		}
	}
	return ""
}

// imageSource fits the address of an image in sanitised HTML.
var imageSource = regexp.MustCompile(`<img [^>]*?src="([^"]*)"`)

// imageOf returns the address of the picture that stands for a story; empty if it has none.
func imageOf(s feeds.Story) string {
	if address := pictureOf(s.Items[0].Item); address != "" {
		return address
	}
	if found := imageSource.FindStringSubmatch(s.Main()); found != nil {
		return linkable(html.UnescapeString(found[1]))
	}
	return ""
}

// marks are what links and pictures of sources have on pages. Sanitised text has no other "<".
var marks = strings.NewReplacer("<a ", `<a rel="nofollow" `, "<img ", `<img loading="lazy" `)

// safeHTML returns body as HTML of a page.
func safeHTML(body *html.Node) template.HTML {
	return template.HTML(marks.Replace(sanitize.Render(body)))
}

// adapt fits body to a page: it lowers headings, sets code from left to right and removes what
// reorders text. It reports whether body has pictures.
func adapt(body *html.Node) (pictures bool) {
	for n := range body.Descendants() {
		if n.Type == html.ElementNode {
			own := declaredLang(n)
			n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "lang" || a.Key == "dir" })
			if own != "" {
				n.Attr = append(n.Attr, langAttributes(own)...)
			}
		}
		switch {
		case n.Type == html.TextNode:
			n.Data = arabic.StripBidi(n.Data)
		case n.DataAtom == atom.H1:
			n.Data, n.DataAtom = "h2", atom.H2
		case n.DataAtom == atom.Pre && !arabic.Prose(sanitize.Text(n)):
			n.Attr = []html.Attribute{{Key: "lang"}, {Key: "dir", Val: "ltr"}} // code is in no human language
		case n.DataAtom == atom.Img:
			pictures = true
		}
	}
	return pictures
}

// fileName returns the last part of an address's path.
func fileName(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return cleanText(path.Base(address))
}

// headline returns e's first headline as one line, or the outlet's name if there is none.
func (e Entry) headline() string {
	for _, s := range e.Sides {
		if h := s.headline(); h != "" {
			return h
		}
	}
	return e.Outlet.Name
}

// headline returns the headline of s as one line of plain text.
func (s side) headline() string {
	text := joined(s.Title)
	if text == "" {
		return ""
	}
	return oneLine([]phrase{{s.Lang, s.Dir, feeds.Shorten(text, feeds.MaxTitle)}})
}
