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

// maxTitle is in graphemes: three times the longest headline of a newspaper.
const MaxTitle = 300

var (
	tags   = regexp.MustCompile(`(?i)<(/?[A-Z][^<>]*|!doctype[^<>]*)>`)
	codes  = regexp.MustCompile(`(?is)<script\b.*?(</script\s*>|$)|<style\b.*?(</style\s*>|$)`)
	breaks = regexp.MustCompile(`(?i)<(br|/?p|/?div|/?li)\b[^<>]*>`)
)

// plain is a headline, name or category as plain text: entities decoded even where they were escaped twice, tags taken out, on
// one line.
func PlainText(s string) string {
	if settled(s) {
		return s
	}
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

// settled says whether s, by its bytes, is plain text on one line already: a quick answer for nearly all names and most headlines.
func settled(s string) bool {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' && i > 0 && i+1 < len(s) && s[i+1] != ' ':
			i++
		case c > ' ' && c < 0x7F && c != '<' && c != '&':
			i++
		case c > 0xC2 && c < 0xE0 && i+1 < len(s) && s[i+1]&0xC0 == 0x80 && s[i:i+2] != "ـ":
			i += 2
		default:
			return false
		}
	}
	return true
}

// Visible is s without control characters, but for blanks, and without what is no character at all.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		if (unicode.IsControl(r) || r&0xFFFE == 0xFFFE) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// uncomment is s without comments; one that is never closed ends at its first >.
func uncomment(s string) string {
	if !strings.Contains(s, "<!--") {
		return s
	}
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

// cut shortens s to n graphemes, with … where something is missing.
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

// unique are the names as plain text, without blanks and repetitions, in order.
func UniqueNames(names []string) (out []string) {
	for _, n := range names {
		if n = Shorten(PlainText(n), MaxTitle); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// legal is s with nothing but characters that XML 1.0 allows, and without embeddings and overrides of direction (U+202A–202E): what
// is published isolates. Control characters that XML allows are left out too.
func Legal(s string) string {
	if fine(s) { // nearly always
		return s
	}
	return strings.Map(func(r rune) rune {
		if illegal(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// fine says whether s has nothing illegal. English and Arabic letters, of one and two bytes, need no decoding.
func fine(s string) bool {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= ' ' && c < 0x7F:
			i++
		case c > 0xC2 && c < 0xE0 && i+1 < len(s) && s[i+1]&0xC0 == 0x80:
			i += 2
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || illegal(r) {
				return false
			}
			i += n
		}
	}
	return true
}

func illegal(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E || r&0xFFFE == 0xFFFE
}

// wording is plain text as a feed has it: legal, on one line, without controls of direction.
func OneLine(s string) string { return strings.Join(strings.Fields(arabic.StripBidi(Legal(s))), " ") }
