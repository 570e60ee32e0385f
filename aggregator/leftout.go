package aggregator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/rules"
	"github.com/nashra/nashra/feeds/sanitize"
)

// firstOfPage is how many items of a page's first poll become stories: a page has no history.
const firstOfPage = 20

// LeaveOut says of the new ones of a poll's items which become no story: those that the rules of s refuse,
// and of the others all but the newest that s may bring at once. Items of the same date count in the order
// of the document. It is decided once: changed rules leave what is stored as it is.
func LeaveOut(s feeds.Source, first bool, items []Signed) error {
	words, err := rules.NewWords(s.Include, s.Exclude)
	if err != nil {
		return err
	}
	var left []*Signed
	for i := range items {
		it := &items[i]
		if !it.New || it.Same {
			continue
		}
		if it.LeftOut = Refused(words, it.Item); it.LeftOut == "" {
			left = append(left, it)
		}
	}
	most := atOnce(s, first)
	if most == 0 || len(left) <= most {
		return nil
	}
	slices.SortStableFunc(left, func(x, y *Signed) int { return y.dated().Compare(x.dated()) })
	for _, it := range left[most:] {
		it.LeftOut = fmt.Sprintf("max: %d newer ones came with it", most)
	}
	return nil
}

// Refused returns the rule of its source by which it becomes no story; empty: none. Its title, text and
// categories count.
func Refused(words rules.Words, it feeds.Item) string {
	if !words.On() {
		return ""
	}
	return words.Why(it.Title, sanitize.TextOf(it.Main()), strings.Join(it.Categories, "\n"))
}

// atOnce returns how many items of a poll of s become stories; 0: all.
func atOnce(s feeds.Source, first bool) int {
	if first && s.Page.On() && (s.Max == 0 || s.Max > firstOfPage) {
		return firstOfPage
	}
	return s.Max
}
