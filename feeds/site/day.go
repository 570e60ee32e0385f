package site

import (
	"strconv"
	"time"
)

// day is the stories of one day, UTC.
type day struct {
	Date    string // as in RFC 3339
	English string
	Arabic  string
	Entries []entry
}

func newDay(at time.Time) day {
	at = at.UTC()
	return day{Date: at.Format(time.DateOnly), English: at.Format("Monday 2 January 2006"), Arabic: arabicDay(at)}
}

// The names that CLDR 48 has for Arabic: of its regions' months, those that most readers know (Egypt, Gulf, Sudan, Libya, Yemen).
var (
	arabicMonths = [...]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر",
		"ديسمبر"}
	arabicDays = [...]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"}
)

func arabicDay(at time.Time) string {
	return arabicDays[at.Weekday()] + " " + strconv.Itoa(at.Day()) + " " + arabicMonths[at.Month()-1] + " " + strconv.Itoa(at.Year())
}

// moment is a time for machines and, in short, for people.
type moment struct{ Exact, Shown string }

func newMoment(at time.Time, layout string) moment {
	at = at.UTC()
	return moment{Exact: at.Format(time.RFC3339), Shown: at.Format(layout)}
}
