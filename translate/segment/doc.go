package segment

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/translate/arabic"
)

// maxHTML is the most HTML that is cut up, in bytes: a hundred times a long article.
const maxHTML = 4 << 20

// Doc is HTML cut up: the skeleton of its markup and the segments that hang in it.
type Doc struct {
	root  *html.Node
	segs  []Segment
	runs  []run              // of segs, in order; an attribute's has no nodes
	at    map[*html.Node]int // the first node of a run ⇒ its segment
	attrs map[place]int      // an attribute that people read ⇒ its segment, or said
	alone map[*html.Node]int // a block ⇒ its only segment
}

// place is an attribute of an element: an alt text or a title.
type place struct {
	node *html.Node
	key  string
}

// said marks a title that repeats what its element says anyway: it is not paid for, and left out.
const said = -1

// run is the sibling nodes that one segment is made of.
type run struct {
	nodes []*html.Node
	codes [][]*html.Node // code id-1 ⇒ the nested elements that it stands for, outermost first
}

// Parse cuts up sanitised HTML.
func Parse(source string) (*Doc, error) {
	if len(source) > maxHTML {
		return nil, fmt.Errorf("cut up HTML: %d bytes, over the cap of %d", len(source), maxHTML)
	}
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(source), body)
	if err != nil {
		return nil, fmt.Errorf("cut up HTML: %w", err)
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	d := &Doc{root: body, at: map[*html.Node]int{}, attrs: map[place]int{}, alone: map[*html.Node]int{}}
	d.block(body)
	return d, nil
}

// Segments are the texts of the document, in order.
func (d *Doc) Segments() []Segment { return d.segs }

// block finds the runs of inline nodes among n's children and goes into its blocks.
func (d *Doc) block(n *html.Node) {
	before := len(d.segs)
	hasBlock := false
	var inline []*html.Node
	flush := func() {
		for _, piece := range paragraphs(inline) {
			d.add(piece)
		}
		inline = nil
	}
	for c := range n.ChildNodes() {
		if !holdsBlock(c) {
			inline = append(inline, c)
			continue
		}
		flush()
		hasBlock = true
		if !opaqueBlock(c) {
			d.block(c)
		}
	}
	flush()
	texts := 0
	for _, r := range d.runs[before:] {
		texts += min(len(r.nodes), 1)
	}
	if !hasBlock && texts == 1 {
		d.alone[n] = slices.IndexFunc(d.runs[before:], func(r run) bool { return len(r.nodes) > 0 }) + before
	}
}

// paragraphs splits inline nodes at two or more <br> in a row.
func paragraphs(nodes []*html.Node) (out [][]*html.Node) {
	start := 0
	for i := 0; i < len(nodes); {
		j, breaks := i, 0
		for j < len(nodes) && (nodes[j].DataAtom == atom.Br || blank(nodes[j])) {
			if nodes[j].DataAtom == atom.Br {
				breaks++
			}
			j++
		}
		if breaks >= 2 {
			out = append(out, nodes[start:i])
			start = j
		}
		i = max(j, i+1)
	}
	return append(out, nodes[start:])
}

// add makes segments of nodes, their text and the attributes in them that people read.
func (d *Doc) add(nodes []*html.Node) {
	d.text(nodes)
	for _, n := range nodes {
		d.attributes(n)
		for c := range n.Descendants() {
			d.attributes(c)
		}
	}
}

// text makes a segment of nodes: what has no text at its edges and what wraps it whole stays in the skeleton.
func (d *Doc) text(nodes []*html.Node) {
	for {
		for len(nodes) > 0 && (blank(nodes[0]) || lone(nodes[0])) {
			nodes = nodes[1:]
		}
		for len(nodes) > 0 && (blank(nodes[len(nodes)-1]) || lone(nodes[len(nodes)-1])) {
			nodes = nodes[:len(nodes)-1]
		}
		if len(nodes) != 1 || nodes[0].Type != html.ElementNode {
			break
		}
		nodes = slices.Collect(nodes[0].ChildNodes())
	}
	if len(nodes) == 0 {
		return
	}
	var b builder
	for _, n := range nodes {
		b.node(n)
	}
	text := strings.Join(strings.Fields(b.text.String()), " ")
	if text == "" {
		return
	}
	d.at[nodes[0]] = len(d.segs)
	d.segs = append(d.segs, Segment{Text: text, Links: b.links})
	d.runs = append(d.runs, run{nodes, b.codes})
}

// lone says whether n is an element that stands for itself: a break, a picture, code, or an element with no text.
func lone(n *html.Node) bool {
	return n.Type == html.ElementNode && (void(n) || strings.TrimSpace(text(n)) == "")
}

// attributes makes segments of n's alt text and title.
func (d *Doc) attributes(n *html.Node) {
	for _, a := range n.Attr {
		if a.Key != "title" && (a.Key != "alt" || n.DataAtom != atom.Img) {
			continue
		}
		words := strings.Join(strings.Fields(a.Val), " ")
		switch {
		case !Translatable(Escape(words), "ar"):
		case a.Key == "title" && (words == strings.Join(strings.Fields(text(n)), " ") || words == strings.Join(strings.Fields(attr(n, "alt")), " ")):
			d.attrs[place{n, a.Key}] = said
		default:
			d.attrs[place{n, a.Key}] = len(d.segs)
			d.segs = append(d.segs, Segment{Text: Escape(words)})
			d.runs = append(d.runs, run{})
		}
	}
}

// builder writes one segment's neutral text.
type builder struct {
	text  strings.Builder
	codes [][]*html.Node
	links []int
}

func (b *builder) node(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		b.words(n.Data)
	case n.Type != html.ElementNode:
	case void(n) || strings.TrimSpace(text(n)) == "":
		b.codes = append(b.codes, []*html.Node{n})
		b.text.WriteString(code{id: len(b.codes)}.neutral())
	default:
		chain := []*html.Node{n}
		for in := only(n); in != nil; in = only(in) { // nested tags around the same words are one code
			chain = append(chain, in)
		}
		b.codes = append(b.codes, chain)
		id := len(b.codes)
		if slices.ContainsFunc(chain, func(n *html.Node) bool { return n.DataAtom == atom.A }) {
			b.links = append(b.links, id)
		}
		b.text.WriteString(code{id: id, pair: true}.neutral())
		for c := range chain[len(chain)-1].ChildNodes() {
			b.node(c)
		}
		b.text.WriteString(code{id: id, pair: true, closing: true}.neutral())
	}
}

// verbatim is what stands in a text and is no language: addresses, of pages, of mail and of people in networks.
var verbatim = regexp.MustCompile(`(?i)(?:https?://|www\.)[^\s<>"«»،؛]+|[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+|\B@[a-z0-9_]{2,}`)

// addresses are the places in s of what is verbatim.
func addresses(s string) [][]int {
	if !strings.Contains(s, "@") && !strings.Contains(s, "://") && !strings.Contains(strings.ToLower(s), "www.") {
		return nil // as nearly all texts
	}
	return verbatim.FindAllStringIndex(s, -1)
}

// words writes text. What is verbatim in it travels as a code: no engine can spoil it, and none is paid for it.
func (b *builder) words(text string) {
	done := 0
	for _, at := range addresses(text) {
		word := strings.TrimRight(text[at[0]:at[1]], ".,:;!?)]'")
		b.text.WriteString(Escape(text[done:at[0]]))
		b.codes = append(b.codes, []*html.Node{{Type: html.TextNode, Data: word}})
		b.text.WriteString(code{id: len(b.codes)}.neutral())
		done = at[0] + len(word)
	}
	b.text.WriteString(Escape(text[done:]))
}

// only is n's single child where that is an inline element with text, else nil.
func only(n *html.Node) *html.Node {
	c := n.FirstChild
	if c == nil || c.NextSibling != nil || c.Type != html.ElementNode || void(c) || strings.TrimSpace(text(c)) == "" {
		return nil
	}
	return c
}

// HTML is the document with target[i] for segment i, in neutral form. An empty target leaves the source: with a note and its own
// direction where it is Arabic, as it is where there is nothing to translate. Codes that a target lacks are listed after it if
// something would be lost: links, pictures, code.
func (d *Doc) HTML(target []string) string {
	w := writer{doc: d, target: target}
	w.children(d.root)
	return w.out.String()
}

// blocks are the elements that end a line.
func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt, atom.Dd,
		atom.Blockquote, atom.Figure, atom.Figcaption, atom.Table, atom.Caption, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Td,
		atom.Th, atom.Pre, atom.Hr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Main, atom.Aside, atom.Nav, atom.Address,
		atom.Details, atom.Summary, atom.Colgroup, atom.Col:
		return true
	}
	return false
}

func holdsBlock(n *html.Node) bool {
	if isBlock(n) {
		return true
	}
	for c := range n.Descendants() {
		if isBlock(c) {
			return true
		}
	}
	return false
}

// opaqueBlock says whether nothing in n is to be translated: code, or text that says it is in another language.
func opaqueBlock(n *html.Node) bool {
	lang, _, _ := strings.Cut(attr(n, "lang"), "-")
	return n.DataAtom == atom.Pre || attr(n, "translate") == "no" || lang != "" && lang != "ar" && !arabic.Has(text(n))
}

// void says whether an inline element travels as one code: it has no text, or none to translate.
func void(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Br, atom.Img, atom.Wbr, atom.Code, atom.Kbd, atom.Samp, atom.Var, atom.Math:
		return true
	}
	return attr(n, "translate") == "no" || n.DataAtom == atom.A && bare(text(n))
}

// bare says whether text is an address and nothing more.
func bare(text string) bool {
	text = strings.TrimSpace(text)
	at := addresses(text)
	return len(at) == 1 && at[0][1]-at[0][0] == len(text)
}

func blank(n *html.Node) bool {
	return n.Type == html.TextNode && strings.TrimSpace(n.Data) == "" || n.Type == html.CommentNode
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// text is all text in n.
func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// host is the name of the place an address leads to.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return "link"
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}
