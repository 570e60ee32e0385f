package arabic

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Display is published text fit for display beside other text: without overrides of direction, without the tatweel that only
// stretches a word, presentation forms turned into letters. All else stays as published.
func Display(s string) string {
	s = StripBidi(s)
	if strings.Contains(s, string(tatweel)) {
		s = unstretch(s)
	}
	if strings.IndexByte(s, 0xEF) >= 0 && strings.IndexFunc(s, presentation) >= 0 { // which all of them begin with
		s = letters(s)
	}
	return s
}

// unstretch drops tatweel within words. At the end of one it is spelling (هـ, بـ«الذكاء», الـ5G) and one stays.
func unstretch(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		before, rest, ok := strings.Cut(s, string(tatweel))
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		s = strings.TrimLeft(rest, string(tatweel))
		last, _ := utf8.DecodeLastRuneInString(before)
		next, _ := utf8.DecodeRuneInString(s)
		if Letter(last) && !Letter(next) && !unicode.IsMark(next) {
			b.WriteRune(tatweel)
		}
	}
}

// presentation says whether r is a presentation form of letters. The words and signs in one character (ﷺ, ﷼) are not: they are meant.
func presentation(r rune) bool {
	return r >= 0xFB50 && r < 0xFDF0 && r != 0xFD3E && r != 0xFD3F || r >= 0xFE70 && r <= 0xFEFF
}

func letters(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == 0xFEFF:
		case presentation(r):
			b.WriteString(strings.TrimLeft(norm.NFKC.String(string(r)), " "))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
