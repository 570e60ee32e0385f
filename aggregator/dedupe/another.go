package dedupe

import (
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/translate/arabic"
)

// leastKept is how much of the words of a text an edit keeps.
const leastKept = .75

// Another reports whether b, under the key of the stored a, is another item. An edit keeps the date, the
// text or the link, or it keeps half the title's words or most of the text.
func Another(a, b feeds.Item) bool {
	if a.SameDate(&b) {
		return false
	}
	x, y := wordsOf(a.Title+" "+sanitize.TextOf(a.Main())), wordsOf(b.Title+" "+sanitize.TextOf(b.Main()))
	rewritten := float64(common(x, y)) < leastKept*float64(min(len(x), len(y)))
	if a.SameTitle(&b) {
		return !a.SameLink(&b) && !a.SameText(&b) && (rewritten || a.Reruns(&b))
	}
	if a.Dated(&b) && (a.Main() == "" || !a.SameText(&b)) {
		s, t := Sign(a, arabic.Lexicon{}), Sign(b, arabic.Lexicon{})
		if conflict(s.marks, t.marks, false) != "" {
			return true
		}
	}
	title := wordsOf(a.Title)
	return 2*common(title, wordsOf(b.Title)) < len(title) && rewritten
}

// wordsOf returns the distinct folded words of text, the first maxText bytes of it.
func wordsOf(text string) map[string]bool {
	words := map[string]bool{}
	for w := range strings.FieldsSeq(arabic.Fold(text[:min(len(text), maxText)])) {
		words[w] = true
	}
	return words
}

// common counts the words that both have.
func common(a, b map[string]bool) (n int) {
	for w := range a {
		if b[w] {
			n++
		}
	}
	return n
}
