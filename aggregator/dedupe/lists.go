package dedupe

import (
	_ "embed" // for the lists
	"strconv"
	"strings"
	"sync"

	"github.com/nashra/nashra/translate/arabic"
)

// entry is what our lists say about a folded word, or about a stem or a name.
type entry struct {
	// About a word.
	number float64 // its value, if it is a numeral
	scale  float64 // the factor by which it multiplies the number before it
	alone  float64 // its value as a scale that needs no number before it
	begins bool    // a number in words may begin with it
	counts measure // what a number before it counts
	two    measure // what it counts two of
	letter string  // the Latin letter that it names, as in names of models
	unit   bool    // it may follow a number without a space
	places []spot  // the places whose names begin with it, longest names first

	// About a stem or a name.
	sense      sense
	country    string  // the ISO code of the country that it means, or whose adjective it is
	money      measure // the currency
	version    string  // the word by which things of this name are compared, which have numbers
	variant    string  // after a model, it makes it this other model
	company    bool    // a number after it counts things
	generation bool    // a code that names a technology, not a product
	ambiguous  bool    // in a title, a weekday after يوم only: it is also one of, two or gathered
	span       bool    // a word of time that makes "after …" in a title a follow-up
	cues       uint8   // the phases of an event of which it tells in a title, a bit each
}

// lists returns the entries of all lists. Commands that compare nothing do not read them.
var lists = sync.OnceValue(func() vocabulary {
	v := vocabulary{}
	v.addWords()
	v.addSenses()
	v.addPlaces()
	return v
})

type vocabulary map[string]*entry

var unknown = new(entry)

// look returns what the lists say about w.
func look(w string) *entry {
	if e := lists()[w]; e != nil {
		return e
	}
	return unknown
}

// at returns the entry of w for changes.
func (v vocabulary) at(w string) *entry {
	if v[w] == nil {
		v[w] = new(entry)
	}
	return v[w]
}

// stemOf folds and stems a word as Sign does.
func stemOf(w string) string {
	w = arabic.Fold(w)
	if (arabic.Lexicon{}).Look(w).Whole {
		return w
	}
	return arabic.Stem(w)
}

//go:embed words.txt
var wordLists string

// addWords reads wordLists, lines of a list's name, a value and words. Stored signatures hold values of
// measures and cues, so those stay. One is no numeral, and no letter's name is also an Arabic word.
func (v vocabulary) addWords() {
	for line := range strings.Lines(wordLists) {
		f := strings.Fields(line)
		n, _ := strconv.ParseFloat(f[1], 64)
		for _, w := range f[2:] {
			e, stem := v.at(w), v.at(stemOf(w))
			switch f[0] {
			case "measure":
				e.counts, stem.counts, stem.money = measure(n), measure(n), measure(n)
			case "two":
				e.two = measure(n)
			case "number":
				e.number, e.begins, v.at("ب"+w).begins = n, true, true
			case "alone":
				e.alone, e.begins, v.at("ب"+w).begins = n, true, true
			case "scale":
				e.scale = n
			case "letter":
				e.letter = f[1]
			case "unit":
				e.unit = true
			case "version":
				e.version = f[1]
			case "variant":
				e.variant = f[1]
			case "company":
				e.company = true
			case "generation":
				e.generation = true
			case "ambiguous":
				e.ambiguous = true
			case "span":
				stem.span = true
			case "cue":
				stem.cues |= uint8(n)
			}
		}
	}
}

//go:embed senses.txt
var senseLists string

// addSenses reads senseLists, a section for each effect, in order, of lists of words that mean the same.
// Stored signatures hold hashes of whole lists, line ends included.
func (v vocabulary) addSenses() {
	for does, section := range strings.Split(senseLists, "#")[1:] {
		_, list, _ := strings.Cut(section, "\n")
		for words := range strings.SplitSeq("\n"+list, ";") {
			for w := range strings.FieldsSeq(words) {
				v.at(stemOf(w)).sense = sense{words, effect(does)}
			}
		}
	}
}
