// Package arabic knows the Arabic language: letters and direction, folding for comparison, digits,
// dates, names and stems.
package arabic

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bidi controls (Unicode UAX 9) that output uses.
const (
	RLI = "\u2067" // right-to-left isolate
	PDI = "\u2069" // pop directional isolate
	RLM = "\u200F" // right-to-left mark
)

// tatweel stretches a word and carries no meaning.
const tatweel = 'ـ'

// Letter reports whether r is a letter of the Arabic script.
func Letter(r rune) bool {
	return r >= 0x0600 && unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) && r != tatweel
}

// Has reports whether s has an Arabic letter.
func Has(s string) bool { return strings.ContainsFunc(s, Letter) }

// Share returns the part of s's letters that are Arabic, from 0 to 1. It is 0 if s has no letters.
func Share(s string) float64 {
	var ar, all int
	for _, r := range s {
		switch {
		case Letter(r):
			ar++
			all++
		case r != tatweel && unicode.IsLetter(r):
			all++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(ar) / float64(all)
}

// Prose reports whether s, which stands as code, is text: most of its letters are Arabic, and it has no
// sign of program code, such as a bracket directly after a Latin letter.
func Prose(s string) bool {
	if strings.ContainsAny(s, "{};=<>\\|$`") || Share(s) <= 0.5 {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i] == '(' && s[i-1] < utf8.RuneSelf && unicode.IsLetter(rune(s[i-1])) {
			return false
		}
	}
	return true
}

// Dir returns the direction of text in lang (BCP 47): "rtl" or "ltr".
func Dir(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	switch strings.ToLower(base) {
	case "ar", "fa", "ur", "he", "ckb", "ps", "sd", "ug", "yi", "dv":
		return "rtl"
	}
	return "ltr"
}

// reorders reports whether r is an embedding, override or isolate. The marks U+200E, U+200F and
// U+061C are none: they only affect their neighbours.
func reorders(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// StripBidi removes embeddings, overrides and isolates, so that s cannot reorder the text around
// it.
func StripBidi(s string) string {
	if strings.IndexByte(s, 0xE2) < 0 { // the first byte of all of them
		return s
	}
	return strings.Map(func(r rune) rune {
		if reorders(r) {
			return -1
		}
		return r
	}, s)
}

// Isolate wraps s in RLI…PDI, so that it is right-to-left in any context. FSI would not do: Arabic
// headlines often begin with a Latin name and would become left-to-right.
func Isolate(s string) string { return RLI + StripBidi(s) + PDI }

// Unkashida removes tatweel (U+0640).
func Unkashida(s string) string { return strings.ReplaceAll(s, string(tatweel), "") }

// Digit returns the ASCII digit for r, which may be from any of the three digit sets.
func Digit(r rune) (rune, bool) {
	switch {
	case r >= '0' && r <= '9':
		return r, true
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0', true
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0', true
	}
	return 0, false
}

// Digits replaces Arabic-Indic digits and number signs with ASCII ones: ١٦٬٠٠٠ becomes 16,000 and
// ٢٫٥٪ becomes 2.5%.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if d, ok := Digit(r); ok {
			return d
		}
		switch r {
		case '٫':
			return '.'
		case '٬':
			return ','
		case '٪':
			return '%'
		}
		return r
	}, s)
}
