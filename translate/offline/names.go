package offline

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Small models misspell names. A Latin word of the source that the target lacks is put in place of what was made of it, as the
// decoder's attention tells.

var name = regexp.MustCompile(`[A-Za-z][A-Za-z0-9]*(?:[-.'’+/_][A-Za-z0-9]+)*`)

// No name is longer, in bytes, nor becomes more words: what is, is not looked at.
const longestName, mostNameWords = 60, 6

// keepNames is a target whose misspelt names are written as in its source. Origins is the source word of each target word, before and
// after.
func keepNames(source, target string, origins []int) (string, []int) {
	for i, w := range words(source) {
		for _, n := range name.FindAllString(source[w.from:w.to], -1) {
			if len(n) > 1 && len(n) <= longestName && !strings.Contains(squash(target), squash(n)) {
				target, origins = respell(n, i, target, origins)
			}
		}
	}
	return target, origins
}

// respell writes name n, which stands in the word-th word of the source, over the words of the target that were made of that word and
// are most like it. Where none is a try at a name, such as an acronym spelt out, nothing is changed.
func respell(n string, word int, target string, origins []int) (string, []int) {
	to := words(target)
	best, first, last := len(n)+1, -1, -1
	for a := range to {
		for b := a; b < min(len(to), a+mostNameWords) && origins[b] == word; b++ {
			if d := distance(squash(n), squash(target[to[a].from:to[b].to])); d < best {
				best, first, last = d, a, b
			}
		}
	}
	if first < 0 {
		return target, origins
	}
	was := target[to[first].from:to[last].to]
	alone := first == last && slices.Index(origins, word) == first && !slices.Contains(origins[first+1:], word)
	if 2*best > len(n) && !(alone && strings.ContainsFunc(was, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) })) {
		return target, origins
	}
	core := strings.TrimFunc(was, mark)
	before, after, _ := strings.Cut(was, core)
	if s := strings.TrimRight(core, "s"); strings.HasSuffix(s, "'") || strings.HasSuffix(s, "’") {
		after = "'s" + after
	}
	now := before + n + after // more than one word where a mark stood by itself
	return target[:to[first].from] + now + target[to[last].to:],
		slices.Replace(slices.Clone(origins), first, last+1, slices.Repeat([]int{word}, len(words(now)))...)
}

// squash makes spellings alike: S24-FE, S24 FE and s24fe.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// distance is how many letters must be put in, left out or changed to make b of a (Levenshtein).
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			cost := diagonal
			if x != y {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(to)]
}
