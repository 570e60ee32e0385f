package site

import (
	"strconv"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// day is a day, UTC, as a page shows it.
type day struct {
	at    time.Time
	Date  string // as in RFC 3339
	Path  string // of its page, from the page that shows it
	Names []phrase
}

// Day returns the day (UTC) on whose page a story of that time stands.
func Day(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// newDay makes the day of at for p.
func newDay(p page, at time.Time) day {
	at = Day(at)
	names := []phrase{{"en", "ltr", at.Format("Monday 2 January 2006")}, {"ar", "rtl", arabicDay(at)}}
	return day{at, at.Format(time.DateOnly), p.link(feeds.DayPath(at)), inEdition(p.Edition, names)}
}

// arabicDays are the names of CLDR 48.
var arabicDays = [...]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"}

func arabicDay(at time.Time) string {
	return arabicDays[at.Weekday()] + " " + arabicDate(at) + " " + strconv.Itoa(at.Year())
}

func arabicDate(at time.Time) string {
	at = at.UTC()
	return strconv.Itoa(at.Day()) + " " + arabic.Month(at.Month())
}

// moment is a time for machines and, in short, for people.
type moment struct{ Exact, Shown string }

func newMoment(at time.Time, layout string) moment {
	at = at.UTC()
	return moment{Exact: at.Format(time.RFC3339), Shown: at.Format(layout)}
}

// date returns a time as p shows it, with its date.
func (p page) date(at time.Time) moment {
	m := newMoment(at, "2 January 2006, 15:04")
	if p.Lang == "ar" {
		m.Shown = arabicDate(at) + " " + at.UTC().Format("2006، 15:04")
	}
	return m
}

// moment returns a time as p shows it: the hour, with the date if that is not the day of newest.
func (p page) moment(at, newest time.Time) moment {
	m := newMoment(at, "15:04")
	switch {
	case newest.IsZero() || Day(at).Equal(Day(newest)):
	case p.Lang == "ar":
		m.Shown = arabicDate(at) + " " + m.Shown
	default:
		m.Shown = newMoment(at, "2 Jan 15:04").Shown
	}
	return m
}
