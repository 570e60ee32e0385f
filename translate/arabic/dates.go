package arabic

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// months holds the folded Gregorian month names of CLDR 48 for all Arab countries, and the other
// spellings that newspapers use.
var months = map[string]time.Month{
	"يناير": 1, "كانون الثاني": 1, "كانون ثاني": 1, "جانفي": 1,
	"فبراير": 2, "شباط": 2, "فيفري": 2,
	"مارس": 3, "اذار": 3,
	"ابريل": 4, "نيسان": 4, "افريل": 4,
	"مايو": 5, "ايار": 5, "ماي": 5,
	"يونيو": 6, "يونيه": 6, "حزيران": 6, "جوان": 6,
	"يوليو": 7, "يوليه": 7, "تموز": 7, "جويليه": 7, "يوليوز": 7,
	"اغسطس": 8, "اب": 8, "اوت": 8, "غشت": 8, "اغشت": 8,
	"سبتمبر": 9, "ايلول": 9, "شتنبر": 9, "شتمبر": 9,
	"اكتوبر": 10, "تشرين الاول": 10, "تشرين اول": 10,
	"نوفمبر": 11, "تشرين الثاني": 11, "تشرين ثاني": 11, "نونبر": 11,
	"ديسمبر": 12, "كانون الاول": 12, "كانون اول": 12, "دجنبر": 12, "دجمبر": 12,
}

// fillers are folded words in a date that add nothing to it.
var fillers = wordSet(`الاحد الاثنين الثلاثاء الثلاثا الاربعاء الخميس الجمعه السبت يوم الساعه في من شهر عام سنه بتوقيت
 بتاريخ تاريخ النشر المكرمه و تمام الموافق ليلا بعد - /`)

// dayHalves holds folded words for the half of the day; true: after noon.
var dayHalves = map[string]bool{
	"ص": false, "صباحا": false, "الصبح": false, "فجرا": false, "am": false,
	"م": true, "مساء": true, "عصرا": true, "ظهرا": true, "الظهر": true, "pm": true,
}

// zones holds folded names of time zones, in hours east of Greenwich.
var zones = map[string]int{
	"gmt": 0, "utc": 0, "غرينتش": 0, "جرينتش": 0, "غرينيتش": 0, "العالمي": 0,
	"ast": 3, "ksa": 3, "مكه": 3, "الرياض": 3, "السعوديه": 3, "بغداد": 3, "الكويت": 3, "الدوحه": 3,
	"ابوظبي": 4, "دبي": 4, "الامارات": 4,
}

// Date parses a Gregorian date in Arabic words or digits, also beside a Hijri one. The default time
// is midnight in loc (nil: UTC). It returns false if a word of s is not part of a date.
func Date(s string, loc *time.Location) (time.Time, bool) {
	if len(s) > maxDate || !strings.ContainsFunc(s, letterOrDigit) {
		return time.Time{}, false
	}
	if loc == nil {
		loc = time.UTC
	}
	for _, part := range calendarParts(s) {
		d := date{hour: -1, loc: loc}
		if d.parse(dateTokens(part)) {
			return d.time()
		}
	}
	return time.Time{}, false
}

// maxDate is in bytes: a date with weekday, Hijri date, time and zone has at most 80 letters of two
// bytes.
const maxDate = 256

// letterOrDigit reports whether r is an Arabic letter or an Arabic-Indic digit.
func letterOrDigit(r rune) bool {
	d, digit := Digit(r)
	return Letter(r) || digit && d != r
}

// calendarParts returns the dates on both sides of الموافق, or s if it has one date.
func calendarParts(s string) []string {
	for _, word := range []string{"الموافق لـ", "الموافق", "المُوافق"} {
		if before, after, ok := strings.Cut(s, word); ok {
			return []string{after, before}
		}
	}
	return []string{s}
}

// dateTokens splits s into folded words, numbers and the signs : / - +. 2025م is two tokens.
func dateTokens(s string) (out []string) {
	var word []rune
	flush := func() {
		if f := Fold(string(word)); f != "" {
			out = append(out, f)
		}
		word = word[:0]
	}
	digits := false
	for _, r := range Digits(s) {
		isDigit := r >= '0' && r <= '9'
		if isDigit != digits {
			flush()
		}
		digits = isDigit
		switch {
		case isDigit, unicode.IsLetter(r), mark(r), r == tatweel:
			word = append(word, r)
		case strings.ContainsRune(":/-+", r):
			flush()
			out = append(out, string(r))
		case !invisible(r):
			flush()
		}
	}
	flush()
	return out
}

// date is a date that is being parsed. Its hour is -1 until there is one.
type date struct {
	year, day          int
	month              time.Month
	hour, minute, sec  int
	afternoon, morning bool
	loc                *time.Location
}

// parse parses all tokens, and reports whether they make a date.
func (d *date) parse(ts []string) bool {
	for len(ts) > 0 {
		n := d.parseNext(ts)
		if n == 0 {
			return false
		}
		ts = ts[n:]
	}
	return d.year > 0 && d.month > 0 && d.day > 0
}

// parseNext parses the first tokens of ts and returns their number. It is 0 if they are not part of
// a date.
func (d *date) parseNext(ts []string) int {
	if n, err := strconv.Atoi(ts[0]); err == nil {
		return d.number(n, ts)
	}
	if len(ts) > 1 {
		if m, ok := months[ts[0]+" "+ts[1]]; ok {
			return d.setMonth(m, 2)
		}
	}
	if m, ok := months[ts[0]]; ok {
		return d.setMonth(m, 1)
	}
	if after, ok := dayHalves[ts[0]]; ok && d.hour >= 0 {
		d.afternoon, d.morning = after, !after
		return 1
	}
	if hours, ok := zones[ts[0]]; ok && d.hour >= 0 {
		d.loc = time.FixedZone("", hours*3600)
		return 1
	}
	switch w := ts[0]; {
	case w == "م" && d.year > 0, // "AD"
		w == "t" && d.day > 0, fillers[w]:
		return 1
	case w == "z" && d.hour >= 0:
		d.loc = time.UTC
		return 1
	}
	return 0
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

// number parses the number n, which begins ts, with what belongs to it.
func (d *date) number(n int, ts []string) int {
	sign := ""
	if len(ts) > 2 {
		sign = ts[1]
	}
	switch {
	case sign == ":" && d.hour < 0:
		return d.clock(n, ts)
	case (sign == "/" || sign == "-") && d.month == 0 && len(ts) > 4 && ts[3] == sign:
		return d.numeric(n, ts)
	case len(ts[0]) == 4 && d.year == 0:
		d.year = n
	case len(ts[0]) <= 2 && d.day == 0:
		d.day = n
	case len(ts[0]) <= 2 && d.hour < 0: // "الساعة 8 مساء"
		d.hour = n
	default:
		return 0
	}
	return 1
}

// clock parses hh:mm or hh:mm:ss and a numeric zone after it.
func (d *date) clock(hour int, ts []string) int {
	minute, err := strconv.Atoi(ts[2])
	if err != nil {
		return 0
	}
	d.hour, d.minute = hour, minute
	n := 3
	if len(ts) > 4 && ts[3] == ":" {
		if d.sec, err = strconv.Atoi(ts[4]); err != nil {
			return 0
		}
		n = 5
	}
	if len(ts) > n+1 && (ts[n] == "+" || ts[n] == "-") {
		off := ts[n+1]
		used := n + 2
		if len(off) == 2 && len(ts) > n+3 && ts[n+2] == ":" {
			off, used = off+ts[n+3], n+4
		}
		if v, err := strconv.Atoi(off); err == nil && len(off) == 4 && v < 1500 {
			seconds := v/100*3600 + v%100*60
			if ts[n] == "-" {
				seconds = -seconds
			}
			d.loc, n = time.FixedZone("", seconds), used
		}
	}
	return n
}

// numeric parses day/month/year or year-month-day.
func (d *date) numeric(n int, ts []string) int {
	month, err := strconv.Atoi(ts[2])
	last, err2 := strconv.Atoi(ts[4])
	switch {
	case err != nil || err2 != nil || month < 1 || month > 12:
		return 0
	case len(ts[0]) == 4:
		d.year, d.day = n, last
	case len(ts[4]) == 4:
		d.year, d.day = last, n
	default: // a year of two digits may be a day
		return 0
	}
	d.month = time.Month(month)
	return 5
}

// time returns the parsed date, and false if it is in no calendar. 12 ص is midnight, 12 م noon.
func (d *date) time() (time.Time, bool) {
	hour := max(d.hour, 0)
	switch {
	case d.afternoon && hour < 12:
		hour += 12
	case d.morning && hour == 12:
		hour = 0
	}
	t := time.Date(d.year, d.month, d.day, hour, d.minute, d.sec, 0, d.loc)
	if hour > 23 || d.minute > 59 || d.sec > 60 || t.Day() != d.day && hour < 24 || d.year < 1900 {
		return time.Time{}, false
	}
	return t, true
}

// spans holds folded words for a length of time.
var spans = map[string]time.Duration{
	"ثانيه": time.Second, "ثواني": time.Second, "ثوان": time.Second, "دقيقه": time.Minute, "دقايق": time.Minute,
	"ساعه": time.Hour, "ساعات": time.Hour, "يوم": day, "يوما": day, "ايام": day,
	"اسبوع": 7 * day, "اسابيع": 7 * day, "اسبوعا": 7 * day,
	"دقيقتين": 2 * time.Minute, "ساعتين": 2 * time.Hour, "يومين": 2 * day, "اسبوعين": 14 * day,
}

const day = 24 * time.Hour

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
