package arabic

import (
	_ "embed" // the list of plurals
	"strings"
	"sync"
	"unicode/utf8"
)

// plurals lists broken plurals, which no affix tells: see the file.
//
//go:embed plurals.txt
var plurals string

// singulars maps the folded plurals of the list to their singulars.
var singulars = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(plurals) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(Fold(line))
		for _, plural := range words[1:] {
			m[plural] = words[0]
		}
	}
	return m
})

// Root returns what the forms of a folded Arabic word have in common: the stem of its singular,
// without the alef that carries a tanwin. bare is the word with its suffix, but without the words
// that are written as one with it. Words of other scripts stay as they are.
func Root(word string) (root, bare string) {
	if word == "" || word[0] < utf8.RuneSelf || whole[word] {
		return word, word
	}
	if bare = word; len(word) >= 2*minStem {
		if rest := strings.TrimPrefix(word, "و"); strings.HasPrefix(rest, "لل") || strings.HasPrefix(rest, "بال") ||
			strings.HasPrefix(rest, "كال") {
			bare = rest
		}
		bare = cutPrefix(bare)
	}
	root = cutSuffix(bare)
	for _, form := range []string{word, strings.TrimPrefix(word, "و"), bare, root} {
		if one := singulars()[form]; one != "" {
			root = Stem(one)
			break
		}
	}
	if short, ok := strings.CutSuffix(root, "ا"); ok && atLeast(short, minStem) {
		root = short
	}
	return root, bare
}

// Attached returns a folded Arabic word without the one letter before it that may be a preposition
// (بدمج), or "" if there is none. The letter often belongs to the word.
func Attached(word string) string {
	for _, letter := range []string{"ب", "ل", "ك", "ف"} {
		if rest, ok := strings.CutPrefix(word, letter); ok && atLeast(rest, minStem) && !whole[word] {
			return rest
		}
	}
	return ""
}
