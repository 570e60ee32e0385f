package dedupe

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mark is a detail that tells a text from others of the same pattern. Its highest byte is its class.
type mark uint64

// class is a class of marks.
type class uint8

// Marks of a title are compared with those of the other title, except places, names and figures: these
// are compared with all that the other says, in its title or its text.
const (
	model    class = iota + 1 // a version, model or generation: 18.3.1, galaxy s25 edge
	money                     // a currency
	day                       // of the week or the month; also the day that a text begins with as today
	flaw                      // a CVE id, in the text too: security advisories differ in little else
	edition                   // a numbered thing: beta 2, the fourteenth generation
	where                     // a place
	inText                    // a place in the text
	named                     // a company, a person or a product
	nameText                  // the same, in the text
	figure                    // a number, with what it counts
	figText                   // a number in the text
	mention                   // a model in title or first paragraphs
)

// most is how many marks of a class a text has at the most: a longer list is a table.
const most = 64

const markBits = 56

func (m mark) class() class { return class(m >> markBits) }

func newMark(c class, value uint64) mark { return mark(uint64(c)<<markBits | value) }

// hashed is a mark of a string. 32 bits are enough, and take half the room: a clash only hides a conflict.
func hashed(c class, s string) mark { return newMark(c, hash(s)>>32) }

// figureMark holds a number with the precision of a float32.
func figureMark(c class, v float64, of measure) mark {
	return newMark(c, uint64(of)<<32|uint64(math.Float32bits(float32(v))))
}

func (m mark) measure() measure { return measure(m >> 32) }
func (m mark) value() float64   { return float64(math.Float32frombits(uint32(m))) }

func (m mark) number() string { return strconv.FormatFloat(m.value(), 'f', -1, 32) }

// of returns the marks of class c, of a sorted list.
func of(marks []mark, c class) []mark {
	from, _ := slices.BinarySearch(marks, newMark(c, 0))
	to, _ := slices.BinarySearch(marks, newMark(c+1, 0))
	return marks[from:to]
}

// marker collects marks, at most most of each class.
type marker struct {
	marks []mark
	count [mention + 1]int
}

func (w *marker) add(m mark) {
	if c := m.class(); w.count[c] < most && !slices.Contains(w.marks, m) {
		w.count[c]++
		w.marks = append(w.marks, m)
	}
}

// marksOf returns the marks of a text, ascending and distinct.
func (s *scratch) marksOf(title, body []token, english bool, at time.Time) []mark {
	w := marker{marks: s.marks[:0]}
	w.models(title, true, english)
	w.models(lead(body), false, english)
	w.today(body[:min(len(body), openWords)], at)
	w.details(title, 0, english)
	w.details(body, 1, english)
	slices.Sort(w.marks)
	s.marks = w.marks
	return append([]mark(nil), w.marks...)
}

// models adds the models of a list, and of a title all that is compared between titles.
func (w *marker) models(ts []token, title, english bool) {
	for i := 0; i < len(ts); i++ {
		t := &ts[i]
		s, n := modelAt(ts, i, english)
		if n > 0 {
			w.add(hashed(mention, s))
		}
		switch {
		case !title:
		case t.of != "":
			w.add(hashed(edition, t.of+" "+t.text))
		case n > 0 && i > 0 && t.kind == number && ts[i-1].means.version != "":
			w.add(hashed(edition, s))
		case n > 0:
			w.add(hashed(model, s))
		case t.kind == number && i+1 < len(ts) && ts[i+1].month:
			w.add(hashed(day, t.text+" "+ts[i+1].text))
		case t.kind == word && t.means.money.money() && t.means.money != yen: // also a common ending
			w.add(newMark(money, uint64(t.means.money)))
		case slices.Contains(weekdays[:], t.text) &&
			(!t.means.ambiguous || i > 0 && (ts[i-1].text == "يوم" || ts[i-1].text == "اليوم")):
			w.add(hashed(day, t.text))
		}
		i += max(n, 1) - 1
	}
}

// today adds the day that an opening calls today, by its name, or «هذا اليوم» as bulletins do: then it is
// the day that the item is dated.
func (w *marker) today(opening []token, at time.Time) {
	for i := range max(0, len(opening)-1) {
		switch before, t := opening[i].text, opening[i+1].text; {
		case before == "اليوم" && slices.Contains(weekdays[:], t):
			w.add(hashed(day, t))
		case t == "اليوم" && (before == "هذا" || before == "لهذا"):
			w.add(hashed(day, weekdays[at.Add(arabClock).Weekday()]))
		}
	}
}

// details adds the places, names and figures of a title, or of a text if further is 1.
func (w *marker) details(ts []token, further class, english bool) {
	for i := 0; i < len(ts); i++ {
		t := &ts[i]
		s, n := placesAt(ts, i)
		switch {
		case n > 0:
			for _, p := range s.at {
				c := where + further
				if s.weak {
					c = inText
				}
				w.add(newMark(c, uint64(p)))
			}
			i += n - 1
		case t.said.two != 0:
			w.add(figureMark(figure+further, 2, t.said.two))
		case t.means.country != "":
			w.add(newMark(inText, uint64(placeOf(t.means.country))))
		case t.stop, t.kind == word, t.means.generation:
		case t.kind == number:
			if further == 1 || t.of == "" && !(i+1 < len(ts) && ts[i+1].month) {
				w.add(figureMark(figure+further, t.value, t.counts))
			}
		case t.known || !english || t.kind == code:
			w.add(hashed(named+further, t.text))
			if t.kind == code && strings.HasPrefix(t.text, "cve-") {
				w.add(hashed(flaw, t.text))
			}
		}
	}
}

// modelAt reads the model at ts[i], including words such as "pro", and returns how many tokens it takes;
// 0: there is no model.
func modelAt(ts []token, i int, english bool) (s string, n int) {
	t := &ts[i]
	s, n = t.text, 1
	switch {
	case t.kind == code && !t.means.generation:
	case t.kind == number && i > 0 && precedes(&ts[i-1], english) && !t.unit && !t.year &&
		!(i+1 < len(ts) && ts[i+1].month):
		s = cmp.Or(ts[i-1].means.version, ts[i-1].text) + " " + s
	case t.known && !t.means.company && i+1 < len(ts) && ts[i+1].means.variant != "": // iPad Air, iPad Pro
	default:
		return "", 0
	}
	for ; i+n < len(ts) && ts[i+n].means.variant != ""; n++ {
		s += " " + ts[i+n].means.variant
	}
	return s, n
}

// precedes reports whether a number after t is a model or version: after product names, but not after
// companies or arbitrary English words.
func precedes(t *token, english bool) bool {
	return t.kind == name && !t.means.company && (t.known || !english) || t.means.version != ""
}

// weekdays are the stems of weekdays, from Sunday.
var weekdays = [...]string{"احد", "اثن", "ثلاثاء", "اربعاء", "خميس", "جمع", "سبت"}

const arabClock = 3 * time.Hour // how far the clocks of most Arab outlets are ahead of UTC

const leadWords = 60 // words of the text that describe the event, without stop words: two or three paragraphs

// lead returns the tokens of the first paragraphs.
func lead(ts []token) []token {
	n := 0
	for i := range ts {
		if n == leadWords {
			return ts[:i]
		}
		if !ts[i].stop {
			n++
		}
	}
	return ts
}
