package check

import (
	"math"
	"strings"
	"unicode"
)

// start opens a number.
func (sc *scanner) start(q quantity) {
	sc.flush()
	q.linked = sc.linked && len(sc.out) > 0
	if sc.money != "" {
		q.unit, sc.money = sc.money, ""
	}
	sc.q, sc.open, sc.joined = q, true, false
	sc.total, sc.cur = 0, q.value
}

// flush closes the number that is open.
func (sc *scanner) flush() {
	if !sc.open {
		return
	}
	sc.open, sc.joined = false, false
	q := sc.q
	q.value = sc.total + sc.cur
	if q.scale > 0 && q.raw != "" {
		q.alt *= q.scale
		q.unit = strings.TrimPrefix(q.unit, inYear) // 2000 million
	}
	if n := len(sc.out) - 1; sc.century && n >= 0 && sc.out[n].unit == inDecade && q.rank == support {
		sc.out[n].value += 100 * (q.value - 20) // خمسينيات القرن التاسع عشر
	}
	sc.century = false
	if before := sc.recent(); before != nil && before.unit == ofYear && q.unit == "" && q.value <= maxDay {
		q.unit = ofMonth
	}
	sc.emit(q)
	sc.share(q.scale, q.unit)
}

func (sc *scanner) emit(q quantity) {
	if len(sc.out) <= maxQuantities {
		sc.out = append(sc.out, q)
	}
	sc.gap, sc.linked = 0, true
}

// recent returns the quantity that ends right here; nil: none.
func (sc *scanner) recent() *quantity {
	if sc.gap > 0 {
		return nil
	}
	return &sc.out[len(sc.out)-1]
}

// share gives the numbers linked to the last one its scale and its unit: "20 and 30 thousand".
func (sc *scanner) share(scale float64, unit string) {
	for i := len(sc.out) - 1; i > 0 && sc.out[i].linked; i-- {
		q := &sc.out[i-1]
		if q.scale > 0 || q.unit != "" || q.rank == support && q.value < 1 {
			return
		}
		if scale > 0 && q.value < 1000 {
			q.alt = q.value * scale
		}
		if q.value < minYear || q.value > maxYear {
			q.unit = unit
		}
	}
}

// apply lets a word or sign that ends at end change what is read.
func (sc *scanner) apply(l lexeme, end int, prev rune) {
	if sc.per {
		sc.per = false
		if l.unit == "$cent" || l.kind == scale && l.value == 100 {
			l = lexeme{kind: noun, unit: perCent}
		} else {
			sc.stop()
		}
	}
	and, bare := sc.and, sc.bare
	sc.pre, sc.and = "", l.kind == joiner && l.value > 0 || l.kind == article && and
	if l.kind != joiner && l.kind != article {
		sc.bare = ""
	}
	switch l.kind {
	case decades:
		sc.flush()
		sc.emit(quantity{value: 1900 + l.value, alt: l.value, unit: inDecade})
	case century:
		sc.skip()
		sc.century = true
	case number, ordinal:
		sc.add(l)
	case scale, dual, either, short, plural, uncounted:
		sc.applyScale(l)
	case fraction:
		sc.fraction(l.value, and, bare)
	case noun, code, beside, mentioned:
		sc.count(l, end, prev)
	case land, below, of100:
		sc.applyBehind(l)
	case monthName, dayName, perhaps, maybeDay, half, noon:
		sc.applyDate(l, end)
	case minus:
		sc.stop()
		sc.minus = true
	case joiner:
		if sc.joined = sc.open && l.value > 0; !sc.joined {
			sc.flush()
		}
	case per:
		sc.per = sc.open || sc.gap == 0
	case first:
		sc.flush()
		sc.pre = l.unit
	case article, suffix:
	default:
		sc.skip()
	}
}

// applyScale reads thousand, thousands, 5k and two thousand as one word.
func (sc *scanner) applyScale(l lexeme) {
	switch q := sc.recent(); {
	case l.kind != short && !sc.open && q != nil && isMoney(q.unit) && q.raw != "" && q.scale == 0: // 5$ مليارات
		q.value, q.scale = q.value*l.value, l.value
	case l.kind == scale, (l.kind == either || l.kind == plural) && sc.open && !sc.joined:
		sc.multiply(l.value)
	case l.kind == short && sc.open && sc.q.raw != "" && sc.q.scale == 0 && !sc.joined:
		number := sc.cur
		sc.multiply(l.value)
		sc.q.raw, sc.q.alt = "", number // 5m may be metres
	case l.kind == short:
		sc.skip()
	case l.kind == dual && sc.open && sc.joined && sc.cur == 0 && l.value < sc.q.scale: // مليون وألفان
		sc.total, sc.joined = sc.total+2*l.value, false
	case l.kind == dual:
		sc.start(quantity{value: 2, rank: spelled})
		sc.multiply(l.value)
	case l.kind == either:
		sc.start(quantity{value: 2, rank: spelled})
		sc.multiply(l.value)
		sc.q.alt = l.value
	default:
		sc.flush()
		if l.value >= 1000 {
			sc.emit(quantity{value: l.value, unit: many, rank: written})
		}
	}
}

// applyBehind reads a word that says more about the quantity before it.
func (sc *scanner) applyBehind(l lexeme) {
	open := sc.open
	if l.kind != land {
		sc.flush()
	}
	switch q := sc.recent(); {
	case l.kind == land && !open && q != nil && isMoney(q.unit):
		q.unit = within(q.unit, l.unit)
	case l.kind == land:
		sc.land = l.unit
	case q == nil:
	case l.kind == below:
		q.negative = true
	case q.unit == "point":
		q.unit = perCent
	case q.unit == "":
		q.unit = degree
	}
}

// applyDate reads a month, a weekday, a half of the day or noon.
func (sc *scanner) applyDate(l lexeme, end int) {
	sc.flush()
	q, next := sc.recent(), sc.next(min(end+1, len(sc.s)))
	switch l.kind {
	case half:
		if q != nil && (q.unit == clock || q.unit == "" && q.value <= 12 && l.value == 0) {
			q.half = l.unit[0]
		}
		return
	case noon:
		sc.emit(quantity{unit: clock})
		return
	}
	rank := written
	switch {
	case (l.kind == perhaps || l.kind == maybeDay) && q == nil && !isDigit(next),
		l.kind == dayName && !sc.arabic && unicode.IsUpper(next): // Saturday Night Live
		rank = support
	}
	switch {
	case q == nil:
	case l.unit == ofYear && q.unit == "" && q.value <= maxDay:
		q.unit = ofMonth
	case l.unit == ofWeek && q.unit == "day": // 89 يوم السبت
		q.unit = ""
	}
	sc.emit(quantity{value: l.value, unit: l.unit, rank: rank})
}

// skip reads a word that says nothing.
func (sc *scanner) skip() {
	sc.flush()
	sc.gap++
	sc.linked, sc.money, sc.land, sc.minus = false, "", "", false
}

// add reads a numeral or an ordinal in words.
func (sc *scanner) add(l lexeme) {
	rank := spelled
	if l.kind == ordinal || l.value < 3 {
		rank = support
	}
	if !sc.open || !sc.fits(l.value) {
		sc.start(quantity{value: l.value, rank: rank})
		return
	}
	sc.cur += l.value
	sc.joined = false
	if l.kind == ordinal {
		sc.q.rank = support
	}
}

// fits reports whether a word of value v continues the number that is open.
func (sc *scanner) fits(v float64) bool {
	base := math.Mod(sc.cur, 100)
	switch {
	case sc.cur == 0 && sc.total > 0:
		return v < sc.q.scale && (sc.joined || sc.q.raw == "")
	case base == 0:
		return sc.cur >= 100 && v < 100
	case sc.q.raw != "":
		return false
	case sc.arabic && sc.joined:
		return base < 10 && v >= 20 && v < 100
	case sc.arabic:
		return base < 10 && v == 10
	}
	return !sc.joined && base >= 20 && math.Mod(base, 10) == 0 && v < 10
}

// multiply reads a scale word.
func (sc *scanner) multiply(s float64) {
	switch {
	case sc.open && sc.joined && sc.cur == 0 && s < sc.q.scale: // ألف ومئة
		sc.cur = 1
	case !sc.open || sc.joined && (sc.cur == 0 || sc.total == 0):
		sc.start(quantity{value: 1, rank: spelled})
	case sc.cur > 0 && sc.total > 0 && s >= sc.q.scale: // مليوني وثلاثة ملايين
		v, rank := sc.cur, sc.q.rank
		sc.cur = 0
		sc.start(quantity{value: v, rank: rank})
	}
	sc.joined = false
	sc.q.rank = max(sc.q.rank, spelled)
	if sc.q.raw == "" {
		sc.q.alt = 0 // half a million is not 50 %
	}
	switch {
	case s < 1000:
		sc.cur = max(sc.cur, 1) * s
		return
	case sc.arabic && sc.cur == 0 && s == sc.q.scale: // مليون ونصف المليون
	case sc.cur == 0:
		sc.total *= s
	default:
		sc.total += sc.cur * s
	}
	sc.cur, sc.q.scale = 0, s
	if s >= 1e6 {
		sc.q.rank = written
	}
}

// fraction reads half, quarter and third, behind "and" or not. bare is the noun before: an hour and a half.
func (sc *scanner) fraction(f float64, and bool, bare string) {
	switch q := sc.recent(); {
	case and && !sc.open && q != nil && q.value >= 1 && !special(q.unit):
		q.value += f * max(q.scale, 1)
	case and && bare != "":
		sc.start(quantity{value: 1 + f, rank: spelled})
		sc.flush()
		sc.recent().unit = bare
	case sc.open && sc.joined && sc.cur == 0:
		sc.total += f * sc.q.scale
	case sc.open && sc.joined:
		sc.cur += f
	case sc.open && sc.q.raw == "" && sc.q.scale == 0 && sc.cur < 10: // three quarters
		sc.cur *= f
		sc.q.rank, sc.q.alt = support, 100*sc.cur
	default:
		sc.start(quantity{value: f, alt: 100 * f, rank: support})
	}
	sc.joined = false
}

// count reads the name of what is counted.
func (sc *scanner) count(l lexeme, end int, prev rune) {
	unit, money := l.unit, isMoney(l.unit)
	if money {
		unit = within(unit, sc.land)
	}
	next := sc.next(end)
	if next == ' ' && l.kind == code && !sc.open { // SAR 999
		next = sc.next(end + 1)
	}
	if (money || l.kind == code) && isDigit(next) && !isDigit(prev) {
		sc.flush()
		sc.money = unit
		return
	}
	sc.flush()
	q := sc.recent()
	switch n := len(sc.out) - 1; {
	case q == nil && l.kind == noun && l.value > 0: // decade, ساعتين
		sc.emit(quantity{value: l.value, unit: unit})
	case q != nil && !q.date && (q.unit == "" || q.unit == inYear) &&
		(l.kind != beside || q.rank == written && q.value >= l.value):
		q.unit = unit
		sc.share(0, unit)
		sc.cents()
	case money && l.kind != beside && (q == nil || q.unit != unit):
		if q == nil && n >= 0 && sc.gap == 1 && !sc.arabic && sc.out[n].unit == "" { // 500 Congolese francs
			sc.out[n].unit = unit
			break
		}
		sc.out = append(sc.out, quantity{value: math.NaN(), unit: unit, named: l.kind == mentioned})
		sc.gap, sc.linked = 0, false
	case !money && n >= 0 && sc.gap <= nounGap && !sc.arabic && sc.out[n].unit == "" && unit != perCent:
		sc.out[n].unit = unit
	default:
		sc.gap++
		sc.linked, sc.bare = false, unit
	}
}

// cents turns cents into dollars, and adds them to the dollars before.
func (sc *scanner) cents() {
	n := len(sc.out) - 1
	q, whole := &sc.out[n], map[string]string{"$cent": "$dollar", "$pence": "$pound"}[sc.out[n].unit]
	if whole == "" {
		return
	}
	q.value, q.alt, q.unit = q.value/100, q.value, whole
	if n > 0 && q.linked && isMoney(sc.out[n-1].unit) {
		sc.out[n-1].value += q.value
		sc.out = sc.out[:n]
	}
}

func isMoney(unit string) bool { return unit != "" && unit[0] == moneySign }

// within adds a country to the unit of money.
func within(unit, country string) string {
	if country == "" || strings.Contains(unit, "/") {
		return unit
	}
	return unit + "/" + country
}
