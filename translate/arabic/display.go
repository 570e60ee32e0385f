package arabic

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Display prepares published text for display beside other text. It removes bidi controls and the
// tatweel that only stretches a word, and turns presentation forms into letters.
func Display(s string) string {
	return compose(unstretch(StripBidi(s)))
}

// unstretch drops tatweel within words. At the end of a word tatweel is spelling (هـ, بـ«الذكاء»,
// الـ5G), and one stays.
func unstretch(s string) string {
	if !strings.ContainsRune(s, tatweel) {
		return s
	}
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

// presentation reports whether r is a presentation form of letters. A word or sign in one character
// (ﷺ, ﷼) is none.
func presentation(r rune) bool {
	return r >= 0xFB50 && r < 0xFDF0 && r != 0xFD3E && r != 0xFD3F || r >= 0xFE70 && r <= 0xFEFF
}

// compose replaces presentation forms by letters.
func compose(s string) string {
	if strings.IndexByte(s, 0xEF) < 0 { // the first byte of all of them
		return s
	}
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
