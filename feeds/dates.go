package feeds

import (
	"regexp"
	"time"

	"github.com/nashra/nashra/translate/arabic"
)

var (
	zoned   = regexp.MustCompile(`:\d{2}.*([+-]\d{2}:?\d{2}|[zZ]|[A-Za-z]{1,5})\)?\s*$`)
	noon    = regexp.MustCompile(`(?i)[\s\d](am|pm)\s*$`)
	arabian = regexp.MustCompile(`\b(AST|KSA)\)?\s*$`)
)

// oldest is before the first feed was written (RSS, 1999): what says less is a mistake.
var oldest = time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC)

// when is the time that raw names: by our own rules, else as parsed by the library, whose UTC stands for the source's zone where
// raw names none, and for Arabia's where it says AST or KSA. Zero where there is no date, or one before 1995 or more than a day
// after at.
func when(raw string, parsed *time.Time, loc *time.Location, at time.Time) time.Time {
	t, ok := arabic.Date(raw, loc)
	switch {
	case ok:
	case parsed == nil:
		return time.Time{}
	case arabian.MatchString(raw):
		t = wall(*parsed, time.FixedZone("AST", 3*3600))
	case !zoned.MatchString(raw) || noon.MatchString(raw):
		t = wall(*parsed, loc)
	default:
		t = *parsed
	}
	t = t.UTC()
	if t.Before(oldest) || !at.IsZero() && t.After(at.Add(24*time.Hour)) {
		return time.Time{}
	}
	return t
}

// wall is the time when a clock in loc shows what t shows.
func wall(t time.Time, loc *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc)
}

// zone is the source's time zone; UTC where it names none, or one that is unknown.
func zone(src Source) *time.Location {
	loc, err := time.LoadLocation(src.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}
