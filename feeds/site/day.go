package site

import (
	"strconv"
	"time"

	"github.com/nashra/nashra/feeds"
)

// day is the stories of one day, UTC.
type day struct {
	at      time.Time
	Date    string // as in RFC 3339
	Path    string // of its page
	English string
	Arabic  string
	Headed  bool // its date is shown above Entries
	Entries []Entry
}

// newDay makes the day of at for a page from which root leads to the index.
func newDay(at time.Time, root string) day {
	at = Day(at)
	return day{at: at, Date: at.Format(time.DateOnly), Path: root + feeds.DayPath(at),
		English: at.Format("Monday 2 January 2006"), Arabic: arabicDay(at)}
}

// Arabic names from CLDR 48. Of its regional months these are the most widely read (Egypt, Gulf,
// Sudan, Libya, Yemen).
var (
	arabicMonths = [...]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو",
		"يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"}
	arabicDays = [...]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"}
)

func arabicDay(at time.Time) string {
	return arabicDays[at.Weekday()] + " " + strconv.Itoa(at.Day()) + " " + arabicMonths[at.Month()-1] + " " +
		strconv.Itoa(at.Year())
}

// moment is a time for machines and, in short, for people.
type moment struct{ Exact, Shown string }

func newMoment(at time.Time, layout string) moment {
	at = at.UTC()
	return moment{Exact: at.Format(time.RFC3339), Shown: at.Format(layout)}
}
