package check

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// quantities compares the numbers, amounts, times and dates of source and target.
func quantities(p pair) (out []Problem) {
	src, dst := scan(p.source, p.target, true), scan(p.target, p.source, false)
	if len(src)+len(dst) == 0 {
		return nil
	}
	if max(len(src), len(dst)) > maxQuantities {
		return []Problem{{"numbers", "too many to compare", true}}
	}
	lost, added := unmatched(src, dst), unmatched(dst, src)
	lost, added = respaced(lost, added, p.target)
	added, lost = respaced(added, lost, p.source)
	added = slices.DeleteFunc(added, func(q *quantity) bool {
		return idiom(q, p.low) || (q.value == 1 || q.value == 2) && calendar(q) == "" && len(lost) == 0 &&
			len(surplus(src, dst, false)) == 0
	})
	if len(added) == 0 {
		added = surplus(dst, src, len(lost) > 0)
	}
	out = append(out, changed(lost, added, src)...)
	out = append(out, clashes(p, src, dst)...)
	if len(out) == 0 {
		out = append(out, swapped(src, dst)...)
	}
	return out
}

// changed reports quantities that only one text has. If each text has one in figures, that is certainly
// wrong.
func changed(lost, added []*quantity, src []quantity) (out []Problem) {
	for _, l := range lost {
		i := slices.IndexFunc(added, func(a *quantity) bool { return calendar(l) == calendar(a) })
		switch {
		case i >= 0:
			sure := l.rank == written && (added[i].rank == written || !l.sayable())
			out = append(out, Problem{l.check(), l.String() + " became " + added[i].String(), !sure})
		case l.rank == written:
			out = append(out, Problem{l.check(), l.String() + " is missing", l.sayable()})
		}
	}
	for _, a := range added {
		if len(out) == 0 && (a.rank == written || a.raw != "") {
			huge := func(q quantity) bool { return max(q.scale, q.value) >= 1e6 }
			sure := (a.scale >= 1e6 || a.unit == many) && huge(*a) && !slices.ContainsFunc(src, huge)
			out = append(out, Problem{a.check(), a.String() + " is new", !sure})
		}
	}
	return out
}

// maxSayable is the largest number that is often said in another way.
const maxSayable = 12

// sayable reports whether q, which the target lacks as a number, may be said in other words: this year,
// overnight, all.
func (q *quantity) sayable() bool {
	switch q.unit {
	case "":
		return q.value <= maxSayable || q.named
	case perCent:
		return q.value == 100
	}
	return q.value <= maxSayable || special(q.unit) ||
		strings.Contains(" # date year months week day hour minute seconds ", " "+q.unit+" ")
}

// calendar returns the unit of a month or weekday; "": none.
func calendar(q *quantity) string {
	if q.unit == ofYear || q.unit == ofWeek {
		return q.unit
	}
	return ""
}

// surplus returns figures of others that list has more often. Ones and twos count only if small is set.
func surplus(list, others []quantity, small bool) (out []*quantity) {
	count := func(of []quantity, q *quantity) (n int) {
		for i := range of {
			if special(of[i].unit) == special(q.unit) && same(&of[i], q) {
				n++
			}
		}
		return n
	}
	for i := range list {
		q := list[i]
		if q.rank < written || q.named || q.unit == many || q.value <= 2 && !small {
			continue
		}
		if n := count(others, &q); n > 0 && count(list, &q) > n {
			q.rank = spelled // it may be right
			out = append(out, &q)
		}
	}
	return out
}

// check returns the name of the check that compares q.
func (q *quantity) check() string {
	switch {
	case q.unit == ofYear || q.unit == ofWeek || q.unit == clock || q.unit == ofMonth:
		return "dates"
	case q.unit == perCent || q.unit == many || q.scale > 0 || isMoney(q.unit):
		return "amounts"
	}
	return "numbers"
}

func (q *quantity) String() string {
	unit := strings.TrimLeft(q.unit, "$#")
	switch {
	case q.raw != "" && q.scale == 0:
		return q.raw
	case math.IsNaN(q.value):
		return unit
	}
	return strings.TrimSpace(strconv.FormatFloat(q.value, 'f', -1, 64) + " " + unit)
}

// clashes reports quantities whose units contradict each other, and money that only one text has.
func clashes(p pair, src, dst []quantity) (out []Problem) {
	report := func(q *quantity, detail string, doubt bool) {
		out = append(out, Problem{q.check(), q.String() + detail, doubt})
	}
	var gave, took *quantity // money that became something else, and the other way round
	for i := range src {
		s := &src[i]
		t := counterpart(s, dst)
		if t == nil {
			continue
		}
		switch money := isMoney(s.unit); {
		case t.rank == support: // half price
		case s.half > 0 && t.half > 0 && s.half != t.half:
			report(s, " is in the other half of the day", true)
		case s.negative && !t.negative && !lessening().MatchString(p.low):
			report(s, " lost its sign", s.unit != degree && s.unit != perCent)
		case converted(s, t), s.unit == perCent && t.unit == "point":
		case measured(s) && measured(t) && s.unit != t.unit:
			report(s, " "+s.unit+" became "+t.unit, true)
		case !clash(s, t):
		case money && isMoney(t.unit):
			report(s, " is in another currency", false)
		case s.unit == perCent:
			report(s, " is no longer per cent", has(dst, perCent))
		case t.unit == perCent:
			report(s, " has become per cent", true)
		case money:
			gave = s
		case isMoney(t.unit):
			took = s
		}
	}
	if gave != nil && took != nil {
		report(gave, " and "+took.String()+" changed places", true)
	}
	for i := range src {
		if s := &src[i]; isMoney(s.unit) && !has(dst, s.unit) && len(out) == 0 &&
			!(s.unit == "$riyal" && strings.Contains(p.target, "Real")) {
			other := func(t quantity) bool { return isMoney(t.unit) && !has(src, t.unit) }
			report(s, " lost its currency", !slices.ContainsFunc(dst, other))
		}
	}
	for i := range dst {
		if t := &dst[i]; isMoney(t.unit) && !t.named && !has(src, t.unit) && len(out) == 0 {
			report(t, " is in a currency that the source lacks", true)
		}
	}
	return out
}

// measures are units of which a number has only one right.
const measures = " year months week day hour minute seconds km m cm mm mile foot inch kg g ton TB GB MB GHz MHz Hz W " +
	"kW nm "

func measured(q *quantity) bool { return q.unit != "" && strings.Contains(measures, " "+q.unit+" ") }

// lessening matches English words that say what a minus sign says.
var lessening = pattern(`minus|negative|below|under|sub-|down|f[ae]ll|drop|declin|decreas|los[st]|less|lower|` +
	`shr[aiu]nk|cut`)

// counterpart returns what s has become, nil if that is not known. It prefers the same unit.
func counterpart(s *quantity, dst []quantity) (t *quantity) {
	for j := range dst {
		if s.rank > support && same(s, &dst[j]) && (t == nil || s.unit != t.unit || s.half != t.half) {
			t = &dst[j]
		}
	}
	return t
}

// has reports whether list has something in the unit.
func has(list []quantity, unit string) bool {
	return slices.ContainsFunc(list, func(q quantity) bool { return q.unit != "" && !clash(&q, &quantity{unit: unit}) })
}

// swapped reports two figures that changed places, or whose nouns did.
func swapped(src, dst []quantity) []Problem {
	at, used, last := make([]int, len(src)), make([]bool, len(dst)), -1 // at: the index in dst; -1: none
	for i := range src {
		at[i] = -1
		best := 0
		for j := range dst {
			if used[j] || !telling(&src[i]) || !same(&src[i], &dst[j]) {
				continue
			}
			fit := 1
			if src[i].unit == dst[j].unit {
				fit += 2
			}
			if j > last {
				fit++
			}
			if fit > best {
				at[i], best = j, fit
			}
		}
		if at[i] >= 0 {
			used[at[i]] = true
			last = at[i]
		}
	}
	for i := range src {
		for j := i + 1; j < len(src); j++ {
			s, u := &src[i], &src[j]
			if at[i] < 0 || at[j] < 0 || (special(s.unit) || special(u.unit)) && s.unit != u.unit {
				continue
			}
			t, v := &dst[at[i]], &dst[at[j]]
			if s.date && u.date && (t.date && v.date && max(s.value, u.value) > 12 || dated(t) && dated(v)) {
				continue // 28/1 and 1/28
			}
			differ := s.unit != "" && u.unit != "" && s.unit != u.unit
			crossed := differ && s.unit == v.unit && u.unit == t.unit
			told := s.unit != u.unit && s.unit == t.unit && u.unit == v.unit
			if !same(s, v) && (crossed || at[i] > at[j] && !told) {
				return []Problem{{"order", s.String() + " and " + u.String() + " changed places", true}}
			}
		}
	}
	return nil
}

func dated(q *quantity) bool { return q.unit == ofYear || q.unit == ofMonth || q.unit == inYear }

// telling reports whether q says more than one, two or half.
func telling(q *quantity) bool {
	return q.rank > support || q.value > 2 && q.unit != clock || calendar(q) != ""
}

// unmatched returns what list has and others lacks.
func unmatched(list, others []quantity) (out []*quantity) {
	for i := range list {
		q := &list[i]
		if telling(q) && !slices.ContainsFunc(others, func(o quantity) bool { return same(q, &o) }) {
			out = append(out, q)
		}
	}
	return out
}

// same reports whether a may have become b.
func same(a, b *quantity) bool {
	if special(a.unit) != special(b.unit) {
		swap := special(b.unit)
		if swap {
			a, b = b, a
		}
		switch a.unit {
		case clock:
			return (b.unit == "" || b.unit == inYear) && (equal(math.Mod(a.value, 720), math.Mod(minutesOf(b), 720)) ||
				b.value < 24 && equal(math.Mod(a.value, 720), math.Mod(60*b.value, 720)))
		case many: // what nobody counted may become a figure, but not the other way round
			return (!swap || b.raw == "") && magnitude(b.value) == a.value
		}
		return b.date && a.unit == ofYear && a.value == b.value
	}
	switch {
	case a.unit == clock && b.unit == clock:
		return equal(math.Mod(a.value, 720), math.Mod(b.value, 720))
	case special(a.unit):
		return a.unit == b.unit && a.value == b.value
	}
	return a.reads(b.value) || b.alt != 0 && a.reads(b.alt) || a.unit != b.unit && converted(a, b) ||
		math.IsNaN(a.value+b.value) && a.raw != "" && a.raw == b.raw && a.scale == b.scale // versions
}

// reads reports whether q can be read as v.
func (q *quantity) reads(v float64) bool { return equal(q.value, v) || q.alt != 0 && equal(q.alt, v) }

// special reports whether quantities of the unit are not numbers.
func special(unit string) bool {
	return unit == clock || unit == many || unit == ofYear || unit == ofWeek
}

// longer says how many of the second unit are one of the first.
var longer = map[[2]string]float64{{"decade", "year"}: 10, {"year", "months"}: 12, {"week", "day"}: 7,
	{"day", "hour"}: 24, {"hour", "minute"}: 60, {"minute", "seconds"}: 60,
	{"km", "m"}: 1e3, {"m", "cm"}: 100, {"cm", "mm"}: 10,
	{"ton", "kg"}: 1e3, {"kg", "g"}: 1e3, {"TB", "GB"}: 1e3, {"GB", "MB"}: 1e3, {"GHz", "MHz"}: 1e3, {"kW", "W"}: 1e3,
	{perCent, "point"}: 100}

// converted reports whether a and b are the same in two units.
func converted(a, b *quantity) bool {
	n, m := longer[[2]string{a.unit, b.unit}], longer[[2]string{b.unit, a.unit}]
	return n > 0 && equal(n*a.value, b.value) || m > 0 && equal(m*b.value, a.value)
}

// minutesOf reads 12, 1200 and 12.30 as a time of day.
func minutesOf(q *quantity) float64 {
	hour, minute := math.Trunc(q.value), math.Round(100*math.Mod(q.value, 1))
	if hour > 24 && len(q.raw) == 4 {
		hour, minute = math.Trunc(hour/100), math.Mod(hour, 100)
	}
	if hour > 24 || minute > 59 {
		return math.NaN()
	}
	return 60*hour + minute
}

// magnitude returns the scale word for v, at least a thousand; 0: none.
func magnitude(v float64) float64 {
	if v < 1e3 || math.IsNaN(v) {
		return 0
	}
	return min(1e12, math.Pow(1000, math.Floor(math.Log10(v)/3)))
}

// kin are pairs of currencies that share a sign or an English name.
const kin = "$lira$pound $yen$¥ $yuan$¥ $rupee$rupiah"

// clash reports whether the units of a and b, one of them money or per cent, differ.
func clash(a, b *quantity) bool {
	au, ac, _ := strings.Cut(a.unit, "/")
	bu, bc, _ := strings.Cut(b.unit, "/")
	if au != perCent && !isMoney(au) && bu != perCent && !isMoney(bu) {
		return false
	}
	return au != bu && !strings.Contains(kin, au+bu) && !strings.Contains(kin, bu+au) ||
		ac != bc && ac != "" && bc != ""
}

func equal(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(a) }

// idioms are numbers that a translation may write where the source has none.
var idioms = []string{"covid-19", "24/7", "9/11", "24 hours a day", "365"}

func idiom(q *quantity, low string) bool {
	return q.raw != "" && slices.ContainsFunc(idioms, func(s string) bool {
		return strings.Contains(s, q.raw) && strings.Contains(low, s)
	})
}

// minRespaced is the least number of digits of a telephone number that is not short.
const minRespaced = 7

// respaced removes numbers of long that text has with other blanks, and their parts from short.
func respaced(long, short []*quantity, text string) (restLong, restShort []*quantity) {
	restShort = short
	for _, l := range long {
		digits := squeeze(l.raw)
		if len(digits) < minRespaced || l.raw != digits || !strings.Contains(squeeze(text), digits) {
			restLong = append(restLong, l)
			continue
		}
		restShort = slices.DeleteFunc(restShort, func(q *quantity) bool {
			return q.raw != "" && strings.Contains(digits, squeeze(q.raw))
		})
	}
	return restLong, restShort
}

// squeeze removes what groups the digits of a number.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0-.,()", r) {
			return -1
		}
		return r
	}, arabic.Digits(s))
}
