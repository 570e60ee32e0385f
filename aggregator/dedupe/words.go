package dedupe

import (
	"encoding/binary"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// kind classifies tokens.
type kind uint8

const (
	word   kind = iota
	name        // a company, person or product, or any word in Latin letters
	code        // letters with digits, or a version: s25, gpt-4, 18.3.1
	number      //
)

// token is a word, name or number of a text.
type token struct {
	text   string // the stem, the name, or the number as written
	raw    string // what a stem is of
	hash   uint64
	value  float64 // of a number, including its scale
	counts measure // what a number counts
	kind   kind
	unit   bool // a number with a scale, percent sign or unit, so not a version
	money  bool // a number beside a currency sign
	stop   bool // a stop word
	known  bool // a name in the Lexicon
	month  bool
	year   bool
	rank   int    // of an Arabic ordinal
	of     string // what an ordinal counts, a value of versioned
}

// latin reports whether t is a word in Latin letters that is not in the Lexicon.
func (t *token) latin() bool { return t.kind == name && !t.known }

// tokens appends the tokens of the words ws to out.
func tokens(ws []string, known arabic.Lexicon, out []token) []token {
	begun := len(out)
	for i := 0; i < len(ws); {
		out = append(out, token{})
		i += out[len(out)-1].next(ws[i:], known)
	}
	ordinals(out[begun:])
	for i := begun; i < len(out); i++ {
		switch t := &out[i]; {
		case t.stop:
		case t.kind == number:
			t.hash = mix(math.Float64bits(t.value))
		default:
			t.hash = hash(t.text)
		}
	}
	return out
}

// priced marks the numbers of a title that stand beside a currency sign, which folding drops.
func priced(title string, ts []token) {
	if !strings.ContainsAny(title, signs) {
		return
	}
	for _, m := range price.FindAllString(title, -1) {
		figure := arabic.Fold(m)
		for i := range ts {
			if ts[i].kind == number && ts[i].text == figure {
				ts[i].money, ts[i].unit, ts[i].year = true, true, false
				ts[i].counts = measures[strings.Trim(m, "0123456789٠١٢٣٤٥٦٧٨٩.,٫٬ ")]
			}
		}
	}
}

const signs = "$€£¥"

var price = regexp.MustCompile(`[` + signs + `]\s?\p{Nd}[\p{Nd}.,٫٬]*|\p{Nd}[\p{Nd}.,٫٬]*\s?[` + signs + `]`)

// split appends the words of folded text to out. It also splits where Arabic letters meet Latin letters
// or digits: وios, 64غيغابايت.
func split(folded string, out []string) []string {
	for i := 0; i < len(folded); {
		if folded[i] == ' ' {
			i++
			continue
		}
		start, ascii := i, folded[i] < utf8.RuneSelf
		for i < len(folded) && folded[i] != ' ' && (folded[i] < utf8.RuneSelf) == ascii {
			i++
		}
		out = append(out, folded[start:i])
	}
	return out
}

// next reads the token at the start of ws into t and returns how many words it takes. t must be zero.
func (t *token) next(ws []string, known arabic.Lexicon) int {
	w := ws[0]
	t.text = w
	if c := w[0]; c >= '0' && c <= '9' {
		if n, ok := t.readNumber(ws); ok {
			return n
		}
		*t = token{text: w, kind: code}
		return 1
	}
	if len(ws) > 1 && isDigits(ws[1]) { // إس 25
		if letter, ok := spelled[w]; ok && scaleOf(ws[2:]) == 1 {
			t.text, t.kind = letter+ws[1], code
			return 2
		}
	}
	what := known.Look(w)
	if what.Stop {
		t.stop = true
		return 1
	}
	if s, n := what.Name(ws[1:]); n > 0 {
		t.text, t.kind, t.known = s, name, true
		return n
	}
	if v, n := readWords(ws); n > 0 {
		t.text, t.kind, t.value = strconv.FormatFloat(v, 'f', -1, 64), number, v
		t.unit, t.counts = true, measureOf(ws[n:])
		return n
	}
	switch {
	case w[0] < utf8.RuneSelf:
		t.kind = name
		if strings.IndexFunc(w, func(r rune) bool { return r >= '0' && r <= '9' }) >= 0 {
			t.kind = code
		}
	case what.Whole:
		t.month = what.Month
	default:
		t.text, t.raw, t.month, t.rank = arabic.Stem(w), w, what.Month, what.Rank
		t.stop = len(w) < utf8.UTFMax && utf8.RuneCountInString(w) == 1
	}
	return 1
}

// spelled maps Arabic names of Latin letters, folded, to the letters, as in names of models. Names that
// are also Arabic words are left out.
var spelled = map[string]string{"اس": "s", "ايه": "a", "زد": "z", "جي": "g", "تي": "t", "كيو": "q", "ار": "r"}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// scales maps folded words to the factor by which they multiply the number before them.
var scales = map[string]float64{
	"الف": 1e3, "الاف": 1e3, "الفا": 1e3, "thousand": 1e3,
	"مليون": 1e6, "ملايين": 1e6, "مليونا": 1e6, "million": 1e6,
	"مليار": 1e9, "مليارات": 1e9, "مليارا": 1e9, "بليون": 1e9, "billion": 1e9,
	"تريليون": 1e12, "تريليونا": 1e12, "ترليون": 1e12, "تريليونات": 1e12, "trillion": 1e12,
}

func scaleOf(ws []string) float64 {
	if len(ws) > 0 {
		if f, ok := scales[ws[0]]; ok {
			return f
		}
	}
	return 1
}

// units may follow a number without a space.
var units = set(`gb tb mb kb mah ghz mhz hz mp w kw kwh v nm mm cm km kg g inch fps nit nits k`)

// Numbers in these ranges are years, Hijri or not, unless they count something.
const firstYear, lastYear, firstHijri, lastHijri = 1990, 2039, 1411, 1462

// readNumber reads a number with its scale or unit into t: "6 ملايين", "16gb", "17%". It returns false
// if the word is a code.
func (t *token) readNumber(ws []string) (n int, ok bool) {
	w, n := ws[0], 1
	end := 0
	for end < len(w) && (w[end] >= '0' && w[end] <= '9' || w[end] == '.') {
		end++
	}
	if unit := w[end:]; unit != "" {
		if unit != "%" && !units[unit] {
			return 1, false
		}
		t.unit, t.counts = true, measures[unit]
	}
	v, err := strconv.ParseFloat(w[:end], 64)
	if err != nil || math.IsInf(v, 0) {
		return 1, false // 18.3.1
	}
	if f := scaleOf(ws[1:]); f != 1 {
		v, n, t.unit = v*f, 2, true
		more := token{}
		if n+1 < len(ws) && ws[n] == "و" && isDigits(ws[n+1]) { // 3 ملايين و500 ألف
			if k, ok := more.readNumber(ws[n+1:]); ok && more.value < f {
				v, n = v+more.value, n+1+k
			}
		} else if n < len(ws) && ws[n] == half {
			v, n = v+f/2, n+1
		}
	}
	if m := measureOf(ws[n:]); m != 0 && t.counts == 0 {
		t.unit, t.counts = true, m
	}
	t.year = !t.unit && v == math.Trunc(v) && (v >= firstYear && v <= lastYear || v >= firstHijri && v <= lastHijri)
	if t.year {
		t.counts = years
	}
	t.kind, t.value, t.text = number, v, w[:end]
	return n, true
}

// measureOf returns what a number before ws counts.
func measureOf(ws []string) measure {
	if len(ws) > 1 && ws[0] == "في" && (ws[1] == "الميه" || ws[1] == "المايه") {
		return measures["%"]
	}
	if len(ws) > 0 {
		return measures[ws[0]]
	}
	return 0
}

// hash mixes s into 64 bits, eight bytes at a time. Stored signatures depend on it.
func hash(s string) uint64 {
	h := uint64(len(s)) * 0x9E3779B97F4A7C15
	for ; len(s) > 8; s = s[8:] {
		h = mix(h ^ binary.LittleEndian.Uint64([]byte(s[:8])))
	}
	var last uint64
	for i := len(s) - 1; i >= 0; i-- {
		last = last<<8 | uint64(s[i])
	}
	return mix(h ^ last)
}

// set returns the words of list as a set.
func set(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}
