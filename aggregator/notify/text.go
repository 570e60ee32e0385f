package notify

import (
	"strings"
	"unicode/utf16"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/nashra/nashra/feeds"
)

// maxTitle is how many graphemes of a title are sent. Discord takes 256, mail clients show fewer.
const maxTitle = 250

// oneLine returns s on one line, without control characters.
func oneLine(s string) string { return strings.Join(strings.Fields(feeds.Legal(s)), " ") }

// size is how a service counts the length of a text. The parts of a text count as much as the whole.
type size func(string) int

func inBytes(s string) int { return len(s) }

// inUnits counts as JavaScript and Telegram do.
func inUnits(s string) int { return len(utf16.Encode([]rune(s))) }

// clip cuts s to limit between graphemes, and ends it with … if anything was cut.
func clip(s string, limit int, of size) string {
	if of(s) <= limit {
		return s
	}
	const mark = "…"
	used, end := of(mark), 0
	for g := graphemes.FromString(s); g.Next(); end = g.End() {
		if used += of(g.Value()); used > limit {
			break
		}
	}
	if end == 0 {
		return ""
	}
	return strings.TrimSpace(s[:end]) + mark
}

// parts cuts the title and the text of m so that they take, with the address on a line of its own, at
// most limit. An address that takes more than half of it is left out.
func parts(m Message, limit int, of size) (title, text, link string) {
	if link = m.URL; of(link) > limit/2 {
		link = ""
	}
	title = clip(feeds.Shorten(m.Title, maxTitle), limit-of(link)-of("\n"), of)
	return title, clip(m.Text, limit-of(title)-of(link)-2*of("\n"), of), link
}

// lines joins those of texts that are not empty.
func lines(texts ...string) string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, "\n")
}
