// Package words says which words of a text a search finds. Its terms are what an index keeps: words
// folded, their stems in both languages, and known names in one spelling.
package words

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"

	"github.com/nashra/nashra/translate/arabic"
)

// maxTerm limits a term, in bytes. No word is longer; a text without spaces is.
const maxTerm = 120

// nameMark begins the terms of names, and no word.
const nameMark = "~"

// Terms returns the terms of plain texts, each once. They consist of letters, numbers and the signs
// that TermSigns lists.
func Terms(texts ...string) []string { return Indexer{}.Terms(texts...) }

// Indexer is Terms for many texts: it remembers the forms of words. The zero Indexer does not.
type Indexer struct{ known map[string][]string }

// maxKnown is how many words an Indexer remembers: 100,000 stories have about as many.
const maxKnown = 100_000

// NewIndexer returns an Indexer, for one goroutine at a time.
func NewIndexer() Indexer { return Indexer{map[string][]string{}} }

// Terms is Terms.
func (x Indexer) Terms(texts ...string) []string {
	seen, put := map[string]bool{}, map[string]bool{} // words and terms
	var terms []string
	add := func(t string) {
		if !put[t] {
			put[t], terms = true, append(terms, t)
		}
	}
	for _, text := range texts {
		list := fields(text)
		for i, w := range list {
			eachName(list[i:], func(name string, _ int) { add(name) })
			if !seen[w] {
				seen[w] = true
				for _, t := range x.forms(w) {
					add(t)
				}
			}
		}
	}
	return terms
}

func (x Indexer) forms(w string) []string {
	list, ok := x.known[w]
	if !ok {
		list = forms(w)
		if x.known != nil && len(x.known) < maxKnown {
			x.known[w] = list
		}
	}
	return list
}

// TermSigns are the signs that terms may have.
const TermSigns = ".%" + nameMark

// fields returns the folded words of text.
func fields(text string) []string {
	return slices.DeleteFunc(strings.FieldsFunc(arabic.Fold(text), func(r rune) bool {
		return r == ' ' || r == apostrophe
	}), signOnly)
}

// apostrophe is a letter to Unicode, which many put between the letters of an English word.
const apostrophe = 'ʼ'

func signOnly(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

// forms returns the terms of a folded word: itself, its stem, and if it is made of several, as is
// gpt-4, its parts and all in one.
func forms(w string) (terms []string) {
	add := func(t string) {
		if t = cut(t); t != "" && !slices.Contains(terms, t) {
			terms = append(terms, t)
		}
	}
	parts := strings.FieldsFunc(cut(w), func(r rune) bool { return r == '-' || r == '.' })
	for _, part := range append(parts, joined(w)) {
		root, bare := stem(part)
		add(bare)
		add(root)
		if number, ok := strings.CutSuffix(part, "%"); ok {
			add(number)
		}
		if rest := arabic.Attached(part); rest != "" {
			root, _ = stem(rest)
			add(root)
		}
	}
	return terms
}

// joined returns a folded word without hyphens and accents: wi-fi and WiFi are one word.
func joined(w string) string {
	w = strings.ReplaceAll(w, "-", "")
	if strings.ContainsFunc(w, accented) {
		w = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(w))
	}
	return w
}

// accented reports whether r may be a letter with an accent, which Fold leaves: not in Arabic.
func accented(r rune) bool { return r >= 0xC0 && r < 0x0600 || r >= 0x1E00 && r < 0x2000 }

// stem returns what the forms of a folded word have in common, and the word without the words that
// are written as one with it.
func stem(w string) (root, bare string) {
	if w = joined(w); strings.TrimLeft(w, "abcdefghijklmnopqrstuvwxyz") == "" && len(w) <= maxTerm {
		return english.Stem(w, true), w
	}
	return arabic.Root(w)
}

// cut limits the length of a term.
func cut(t string) string {
	if len(t) <= maxTerm {
		return t
	}
	n := maxTerm
	for !utf8.RuneStart(t[n]) {
		n--
	}
	return t[:n]
}

// eachName calls do with the term of each known name that begins list, and its number of words.
func eachName(list []string, do func(term string, n int)) {
	first, rest := (arabic.Lexicon{}).Look(list[0]), list[1:]
	for {
		name, n := first.Name(rest)
		if n == 0 {
			return
		}
		if do(nameMark+strings.ReplaceAll(name, "-", ""), n); n == 1 {
			return
		}
		rest = rest[:n-2]
	}
}
