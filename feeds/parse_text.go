package feeds

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"golang.org/x/text/unicode/norm"

	"github.com/nashra/nashra/translate/arabic"
)

// maxTitle is in graphemes: three times the longest headline of a newspaper.
const maxTitle = 300

var (
	tags    = pattern(`(?i)<(/?[A-Z][^<>]*|!doctype[^<>]*)>`)
	codes   = pattern(`(?is)<script\b.*?(</script\s*>|$)|<style\b.*?(</style\s*>|$)`)
	breaks  = pattern(`(?i)<(br|/?p|/?div|/?li)\b[^<>]*>`)
	omitted = pattern(`\s*(\[\s*(…|\.\.\.)\s*\]|\(\s*(…|\.\.\.)\s*\))\s*$`)
)

// plain is a headline, name or category as plain text: entities decoded even where they were escaped twice, tags taken out, on
// one line.
func plain(s string) string {
	if settled(s) {
		return s
	}
	for range 2 {
		if strings.IndexByte(s, '<') >= 0 {
			s = codes().ReplaceAllString(uncomment(s), "")
			s = tags().ReplaceAllString(breaks().ReplaceAllString(s, " "), "")
		}
		if strings.IndexByte(s, '&') < 0 {
			break
		}
		s = html.UnescapeString(s)
	}
	if strings.IndexByte(s, '<') >= 0 {
		s = tags().ReplaceAllString(s, "")
	}
	return strings.Join(strings.Fields(Visible(shown(s))), " ")
}

// settled says whether s, by its bytes, is plain text on one line already: a quick answer for nearly all names and most headlines.
func settled(s string) bool {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ' && i > 0 && i+1 < len(s) && s[i+1] != ' ':
			i++
		case c > ' ' && c < 0x7F && c != '<' && c != '&':
			i++
		case c > 0xC2 && c < 0xE0 && i+1 < len(s) && s[i+1]&0xC0 == 0x80 && s[i:i+2] != string(tatweel):
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

// shown is published text fit for display beside other text: without overrides of direction, without the tatweel that only
// stretches a word, presentation forms turned into letters. All else stays as published.
func shown(s string) string {
	s = arabic.StripBidi(s)
	if strings.Contains(s, string(tatweel)) {
		s = unstretch(s)
	}
	if strings.IndexByte(s, 0xEF) >= 0 && strings.IndexFunc(s, form) >= 0 { // which all of them begin with
		s = compose(s)
	}
	return s
}

const tatweel = 'ـ'

// unstretch drops tatweel within words. At the end of one it is spelling (هـ, بـ«الذكاء», الـ5G) and one stays.
func unstretch(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		before, rest, ok := strings.Cut(s, string(tatweel))
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		s = strings.TrimLeft(rest, string(tatweel))
		last, _ := utf8.DecodeLastRuneInString(before)
		next, _ := utf8.DecodeRuneInString(s)
		if arabic.Letter(last) && !arabic.Letter(next) && !unicode.IsMark(next) {
			b.WriteRune(tatweel)
		}
	}
}

// form says whether r is a presentation form of letters. The words and signs in one character (ﷺ, ﷼) are not: they are meant.
func form(r rune) bool {
	return r >= 0xFB50 && r < 0xFDF0 && r != 0xFD3E && r != 0xFD3F || r >= 0xFE70 && r <= 0xFEFF
}

func compose(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == 0xFEFF:
		case form(r):
			b.WriteString(strings.TrimLeft(norm.NFKC.String(string(r)), " "))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cut shortens s to n graphemes, with … where something is missing.
func cut(s string, n int) string {
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

// opening is the first words of text, in place of a headline that is missing.
func opening(text string) string {
	const words = 12 // of a usual headline
	f := strings.Fields(text)
	if len(f) <= words {
		return cut(strings.Join(f, " "), maxTitle)
	}
	return cut(strings.Join(f[:words], " ")+"…", maxTitle)
}
