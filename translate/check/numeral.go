package check

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// readNumber reads the numeral at i and returns its end.
func (sc *scanner) readNumber(i int) int {
	raw, end := sc.numeral(i)
	before := strings.TrimRight(sc.s[:i], "-")
	r, _ := utf8.DecodeLastRuneInString(before)
	named := unicode.Is(unicode.Latin, r)
	if parts := dateParts(raw); parts != nil {
		for _, part := range parts {
			sc.part(part, true)
		}
		return end
	}
	q := quantity{raw: raw, rank: written, named: named, negative: sc.minus}
	sc.minus = false
	if strings.Contains(raw, ":") {
		sc.flush()
		if q.value = minutes(raw); !math.IsNaN(q.value) {
			q.unit = clock
			sc.start(q)
			return end
		}
		for part := range strings.SplitSeq(raw, ":") {
			sc.part(part, false)
		}
		return end
	}
	q.value, q.alt = value(raw, sc.arabic)
	if len(raw) == 4 && q.value >= minYear && q.value <= maxYear && (sc.arabic || sc.afterDateWord(i)) {
		q.unit = inYear
	}
	if !unicode.IsSpace(r) { // 1950-53
		q.alt = max(q.alt, sc.sameCentury(q))
	}
	if len(raw) == 2 && !sc.arabic && strings.ContainsRune("'’‘", r) { // since '98
		q.alt = shortYear(q.value)
	}
	if sc.open && sc.joined && sc.cur == 0 && q.value < sc.q.scale {
		if s := sc.scaleAfter(end); s > 0 && q.value*s < sc.q.scale || s == 0 && sc.arabic {
			sc.cur, sc.joined, sc.q.rank = q.value, false, written // مليون و200
			return end
		}
	}
	if i := end + len("-foot-"); strings.HasPrefix(sc.s[end:], "-foot-") && isDigit(sc.next(i)) { // 6-foot-6
		raw, end = sc.numeral(i)
		q.raw, q.alt = q.raw+"."+raw, q.value
		q.value, _ = value(q.raw, sc.arabic)
	}
	sc.start(q)
	return end
}

// part reads a part of 28/1/2025 or 16:9.
func (sc *scanner) part(raw string, date bool) {
	q := quantity{raw: raw, rank: written, date: date}
	q.value, q.alt = value(raw, sc.arabic)
	q.alt = max(q.alt, sc.sameCentury(q))
	sc.start(q)
	sc.flush()
}

// scaleAfter returns the scale word at i; 0: none.
func (sc *scanner) scaleAfter(i int) float64 {
	for w := range strings.FieldsSeq(sc.s[i:]) {
		if l, joined := sc.look(w, w[0] < utf8.RuneSelf, false); !joined && (l.kind == scale || l.kind == plural) {
			return l.value
		}
		break
	}
	return 0
}

// sameCentury returns the year that q, two digits behind a year, stands for; 0: none.
func (sc *scanner) sameCentury(q quantity) float64 {
	if y := sc.last(); len(q.raw) == 2 && (sc.open || sc.gap == 0) && y >= 1000 && y <= maxYear {
		return 100*math.Floor(y/100) + q.value
	}
	return 0
}

// shortYear returns the year of two digits, as POSIX strptime reads them: 69 is 1969, 68 is 2068.
func shortYear(digits float64) float64 {
	if digits < 69 {
		return 2000 + digits
	}
	return 1900 + digits
}

// dateWords are English words before a year.
var dateWords = strings.Fields("in since by until till from during before after early late mid year fiscal")

// afterDateWord reports whether the number at i stands behind a month, a day or one of dateWords.
func (sc *scanner) afterDateWord(i int) bool {
	if n := len(sc.out) - 1; !sc.open && n >= 0 && sc.linked && dated(&sc.out[n]) {
		return true
	}
	before := strings.ToLower(strings.TrimSuffix(sc.s[max(0, i-len(" january ")):i], " "))
	return slices.ContainsFunc(dateWords, func(w string) bool { return strings.HasSuffix(before, w) })
}

// dateParts splits 28/1/2025, 28-1-2025, 28.1.2025 and 8/10; nil: raw is none of these.
func dateParts(raw string) []string {
	if parts := strings.Split(raw, "/"); len(parts) > 1 {
		return parts
	}
	parts := strings.FieldsFunc(raw, func(r rune) bool { return r == '.' || r == '-' })
	if len(parts) == 3 && (len(parts[0]) == 4 || len(parts[2]) == 4) && len(raw) <= len("28-11-2025") {
		return parts
	}
	return nil
}

// last returns the value of the number before this one; 0: none.
func (sc *scanner) last() float64 {
	switch {
	case sc.open:
		return sc.total + sc.cur
	case len(sc.out) > 0:
		return sc.out[len(sc.out)-1].value
	}
	return 0
}

// numeral returns the numeral at i with ASCII digits, and its end. Blanks that group digits by three
// are left out.
func (sc *scanner) numeral(i int) (raw string, end int) {
	var b strings.Builder
	group := 0 // digits since the last separator
	for i < len(sc.s) {
		r, size := utf8.DecodeRuneInString(sc.s[i:])
		if d, ok := arabic.Digit(r); ok {
			b.WriteRune(d)
			group++
			i += size
			continue
		}
		rest := sc.s[i+size:]
		switch r {
		case '،', '٬', ',':
			r = ','
		case '٫':
			r = '.'
		case '.', ':', '/':
		case '-': // only within a date
			if !sc.dashed(rest, b.String()) {
				return b.String(), i
			}
		case ' ', '\u00a0', '\u202f', '\u2009':
			if group > 3 || b.Len() > maxGrouped || !sc.grouped(rest, r != ' ') {
				return b.String(), i
			}
			i, group = i+size, 0
			continue
		default:
			return b.String(), i
		}
		if !isDigit(sc.next(i + size)) {
			break
		}
		b.WriteRune(r)
		i, group = i+size, 0
	}
	return b.String(), i
}

// maxGrouped is the length of the longest numeral that may go on after a blank: trillions.
const maxGrouped = len("999999999999")

// dashed reports whether raw and what follows its dash are a date: 28-1-2025.
func (sc *scanner) dashed(rest, raw string) bool {
	n := strings.IndexFunc(rest, func(r rune) bool { return !isDigit(r) })
	return strings.Contains(raw, "-") || n > 0 && rest[n] == '-' && isDigit(sc.next(len(sc.s)-len(rest)+n+1))
}

// grouped reports whether rest begins with exactly three digits that belong to the number before. An
// ordinary blank may also part two numbers, which the other text then has alone.
func (sc *scanner) grouped(rest string, hard bool) bool {
	var digits []byte
	for _, r := range rest {
		d, ok := arabic.Digit(r)
		if !ok {
			break
		}
		digits = append(digits, byte(d))
	}
	if len(digits) != 3 || hard {
		return hard && len(digits) == 3
	}
	before, rest, found := strings.Cut(arabic.Digits(sc.other), string(digits))
	for found {
		r, _ := utf8.DecodeLastRuneInString(before)
		if !strings.ContainsRune("0123456789.,،", r) && (rest == "" || !isDigit(rune(rest[0]))) {
			return false
		}
		before, rest, found = strings.Cut(rest, string(digits))
	}
	return true
}

// minutes parses 8:30 and 20:30:15. It is NaN for 16:9 and 3:1.
func minutes(raw string) float64 {
	h, rest, _ := strings.Cut(raw, ":")
	m, s, _ := strings.Cut(rest, ":")
	hour, minute := parse(h), parse(m)
	if !(hour <= 24 && minute <= 59) || len(m) != 2 {
		return math.NaN()
	}
	return hour*60 + minute + parse("0"+s)/60
}

// value parses a number with points or commas, also in a second way; 0: there is none. v is NaN for
// a version.
func value(raw string, isArabic bool) (v, alt float64) {
	point, comma := strings.LastIndex(raw, "."), strings.LastIndex(raw, ",")
	sep, decimal := ",", "." // the last sign is the decimal point if there are both
	if comma < 0 || point >= 0 && point < comma {
		sep, decimal = ".", ","
	}
	parts := strings.Split(raw, sep)
	whole, two := parse(strings.Join(parts, "")), len(parts) == 2
	groups := len(parts[0]) < 4 && parts[0] != "0" &&
		!slices.ContainsFunc(parts[1:], func(p string) bool { return len(p) != 3 })
	switch {
	case point >= 0 && comma >= 0:
		return parse(strings.ReplaceAll(strings.ReplaceAll(raw, sep, ""), decimal, ".")), 0
	case groups && two && isArabic && parts[1] != "000":
		return whole, parse(parts[0] + "." + parts[1])
	case groups && two && !isArabic && sep == ".":
		return parse(raw), whole
	case groups || len(parts) == 1:
		return whole, 0
	case two && (isArabic || sep == "."):
		return parse(parts[0] + "." + parts[1]), 0
	}
	return math.NaN(), 0
}

func parse(s string) float64 {
	if v, err := strconv.ParseFloat(s, 64); err == nil {
		return v
	}
	return math.NaN()
}
