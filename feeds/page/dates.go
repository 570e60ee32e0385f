package page

import (
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// ago matches how long ago something was, within other words.
var ago = regexp.MustCompile(`(?:منذ|قبل)\s+(?:[0-9٠-٩]+\s+)?\p{Arabic}+`)

// dateLike matches a date within other words, with a time after it if there is one.
var dateLike = func() *regexp.Regexp {
	const (
		digits = `[0-9٠-٩۰-۹]`
		day    = digits + `{1,2}`
		year   = digits + `{4}م?`
		clock  = `(?:[\s،,|–—-]*(?:الساعة\s*|في\s+|at\s+)?` + day + `:` + digits + `{2}(?::` + digits + `{2})?` +
			`(?:\s*(?:صباحا|صباحًا|مساء|مساءً|ص|م|[AaPp][Mm])(?:\P{L}|$))?)?`
	)
	months := slices.Sorted(maps.Keys(maps.Collect(arabic.Months())))
	for i := range months { // they are folded; readers see other forms of the letters
		months[i] = strings.NewReplacer("ا", "[اأإآ]", "ه", "[هة]", "ي", "[يىئ]", " ", `\s+`).Replace(
			regexp.QuoteMeta(months[i]))
	}
	slices.Reverse(months) // a longer name before the one that it begins with
	month := `(?:` + strings.Join(months, "|") + `|[A-Za-z]{3,9}\.?)`
	return regexp.MustCompile(`(?:` + day + `\s+(?:من\s+)?` + month + `[\s،,]+` + year + `|` +
		month + `\s+` + day + `[،,]?\s+` + year + `|` +
		digits + `{4}[/.-]` + day + `[/.-]` + day + `|` + day + `[/.-]` + day + `[/.-]` + digits + `{4})` + clock)
}()

// DatesIn yields what may be a date in a line of a page, such as "Name | 12 November 2026 -": the line,
// and parts of it.
func DatesIn(line string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield(line) || len(line) > 8*maxDateLine {
			return
		}
		for _, form := range []*regexp.Regexp{ago, dateLike} {
			if m := form.FindString(line); m != "" && m != line && !yield(feeds.Line(m)) {
				return
			}
		}
	}
}

// hasDate reports whether a line of a page says when something was published.
func hasDate(line string) bool {
	for date := range DatesIn(line) {
		if Readable(date) {
			return true
		}
	}
	return false
}

// Readable reports whether s is a date, or says how long ago something was.
func Readable(s string) bool {
	if _, ok := arabic.Ago(s); ok {
		return true
	}
	if _, err := time.Parse(time.RFC3339, s); err == nil {
		return true
	}
	day, month := arabic.Date(s, time.UTC)
	return plausible(day) || plausible(month)
}

// plausible reports whether t may be the date of something on a web page, and no number that looks so.
func plausible(t time.Time) bool { return t.Year() >= 1995 && t.Year() < 2100 }
