package check

import (
	"cmp"
	_ "embed" // the lexicon
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

//go:embed lexicon.txt
var lexiconFile string

// meaning is what is known of a common Arabic word. Without a translation it only looks like a form
// of another word.
type meaning struct {
	word   string      // a translation
	begins []beginning // of all translations
}

// lexicon holds common Arabic words of news by stem. The list is our own.
var lexicon = sync.OnceValue(func() map[string]meaning {
	known := map[string]meaning{}
	for line := range strings.Lines(lexiconFile) {
		ar, en, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		for a := range strings.SplitSeq(ar, " ") {
			key := arabic.Fold(a)
			if en != "" {
				key = arabic.Stem(key)
			}
			m := known[key]
			for e := range strings.FieldsSeq(strings.ToLower(en)) {
				m.word = cmp.Or(m.word, e)
				m.begins = append(m.begins, begin(e), begin(e+"s"))
			}
			slices.Sort(m.begins)
			m.begins = slices.Compact(m.begins)
			known[key] = m
		}
	}
	return known
})

// beginning is the first letters of a word: most forms of an English word share them.
type beginning uint64

const lettersCompared = 5

func begin(word string) (b beginning) {
	for i := range min(len(word), lettersCompared) {
		b = b<<8 | beginning(word[i])
	}
	return b
}

// beginnings returns how the words of a lower-case text begin.
func beginnings(low string) (out []beginning) {
	for w := range strings.FieldsFuncSeq(low, notInWord) {
		if out = append(out, begin(w)); len(out) == 2*mostWords {
			break
		}
	}
	return out
}

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// look returns what is known of a folded Arabic word.
func look(word string) meaning {
	for _, w := range [...]string{word, arabic.Stem(word)} {
		if m, ok := lexicon()[w]; ok {
			return m
		}
	}
	if len(word) > 6 && strings.ContainsRune("بلكسوف", firstRune(word)) {
		return lexicon()[arabic.Stem(word[2:])]
	}
	return meaning{}
}

// English returns a translation of a common Arabic word, or "".
func English(word string) string { return look(arabic.Fold(word)).word }

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

// source is what there is in an Arabic text that its translation shows.
type source struct {
	runes   int
	known   [][]beginning // the known words, each with its translations
	figures []string      // the numbers of two digits or more
	sounds  *arabic.Skeleton
}

// answer is what there is in an English text that its source shows.
type answer struct {
	runes  int
	begins []beginning
	low    string // without marks in numbers
	names  []name
}

// name is a word that a capital marks as a name, and its consonants.
type name struct {
	word   string
	sounds []arabic.Sound
}

// mostWords and mostNames are how much of a text is compared: more than a paragraph has.
const mostWords, mostNames = 600, 30

func readSource(text string, folded []string) source {
	folded = folded[:min(len(folded), mostWords)]
	s := source{runes: utf8.RuneCountInString(text), sounds: arabic.NewSkeleton(folded)}
	for i, w := range folded {
		switch m := look(w); {
		case m.word != "" && !slices.Contains(folded[:i], w):
			s.known = append(s.known, m.begins)
		case len(w) > 1 && w[0] <= '9' && w[0] >= '0':
			s.figures = append(s.figures, ungrouped.Replace(w))
		}
	}
	return s
}

// ungrouped drops the marks between the digits of a number: the check of numbers reads them.
var ungrouped = strings.NewReplacer(",", "", ".", "")

func readAnswer(text, low string) answer {
	a := answer{runes: utf8.RuneCountInString(text), begins: beginnings(low), low: ungrouped.Replace(low)}
	for _, w := range capitalised(text) {
		_, ordinary := slices.BinarySearch(lexicon()[""].begins, begin(strings.ToLower(w)))
		if s := arabic.Sounds(w); !ordinary && len(s) >= arabic.LeastSounds && len(a.names) < mostNames {
			a.names = append(a.names, name{w, s})
		}
	}
	return a
}

// Logarithms of how much likelier something is of a translation than of another text: counted over
// 3,995 right pairs, and the same sources each with the next one's translation.
var (
	wordMet, wordMissing     = math.Log(0.77 / 0.15), math.Log(0.23 / 0.85)
	nameMet, nameMissing     = math.Log(0.97 / 0.36), math.Log(0.03 / 0.64)
	figureMet, figureMissing = math.Log(0.95 / 0.05), math.Log(0.05 / 0.95)
)

// leastFit is the least that a translation reaches; 0.7 % of right pairs do not.
const leastFit = -5.5

// leastKnown is how many words must be known for a doubt about the whole.
const leastKnown = 3

const (
	usualRatio     = 1.10 // of the length of a translation to its source's, in runes
	ownSpread      = 0.16 // standard deviation of the ratio's logarithm
	foreignSpread  = 0.55
	mostFromLength = 4
)

// met counts the known words of s whose translation a has.
func (s source) met(a answer) (n int) {
	for _, begins := range s.known {
		if slices.ContainsFunc(begins, func(b beginning) bool { return slices.Contains(a.begins, b) }) {
			n++
		}
	}
	return n
}

// fit weighs whether a translates s. It is the logarithm of how much likelier that is than that a
// translates another text.
func (s source) fit(a answer) float64 {
	words := s.met(a)
	sum := float64(words)*wordMet + float64(len(s.known)-words)*wordMissing
	for _, n := range a.names {
		if s.sounds.Has(n.sounds) {
			sum += nameMet
		} else {
			sum += nameMissing
		}
	}
	for _, f := range s.figures {
		if strings.Contains(a.low, f) {
			sum += figureMet
		} else {
			sum += figureMissing
		}
	}
	off := s.off(a)
	return sum + max(-mostFromLength, math.Log(foreignSpread/ownSpread)-
		off*off/2*(1/(ownSpread*ownSpread)-1/(foreignSpread*foreignSpread)))
}

// off returns how far the length of a is from the usual one of a translation of s, as a logarithm.
func (s source) off(a answer) float64 {
	return math.Log(float64(max(a.runes, 1)) / float64(max(s.runes, 1)) / usualRatio)
}

// content compares what the two texts tell: names, the sentences, and the whole.
func content(p pair) (out []Problem) {
	s, a := readSource(p.source, p.folded), readAnswer(p.target, p.low)
	doubt := func(check, detail string) {
		if detail != "" {
			out = append(out, Problem{check, detail, true})
		}
	}
	doubt("names", cmp.Or(strangeName(p, a), strangeBrand(p)))
	if len(s.known)+len(a.names) >= leastKnown && s.fit(a) < leastFit {
		doubt("fit", "little of the source is found")
	} else {
		doubt("length", lost(p, s, a))
	}
	return out
}
