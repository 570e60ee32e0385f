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

// Furniture is what a publisher's template puts around an article, such as "share this". Whole lines
// of it are removed before anything is stored, compared, translated or published.

// Clean returns s, HTML found at base, sanitised and without furniture, and its plain text.
func Clean(s, base string) (clean, text string) {
	tree := sanitize.Parse(s, base)
	tidy(tree, nil)
	return sanitize.Render(tree), sanitize.Text(tree)
}

// tidy makes paragraphs of what line breaks divide and removes furniture, and the template's folded
// lines at the edges. short: the text is abridged. edges: the folded short lines left at the edges.
func tidy(body *html.Node, template map[string]bool) (short bool, edges []string) {
	unwrap(body)
	displayable(body)
	paragraphs(body)
	a := article{template: template, captions: map[string]bool{}}
	a.collect(body)
	a.findCaptions()
	a.removeFurniture()
	for i, l := range a.lines {
		if a.atEdge(i) && l.repeatable() && !slices.Contains(edges, l.fold) {
			edges = append(edges, l.fold)
		}
	}
	return abridged(body), edges
}

// A line that repeats in a document belongs to its source (arabic.md, 5) if it stands in this many
// items and in one of every two: a line that one item in three has may be news.
const (
	fewestItems = 3
	oneIn       = 2
)

// repeated returns the folded lines that repeat at the edges of so many items that they belong to the
// source's template.
func repeated(edges [][]string) map[string]bool {
	counts := map[string]int{}
	for _, item := range edges {
		for _, l := range item {
			counts[l]++
		}
	}
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n < fewestItems || n*oneIn < len(edges) })
	out := map[string]bool{}
	for l := range counts {
		out[l] = true
	}
	return out
}

// repeatable reports whether l, if it repeats, tells nothing: figures and points of a list may.
func (l line) repeatable() bool {
	return l.fold != "" && l.words <= longest && !l.heading && !l.point &&
		!strings.ContainsFunc(l.fold, unicode.IsNumber)
}

// atEdge reports whether line i is the first, or one of the last.
func (a *article) atEdge(i int) bool { return i == 0 || i >= len(a.lines)-3 }

// displayable makes all text beneath n fit for display.
func displayable(n *html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			d.Data = arabic.Display(d.Data)
			continue
		}
		for i, attr := range d.Attr {
			if attr.Key == "alt" || attr.Key == "title" {
				d.Attr[i].Val = arabic.Display(attr.Val)
			}
		}
	}
}

// removeFurniture removes the lines that are furniture, and the elements that become empty.
func (a *article) removeFurniture() {
	for i, l := range a.lines {
		if l.heading || l.fold == "" || !a.furniture(i) {
			continue
		}
		a.lines[i].fold = "" // it is gone
		parent := l.nodes[0].Parent
		for _, n := range l.nodes {
			parent.RemoveChild(n)
		}
		for parent.DataAtom != atom.Body && !hasChild(parent, func(n *html.Node) bool { return !gap(n) }) {
			up := parent.Parent
			up.RemoveChild(parent)
			parent = up
		}
	}
}

var (
	// footer is the line that WordPress puts under an article in a feed, in both languages.
	footer = regexp.MustCompile(`(?s)^(ظهرت? (هذه |هذا )?(المقالة|المقال|التدوينة|الموضوع) .* ` +
		`(أولاً|أولًا|اولا|أولا) (على|في) .*|The post .* (appeared first on|first appeared on) .*)$`)
	byline = regexp.MustCompile(`^(مراجعة|كتب|كتبت|كتبه|كتبته|تحرير|إعداد|اعداد|ترجمة|بقلم|متابعات|متابعة)` +
		`\s*[:：|–—-]\s*(\p{L}[\p{L}\p{M}.ـ]*)(\s+\p{L}[\p{L}\p{M}.ـ]*){0,4}$`)
	brand = regexp.MustCompile(`^[A-Za-z][\w.+-]*( [A-Za-z0-9][\w.+-]*)?$`)
	// The following match folded text.
	more   = regexp.MustCompile(`^(لمتابعه|للمزيد|لقراءه|للاطلاع)( .*)? (اضغط|انقر) (هنا|علي الرابط)$`)
	follow = regexp.MustCompile(`^(للمزيد )?(تابعنا|تابعونا|تابعوا|اشترك|اشتركوا|انضم|انضموا)( .*)? ` +
		`(تويتر|فيسبوك|تلغرام|تيليجرام|تليجرام|واتساب|يوتيوب|انستغرام|الاجتماعي|البريديه|اخبار جوجل|جوجل نيوز` +
		`|google news|telegram|whatsapp)$`)
	also = regexp.MustCompile(`^(اقرا|اقراي|طالع|شاهد|قد يعجبك|انظر) (ايضا|المزيد)( .*)?$` +
		`|^(مواضيع|موضوعات|مقالات) (ذات صله|مشابهه)( .*)?$`)
)

// phrases are folded lines that templates put around articles.
var phrases = map[string]bool{
	"ابحث عن مواصفات هاتفك": true, "back top": true, "back to top": true, "بوستر": true, "متابعات": true,
	"شارك": true, "شارك هذا": true, "شارك هذا المقال": true, "شارك المقال": true, "شارك الخبر": true, "شاركها": true,
	"العوده الي الاعلي": true, "share this": true, "read more": true, "continue reading": true, "تابع القراءه": true,
	"اكمل القراءه": true, "المزيد": true, "بدون تعليقات": true, "لا توجد تعليقات": true, "اترك تعليقا": true,
}

// Names, dates and captions are furniture at an article's edges only: elsewhere they belong to it.
const (
	atHead = 5 // lines
	atTail = 2
)

// furniture reports whether line i, which is short or linked, belongs to the page, not to the article.
func (a *article) furniture(i int) bool {
	l := a.lines[i]
	if footer.MatchString(l.text) || (l.words <= longest || l.linked) && also.MatchString(l.fold) {
		return true
	}
	if l.words > longest {
		return a.captions[l.fold]
	}
	if phrases[l.fold] || a.captions[l.fold] && !l.point || a.template[l.fold] && a.atEdge(i) && l.repeatable() ||
		follow.MatchString(l.fold) || more.MatchString(l.fold) {
		return true
	}
	return (i < atHead || i >= len(a.lines)-atTail) && (byline.MatchString(l.text) || dateLine(l.text))
}

// findCaptions adds the lines that are captions without markup: one that repeats its neighbour, one before
// the first long line that stands again elsewhere, a brand at a picture or before the text that names it.
func (a *article) findCaptions() {
	brands, counts := map[string]bool{}, map[string]int{}
	for i, l := range a.lines {
		switch {
		case l.words > longest && len(l.text) <= a.widest:
			a.lines[i].fold = arabic.Fold(l.text)
		case l.words <= longest && !phrases[l.fold] && brand.MatchString(l.text):
			brands[l.fold] = true
		}
		counts[l.fold]++
	}
	// verse, which may repeat lines, has no long one
	first := slices.IndexFunc(a.lines, func(l line) bool { return l.words > longest })
	for i, l := range a.lines {
		if l.words > longest || l.heading || l.point {
			continue
		}
		repeats := i+1 == first && !l.bold && counts[l.fold] > 1
		again := first >= 0 && (repeats || a.doubled(i)) && l.label()
		if again || brands[l.fold] && a.titled(i, len(brands)) {
			a.captions[l.fold] = true
		}
	}
}

// label reports whether l has words and does not end as sentences do.
func (l line) label() bool {
	return strings.ContainsFunc(l.fold, unicode.IsLetter) && strings.TrimRight(l.text, ".!?؟:،…") == l.text
}

// doubled reports whether line i equals the line before or after it.
func (a *article) doubled(i int) bool {
	fold := a.lines[i].fold
	return i > 0 && a.lines[i-1].fold == fold || i+1 < len(a.lines) && a.lines[i+1].fold == fold
}

// titled reports whether the brand in line i, one of so many, is a caption: the long line next to it names
// it, and it stands at an edge, at a picture or within such text. Several brands may be headings of a list.
func (a *article) titled(i, brands int) bool {
	name := strings.ToLower(a.lines[i].text)
	names := func(j int) bool {
		return j >= 0 && j < len(a.lines) && a.lines[j].words > longest &&
			strings.Contains(strings.ToLower(a.lines[j].text), name)
	}
	l := a.lines[i]
	switch {
	case l.bold, !names(i-1) && !names(i+1):
		return false
	case l.under:
		return true
	case l.over:
		return brands == 1
	}
	edge := i < atHead || i >= len(a.lines)-atTail
	return names(i+1) && (edge || brands == 1 && names(i-1))
}

// dateLine reports whether text is a date in Arabic words or digits.
func dateLine(text string) bool {
	if arabic.Digits(text) == text && !arabic.Has(text) {
		return false
	}
	date, _ := arabic.Date(text, time.UTC)
	return !date.IsZero()
}

var omitted = regexp.MustCompile(`\s*(\[\s*(…|\.\.\.)\s*\]|\(\s*(…|\.\.\.)\s*\))$`)

// abridged reports whether the last text beneath body ends in […], which it makes an ellipsis, or in an
// ellipsis.
func abridged(body *html.Node) bool {
	last := lastText(body)
	if last == nil {
		return false
	}
	text := strings.TrimRightFunc(last.Data, unicode.IsSpace)
	if (strings.HasSuffix(text, "]") || strings.HasSuffix(text, ")")) && omitted.MatchString(text) {
		last.Data = strings.TrimRight(omitted.ReplaceAllString(text, ""), " .…") + "…"
		return true
	}
	return strings.HasSuffix(text, "…") || strings.HasSuffix(text, "...")
}

// lastText returns the last text beneath n that is not blank; nil: there is none.
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
