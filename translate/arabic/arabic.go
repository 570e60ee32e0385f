// Package arabic is all that nashra knows of the Arabic language: letters and direction, folding for comparison, digits and
// months. Fold is for keys only: nothing it returns is ever shown or translated.
package arabic

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Bidi controls (Unicode UAX 9) that output uses.
const (
	RLI = "\u2067" // right-to-left isolate
	PDI = "\u2069" // pop directional isolate
	RLM = "\u200F" // right-to-left mark
)

// Letter says whether r is a letter of the Arabic script.
func Letter(r rune) bool {
	return r >= 0x0600 && unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) && r != tatweel
}

// Has says whether s has an Arabic letter.
func Has(s string) bool { return strings.IndexFunc(s, Letter) >= 0 }

// Share is the part of s's letters that are Arabic, 0 to 1; 0 where s has no letters.
func Share(s string) float64 {
	var ar, all int
	for _, r := range s {
		if r < 'A' {
			continue
		}
		if Letter(r) {
			ar++
			all++
		} else if r != tatweel && unicode.IsLetter(r) {
			all++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(ar) / float64(all)
}

// Dir is the direction of text in lang (BCP 47): "rtl" or "ltr".
func Dir(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	switch strings.ToLower(base) {
	case "ar", "fa", "ur", "he", "ckb", "ps", "sd", "ug", "yi", "dv":
		return "rtl"
	}
	return "ltr"
}

// Lang tells the language of s from its letters: "ar", "fa", "ur", "en" for mostly Latin letters, "" where there are none or
// neither script prevails. It cannot tell English from other languages in Latin letters.
func Lang(s string) string {
	var ar, fa, ur, arabic, latin int
	for _, r := range s {
		switch {
		case strings.ContainsRune("ةىكيأإؤئ", r):
			ar++
			arabic++
		case strings.ContainsRune("ٹڈڑںےہھ", r):
			ur++
			arabic++
		case strings.ContainsRune("پچژگکی", r):
			fa++
			arabic++
		case Letter(r):
			arabic++
		case unicode.Is(unicode.Latin, r):
			latin++
		}
	}
	switch {
	case arabic == 0 && latin == 0:
		return ""
	case latin > 5*arabic: // an Arabic headline may hold more Latin letters than Arabic ones
		return "en"
	case ur > ar && ur*12 >= arabic:
		return "ur"
	case fa+ur > ar && fa > 0:
		return "fa"
	}
	return "ar"
}

// bidi controls other than the marks U+200E, U+200F and U+061C, which only nudge a neighbour.
func override(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// StripBidi removes embeddings, overrides and isolates (U+202A–202E, U+2066–2069), so that no text reorders its surroundings.
func StripBidi(s string) string {
	if strings.IndexFunc(s, override) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if override(r) {
			return -1
		}
		return r
	}, s)
}

// Isolate wraps s, stripped of its own bidi controls, in RLI…PDI: right-to-left wherever it stands. Not FSI: Arabic headlines
// often begin with a Latin name and would turn left-to-right.
func Isolate(s string) string { return RLI + StripBidi(s) + PDI }

// Unkashida removes tatweel (U+0640), which carries no meaning.
func Unkashida(s string) string { return strings.ReplaceAll(s, string(tatweel), "") }

const tatweel = 'ـ'

// mark says whether r is a vowel sign or another mark that comparison ignores.
func mark(r rune) bool {
	return r >= 0x064B && r <= 0x065F || r >= 0x0610 && r <= 0x061A || r == 0x0670 || r >= 0x06D6 && r <= 0x06ED
}

// invisible says whether r is a control or format character that comparison ignores.
func invisible(r rune) bool {
	return r >= 0x200B && r <= 0x200F || override(r) || r == 0x061C || r == 0xFEFF || r == 0x00AD
}

// Fold makes a key of s for comparison: presentation forms composed (NFKC), tatweel, marks and invisible characters dropped,
// digits and number signs as in ASCII, hamza forms, final ya, ta marbuta and Persian letters joined with their kin, Latin letters
// lowered, everything but letters, digits and what stands inside a number or model name turned to single spaces.
func Fold(s string) string {
	s = strings.ToValidUTF8(s, " ")
	if !norm.NFKC.IsNormalString(s) {
		s = norm.NFKC.String(s)
	}
	out := make([]byte, 0, len(s))
	rs := []rune(s)
	last := byte(' ')
	for i, r := range rs {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			last = byte(r)
			out = append(out, last)
			continue
		}
		if r == tatweel || r >= 0x00AD && (mark(r) || invisible(r)) {
			continue
		}
		switch f := foldRune(r); {
		case f == 0 && (r == ',' || r == '٬') && between(rs, i): // 16,000 is 16000
		case f == 0 && (r == '.' || r == '٫' || r == '-') && inside(rs, i):
			if r == '٫' {
				r = '.'
			}
			last = byte(r)
			out = append(out, last)
		case f == '%' || f != 0:
			out = append(out, string(f)...)
			last = out[len(out)-1]
		case last != ' ':
			last = ' '
			out = append(out, ' ')
		}
	}
	return strings.TrimRight(string(out), " ")
}

// foldRune is the folded letter or digit for r, 0 for everything else.
func foldRune(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ی', 'ئ':
		return 'ي'
	case 'ک':
		return 'ك'
	case 'ة':
		return 'ه'
	case 'ؤ':
		return 'و'
	case '%', '٪':
		return '%'
	}
	if d, ok := Digit(r); ok {
		return d
	}
	if unicode.IsLetter(r) {
		return unicode.ToLower(r)
	}
	if unicode.IsNumber(r) {
		return r
	}
	return 0
}

// Digit is the ASCII digit for r, whichever of the three digit sets it is from.
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

// Digits turns Arabic-Indic digits and number signs of s into ASCII ones: ١٦٬٠٠٠ is 16,000, ٢٫٥٪ is 2.5%.
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

// between says whether rs[i] stands between two digits and three follow: a thousands separator.
func between(rs []rune, i int) bool {
	if i == 0 || i+3 >= len(rs) {
		return false
	}
	for _, r := range []rune{rs[i-1], rs[i+1], rs[i+2], rs[i+3]} {
		if _, ok := Digit(r); !ok {
			return false
		}
	}
	if i+4 < len(rs) {
		_, more := Digit(rs[i+4])
		return !more
	}
	return true
}

// inside says whether rs[i] joins two parts of a number or a Latin model name: 18.3.1, gpt-4.
func inside(rs []rune, i int) bool {
	return i > 0 && i+1 < len(rs) && joins(rs[i-1]) && joins(rs[i+1])
}

func joins(r rune) bool {
	if _, ok := Digit(r); ok {
		return true
	}
	return r < 0x0250 && unicode.IsLetter(r)
}
