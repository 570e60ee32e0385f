package feeds

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/nashra/nashra/translate/arabic"
)

// MaxTitle is in graphemes: three times the longest headline of a newspaper.
const MaxTitle = 300

var (
	tags   = regexp.MustCompile(`(?i)<(/?[A-Z][^<>]*|!doctype[^<>]*)>`)
	codes  = regexp.MustCompile(`(?is)<script\b.*?(</script\s*>|$)|<style\b.*?(</style\s*>|$)`)
	breaks = regexp.MustCompile(`(?i)<(br|/?p|/?div|/?li)\b[^<>]*>`)
)

// PlainText returns a headline, name or category as plain text on one line: entities are decoded, even
// if they were escaped twice, and tags removed.
func PlainText(s string) string {
	for range 2 {
		if strings.IndexByte(s, '<') >= 0 {
			s = codes.ReplaceAllString(uncomment(s), "")
			s = tags.ReplaceAllString(breaks.ReplaceAllString(s, " "), "")
		}
		if strings.IndexByte(s, '&') < 0 {
			break
		}
		s = html.UnescapeString(s)
	}
	if strings.IndexByte(s, '<') >= 0 {
		s = tags.ReplaceAllString(s, "")
	}
	return strings.Join(strings.Fields(Visible(arabic.Display(s))), " ")
}

// Visible returns s without control characters, other than white space, and without noncharacters.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		if (unicode.IsControl(r) || r&0xFFFE == 0xFFFE) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// uncomment removes comments from s. A comment that is never closed ends at its first >.
func uncomment(s string) string {
	var b strings.Builder
	closed := true
	for {
		before, comment, ok := strings.Cut(s, "<!--")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		end := -1
		if closed {
			_, s, closed = strings.Cut(comment, "-->")
			end = len(comment) - len(s)
		}
		if !closed {
			if end = strings.IndexByte(comment, '>') + 1; end == 0 {
				end = len(comment)
			}
		}
		s = comment[end:]
	}
}

// Shorten cuts s to n graphemes, the last of which is … if anything was cut.
func Shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	g := graphemes.FromString(s)
	for count := 0; g.Next(); count++ {
		if count == n-1 {
			start := g.Start()
			if !g.Next() {
				return s
			}
			return strings.TrimSpace(s[:start]) + "…"
		}
	}
	return s
}

// UniqueNames returns names as plain text, in order, without empty and repeated ones.
func UniqueNames(names []string) (out []string) {
	for _, n := range names {
		if n = Shorten(PlainText(n), MaxTitle); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// Legal returns s without the characters that XML 1.0 forbids, other control characters, and
// embeddings and overrides of direction (U+202A–202E), in whose place publishing uses isolates.
func Legal(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return r
		case r < ' ', r >= 0x7F && r < 0xA0, r >= 0x202A && r <= 0x202E, r&0xFFFE == 0xFFFE:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// OneLine returns plain text as published: legal, on one line, without bidirectional controls.
func OneLine(s string) string { return strings.Join(strings.Fields(arabic.StripBidi(Legal(s))), " ") }
