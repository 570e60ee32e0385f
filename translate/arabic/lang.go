package arabic

import "unicode"

// script is what a letter shows about the language of its text.
type script byte

const (
	noScript script = iota
	shared          // by the languages in Arabic letters
	arabic          // not written so in Persian and Urdu
	persian
	urdu
	latin
	scripts // their number
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
	case Letter(r):
		return shared
	case unicode.Is(unicode.Latin, r):
		return latin
	}
	return noScript
}

// scriptTable caches scriptOf up to the end of the Arabic block.
var scriptTable = func() (t [0x0700]script) {
	for r := range t {
		t[r] = scriptOf(rune(r))
	}
	return t
}()

// Lang returns the language that the letters of s show: "ar", "fa", "ur", "en" for any text in
// mostly Latin letters, or "" if s has none of these letters.
func Lang[T string | []byte](s T) string {
	var n [scripts]int
	for _, r := range string(s) {
		if r < rune(len(scriptTable)) {
			n[scriptTable[r]]++
		} else {
			n[scriptOf(r)]++
		}
	}
	all := n[shared] + n[arabic] + n[persian] + n[urdu]
	switch {
	case all == 0 && n[latin] == 0:
		return ""
	case n[latin] > 5*all: // an Arabic headline may have more Latin letters than Arabic ones
		return "en"
	case n[urdu] > n[arabic] && n[urdu]*12 >= all:
		return "ur"
	case n[persian]+n[urdu] > n[arabic] && n[persian] > 0:
		return "fa"
	}
	return "ar"
}
