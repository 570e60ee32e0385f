package arabic

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold makes a key of s for comparison, never for display: NFKC, without marks and invisible
// characters, with variants of letters unified, and with spaces for signs between words.
func Fold(s string) string { return string(AppendFold(make([]byte, 0, len(s)), s)) }

// AppendFold appends Fold(s) to out.
func AppendFold(out []byte, s string) []byte { return appendFold(out, s, false) }

// appendFold is AppendFold. It begins again with the NFKC form of s if that may differ. NFKC leaves
// what follows an invalid byte as it is.
func appendFold(out []byte, s string, composed bool) []byte {
	start, prev := len(out), rune(-1)
	for i, n := 0, 0; i < len(s); i += n {
		var r rune
		r, n = decode(s[i:])
		f := foldRune(r)
		switch {
		case f == composable && !composed:
			return appendFold(out[:start], norm.NFKC.String(strings.ToValidUTF8(s, "\uFFFD")), true)
		case f == composable:
			f = computeFold(r)
		case f == 0:
			f = foldSign(r, prev, s[i+n:])
		}
		prev = r
		switch {
		case f == dropped:
		case f >= utf8.RuneSelf && f <= twoBytes:
			out = append(out, 0xC0|byte(f>>6), 0x80|byte(f)&0x3F)
		case f != 0:
			out = utf8.AppendRune(out, f)
		case len(out) > start && out[len(out)-1] != ' ':
			out = append(out, ' ')
		}
	}
	if len(out) > start && out[len(out)-1] == ' ' {
		out = out[:len(out)-1]
	}
	return out
}

// twoBytes is the greatest rune of two bytes in UTF-8, as Arabic letters are.
const twoBytes = 0x7FF

// decode is utf8.DecodeRuneInString, faster for runes of one or two bytes: signing folds every text.
func decode(s string) (r rune, n int) {
	switch {
	case s[0] < utf8.RuneSelf:
		return rune(s[0]), 1
	case s[0] >= 0xC2 && s[0] < 0xE0 && len(s) > 1 && s[1]&0xC0 == 0x80:
		return rune(s[0]&0x1F)<<6 | rune(s[1]&0x3F), 2
	}
	return utf8.DecodeRuneInString(s)
}

// What foldRune returns for a rune that Fold leaves out without a space, and for one that NFKC may
// change.
const (
	dropped    = -1
	composable = -2
)

// foldRune returns what Fold makes of r without regard to its neighbours; 0 stands for a space.
func foldRune(r rune) rune {
	switch {
	case r < rune(len(folds)):
		return folds[r]
	case mayCompose(r):
		return composable
	}
	return computeFold(r)
}

// folds caches foldRune up to the end of the Arabic block: signing folds every text that is polled.
var folds = func() (t [0x0700]rune) {
	for r := range t {
		if t[r] = computeFold(rune(r)); mayCompose(rune(r)) {
			t[r] = composable
		}
	}
	return t
}()

func computeFold(r rune) rune {
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
	d, digit := Digit(r)
	switch {
	case r == tatweel || mark(r) || invisible(r):
		return dropped
	case digit:
		return d
	case unicode.IsLetter(r):
		return unicode.ToLower(r)
	case unicode.IsNumber(r):
		return r
	}
	return 0
}

// mark reports whether r is a vowel sign or another mark that comparison ignores.
func mark(r rune) bool {
	return r >= 0x064B && r <= 0x065F || r >= 0x0610 && r <= 0x061A || r == 0x0670 || r >= 0x06D6 && r <= 0x06ED
}

// invisible reports whether r is a control or format character that comparison ignores.
func invisible(r rune) bool {
	return r >= 0x200B && r <= 0x200F || reorders(r) || r == 0x061C || r == 0xFEFF || r == 0x00AD
}

// mayCompose reports whether NFKC may change how r is folded: not in nearly all Arabic news, which
// it spares the cost of NFKC. Marks do not count, since Fold drops them, composed or not.
func mayCompose(r rune) bool {
	switch {
	case r < 0x80, r >= 0x0600 && r < 0x0675, r > 0x0678 && r < 0x06C0, r > 0x06C3 && r < 0x06D2, r == 0x06D4,
		r > 0x06D5 && r < 0x0700, r >= 0x00C0 && r < 0x0100, r == 0x00A0, invisible(r),
		strings.ContainsRune("«»·–—“”‘’…•", r):
		return false
	}
	return true
}

// foldSign returns what Fold makes of the sign r between prev and rest. A point or hyphen within a
// number or model name stays, a separator of thousands is dropped, any other sign is 0, a space.
func foldSign(r, prev rune, rest string) rune {
	switch r {
	case ',', '٬':
		if separatesThousands(prev, rest) { // 16,000 becomes 16000
			return dropped
		}
	case '.', '-':
		if joinsParts(prev, rest) {
			return r
		}
	case '٫':
		if joinsParts(prev, rest) {
			return '.'
		}
	}
	return 0
}

// separatesThousands reports whether a digit stands before the sign and exactly three after it.
func separatesThousands(prev rune, rest string) bool {
	if _, ok := Digit(prev); !ok {
		return false
	}
	digits := 0
	for _, r := range rest {
		if _, ok := Digit(r); !ok {
			break
		}
		if digits++; digits > 3 {
			return false
		}
	}
	return digits == 3
}

// joinsParts reports whether the sign joins two parts of a number or of a Latin model name, as in
// 18.3.1 and gpt-4.
func joinsParts(prev rune, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	return rest != "" && prev >= 0 && partOfName(prev) && partOfName(next)
}

func partOfName(r rune) bool {
	if _, ok := Digit(r); ok {
		return true
	}
	r = unicode.ToLower(r) // as in the key: Ɓ is below U+0250 and ɓ above
	return r < 0x0250 && unicode.IsLetter(r)
}
