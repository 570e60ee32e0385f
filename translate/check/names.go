package check

import (
	"slices"
	"strings"
	"unicode"
)

var (
	latin  = pattern(`[A-Za-z][A-Za-z0-9]*(?:[-.'’+/_][A-Za-z0-9]+)*`)
	handle = pattern(`(?i)@[a-z0-9_]{2,}`)
)

// names finds a handle, or a word of two and more Latin letters, in source that target lacks, case aside. An acronym may be spelt out.
func names(source, target string) string {
	for _, h := range handle().FindAllString(source, -1) {
		if !slices.ContainsFunc(handle().FindAllString(target, -1), func(t string) bool { return strings.EqualFold(h, t) }) {
			return "the handle " + h + " is missing"
		}
	}
	have := squash(target)
	for _, w := range latin().FindAllString(source, -1) {
		letters := 0
		for _, r := range w {
			if unicode.IsLetter(r) {
				letters++
			}
		}
		if letters < 2 && len(w) < 2 || strings.Contains(have, squash(w)) || spelt(w, target) {
			continue
		}
		return "the name " + w + " is missing"
	}
	return ""
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

// the longest acronym that is looked for spelt out
const longestAcronym = 5

// spelt says whether the initials of words in a row of target are w.
func spelt(w, target string) bool {
	if len(w) > longestAcronym || strings.ToUpper(w) != w {
		return false
	}
	var initials strings.Builder
	for _, f := range strings.FieldsFunc(target, func(r rune) bool { return !unicode.IsLetter(r) }) {
		initials.WriteString(strings.ToUpper(f[:1]))
	}
	return strings.Contains(initials.String(), w)
}
