package parse

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

var (
	zoned   = regexp.MustCompile(`:\d{2}.*([+-]\d{2}:?\d{2}|[zZ]|[A-Za-z]{1,5})\)?\s*$`)
	noon    = regexp.MustCompile(`(?i)[\s\d](am|pm)\s*$`)
	arabian = regexp.MustCompile(`\b(AST|KSA)\)?\s*$`)
)

// oldest is before the first feed was written (RSS, 1999): what says less is a mistake.
var oldest = time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC)

// when is the time that raw names, or where the item has none, one of the dcterms elements with these names: by our own rules, else
// as parsed by the library, whose UTC stands for the source's zone where raw names none, and for Arabia's where it says AST or KSA.
// Zero where there is no date, or one before 1995 or more than a day after the document came.
func (r *reader) when(raw string, parsed *time.Time, it *gofeed.Item, names ...string) time.Time {
	for _, name := range names {
		if raw == "" {
			raw, parsed = first(it.Extensions["dcterms"], name), nil
		}
	}
	if raw = strings.TrimSpace(raw); raw == "" { // as the change of nearly all of RSS
		return time.Time{}
	}
	t := r.moment(raw, parsed)
	if t.Before(oldest) || !r.at.IsZero() && t.After(r.at.Add(24*time.Hour)) {
		return time.Time{}
	}
	return t.UTC()
}

func (r *reader) moment(raw string, parsed *time.Time) time.Time {
	if t, ok := arabic.Date(raw, r.loc); ok {
		return t
	}
	if ago, ok := arabic.Ago(raw); ok && !r.at.IsZero() {
		return r.at.Add(-ago)
	}
	switch {
	case parsed != nil && zonedPlainly(raw):
		return *parsed
	case parsed == nil:
		return latin(arabic.Digits(raw), r.loc)
	case arabian.MatchString(raw):
		return wall(*parsed, time.FixedZone("AST", 3*3600))
	case !zoned.MatchString(raw) || noon.MatchString(raw):
		return wall(*parsed, r.loc)
	}
	return *parsed
}

// zonedPlainly says whether raw ends in a zone as most dates do: a quick answer, asked before zoned is.
func zonedPlainly(raw string) bool {
	n := len(raw)
	if n < len("2006-01-02T15:04Z") || strings.IndexByte(raw, ':') < 0 {
		return false
	}
	return raw[n-1] == 'Z' || strings.HasSuffix(raw, " GMT") || raw[n-5] == '+' || raw[n-6] == '+' && raw[n-3] == ':'
}

// layouts are of dates that the library does not parse, or is not asked for.
var layouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006-01", "2006", time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04 -0700", "2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04 -0700", "2 Jan 2006 15:04:05", "2 Jan 2006 15:04", "2 Jan 2006", "2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006"}

// latin is the date that s is in one of the layouts, or in seconds since 1970; zero: in none.
func latin(s string, loc *time.Location) time.Time {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) == 10 {
		return time.Unix(n, 0)
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, s, loc); err == nil {
			return t
		}
	}
	return time.Time{}
}

// wall is the time when a clock in loc shows what t shows.
func wall(t time.Time, loc *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc)
}

// zone is the source's time zone; UTC where it names none, or one that is unknown.
func zone(src feeds.Source) *time.Location {
	loc, err := time.LoadLocation(src.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}
