package dedupe

import (
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// Another reports whether b, under the key of the stored a, is another item. An edit keeps the date, the
// text or the link, or it keeps half the title's words or most of the text.
func Another(a, b feeds.Item) bool {
	if a.SameDate(&b) {
		return false
	}
	x, y := Sign(a, arabic.Lexicon{}), Sign(b, arabic.Lexicon{})
	n, m, terms := overlap(&x, &y)
	rewritten := float64(terms) < copyCut*float64(min(n, m))
	if a.SameTitle(&b) {
		return !a.SameLink(&b) && !a.SameText(&b) && (rewritten || a.Reruns(&b))
	}
	if a.Dated(&b) && vetoed(&x, &y, true) != "" && (a.Main() == "" || !a.SameText(&b)) {
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
	return 2*kept < len(words) && rewritten
}
