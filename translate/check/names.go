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

// names reports a handle, or a word with Latin letters, in the source that the target lacks in
// any case or spelling.
func names(p pair) string {
	handles := handle().FindAllString(p.target, -1)
	for _, h := range handle().FindAllString(p.source, -1) {
		if !slices.ContainsFunc(handles, func(t string) bool { return strings.EqualFold(h, t) }) {
			return "the handle " + h + " is missing"
		}
	}
	squashed := squash(p.target)
	for _, w := range latin().FindAllString(p.source, -1) {
		if len(w) > 1 && !strings.Contains(squashed, squash(w)) && !spelledOut(w, p.target) {
			return "the name " + w + " is missing"
		}
	}
	return ""
}

// squash returns the letters and digits of s in lower case, so that S24-FE, S24 FE and s24fe are
// alike.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// maxAcronym is the length of the longest acronym that may be spelled out.
const maxAcronym = 5

// spelledOut reports whether w is the initials of consecutive words of target.
func spelledOut(w, target string) bool {
	if len(w) > maxAcronym || strings.ToUpper(w) != w {
		return false
	}
	var initials strings.Builder
	for _, f := range strings.FieldsFunc(target, func(r rune) bool { return !unicode.IsLetter(r) }) {
		initials.WriteString(strings.ToUpper(f[:1]))
	}
	return strings.Contains(initials.String(), w)
}
