package page

import (
	"regexp"
	"strings"
	"time"

	"github.com/nashra/nashra/translate/arabic"
)

var (
	// ago matches how long ago something was, within other words.
	ago = regexp.MustCompile(`(?:منذ|قبل)\s+(?:\d+\s+|[٠-٩]+\s+)?\p{Arabic}+`)
	// around matches what stands between a date and other words in a line under a headline.
	around = regexp.MustCompile(`\s*[|•·∙●–—]\s*|\s+-\s*|\s*-\s+|^[^\d٠-٩]*?:\s*|\s+(?:في|بتاريخ|يوم|on)\s+`)
)

// DatesIn returns what may be a date in a line of a page, such as "Name | 12 November 2026 -": the line,
// and parts of it.
func DatesIn(line string) []string {
	out := []string{line}
	if m := ago.FindString(line); m != "" {
		out = append(out, m)
	}
	for _, part := range around.Split(line, -1) {
		part = strings.Trim(part, " -،,()[]")
		if part != line && strings.ContainsAny(part, "0123456789٠١٢٣٤٥٦٧٨٩") {
			out = append(out, part)
		}
	}
	return out
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
