package check

import (
	_ "embed" // the words
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

//go:embed english.txt
var englishWords string

// vocabulary holds common English words, most without their inflected forms; english.LICENSE names the
// source.
var vocabulary = sync.OnceValue(func() map[string]bool { return tokens(englishWords) })

// inflections turn an inflected word into its base: what to cut off, and what to put there.
var inflections = []struct{ cut, put string }{{"s", ""}, {"es", ""}, {"ies", "y"}, {"ed", ""}, {"ed", "e"},
	{"ied", "y"}, {"ing", ""}, {"ing", "e"}, {"ly", ""}, {"er", ""}, {"er", "e"}, {"ers", ""}, {"ers", "e"}}

// isEnglish reports whether a lower-case word is a common English word or a form of one.
func isEnglish(word string) bool {
	word, _, short := strings.Cut(strings.ReplaceAll(word, "’", "'"), "'")
	if vocabulary()[word] || short && strings.HasSuffix(word, "n") { // don't, company's
		return true
	}
	for _, f := range inflections {
		base, ok := strings.CutSuffix(word, f.cut)
		if !ok || len(base) < 3 {
			continue
		}
		n := len(base) - 1
		if vocabulary()[base+f.put] || n > 2 && base[n] == base[n-1] && vocabulary()[base[:n]] { // planned
			return true
		}
	}
	return false
}

// Of 4,006 news sentences translated by people one has fewer English words than minEnglish, and two
// fewer than sureEnglish. Other languages and romanised Arabic have less than 0.3, shared words apart.
const (
	minEnglish, sureEnglish = 0.3, 0.5
	fewNames                = 2 // unknown words with a small letter that may be names or terms
	foreignRun              = 5 // unknown words with a small letter in a row
)

// language reports a target that is not English. A name is no sign of a language, and neither is a
// short word that several share.
func language(p pair) (out []Problem) {
	known, unknown, small, run, longest := 0, 0, 0, 0, 0
	inWord := func(r rune) bool { return unicode.IsLetter(r) || r == '\'' || r == '’' }
	for w := range strings.FieldsFuncSeq(p.target, func(r rune) bool { return !inWord(r) }) {
		first, size := utf8.DecodeRuneInString(strings.Trim(w, "'’"))
		switch low := strings.ToLower(w); {
		case isEnglish(low):
			known++
			run = 0
		case size == 0, len(low) < 2, sharedWords[low], strings.Contains(p.source, w), arabic.Letter(first):
		case unicode.IsLower(first):
			unknown++
			small++
			run++
			longest = max(longest, run)
		default:
			unknown++
			run = 0
		}
	}
	all := float64(known + unknown)
	share := float64(known) / max(all, 1)
	switch {
	case small > fewNames && share < minEnglish:
		return []Problem{{"language", "these are not English words", false}}
	case small >= fewNames && share < sureEnglish, all >= foreignRun && share < minEnglish, longest >= foreignRun:
		return []Problem{{"language", "few of the words are English", true}}
	}
	return nil
}

// sharedWords are short words of English that other languages have too, and parts of names.
var sharedWords = tokens("in on no an so la al el bin ibn abu vs")
