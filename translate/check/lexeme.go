package check

import (
	_ "embed" // quantities.txt
	"strconv"
	"strings"
	"sync"

	"github.com/nashra/nashra/translate/arabic"
)

// lexeme is what a word of a text means for its quantities.
type lexeme struct {
	kind  byte
	value float64
	unit  string
}

// Kinds of lexemes.
const (
	unknown   = 0
	number    = 'n' // a numeral as a word
	scale     = 's' // thousand
	dual      = 'd' // two thousand, one Arabic word
	either    = 'D' // a scale behind a number, else a dual
	plural    = 'p' // thousands: a scale, or without a number an amount that nobody counted
	uncounted = 'r' // billionaire
	fraction  = 'f'
	ordinal   = 'o'
	decades   = 'e' // الستينيات
	century   = 'y' // before its ordinal
	noun      = 'u' // what is counted: per cent, a currency, a unit of measure
	code      = 'c' // a noun before or behind its number: $, SAR
	beside    = 'v' // a noun that counts only beside a number
	mentioned = 'V' // a currency, or another word
	land      = 'l' // whose currency
	monthName = 'm'
	perhaps   = 'M' // a month or another word
	dayName   = 'w'
	maybeDay  = 'W'
	half      = 'h' // half of the day
	noon      = 'k' // a time of day with a name
	minus     = 'x'
	below     = 'X' // zero
	joiner    = 'j'
	article   = 'a' // says nothing about quantities
	short     = 'q' // a scale behind a number: 5m
	per       = 'i' // begins "per cent" and في المئة
	first     = '2' // of two words that count together
	of100     = 'z' // turns points into per cent
	suffix    = 't' // 5th
)

// quantityWords holds kind, value, unit and words of lexemes, English ones before Arabic ones.
//
//go:embed quantities.txt
var quantityWords string

// lexemes returns the lexemes of a table, each word alone and with the prefixes.
func lexemes(table string, prefixes []string) map[string]lexeme {
	m := map[string]lexeme{}
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 4 || f[0] == "#" {
			continue
		}
		l := lexeme{kind: f[0][0], unit: strings.TrimPrefix(f[2], "-")}
		l.value, _ = strconv.ParseFloat(f[1], 64)
		for _, w := range f[3:] {
			w = strings.ReplaceAll(w, "~", " ")
			for _, p := range prefixes {
				if p == "" || len(w) >= minPrefixed {
					m[p+w] = l
				}
			}
		}
	}
	return m
}

// minPrefixed is the length in bytes of Arabic words that stand with a prefix: with one, طن is وطن.
const minPrefixed = 6

var english = sync.OnceValue(func() map[string]lexeme {
	table, _, _ := strings.Cut(quantityWords, "# Arabic")
	return lexemes(table, []string{""})
})

var arabicLexemes = sync.OnceValue(func() map[string]lexeme {
	var prefixes []string
	for _, p := range arabic.Bound() {
		if !strings.HasPrefix(p, "و") { // look reads "and" apart
			prefixes = append(prefixes, p)
		}
	}
	_, table, _ := strings.Cut(quantityWords, "# Arabic")
	m := lexemes(table, prefixes)
	for name, n := range arabic.Months() {
		l := lexeme{monthName, float64(n), ofYear}
		if strings.Contains(otherWords, " "+name+" ") {
			l.kind = perhaps
		}
		for _, p := range prefixes {
			if p == "" || l.kind == monthName {
				m[p+name] = l
			}
		}
	}
	return m
})

// otherWords are names of months that are other words too, such as "father" and "he practised".
const otherWords = " اب مارس ماي جوان اوت "
