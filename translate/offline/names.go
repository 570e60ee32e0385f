package offline

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/nashra/nashra/translate/score"
)

// Small models misspell names. A Latin word of the source that is missing in the target replaces the
// target words that correspond to it by the decoder's attention.

var name = regexp.MustCompile(`[A-Za-z][A-Za-z0-9]*(?:[-.'’+/_][A-Za-z0-9]+)*`)

// Longer words are not treated as names, nor longer sequences of words as misspelled names.
const longestName, mostNameWords = 60, 6 // bytes, words

// keepNames corrects the names in target that are misspelled, and returns target with its new origins:
// the index of the source word of each target word.
func keepNames(source, target string, origins []int) (string, []int) {
	for i, w := range wordSpans(source) {
		for _, n := range name.FindAllString(source[w.from:w.to], -1) {
			if len(n) > 1 && len(n) <= longestName && !strings.Contains(squash(target), squash(n)) {
				target, origins = respell(n, i, target, origins)
			}
		}
	}
	return target, origins
}

// respell replaces the target words that come from source word number word and resemble the name n most
// by n. If none resembles it, as when an acronym is spelled out, nothing changes.
func respell(n string, word int, target string, origins []int) (string, []int) {
	to := wordSpans(target)
	best, first, last := len(n)+1, -1, -1
	for a := range to {
		for b := a; b < min(len(to), a+mostNameWords) && origins[b] == word; b++ {
			if d := score.Distance(squash(n), squash(target[to[a].from:to[b].to])); d < best {
				best, first, last = d, a, b
			}
		}
	}
	if first < 0 {
		return target, origins
	}
	was := target[to[first].from:to[last].to]
	alone := first == last && slices.Index(origins, word) == first && !slices.Contains(origins[first+1:], word)
	nameLike := func(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) }
	if 2*best > len(n) && !(alone && strings.ContainsFunc(was, nameLike)) {
		return target, origins
	}
	core := strings.TrimFunc(was, punctuation)
	before, after, _ := strings.Cut(was, core)
	if s := strings.TrimRight(core, "s"); strings.HasSuffix(s, "'") || strings.HasSuffix(s, "’") {
		after = "'s" + after
	}
	now := before + n + after // more than one word if punctuation stood alone
	return target[:to[first].from] + now + target[to[last].to:],
		slices.Replace(slices.Clone(origins), first, last+1, slices.Repeat([]int{word}, len(wordSpans(now)))...)
}

// squash makes spellings comparable: S24-FE, S24 FE and s24fe are the same.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
