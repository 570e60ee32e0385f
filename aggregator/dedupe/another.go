package dedupe

import (
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// Another reports whether two items with one key are different items: other dates, other titles and
// other texts. An edit keeps the date, or half the title's words, or most of the text.
func Another(a, b feeds.Item) bool {
	if a.SameDate(&b) || a.SameTitle(&b) {
		return false
	}
	x, y := Sign(a, arabic.Lexicon{}), Sign(b, arabic.Lexicon{})
	dated := !a.Published.IsZero() && !b.Published.IsZero()
	if dated && vetoed(&x, &y, true) != "" && (a.Main() == "" || !a.SameText(&b)) {
		return true
	}
	words := map[string]bool{}
	for w := range strings.FieldsSeq(arabic.Fold(a.Title)) {
		words[w] = true
	}
	kept := 0
	for w := range strings.FieldsSeq(arabic.Fold(b.Title)) {
		if words[w] {
			kept++
		}
	}
	n, m, terms := overlap(&x, &y)
	return 2*kept < len(words) && float64(terms) < copyCut*float64(min(n, m))
}
