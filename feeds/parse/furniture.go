package parse

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// Furniture is what a publisher's template puts around an article: share this, read also, the post appeared first on. It goes
// before anything is stored, so that it is neither compared, translated nor published. Only whole lines go, never a part of one.

// tidy cleans the text beneath body, makes paragraphs of text that is parted by line breaks only, and takes out furniture, with the
// folded lines of template where they stand at an edge. It says whether the text ends in a publisher's […], and puts … in its
// place; edges are the short lines at the edges, folded.
func tidy(body *html.Node, template map[string]bool) (short bool, edges []string) {
	unwrap(body)
	clean(body)
	paragraphs(body)
	const usual = 16 // lines of an article
	r := room{template: template, lines: make([]line, 0, usual), nodes: make([]*html.Node, 0, usual)}
	r.collect(body)
	r.clear()
	for i, l := range r.lines {
		if r.atEdge(i) && l.repeatable() && !slices.Contains(edges, l.fold) {
			edges = append(edges, l.fold)
		}
	}
	return abridged(body), edges
}

const (
	// fewest is in how many items of a document a line must stand to be the source's (arabic.md, 5), and oftenest in one of how many:
	// a line that one item in three has may be news.
	fewest   = 3
	oftenest = 2
)

// repeated are the folded lines that stand at the edges of so many items that they belong to the source's template.
func repeated(edges [][]string) map[string]bool {
	if len(edges) < fewest {
		return nil
	}
	counts := map[string]int{}
	for _, item := range edges {
		for _, l := range item {
			counts[l]++
		}
	}
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n < fewest || n*oftenest < len(edges) })
	out := map[string]bool{}
	for l := range counts {
		out[l] = true
	}
	return out
}

// repeatable says whether l, if it stood in many items, would tell nothing of any: figures and points of a list may.
func (l line) repeatable() bool {
	return l.fold != "" && l.words <= longest && !l.heading && !l.point && !strings.ContainsFunc(l.fold, unicode.IsNumber)
}

// atEdge says whether line i is the first, or one of the last.
func (r *room) atEdge(i int) bool { return i == 0 || i >= len(r.lines)-3 }

// clean makes all text beneath n fit for display.
func clean(n *html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			d.Data = arabic.Display(d.Data)
			continue
		}
		for i, a := range d.Attr {
			if a.Key == "alt" || a.Key == "title" {
				d.Attr[i].Val = arabic.Display(a.Val)
			}
		}
	}
}

// line is what stands on a line of its own.
type line struct {
	nodes   []*html.Node // siblings, a line break after them included
	text    string       // empty: of a sentence
	fold    string       // of text
	words   int          // up to one more than longest
	linked  bool         // all after a colon is a link
	heading bool
	point   bool // of a list
	signed  bool // a footer of any length
}

// room is the lines of an article and the captions of its pictures.
type room struct {
	lines    []line
	captions map[string]bool // folded alt texts and captions
	template map[string]bool // folded lines of the source's
	nodes    []*html.Node    // of all lines
}

// collect finds the lines beneath n.
func (r *room) collect(n *html.Node) {
	from := len(r.nodes)
	flush := func() {
		if to := len(r.nodes); to > from {
			r.add(n, r.nodes[from:to:to])
			from = to
		}
	}
	for c := range n.ChildNodes() {
		if c.DataAtom == atom.Img {
			r.caption(alt(c))
		}
		switch {
		case c.DataAtom == atom.Pre || c.DataAtom == atom.Table:
			flush()
		case c.DataAtom == atom.Figcaption:
			r.caption(sanitize.Text(c))
		case sanitize.Block(c) || sanitize.HoldsBlock(c):
			flush()
			r.collect(c)
			from = len(r.nodes)
		default:
			r.nodes = append(r.nodes, c)
			if c.DataAtom == atom.Br {
				flush()
			} else {
				for d := range c.Descendants() {
					if d.DataAtom == atom.Img {
						r.caption(alt(d))
					}
				}
			}
		}
	}
	flush()
}

func holdsImage(n *html.Node) bool {
	for d := range n.Descendants() {
		if d.DataAtom == atom.Img {
			return true
		}
	}
	return false
}

func alt(img *html.Node) string {
	for _, a := range img.Attr {
		if a.Key == "alt" {
			return a.Val
		}
	}
	return ""
}

func (r *room) caption(s string) {
	if f := arabic.Fold(s); f != "" {
		if r.captions == nil {
			r.captions = map[string]bool{}
		}
		r.captions[f] = true
	}
}

// longest is in words: longer lines are sentences, whatever they begin with.
const longest = 8

// add notes the line made of nodes, which stand in parent. What is too long to be furniture is noted as it stands, a sentence without
// its text, which nearly all lines are.
func (r *room) add(parent *html.Node, nodes []*html.Node) {
	var l line
	l.nodes = slices.DeleteFunc(nodes, func(n *html.Node) bool { // a picture is no furniture; words beside it may be
		return n.DataAtom == atom.Img || holdsImage(n)
	})
	switch parent.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		l.heading = true
	case atom.Li, atom.Dd, atom.Dt:
		l.point = true
	}
	if l.sentence() {
		l.words = longest + 1
		r.lines = append(r.lines, l)
		return
	}
	l.read()
	if l.text == "" {
		return
	}
	l.words = words(l.text, longest+1)
	if l.words <= longest || footer(l.text) || l.linked {
		l.text = strings.Join(strings.Fields(l.text), " ")
		l.fold = arabic.Fold(l.text)
		l.signed = footer(l.text) && signed.MatchString(l.text)
	}
	r.lines = append(r.lines, l)
}

// sentence says whether l, by the text that it begins with, is too long for furniture, and is no link.
func (l *line) sentence() bool {
	if len(l.nodes) == 0 || l.nodes[0].Type != html.TextNode {
		return false
	}
	first := l.nodes[0].Data
	return words(first, longest+1) > longest && !footer(strings.TrimSpace(first)) &&
		!slices.ContainsFunc(l.nodes, func(n *html.Node) bool { return n.DataAtom == atom.A })
}

// footer says whether text begins as signed does.
func footer(text string) bool {
	return strings.HasPrefix(text, "ظهر") || strings.HasPrefix(text, "The post ")
}

// read fills text and linked of l from its nodes.
func (l *line) read() {
	var b strings.Builder
	for _, n := range l.nodes {
		text := n.Data
		if n.Type != html.TextNode {
			text = sanitize.Text(n)
		}
		if n.DataAtom == atom.A {
			before := strings.TrimSpace(l.text)
			l.linked = before == "" || strings.HasSuffix(before, ":")
		}
		if l.text == "" { // most lines are one text
			l.text = text
			continue
		}
		if b.Len() == 0 {
			b.WriteString(l.text)
		}
		b.WriteString(text)
		l.text = b.String()
	}
	l.text = strings.TrimSpace(l.text)
}

// words counts those of s, up to most.
func words(s string, most int) (n int) {
	in := false
	for i := 0; i < len(s) && n < most; i++ {
		gap := s[i] <= ' ' || s[i] == 0xC2 && i+1 < len(s) && s[i+1] == 0xA0 // or a space that does not break
		if s[i] == 0xC2 && gap {
			i++
		}
		if !gap && !in {
			n++
		}
		in = !gap
	}
	return n
}

// clear takes out the lines that are furniture, and what is empty then.
func (r *room) clear() {
	for i, l := range r.lines {
		if l.heading || l.fold == "" || !r.furniture(i) {
			continue
		}
		r.lines[i].fold = "" // it is gone
		parent := l.nodes[0].Parent
		for _, n := range l.nodes {
			parent.RemoveChild(n)
		}
		for parent.DataAtom != atom.Body && !has(parent, full) {
			up := parent.Parent
			up.RemoveChild(parent)
			parent = up
		}
	}
}

func full(n *html.Node) bool { return !gap(n) }

var (
	// signed is the footer that WordPress puts under an article in a feed, in both languages.
	signed = regexp.MustCompile(`^(ظهرت? (هذه |هذا )?(المقالة|المقال|التدوينة|الموضوع) .* (أولاً|أولًا|اولا|أولا) (على|في) .*|The post .* (appeared first on|first appeared on) .*)$`)
	byline = regexp.MustCompile(`^(مراجعة|كتب|كتبت|كتبه|كتبته|تحرير|إعداد|اعداد|ترجمة|بقلم|متابعات|متابعة)\s*[:：|–—-]\s*(\p{L}[\p{L}\p{M}.ـ]*)(\s+\p{L}[\p{L}\p{M}.ـ]*){0,4}$`)
	more   = regexp.MustCompile(`^(لمتابعه|للمزيد|لقراءه|للاطلاع)( .*)? (اضغط|انقر) (هنا|علي الرابط)$`)
	follow = regexp.MustCompile(`^(للمزيد )?(تابعنا|تابعونا|تابعوا|اشترك|اشتركوا|انضم|انضموا)( .*)? (تويتر|فيسبوك|تلغرام|تيليجرام|تليجرام|واتساب|يوتيوب|انستغرام|الاجتماعي|البريديه|اخبار جوجل|جوجل نيوز|google news|telegram|whatsapp)$`)
	also   = regexp.MustCompile(`^(اقرا|اقراي|طالع|شاهد|قد يعجبك|انظر) (ايضا|المزيد)( .*)?$|^(مواضيع|موضوعات|مقالات) (ذات صله|مشابهه)( .*)?$`)
	// leads are the words that more and also begin with.
	leads = map[string]bool{"لمتابعه": true, "للمزيد": true, "لقراءه": true, "للاطلاع": true, "اقرا": true, "اقراي": true,
		"طالع": true, "شاهد": true, "قد": true, "انظر": true, "مواضيع": true, "موضوعات": true, "مقالات": true}
	brand = regexp.MustCompile(`^[A-Za-z][\w.+-]*( [A-Za-z0-9][\w.+-]*)?$`)
)

// phrases are folded lines that templates put around articles.
var phrases = map[string]bool{
	"ابحث عن مواصفات هاتفك": true, "back top": true, "back to top": true, "بوستر": true, "متابعات": true,
	"شارك": true, "شارك هذا": true, "شارك هذا المقال": true, "شارك المقال": true, "شارك الخبر": true, "شاركها": true,
	"العوده الي الاعلي": true, "share this": true, "read more": true, "continue reading": true, "تابع القراءه": true, "اكمل القراءه": true,
	"المزيد": true, "بدون تعليقات": true, "لا توجد تعليقات": true, "اترك تعليقا": true,
}

// Publishers put names, dates and captions at an article's edges: elsewhere such lines belong to it.
const (
	atHead = 5 // lines
	atTail = 2
)

// furniture says whether line i, a short one or a linked one, belongs to the page and not to the article.
func (r *room) furniture(i int) bool {
	l := r.lines[i]
	if l.signed {
		return true
	}
	first, _, _ := strings.Cut(l.fold, " ")
	if leads[first] && also.MatchString(l.fold) && (l.words <= longest || l.linked) {
		return true
	}
	if l.words > longest {
		return false
	}
	if phrases[l.fold] || r.template[l.fold] && r.atEdge(i) && l.repeatable() || follow.MatchString(l.fold) || leads[first] && more.MatchString(l.fold) || r.captions[l.fold] {
		return true
	}
	if i >= atHead && i < len(r.lines)-atTail {
		return false
	}
	if _, ok := arabic.Date(l.text, time.UTC); ok || byline.MatchString(l.text) {
		return true
	}
	if i+1 == len(r.lines) || r.lines[i+1].words <= longest || !brand.MatchString(l.text) {
		return false
	}
	after := r.lines[i+1]
	if after.text == "" {
		after.read()
	}
	return strings.Contains(strings.ToLower(after.text), strings.ToLower(l.text))
}

var omitted = regexp.MustCompile(`\s*(\[\s*(…|\.\.\.)\s*\]|\(\s*(…|\.\.\.)\s*\))\s*$`)

// abridged says whether the last text beneath body ends in […], which becomes an ellipsis, or in one already.
func abridged(body *html.Node) bool {
	last := lastText(body)
	if last == nil {
		return false
	}
	if strings.ContainsAny(last.Data[max(0, len(last.Data)-32):], "])") && omitted.MatchString(last.Data) {
		last.Data = strings.TrimRight(omitted.ReplaceAllString(last.Data, ""), " .…") + "…"
		return true
	}
	text := strings.TrimSpace(last.Data)
	return strings.HasSuffix(text, "…") || strings.HasSuffix(text, "...")
}

// lastText is the last text beneath n that is not blank; nil: there is none.
func lastText(n *html.Node) *html.Node {
	for c := n.LastChild; c != nil; c = c.PrevSibling {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return c
		}
		if t := lastText(c); t != nil {
			return t
		}
	}
	return nil
}
