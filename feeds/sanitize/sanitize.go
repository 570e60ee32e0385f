// Package sanitize is the allow-list of HTML that nashra is willing to republish. HTML is parsed into a tree (Parse), freed of
// what is hidden, of advertisements and of embeds, its links made absolute, and written through the allow-list (Render).
package sanitize

import (
	"iter"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// HTML is s with nothing left but what the allow-list names; links and images are absolute against base, and those that cannot
// be are gone. Sanitising twice changes nothing. Text without markup stays text; empty gives empty. What is nested so deep that
// it cannot be parsed keeps its words only.
func HTML(s, base string) string { return Render(Parse(s, base)) }

// Parse reads HTML into a body element that holds allowed elements only. Its nodes may be changed before Render.
func Parse(s, base string) *html.Node {
	s = strings.TrimSpace(printable(s))
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	if strings.IndexByte(s, '<') < 0 {
		if s = html.UnescapeString(s); s != "" {
			body.AppendChild(text(strings.TrimSpace(printable(s))))
		}
		return body
	}
	c := cleaner{base: parseBase(base), entities: strings.Contains(s, "&#")}
	if plain := nested(s); plain != nil {
		c.children(plain)
		return plain
	}
	if strings.Contains(s, "<iframe") && !strings.Contains(s, "</iframe") { // else all that follows were its text
		s = openFrame.ReplaceAllString(s, "$0</iframe>")
	}
	nodes, err := parseFragment(s)
	if err != nil { // nested deeper than the parser allows
		body.AppendChild(text(words(s)))
		return body
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	c.children(body)
	return body
}

var openFrame = regexp.MustCompile(`<iframe\b[^<>]*>`)

// Render writes what stands in body, through the allow-list, so that it parses into what was written.
func Render(body *html.Node) string {
	out := write(body)
	if settled(body) {
		return out
	}
	for range maxRounds {
		again := write(Parse(out, ""))
		if again == out {
			return out
		}
		out = again
	}
	return html.EscapeString(strings.TrimSpace(Text(Parse(out, "")))) // it never comes to rest: its words are safe
}

// maxRounds is how often HTML that may parse into another tree than it was written from is tried. Two rounds are enough for all
// that the fuzzer has found; the rest is margin.
const maxRounds = 4

func parseFragment(s string) ([]*html.Node, error) {
	context := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	return html.ParseFragmentWithOptions(strings.NewReader(s), context, html.ParseOptionEnableScripting(false))
}

// policy is the allow-list; it is never changed, and safe for use by several goroutines.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	for a := range allowed {
		if a != atom.A && a != atom.Img && a != atom.Span {
			p.AllowElements(a.String())
		}
	}
	p.AllowAttrs("lang").Matching(langTag).Globally()
	p.AllowAttrs("dir").Matching(direction).Globally()
	p.AllowAttrs("lang", "dir").OnElements("span") // a span without them says nothing, and goes
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(bluemonday.Integer).OnElements("img")
	p.AllowAttrs("title").OnElements("a", "img", "abbr")
	p.AllowAttrs("colspan", "rowspan", "start").Matching(bluemonday.Integer).OnElements("td", "th", "ol")
	p.AllowAttrs("datetime").Matching(bluemonday.ISO8601).OnElements("time")
	p.AllowAttrs("cite").OnElements("blockquote", "q")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	return p
}

var (
	direction = regexp.MustCompile(`^(ltr|rtl|auto)$`)
	langTag   = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
)

// allowed are the elements that stay; the value says whether one is a block.
var allowed = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true,
	atom.Blockquote: true, atom.Pre: true, atom.Hr: true, atom.Ul: true, atom.Ol: true, atom.Li: true, atom.Dl: true,
	atom.Dt: true, atom.Dd: true, atom.Figure: true, atom.Figcaption: true, atom.Table: true, atom.Caption: true,
	atom.Thead: true, atom.Tbody: true, atom.Tfoot: true, atom.Tr: true, atom.Td: true, atom.Th: true,

	atom.A: false, atom.Img: false, atom.Br: false, atom.B: false, atom.Strong: false, atom.I: false, atom.Em: false,
	atom.U: false, atom.S: false, atom.Del: false, atom.Ins: false, atom.Mark: false, atom.Small: false, atom.Sub: false,
	atom.Sup: false, atom.Code: false, atom.Kbd: false, atom.Samp: false, atom.Var: false, atom.Q: false, atom.Cite: false,
	atom.Abbr: false, atom.Time: false, atom.Bdi: false, atom.Bdo: false, atom.Span: false,
}

// Block says whether n is an element that stands on lines of its own.
func Block(n *html.Node) bool { return n.Type == html.ElementNode && allowed[n.DataAtom] }

// HoldsBlock says whether a block stands anywhere beneath n.
func HoldsBlock(n *html.Node) bool {
	for d := range n.Descendants() {
		if Block(d) {
			return true
		}
	}
	return false
}

// FirstBlock is the first block of sanitised HTML that has words, as HTML; all of it where it has no blocks.
func FirstBlock(s string) string {
	body := Parse(s, "")
	for n := range body.Descendants() {
		if n.DataAtom == atom.P || n.DataAtom == atom.Li || n.DataAtom == atom.Blockquote {
			if strings.TrimSpace(Text(n)) == "" {
				continue
			}
			n.Parent.RemoveChild(n)
			if n.DataAtom == atom.Li {
				n.Data, n.DataAtom = "p", atom.P
			}
			only := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
			only.AppendChild(n)
			return Render(only)
		}
	}
	return Render(body)
}

// Text is the text beneath n, as it stands; a line break is a newline.
func Text(n *html.Node) string {
	if n.FirstChild != nil && n.FirstChild == n.LastChild && n.FirstChild.Type == html.TextNode {
		return n.FirstChild.Data
	}
	var b strings.Builder
	for p := range pieces(n) {
		b.WriteString(p)
	}
	return b.String()
}

// Start appends to buf the text beneath n up to the end of the piece of it that reaches the length in bytes.
func Start(buf []byte, n *html.Node, length int) []byte {
	for p := range pieces(n) {
		length -= len(p)
		if buf = append(buf, p...); length <= 0 {
			break
		}
	}
	return buf
}

// pieces are the texts beneath n and the line breaks between them.
func pieces(n *html.Node) iter.Seq[string] {
	return func(yield func(string) bool) {
		begun := false
		for d := range n.Descendants() {
			piece := ""
			switch {
			case d.Type == html.TextNode:
				piece = d.Data
			case d.DataAtom == atom.Br || Block(d) && begun:
				piece = "\n"
			}
			if begun = begun || piece != ""; piece != "" && !yield(piece) {
				return
			}
		}
	}
}
