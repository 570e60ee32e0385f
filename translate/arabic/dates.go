package arabic

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
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

// latinMonths holds the month names of seven languages, each after a space: a prefix of a name stands
// for it.
var latinMonths = [...]string{
	" january janvier januari enero gennaio janeiro", " february février fevrier febrero fevereiro febbraio",
	" march mars märz maart marzo março", " april avril abril", " may mai mei mayo maggio maio", " june juin junio giugno",
	" july juillet julio luglio", " august août aout agosto", " september septiembre settembre setembro",
	" october octobre oktober outubro ottobre", " november novembre noviembre",
	" december décembre dezember diciembre dicembre dezembro",
}

// latinFillers are Latin words that add nothing to a date, each after a space. A prefix stands for the
// word.
const latinFillers = " monday tuesday wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi" +
	" samedi dimanche at on the of de à le um h st nd rd th er"

// fillers are folded words in a date that add nothing to it.
var fillers = wordSet(`الاحد الاثنين الثلاثاء الثلاثا الاربعاء الخميس الجمعه السبت احد اثنين ثلاثاء اربعاء خميس جمعه سبت
 يوم الساعه في من شهر عام سنه بتوقيت توقيت التوقيت بالتوقيت المحلي الرسمي العربي بتاريخ تاريخ النشر المكرمه و تمام
 الموافق ليلا بعد - + / : .`)

// dayHalves holds folded words for the half of the day; true: after noon.
var dayHalves = map[string]bool{
	"ص": false, "صباحا": false, "الصبح": false, "فجرا": false, "am": false, "a.m": false,
	"م": true, "مساء": true, "عصرا": true, "ظهرا": true, "الظهر": true, "pm": true, "p.m": true,
}

// zones holds folded names of time zones, in minutes east of Greenwich. Of zones with the same name it
// has the Arabian one.
var zones = map[string]int{
	"z": 0, "ut": 0, "gmt": 0, "utc": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "wat": 60, "cest": 120, "mesz": 120,
	"cat": 120, "sast": 120, "eet": 120, "eest": 180, "eat": 180, "trt": 180, "msk": 180, "ast": 180, "ksa": 180,
	"irst": 210, "gst": 240, "uae": 240, "pkt": 300, "ist": 330, "hkt": 480, "sgt": 480, "jst": 540, "kst": 540,
	"aest": 600, "aedt": 660, "edt": -240, "est": -300, "cdt": -300, "cst": -360, "mdt": -360, "mst": -420, "pdt": -420,
	"pst": -480, "غرينتش": 0, "جرينتش": 0, "غرينيتش": 0, "العالمي": 0, "الجزاير": 60, "تونس": 60, "ليبيا": 120,
	"مكه": 180, "الرياض": 180, "السعوديه": 180, "بغداد": 180, "العراق": 180, "الكويت": 180, "الدوحه": 180, "قطر": 180,
	"البحرين": 180, "صنعاء": 180, "دمشق": 180, "ابوظبي": 240, "دبي": 240, "الامارات": 240, "الخليج": 240, "مسقط": 240,
}

// places holds the IANA zones of folded names of places whose offset changes.
var places = map[string]string{
	"القاهره": "Africa/Cairo", "مصر": "Africa/Cairo", "بيروت": "Asia/Beirut", "لبنان": "Asia/Beirut",
	"القدس": "Asia/Hebron", "فلسطين": "Asia/Hebron", "غزه": "Asia/Gaza", "المغرب": "Africa/Casablanca",
}

// zoneName matches a name of the IANA database: Asia/Riyadh.
var zoneName = regexp.MustCompile(`[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+`)

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
	d := date{hour: -1, loc: loc}
	if name := zoneName.FindString(s); name != "" {
		if l, err := time.LoadLocation(name); err == nil {
			d.loc, s = l, strings.Replace(s, name, " ", 1)
		}
	}
	parts := calendarParts(s)
	if weekday, rest, ok := strings.Cut(s, ","); ok && len(weekday) <= maxWeekday {
		parts = append(parts, rest) // in any language
	}
	for _, part := range parts {
		if d := d; d.parse(dateTokens(part)) {
			return d.times()
		}
	}
	return dayFirst, monthFirst
}

// maxDate is in bytes: a date with weekday, Hijri date, time and zone has at most 80 letters of two
// bytes.
const maxDate = 256

// maxWeekday is in bytes: понедельник.
const maxWeekday = 24

// calendarParts returns the dates on both sides of الموافق, or s if it has one date.
func calendarParts(s string) []string {
	for _, word := range []string{"الموافق لـ", "الموافق", "المُوافق"} {
		if before, after, ok := strings.Cut(s, word); ok {
			return []string{after, before}
		}
	}
	return []string{s}
}

// datePart matches a number, a word or a sign that matters in a date.
var datePart = regexp.MustCompile(`\d+|\pL[\pL\pM.ـ]*|[:/+().-]`)

// dateTokens splits s into folded words, numbers and signs. 2025م is two tokens.
func dateTokens(s string) []string {
	s = strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, Digits(s))
	tokens := datePart.FindAllString(s, -1)
	for i, t := range tokens {
		if f := Fold(t); f != "" {
			tokens[i] = f
		}
	}
	return tokens
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

// parse parses all tokens, and reports whether they make a date.
func (d *date) parse(ts []string) bool {
	for len(ts) > 0 {
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
		d.afternoon, d.morning = after, !after
		return 1
	}
	if d.hour >= 0 {
		if n := d.zone(ts); n > 0 {
			return n
		}
	}
	switch {
	case w == "م" && d.year > 0, // "AD"
		w == "t" && d.day > 0, fillers[w], strings.Contains(latinFillers, " "+w):
		return 1
	case w == "(": // a comment
		return slices.Index(ts, ")") + 1
	}
	return 0
}

// latinMonth returns the month whose Latin name begins with w, which has three letters or more; 0: none.
func latinMonth(w string) time.Month {
	if len(w) < len("may") || w[0] >= utf8.RuneSelf {
		return 0
	}
	return time.Month(1 + slices.IndexFunc(latinMonths[:], func(names string) bool {
		return strings.Contains(names, " "+w)
	}))
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
	} else if w[0] < 'a' || w[0] > 'z' || len(w) < 2 || len(w) > 5 {
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
	if len(ts) <= 6 || ts[5] != "." && ts[5] != ":" || !isNumber(ts[6]) {
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
