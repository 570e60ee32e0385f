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

// oldest is before the first feed was written (RSS, 1999): an earlier date is a mistake.
var oldest = time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC)

// when returns the time that raw, or if raw is empty the first of these dcterms elements, names. It is
// zero where there is no date, or one before 1995 or more than a day after the document came.
func (r *reader) when(raw string, parsed *time.Time, it *gofeed.Item, names ...string) time.Time {
	for _, name := range names {
		if raw == "" {
			raw, parsed = first(it.Extensions["dcterms"], name), nil
		}
	}
	if raw = strings.TrimSpace(raw); raw == "" {
		return time.Time{}
	}
	t := r.moment(raw, parsed)
	if t.Before(oldest) || !r.at.IsZero() && t.After(r.at.Add(24*time.Hour)) {
		return time.Time{}
	}
	return t.UTC()
}

// moment returns the time that raw names, by our own rules, else as gofeed parsed it. gofeed takes
// dates without a zone, and AST and KSA, for UTC: they are in the source's zone, or Arabia's.
func (r *reader) moment(raw string, parsed *time.Time) time.Time {
	if t, ok := arabic.Date(raw, r.loc); ok {
		return t
	}
	if ago, ok := arabic.Ago(raw); ok && !r.at.IsZero() {
		return r.at.Add(-ago)
	}
	switch {
	case parsed == nil:
		return latin(arabic.Digits(raw), r.loc)
	case arabian.MatchString(raw):
		return wall(*parsed, time.FixedZone("AST", 3*3600))
	case !zoned.MatchString(raw) || noon.MatchString(raw):
		return wall(*parsed, r.loc)
	}
	return *parsed
}

// layouts are those of dates that gofeed does not parse, or is not asked for.
var layouts = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006-01", "2006", time.RFC1123Z, time.RFC1123,
	"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04 -0700",
	"2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04 -0700", "2 Jan 2006 15:04:05", "2 Jan 2006 15:04", "2 Jan 2006",
	"2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006",
}

// latin parses s in one of the layouts, or as seconds since 1970; zero: it is neither.
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

// wall returns the time when a clock in loc shows what t shows.
func wall(t time.Time, loc *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc)
}

// zone returns the time zone of src; UTC where it names none, or an unknown one.
func zone(src feeds.Source) *time.Location {
	loc, err := time.LoadLocation(src.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}
