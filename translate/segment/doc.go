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

// maxHTML bounds the HTML of a document, in bytes: a hundred times a long article.
const maxHTML = 4 << 20

// Doc is a document: the skeleton of its markup and its segments.
type Doc struct {
	root  *html.Node
	segs  []Segment
	runs  []run                 // of segs, in order
	at    map[*html.Node]int    // segment by the first node of its run
	attrs map[attribute]int     // segment of an attribute with text, or redundant
	paras int                   // segments that are text, not an attribute's
	alone map[*html.Node]int    // the only segment of a block
	parts map[*html.Node][]part // of text in code
	edges bool                  // nodes without text at both ends belong to a segment
}

// attribute is an alt text or a title of an element.
type attribute struct {
	node *html.Node
	key  string
}

// redundant stands for a title that repeats the text of its element: it is not translated but left
// out.
const redundant = -1

// part is Arabic text in code: segment seg stands for text[from:to].
type part struct{ from, to, seg int }

// run is the sibling nodes of one segment. The run of an attribute or of a part of code has no nodes.
type run struct {
	nodes []*html.Node
	codes [][]*html.Node // of code id-1, the nested elements that it stands for, outermost first
}

// Parse cuts sanitised HTML into segments.
func Parse(source string) (*Doc, error) { return parseRuns(source, false) }

// parseRuns is Parse. With edges, nodes without text at both ends of a run belong to its segment.
func parseRuns(source string, edges bool) (*Doc, error) {
	if len(source) > maxHTML {
		return nil, fmt.Errorf("cut HTML into segments: %d bytes, over the limit of %d", len(source), maxHTML)
	}
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(source), body)
	if err != nil {
		return nil, fmt.Errorf("cut HTML into segments: %w", err)
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	d := &Doc{root: body, at: map[*html.Node]int{}, attrs: map[attribute]int{}, alone: map[*html.Node]int{},
		parts: map[*html.Node][]part{}, edges: edges}
	d.block(body)
	return d, nil
}

// Segments returns the segments of the document, in order.
func (d *Doc) Segments() []Segment { return d.segs }

// block makes segments of the runs of inline nodes among n's children, and of the blocks in n.
func (d *Doc) block(n *html.Node) {
	before := len(d.segs)
	hasBlock := false
	var inline []*html.Node
	flush := func() {
		for _, piece := range paragraphs(inline) {
			d.segments(piece)
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
		switch {
		case opaque(c):
		case c.DataAtom == atom.Pre:
			d.paras++
			d.code(c)
		default:
			d.block(c)
		}
	}
	flush()
	texts, last := 0, 0
	for i, r := range d.runs[before:] {
		if len(r.nodes) > 0 {
			texts, last = texts+1, before+i
		}
	}
	if !hasBlock && texts == 1 {
		d.alone[n] = last
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

// segments makes segments of the text of nodes, of their attributes and of the Arabic in code.
func (d *Doc) segments(nodes []*html.Node) {
	d.text(nodes)
	for _, n := range nodes {
		d.beside(n)
		for c := range n.Descendants() {
			d.beside(c)
		}
	}
}

func (d *Doc) beside(n *html.Node) {
	d.attributes(n)
	if isCode(n) && void(n) {
		d.code(n)
	}
}

// code makes segments of the Arabic in n: of its lines if it is prose, else of what stands between its
// signs and Latin words.
func (d *Doc) code(n *html.Node) {
	all := text(n)
	if !arabic.Has(all) {
		return
	}
	places := arabicText
	if arabic.Prose(all) {
		places = lineText
	}
	for t := range n.Descendants() {
		if t.Type != html.TextNode || d.parts[t] != nil {
			continue
		}
		for _, at := range places.FindAllStringIndex(t.Data, -1) {
			d.parts[t] = append(d.parts[t], part{at[0], at[1], len(d.segs)})
			d.segs = append(d.segs, Segment{Text: Escape(oneSpaced(t.Data[at[0]:at[1]])), Paragraph: max(1, d.paras)})
			d.runs = append(d.runs, run{})
		}
	}
}

// arabicText matches Arabic words with what may stand between them, lineText the text of a line.
var (
	arabicText = regexp.MustCompile(
		`\p{Arabic}[\p{Arabic}\p{M}ـ]*(?:[ ,.:!?«»،؛؟٠-٩0-9-]+\p{Arabic}[\p{Arabic}\p{M}ـ]*)*`,
	)
	lineText = regexp.MustCompile(`\S(?:.*\S)?`)
)

// text makes a segment of nodes. Nodes without text at both ends, and elements around all of it,
// stay in the skeleton.
func (d *Doc) text(nodes []*html.Node) {
	outside := func(n *html.Node) bool { return blank(n) || single(n) && !d.edges }
	for {
		for len(nodes) > 0 && outside(nodes[0]) {
			nodes = nodes[1:]
		}
		for len(nodes) > 0 && outside(nodes[len(nodes)-1]) {
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
	text := oneSpaced(b.text.String())
	if text == "" || d.edges && strings.TrimSpace(Plaintext(text)) == "" {
		return
	}
	d.at[nodes[0]] = len(d.segs)
	d.paras++
	b.seg.Text, b.seg.Paragraph = text, d.paras
	d.segs = append(d.segs, b.seg)
	d.runs = append(d.runs, run{nodes, b.codes})
}

// oneSpaced returns s with single spaces between words.
func oneSpaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// single reports whether n is an element that becomes a single code: it has nothing to translate.
func single(n *html.Node) bool {
	return n.Type == html.ElementNode && (void(n) || strings.TrimSpace(text(n)) == "")
}

// void reports whether the content of the inline element n is not translated, text or not.
func void(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Br, atom.Img, atom.Wbr:
		return true
	}
	if isCode(n) && !arabic.Prose(text(n)) {
		return true
	}
	return attr(n, "translate") == "no" || n.DataAtom == atom.A && isAddress(strings.TrimSpace(text(n)))
}

func isCode(n *html.Node) bool {
	return n.DataAtom == atom.Code || n.DataAtom == atom.Kbd || n.DataAtom == atom.Samp || n.DataAtom == atom.Var
}

// attributes makes segments of n's alt text and title.
func (d *Doc) attributes(n *html.Node) {
	for _, a := range n.Attr {
		if a.Key != "title" && (a.Key != "alt" || n.DataAtom != atom.Img) {
			continue
		}
		words := oneSpaced(a.Val)
		switch {
		case !Translatable(Escape(words), "ar"):
		case a.Key == "title" && (words == oneSpaced(text(n)) || words == oneSpaced(attr(n, "alt"))):
			d.attrs[attribute{n, a.Key}] = redundant
		default:
			d.attrs[attribute{n, a.Key}] = len(d.segs)
			d.segs = append(d.segs, Segment{Text: Escape(words), Paragraph: max(1, d.paras)})
			d.runs = append(d.runs, run{})
		}
	}
}

// builder builds one segment's neutral text.
type builder struct {
	seg   Segment // without Text
	text  strings.Builder
	codes [][]*html.Node
}

func (b *builder) node(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		b.plain(n.Data)
	case n.Type != html.ElementNode:
	case single(n):
		b.single(n)
	default:
		chain := []*html.Node{n}
		// Nested tags around the same words are one code.
		for inner := onlyChild(n); inner != nil; inner = onlyChild(inner) {
			chain = append(chain, inner)
		}
		b.codes = append(b.codes, chain)
		id := len(b.codes)
		if slices.ContainsFunc(chain, func(n *html.Node) bool { return n.DataAtom == atom.A }) {
			b.seg.Links = append(b.seg.Links, id)
		}
		b.text.WriteString(code{id: id, pair: true}.neutral())
		for c := range chain[len(chain)-1].ChildNodes() {
			b.node(c)
		}
		b.text.WriteString(code{id: id, pair: true, closing: true}.neutral())
	}
}

// address matches the address of a page or a mailbox, and a handle.
var address = regexp.MustCompile(
	`(?i)(?:https?://|www\.)[^\s<>"«»،؛]+|[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+|\B@[a-z0-9_]{2,}`)

// addresses returns the places of all addresses in s.
func addresses(s string) [][]int {
	if !strings.Contains(s, "@") && !strings.Contains(s, "://") && !strings.Contains(strings.ToLower(s), "www.") {
		return nil // so nearly all texts are spared the search
	}
	return address.FindAllStringIndex(s, -1)
}

// isAddress reports whether s is an address and nothing else.
func isAddress(s string) bool {
	at := addresses(s)
	return len(at) == 1 && at[0][1]-at[0][0] == len(s)
}

// plain writes text. An address in it becomes a code: no engine can change it, and none is paid for
// it.
func (b *builder) plain(text string) {
	done := 0
	for _, at := range addresses(text) {
		address := strings.TrimRight(text[at[0]:at[1]], ".,:;!?)]'")
		b.text.WriteString(Escape(text[done:at[0]]))
		b.single(&html.Node{Type: html.TextNode, Data: address})
		done = at[0] + len(address)
	}
	b.text.WriteString(Escape(text[done:]))
}

// single writes n as a single code.
func (b *builder) single(n *html.Node) {
	b.codes = append(b.codes, []*html.Node{n})
	id := len(b.codes)
	b.text.WriteString(code{id: id}.neutral())
	switch words := oneSpaced(text(n)); {
	case n.DataAtom == atom.Br:
		b.seg.Breaks = append(b.seg.Breaks, id)
	case words != "" && (isCode(n) || n.Type == html.TextNode || n.DataAtom == atom.A):
		if b.seg.Words == nil {
			b.seg.Words = map[int]string{}
		}
		b.seg.Words[id] = words
	}
}

// onlyChild returns n's only child if that is an inline element with text to translate, else nil.
func onlyChild(n *html.Node) *html.Node {
	c := n.FirstChild
	if c == nil || c.NextSibling != nil || c.Type != html.ElementNode || single(c) {
		return nil
	}
	return c
}

// HTML returns the document with target[i] for segment i. If that is empty the source stays, with Note
// if it is Arabic. Links, pictures and code that a target lacks are put after it.
func (d *Doc) HTML(target []string) string {
	w := writer{doc: d, target: target}
	w.children(d.root)
	return w.out.String()
}

// isBlock reports whether n is an element that ends a line.
func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.Div, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Li,
		atom.Dl, atom.Dt, atom.Dd, atom.Blockquote, atom.Figure, atom.Figcaption, atom.Table, atom.Caption,
		atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Td, atom.Th, atom.Pre, atom.Hr, atom.Section,
		atom.Article, atom.Header, atom.Footer, atom.Main, atom.Aside, atom.Nav, atom.Address, atom.Details,
		atom.Summary, atom.Colgroup, atom.Col:
		return true
	}
	return false
}

// holdsBlock reports whether n is a block or has one in it.
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

// opaque reports whether nothing in the block n is translated: it is declared to be in another language.
func opaque(n *html.Node) bool {
	lang, _, _ := strings.Cut(attr(n, "lang"), "-")
	return attr(n, "translate") == "no" || lang != "" && lang != "ar" && !arabic.Has(text(n))
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

// text returns all text in n.
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

// host returns the host of an address, as the text of a link.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return "link"
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}
