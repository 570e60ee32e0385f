package arabic

import (
	"unicode"
	"unicode/utf8"
)

// script is what a letter tells of the language of its text.
type script byte

const (
	neither script = iota
	shared         // by the languages in Arabic letters
	arabic         // not so in Persian and Urdu
	persian
	urdu
	latin
	scripts
)

func scriptOf(r rune) script {
	switch r {
	case 'ة', 'ى', 'ك', 'ي', 'أ', 'إ', 'ؤ', 'ئ':
		return arabic
	case 'ٹ', 'ڈ', 'ڑ', 'ں', 'ے', 'ہ', 'ھ':
		return urdu
	case 'پ', 'چ', 'ژ', 'گ', 'ک', 'ی':
		return persian
	}
	switch {
	case r >= 'ء' && r <= 'و' && r != tatweel || Letter(r):
		return shared
	case unicode.Is(unicode.Latin, r):
		return latin
	}
	return neither
}

// known are the scripts of the characters below U+0700, which nearly all are: a look costs a third of asking for them.
var known = func() (t [0x700]script) {
	for r := range t {
		t[r] = scriptOf(rune(r))
	}
	return t
}()

// Lang tells the language of s from its letters: "ar", "fa", "ur", "en" for mostly Latin letters, "" where there are none or
// neither script prevails. It cannot tell English from other languages in Latin letters.
func Lang[T string | []byte](s T) string {
	var n [scripts]int
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c < utf8.RuneSelf:
			n[known[c]]++
			i++
		case c >= 0xC2 && c < 0xDC && i+1 < len(s) && s[i+1]&0xC0 == 0x80:
			n[known[int(c&0x1F)<<6|int(s[i+1]&0x3F)]]++
			i += 2
		default:
			r, size := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			n[scriptOf(r)]++
			i += size
		}
	}
	all := n[shared] + n[arabic] + n[persian] + n[urdu]
	switch {
	case all == 0 && n[latin] == 0:
		return ""
	case n[latin] > 5*all: // an Arabic headline may hold more Latin letters than Arabic ones
		return "en"
	case n[urdu] > n[arabic] && n[urdu]*12 >= all:
		return "ur"
	case n[persian]+n[urdu] > n[arabic] && n[persian] > 0:
		return "fa"
	}
	return "ar"
}
