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
	raw    string // what a stem is of, or else text
	said   *entry // what the lists say about raw
	means  *entry // what they say about text
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
	of     string // what an ordinal counts, a version of the lists
}

// latin reports whether t is a word in Latin letters that is not in the Lexicon.
func (t *token) latin() bool { return t.kind == name && !t.known }

// stemmed reports whether t is neither a stop word nor a number.
func (t *token) stemmed() bool { return !t.stop && t.kind != number }

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
				ts[i].counts = look(strings.Trim(m, "0123456789٠١٢٣٤٥٦٧٨٩.,٫٬ ")).counts
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
		start := i
		switch {
		case folded[i] == ' ':
			i++
			continue
		case folded[i] < utf8.RuneSelf:
			for i < len(folded) && folded[i] != ' ' && folded[i] < utf8.RuneSelf {
				i++
			}
		default:
			for i < len(folded) && folded[i] >= utf8.RuneSelf {
				i++
			}
		}
		out = append(out, folded[start:i])
	}
	return out
}

// next reads the token at the start of ws into t and returns how many words it takes. t must be zero.
func (t *token) next(ws []string, known arabic.Lexicon) int {
	t.text, t.raw, t.said = ws[0], ws[0], look(ws[0])
	n := t.read(ws, known)
	t.means = t.said
	if t.text != t.raw {
		t.means = look(t.text)
		if t.kind != word {
			t.raw, t.said = t.text, t.means
		}
	}
	return n
}

// read is next without the lists' entries.
func (t *token) read(ws []string, known arabic.Lexicon) int {
	w := ws[0]
	if c := w[0]; c >= '0' && c <= '9' {
		if n, ok := t.readNumber(ws); ok {
			return n
		}
		*t = token{text: w, raw: w, said: t.said, kind: code}
		return 1
	}
	if len(ws) > 1 && isDigits(ws[1]) { // إس 25
		if t.said.letter != "" && scaleOf(ws[2:]) == 1 {
			t.text, t.kind = t.said.letter+ws[1], code
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
	if v, n := readWords(ws, t.said); n > 0 {
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
		t.text, t.month, t.rank = arabic.Stem(w), what.Month, what.Rank
		t.stop = len(w) < utf8.UTFMax && utf8.RuneCountInString(w) == 1
	}
	return 1
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// scaleOf returns the factor by which ws, after a number, multiplies it.
func scaleOf(ws []string) float64 {
	if len(ws) == 0 || look(ws[0]).scale == 0 {
		return 1
	}
	return look(ws[0]).scale
}

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
		if unit != "%" && !look(unit).unit {
			return 1, false
		}
		t.unit, t.counts = true, look(unit).counts
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
		return percent
	}
	if len(ws) > 0 {
		return look(ws[0]).counts
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
