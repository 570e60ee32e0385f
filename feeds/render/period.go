package render

import (
	"strconv"
	"time"

	"github.com/nashra/nashra/translate/arabic"
)

// shortOfDay is the length of periods whose times of day are told: a day of a clock change has 23 hours.
const shortOfDay = 20 * time.Hour

// Period says a period in words, in Arabic or else in English: "28–29 November 2026". The time at which it
// ends is not of it: a period from midnight to midnight is one day.
func Period(from, to time.Time, zone *time.Location, lang string) string {
	say := func(at time.Time, year, month bool) string {
		text := strconv.Itoa(at.Day())
		if month {
			text += " " + monthName(at.Month(), lang)
		}
		if year {
			text += " " + strconv.Itoa(at.Year())
		}
		return text
	}
	from, end := from.In(zone), to.Add(-time.Millisecond).In(zone)
	comma := ", "
	if lang == "ar" {
		comma = "، "
	}
	sameYear := from.Year() == end.Year()
	sameMonth := sameYear && from.Month() == end.Month()
	hours := to.Sub(from) < shortOfDay
	clock := func(at time.Time) string { return at.In(zone).Format("15:04") }
	name := " " + to.In(zone).Format("MST")
	switch {
	case sameMonth && from.Day() == end.Day() && hours:
		return say(from, true, true) + comma + clock(from) + "–" + clock(to) + name
	case hours:
		return say(from, !sameYear, true) + comma + clock(from) + " – " +
			say(to.In(zone), true, true) + comma + clock(to) + name
	case sameMonth && from.Day() == end.Day():
		return say(from, true, true)
	case sameMonth:
		return say(from, false, false) + "–" + say(end, true, true)
	}
	return say(from, !sameYear, true) + " – " + say(end, true, true)
}

func monthName(m time.Month, lang string) string {
	if lang == "ar" {
		return arabic.Month(m)
	}
	return m.String()
}
