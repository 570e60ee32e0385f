package arabic

import (
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// zoneName matches a name of the IANA database: Asia/Riyadh.
var zoneName = regexp.MustCompile(`Etc/GMT[+-]\d+|[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+`)

// Date parses a Gregorian date in Arabic or Latin words or digits, also beside a Hijri one. The
// default time is midnight in loc (nil: UTC). It returns two times if the date has only numbers, which
// may be day and month or month and day; else the same time twice. A time is zero if the calendar
// lacks it, or if a word of s is not part of a date.
func Date(s string, loc *time.Location) (dayFirst, monthFirst time.Time) {
	if len(s) > maxDate || !strings.ContainsFunc(s, unicode.IsDigit) {
		return dayFirst, monthFirst
	}
	if loc == nil {
		loc = time.UTC
	}
	d, s := date{hour: -1, loc: loc}, Digits(s)
	if strings.Contains(s, "/") {
		if name := zoneName.FindString(s); name != "" {
			if l, err := time.LoadLocation(name); err == nil {
				d.loc, s = l, strings.Replace(s, name, " ", 1)
			}
		}
	}
	if whole := d; whole.parse(s) {
		return whole.times()
	}
	if strings.Contains(s, "14") { // the Islamic century
		if part := d; part.parse(hijri.ReplaceAllString(s, " ")) {
			return part.times()
		}
	}
	if weekday, rest, _ := strings.Cut(s, ","); len(weekday) <= maxWeekday && d.parse(rest) { // in any language
		return d.times()
	}
	return dayFirst, monthFirst
}

// maxDate is in bytes: a date with weekday, Hijri date, time and zone has at most 80 letters of two
// bytes.
const maxDate = 256

// maxWeekday is in bytes: понедельник.
const maxWeekday = 24

// hijri matches a date of the Islamic calendar, which often stands beside a Gregorian one.
var hijri = regexp.MustCompile(`(\d{1,2}\s+(المحرم|محرم|صفر|ربيع\s+\S+|جماد\S+\s+[^\s\d]+|رجب|شعبان|رمضان|شوال|` +
	`ذ[وي]\s+\S+)([\s،,]+14\d\d)?|14\d\d[/-]\d{1,2}[/-]\d{1,2}|` +
	`\b\d{1,2}[/-]\d{1,2}[/-]14\d\d)\s*(هـ?|هجري\S*)?`)

// dateTokens splits s into folded words, numbers and signs. 2025م is two tokens.
func dateTokens(s string) (out []string) {
	const gap, number, word = 0, 1, 2
	s = Digits(s)
	start, kind := 0, gap
	flush := func(end int) {
		switch kind {
		case number:
			out = append(out, s[start:end])
		case word:
			if f := Fold(s[start:end]); f != "" {
				out = append(out, f)
			}
		}
	}
	for i, r := range s {
		is := gap
		switch {
		case r >= '0' && r <= '9':
			is = number
		case unicode.IsLetter(r), mark(r), r == tatweel, kind == word && (r == '.' || invisible(r)):
			is = word
		}
		if is != kind {
			flush(i)
			start, kind = i, is
		}
		switch {
		case is != gap:
		case r == '–' || r == '−':
			out = append(out, "-")
		case r == '\\':
			out = append(out, "/")
		case strings.ContainsRune(":/-+.,()", r):
			out = append(out, s[i:i+1])
		}
	}
	flush(len(s))
	return out
}

// date is a date that is being parsed. Its hour is -1 until there is one.
type date struct {
	year, day                int
	month                    time.Month
	hour, minute, sec, nanos int
	afternoon, morning       bool
	loc                      *time.Location
	zoned, offset            bool      // loc is a zone that s names, an offset
	latin                    bool      // the month has a Latin name
	numeric                  bool      // day and month may change places
	unix                     time.Time // of a number that counts from 1970; it needs no more
}

// parse parses all of s, and reports whether it is a date.
func (d *date) parse(s string) bool {
	for ts := dateTokens(s); len(ts) > 0; {
		n := d.parseNext(ts)
		if n == 0 {
			return false
		}
		ts = ts[n:]
	}
	return !d.unix.IsZero() || d.year > 0 && d.month > 0 && d.day > 0
}

// parseNext parses the first tokens of ts and returns their number. It is 0 if they are not part of
// a date.
func (d *date) parseNext(ts []string) int {
	w := ts[0]
	if isNumber(w) {
		return d.number(ts)
	}
	if len(ts) > 1 {
		if m, ok := months[w+" "+ts[1]]; ok {
			return d.setMonth(m, 2)
		}
	}
	if m, ok := months[w]; ok {
		return d.setMonth(m, 1)
	}
	if m := latinMonth(w); m > 0 {
		d.latin = true
		return d.setMonth(m, 1)
	}
	if after, ok := dayHalves[w]; ok && (d.hour >= 0 || w == "ص" && d.day > 0) {
		if w == "ليلا" { // 1 ليلا is after midnight
			after = d.hour%12 > 5
		}
		d.afternoon, d.morning = after, !after
		return 1
	}
	if d.hour >= 0 {
		if n := d.zone(ts); n > 0 {
			return n
		}
	}
	switch {
	case w == "(" && d.hour >= 0: // a comment
		return slices.Index(ts, ")") + 1
	case (w == "توقيت" || w == "بتوقيت") && d.hour >= 0 && len(ts) > 1 && d.zone(ts[1:]) == 0: // of an unknown place
		return 2
	case w == "م" && d.year > 0, // "AD"
		w == "t" && d.day > 0, fillers[w], strings.Contains(latinFillers, " "+w):
		return 1
	}
	return 0
}

// Months returns the folded Arabic names of Gregorian months, some of two words.
func Months() iter.Seq2[string, time.Month] { return maps.All(months) }

// latinMonth returns the month whose Latin name begins with w, if w has three letters; 0: none.
func latinMonth(w string) time.Month {
	if len(w) < len("may") || w[0] >= utf8.RuneSelf {
		return 0
	}
	begins := func(names string) bool { return strings.Contains(names, " "+w) }
	return time.Month(1 + slices.IndexFunc(latinMonths[:], begins))
}

// zone parses an offset, a name of a zone or a short Latin word, which may be the name of a zone that
// is not known. An offset outweighs names.
func (d *date) zone(ts []string) int {
	w := ts[0]
	if w == "(" && len(ts) > 2 && ts[2] == ")" { // (AST)
		if n := d.zone(ts[1:]); n == 1 {
			return 3
		}
	}
	if (w == "+" || w == "-") && len(ts) > 1 {
		return d.parseOffset(ts)
	}
	loc := d.loc
	if minutes, ok := zones[w]; ok {
		loc, d.zoned = time.FixedZone("", minutes*60), true
	} else if l, err := time.LoadLocation(places[w]); err == nil && places[w] != "" {
		loc = l
	} else if w[0] < 'a' || w[0] > 'z' || len(w) > 5 && d.day*d.year == 0 {
		return 0
	}
	if !d.offset {
		d.loc = loc
	}
	return 1
}

// parseOffset parses +03, +3:00, +300 or +0300.
func (d *date) parseOffset(ts []string) int {
	digits, n := ts[1], 2
	if len(digits) <= 2 {
		if d.year == 0 && !d.zoned { // 10:00 - 5 November
			return 0
		}
		minutes := "00"
		if len(ts) > 3 && ts[2] == ":" {
			minutes, n = ts[3], 4
		}
		digits += minutes
	}
	v, err := strconv.Atoi(ts[0] + digits)
	if err != nil || len(digits) > 4 || v < -1400 || v > 1400 {
		return 0
	}
	d.loc, d.offset = time.FixedZone("", v/100*3600+v%100*60), true
	return n
}

// setMonth sets the month, whose name takes n tokens. A second name must be of the same month
// (نيسان/أبريل).
func (d *date) setMonth(m time.Month, n int) int {
	if d.month != 0 && d.month != m {
		return 0
	}
	d.month = m
	return n
}

// number parses the number that begins ts, with what belongs to it.
func (d *date) number(ts []string) int {
	sign, digits := "", len(ts[0])
	if len(ts) > 2 && isNumber(ts[2]) {
		sign = ts[1]
	}
	n, err := strconv.Atoi(ts[0])
	switch {
	case err != nil:
		return 0
	case !d.unix.IsZero(): // a fraction of it
	case d.hour >= 0 && d.year > 0 && (sign == ":" || digits == 4): // the plus before an offset became a space
		return max(1, d.parseOffset(slices.Concat([]string{"+"}, ts))) - 1
	case d.hour < 0 && digits <= 2 && (sign == ":" || sign == "h" || sign == "." && d.year > 0):
		return d.clock(n, ts)
	case sign != "" && strings.Contains("/-.", sign) && d.month == 0 && len(ts) > 4 && ts[3] == sign:
		return d.numbers(n, ts)
	case digits == 4 && d.year == 0:
		d.year = n
	case digits <= 2 && d.day == 0:
		d.day = n
	case digits <= 2 && d.year == 0 && d.latin: // RFC 822
		d.year = 2000 + n
		if n >= 70 {
			d.year = 1900 + n
		}
	case digits <= 2 && d.hour < 0: // "الساعة 8 مساء"
		d.hour = n
	default:
		return d.compact(ts[0])
	}
	return 1
}

// compact parses 20261127, 100000 or both together, or a time since 1970 in seconds or a smaller unit.
func (d *date) compact(digits string) int {
	if d.year == 0 {
		switch n, _ := strconv.ParseInt(digits, 10, 64); len(digits) {
		case 10:
			d.unix = time.Unix(n, 0)
		case 13:
			d.unix = time.UnixMilli(n)
		case 16:
			d.unix = time.UnixMicro(n)
		case 19:
			d.unix = time.Unix(0, n)
		case 8, 12, 14:
			d.year, _ = strconv.Atoi(digits[:4])
			month, _ := strconv.Atoi(digits[4:6])
			d.day, _ = strconv.Atoi(digits[6:8])
			if d.month, digits = time.Month(month), digits[8:]; digits != "" {
				return d.compact(digits)
			}
		default:
			return 0
		}
		return 1
	}
	if d.hour >= 0 || len(digits) != 4 && len(digits) != 6 {
		return 0
	}
	digits += "00"
	d.hour, _ = strconv.Atoi(digits[:2])
	d.minute, _ = strconv.Atoi(digits[2:4])
	d.sec, _ = strconv.Atoi(digits[4:6])
	return 1
}

func isNumber(token string) bool { return token[0] >= '0' && token[0] <= '9' }

// clock parses hh:mm, hh:mm:ss or hh:mm:ss.fraction.
func (d *date) clock(hour int, ts []string) int {
	d.hour = hour
	d.minute, _ = strconv.Atoi(ts[2])
	if len(ts) <= 4 || ts[3] != ":" || !isNumber(ts[4]) {
		return 3
	}
	d.sec, _ = strconv.Atoi(ts[4])
	if len(ts) <= 6 || !strings.Contains(".:,", ts[5]) || !isNumber(ts[6]) || ts[5] == "," && len(ts[6]) != 3 {
		return 5
	}
	fraction, _ := strconv.ParseFloat("."+ts[6], 64)
	d.nanos = int(fraction * 1e9)
	return 7
}

// numbers parses day/month/year, month/day/year or year-month-day.
func (d *date) numbers(n int, ts []string) int {
	month, err := strconv.Atoi(ts[2])
	last, err2 := strconv.Atoi(ts[4])
	switch {
	case err != nil || err2 != nil:
		return 0
	case len(ts[0]) == 4:
		d.year, d.day = n, last
	case len(ts[4]) == 4:
		d.year, d.day, d.numeric = last, n, true
	default: // a year of two digits may be a day
		return 0
	}
	d.month = time.Month(month)
	return 5
}

// times returns the parsed date, read with the day first and with the month first.
func (d *date) times() (dayFirst, monthFirst time.Time) {
	dayFirst = d.time()
	if !d.numeric {
		return dayFirst, dayFirst
	}
	d.day, d.month = int(d.month), time.Month(d.day)
	return dayFirst, d.time()
}

// time returns the parsed date; zero: it is in no calendar. 12 ص is midnight, 12 م noon.
func (d *date) time() time.Time {
	if !d.unix.IsZero() {
		return d.unix
	}
	hour := max(d.hour, 0)
	switch {
	case d.afternoon && hour < 12:
		hour += 12
	case d.morning && hour == 12:
		hour = 0
	}
	last := time.Date(d.year, d.month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if d.year < 1900 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > last || d.minute > 59 || d.sec > 60 ||
		hour > 24 || hour == 24 && d.minute+d.sec > 0 {
		return time.Time{}
	}
	return time.Date(d.year, d.month, d.day, hour, d.minute, d.sec, d.nanos, d.loc)
}

// Ago parses how long ago something was, such as "منذ 3 ساعات", "قبل يومين" or "الآن".
func Ago(s string) (time.Duration, bool) {
	if len(s) > maxDate || !Has(s) {
		return 0, false
	}
	ts := dateTokens(s)
	if len(ts) == 1 && ts[0] == "الان" {
		return 0, true
	}
	if len(ts) < 2 || len(ts) > 3 || ts[0] != "منذ" && ts[0] != "قبل" {
		return 0, false
	}
	n := 1
	if len(ts) == 3 {
		var err error
		if n, err = strconv.Atoi(ts[1]); err != nil || n > 1000 {
			return 0, false
		}
	}
	span, ok := spans[ts[len(ts)-1]]
	return time.Duration(n) * span, ok
}
