// Package arabic is all that nashra knows of the Arabic language: letters and direction, folding for comparison, digits and
// months. Fold is for keys only: nothing it returns is ever shown or translated.
package arabic

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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

// bidi controls other than the marks U+200E, U+200F and U+061C, which only nudge a neighbour.
func override(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// overridden says whether s has any of them, looked for by the byte that they all begin with.
func overridden(s string) bool {
	for i := strings.IndexByte(s, 0xE2); i >= 0; i = strings.IndexByte(s, 0xE2) {
		if r, _ := utf8.DecodeRuneInString(s[i:]); override(r) {
			return true
		}
		s = s[i+1:]
	}
	return false
}

// StripBidi removes embeddings, overrides and isolates (U+202A–202E, U+2066–2069), so that no text reorders its surroundings.
func StripBidi(s string) string {
	if !overridden(s) {
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
func Fold(s string) string { return string(AppendFold(make([]byte, 0, len(s)), s)) }

// AppendFold appends Fold(s) to out.
func AppendFold(out []byte, s string) []byte {
	start := len(out)
	out, ok := appendPlain(out, s)
	if !ok {
		out = appendAny(out[:start], s)
	}
	for len(out) > start && out[len(out)-1] == ' ' {
		out = out[:len(out)-1]
	}
	return out
}

// appendPlain folds what nearly all Arabic news is written in: runes that are below U+0700 and the same before and after NFKC. False:
// s has others.
func appendPlain(out []byte, s string) ([]byte, bool) {
	out = slices.Grow(out, len(s)) // no rune becomes longer
	to := out[len(out) : len(out)+len(s)]
	n := 0
	lastMark, marks := -1, 0 // where the last vowel ended, and how many stand in a row up to there
	for i := 0; i < len(s); {
		at, r := i, rune(s[i])
		switch {
		case r < utf8.RuneSelf:
			i++
		case r >= 0xC2 && r < 0xE0 && i+1 < len(s) && s[i+1]&0xC0 == 0x80: // of two bytes, as Arabic letters are
			r = r&0x1F<<6 | rune(s[i+1]&0x3F)
			i += 2
		default:
			var size int
			if r, size = utf8.DecodeRuneInString(s[i:]); size == 1 {
				return out, false
			}
			i += size
		}
		var g uint16
		switch {
		case r < rune(len(glyphs)):
			g = glyphs[r]
		case invisible(r):
			continue
		case r != '–' && r != '—' && r != '“' && r != '”' && r != '‘' && r != '’' && r != '…' && r != '•':
			return out, false
		}
		if g > letter {
			switch {
			case g&odd != 0:
				return out, false
			case g&vowel != 0:
				if lastMark != at {
					marks = 0
				}
				if marks++; marks > maxMarks {
					return out, false
				}
				lastMark = i
				continue
			case g&drop != 0:
				continue
			}
			f := joined(r, before(s[:at]), s[i:])
			if f == dropped {
				continue
			}
			g = uint16(f)
		}
		switch {
		case g >= utf8.RuneSelf:
			to[n], to[n+1] = byte(0xC0|g>>6), byte(0x80|g&0x3F) // two bytes: below U+0800
			n += 2
		case g != 0:
			to[n] = byte(g)
			n++
		case n > 0 && to[n-1] != ' ':
			to[n] = ' '
			n++
		}
	}
	return out[:len(out)+n], true
}

// before is the last rune of s, which is valid; below zero: it is empty.
func before(s string) rune {
	if s == "" {
		return -1
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// joined is what becomes of the sign r between prev and rest: a point or hyphen inside a number or name, dropped between thousands,
// else 0, a space.
func joined(r, prev rune, rest string) rune {
	switch {
	case r == ',' || r == '٬':
		if between(prev, rest) { // 16,000 is 16000
			return dropped
		}
	case inside(prev, rest):
		if r == '٫' {
			return '.'
		}
		return r
	}
	return 0
}

// appendAny folds any text.
func appendAny(out []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, " ")
	}
	if !norm.NFKC.IsNormalString(s) {
		s = norm.NFKC.String(s)
	}
	last, prev := byte(' '), rune(-1)
	for i, r := range s {
		f := fold(r)
		if f == 0 && (r == '.' || r == '-' || r == ',' || r == '٫' || r == '٬') {
			f = joined(r, prev, s[i+utf8.RuneLen(r):])
		}
		prev = r
		switch {
		case f == dropped:
		case f >= utf8.RuneSelf:
			out = utf8.AppendRune(out, f)
			last = out[len(out)-1]
		case f != 0:
			last = byte(f)
			out = append(out, last)
		case last != ' ':
			last, out = ' ', append(out, ' ')
		}
	}
	return out
}

// dropped stands for what folding leaves out without a space.
const dropped = -1

// fold is what Fold makes of r where no neighbour matters; 0: a space.
func fold(r rune) rune {
	if r == tatweel || mark(r) || invisible(r) {
		return dropped
	}
	return foldRune(r)
}

// A glyph says what folding does with a rune: the letter that it becomes, 0 for a space, and what else is to be known.
const (
	letter = 0x07FF           // the bits of the letter
	drop   = 1 << (iota + 10) // left out
	vowel                     // and a mark that stands on a letter
	sign                      // may stand within a number or name
	odd                       // NFKC may change it, or its letter is beyond these
)

// glyphs are those of all runes up to the end of the Arabic block.
var glyphs = func() (t [0x0700]uint16) {
	for r := range rune(len(t)) {
		f := fold(r)
		switch {
		case f == dropped:
			t[r] = drop
		case f > letter:
			t[r] = odd
			continue
		default:
			t[r] = uint16(f)
		}
		if mark(r) {
			t[r] |= vowel
		}
		if strings.ContainsRune(".-,٫٬", r) {
			t[r] |= sign
		}
		if !composed(r) {
			t[r] |= odd
		}
	}
	return t
}()

// maxMarks is below the 30 after which Unicode's stream-safe form (UAX 15) parts a row of marks.
const maxMarks = 20

// composed says whether folding treats r the same before and after NFKC: ASCII, the Arabic block, letters of Latin-1 and the signs of
// Arabic print. Marks that would join a letter (alef and madda) are dropped either way, as is their order.
func composed(r rune) bool {
	switch {
	case r < 0x80, r >= 0x0600 && r < 0x064B, mark(r), r >= 0x0660 && r < 0x0675, r > 0x0678 && r < 0x06C0, r > 0x06C3 && r < 0x06D2,
		r == 0x06D4, r > 0x06ED && r < 0x0700, r >= 0x00C0 && r < 0x0100, r == 0x00A0, strings.ContainsRune("«»·", r), invisible(r):
		return true
	}
	return false
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

// between says whether a sign stands between two digits and three follow: a thousands separator.
func between(prev rune, rest string) bool {
	if _, ok := Digit(prev); !ok {
		return false
	}
	n := 0
	for _, r := range rest {
		if _, ok := Digit(r); !ok {
			break
		}
		if n++; n > 3 {
			return false
		}
	}
	return n == 3
}

// inside says whether a sign joins two parts of a number or a Latin model name: 18.3.1, gpt-4.
func inside(prev rune, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	return rest != "" && prev >= 0 && joins(prev) && joins(next)
}

func joins(r rune) bool {
	if _, ok := Digit(r); ok {
		return true
	}
	r = unicode.ToLower(r) // as it will stand in the key: Ɓ is below U+0250 and ɓ above
	return r < 0x0250 && unicode.IsLetter(r)
}
