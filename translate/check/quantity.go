package check

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// quantity is a number, an amount, a time or a date of a text.
type quantity struct {
	raw        string  // its numeral; "": in words
	value, alt float64 // times its scale, and in a second reading; alt 0: none; NaN: a version, or no number
	scale      float64 // the scale word; 0: none
	unit       string  // what is counted; "": unknown
	rank       rank
	half       byte // of the day: a, p or 0
	date       bool // part of 28/1/2025
	named      bool // part of a name: COVID-19
	negative   bool
	linked     bool // only a word like "and" is between the quantity before and this one
}

// rank says how much a quantity must be in the other text.
type rank byte

const (
	support rank = iota // it need not be there: one, second, half
	spelled             // a number in words
	written             // a number in digits or with a scale
)

// Units of quantities that the checks know.
const (
	perCent   = "%"
	degree    = "degree"
	clock     = "clock"   // the value is in minutes
	many      = "many"    // nobody counted: the value is the scale of "millions of users"
	ofYear    = "month"   // the value is 1 to 12
	ofWeek    = "weekday" // the value is 1 to 7, from Sunday
	ofMonth   = "date"    // the value is 1 to maxDay
	inYear    = "#"       // the value is a year
	inDecade  = "#s"      // the value is the first year
	moneySign = '$'       // begins the unit of money: $riyal/sa
)

const (
	maxDay           = 31
	minYear, maxYear = 1900, 2100
	maxQuantities    = 256 // caps the work: all are compared with all
	nounGap          = 2   // English words between a number and its noun
)

// scanner reads the quantities of a text.
type scanner struct {
	s, other string // the text; its translation or source
	arabic   bool
	key      []byte
	out      []quantity

	open       bool // the number q is being read
	q          quantity
	total, cur float64 // what a scale word has closed, and what none has yet
	joined     bool    // "and" follows the number

	and     bool   // the word before is "and"
	bare    string // the noun without a number that stands just before
	century bool   // "century" stands before the ordinal

	linked bool   // nothing but joiners was read since the last quantity
	gap    int    // words since the last quantity
	money  string // a currency that stands before its number
	land   string // a country that stands before its currency
	minus  bool
	per    bool
	pre    string // the first word of a month
}

// scan returns the quantities of s, an Arabic or an English text beside other.
func scan(s, other string, isArabic bool) []quantity {
	sc := scanner{s: s, other: other, arabic: isArabic, gap: nounGap + 1}
	prev := rune(' ')
	for i := 0; i < len(s) && len(sc.out) <= maxQuantities; {
		r, size := utf8.DecodeRuneInString(s[i:])
		end := i + size
		switch _, digit := arabic.Digit(r); {
		case digit:
			end = sc.readNumber(i)
		case unicode.IsLetter(r):
			end = sc.readWord(i, prev)
		case r != ' ':
			sc.readSign(end, r, prev)
		}
		prev, _ = utf8.DecodeLastRuneInString(s[i:end])
		i = end
	}
	sc.flush()
	return sc.out
}

// next returns the rune at i.
func (sc *scanner) next(i int) rune {
	r, _ := utf8.DecodeRuneInString(sc.s[i:])
	return r
}

func isDigit(r rune) bool {
	_, ok := arabic.Digit(r)
	return ok
}

// readSign reads the sign r that ends at end.
func (sc *scanner) readSign(end int, r, prev rune) {
	switch r {
	case '-', '–', '—', '−':
		next := sc.next(end)
		switch {
		case isDigit(prev) && isDigit(next), prev == ' ' && next == ' ':
			sc.apply(lexeme{kind: joiner}, end, prev)
		case r != '—' && isDigit(next) && (prev == ' ' || prev == '('): // a sign
			sc.stop()
			sc.minus = true
		case !unicode.IsLetter(next):
			sc.stop()
		}
	case ',', '،':
		linked := sc.linked || sc.open
		sc.stop()
		sc.linked = linked
	case '٪':
		sc.apply(english()["%"], end, prev)
	default:
		if l, ok := english()[string(r)]; ok {
			if l.kind == fraction && isDigit(prev) { // 2½
				sc.joined = sc.open
			}
			sc.apply(l, end, prev)
		} else if !unicode.In(r, unicode.Cf, unicode.M, unicode.Zs) && r != '+' && r != '~' {
			sc.stop()
		}
	}
}

// readWord reads the word at i and returns its end. Points stay in p.m. and ر.س.
func (sc *scanner) readWord(i int, prev rune) int {
	end, letters, dotted := i, 0, false
	latin := !arabic.Letter(sc.next(i))
	for end < len(sc.s) {
		r, size := utf8.DecodeRuneInString(sc.s[end:])
		switch {
		case unicode.IsLetter(r) && arabic.Letter(r) != latin:
			letters++
		case r == '.' && letters == 1 && unicode.IsLetter(sc.next(end+size)):
			letters, dotted = 0, true
		case unicode.Is(unicode.M, r), r == 'ـ':
		default:
			size = 0
		}
		if size == 0 {
			break
		}
		end += size
	}
	if end == i { // a letter of a third script
		_, size := utf8.DecodeRuneInString(sc.s[i:])
		end = i + size
	}
	l, joined := sc.look(sc.s[i:end], latin, dotted)
	if joined {
		sc.apply(lexeme{kind: joiner, value: 1}, i, prev)
	}
	switch {
	case l.kind == suffix && !isDigit(prev):
		l.kind = unknown
	case l.kind == suffix && sc.s[i:end] == "s" && math.Mod(sc.q.value, 100) == 0: // 1800s
		sc.q.alt = sc.q.value/100 + 1
	}
	sc.apply(l, end, prev)
	return end
}

// look returns what the word w means, and whether it begins with "and".
func (sc *scanner) look(w string, latin, dotted bool) (l lexeme, joined bool) {
	if latin {
		l, ok := english()[w]
		if !ok {
			sc.key = sc.key[:0]
			for i := range len(w) {
				sc.key = append(sc.key, w[i]|w[i]&0x40>>1)
			}
			l = english()[string(sc.key)]
		}
		return l, false
	}
	words := arabicLexemes()
	if dotted {
		l = words[strings.TrimPrefix(w, "و")]
		return l, false
	}
	sc.key = arabic.AppendFold(sc.key[:0], w)
	key := sc.key
	if sc.pre != "" {
		if l, ok := words[sc.pre+" "+string(key)]; ok {
			return l, false
		}
	}
	l, ok := words[string(key)]
	if !ok && strings.HasPrefix(string(key), "و") {
		l, joined = words[string(key[len("و"):])]
	}
	return l, joined
}

// stop ends the number and whatever could be joined to it.
func (sc *scanner) stop() {
	sc.flush()
	sc.gap, sc.linked, sc.money, sc.land, sc.minus, sc.per, sc.pre = nounGap+1, false, "", "", false, false, ""
}
