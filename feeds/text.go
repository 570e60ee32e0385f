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
	tags       = regexp.MustCompile(`<(/?)([A-Za-z][A-Za-z0-9]*)([^<>]*)>`)
	codes      = regexp.MustCompile(`(?is)<script\b.*?</script\s*>|<style\b.*?</style\s*>|<!\[CDATA\[(.*?)\]\]>`)
	attributes = regexp.MustCompile(`^\s+[\w:-]+\s*=`)
	handler    = regexp.MustCompile(`(?i)[\s/"']on\w+\s*=`)
)

// markup names the elements that format words or embed something. The tags of others are words of a
// headline.
const markup = " a abbr acronym applet b base bdi bdo big blink br center cite code del dfn div em embed font frame " +
	"frameset h1 h2 h3 h4 h5 h6 hr i iframe img ins kbd li link mark marquee meta nobr object ol p q s samp small " +
	"span strike strong sub sup tt u ul var wbr "

// PlainText returns a headline, name or category that may be plain text or HTML as plain text on
// one line: entities are decoded, even if they were escaped twice, and the tags removed that
// Unmarked removes.
func PlainText(s string) string {
	for range 2 {
		if s = Unmarked(s); strings.IndexByte(s, '&') < 0 {
			break
		}
		s = html.UnescapeString(s)
	}
	return Line(Unmarked(s))
}

// Unmarked returns s without comments, scripts, and the tags of markup that have an attribute or an end
// tag. All else between angle brackets is words, such as <video> or List<T>.
func Unmarked(s string) string {
	if strings.IndexByte(s, '<') < 0 {
		return s
	}
	s = codes.ReplaceAllString(uncomment(s), "$1")
	found := tags.FindAllStringSubmatch(s, -1)
	ends := map[string]bool{"br": true, "hr": true, "wbr": true}
	for _, t := range found {
		ends[strings.ToLower(t[2])] = ends[strings.ToLower(t[2])] || t[1] != ""
	}
	return tags.ReplaceAllStringFunc(s, func(string) string {
		t := found[0]
		found = found[1:]
		name := strings.ToLower(t[2])
		switch {
		case handler.MatchString(t[3]):
		case !strings.Contains(markup, " "+name+" ") || t[1] == "" && !ends[name] && !attributes.MatchString(t[3]):
			return t[0]
		case name == "br" || name == "p" || name == "div" || name == "li":
			return " "
		}
		return ""
	})
}

// Line returns plain text on one line, fit for display, without invisible marks at its ends.
func Line(s string) string {
	return strings.TrimFunc(strings.Join(strings.Fields(Visible(arabic.Display(s))), " "), func(r rune) bool {
		return r == ' ' || r >= '\u200C' && r <= '\u200F' || r == '\u061C'
	})
}

// Visible returns s without control characters, other than white space, without noncharacters, and
// without marks that only say where lines may break.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u00AD', r == '\u200B', r == '\u2060', r == '\uFEFF',
			(unicode.IsControl(r) || r&0xFFFE == 0xFFFE) && !unicode.IsSpace(r):
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

// UniqueNames returns names as plain text, in order, without empty and repeated ones, and without
// any tags: no format can say that those in a name are words.
func UniqueNames(names []string) (out []string) {
	for _, n := range names {
		if n = Shorten(tags.ReplaceAllString(PlainText(n), ""), MaxTitle); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// Legal returns s without the characters that XML 1.0 forbids, other control characters, and
// embeddings and overrides of direction (U+202A–202E), in whose place publishing uses isolates.
func Legal(s string) string {
	for _, r := range s { // most texts are legal
		if r == utf8.RuneError || illegal(r) {
			return strings.Map(func(r rune) rune {
				if illegal(r) {
					return -1
				}
				return r
			}, strings.ToValidUTF8(s, "\uFFFD"))
		}
	}
	return s
}

func illegal(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E ||
		r&0xFFFE == 0xFFFE
}

// OneLine returns plain text as published: legal, on one line, without bidirectional controls.
func OneLine(s string) string { return strings.Join(strings.Fields(arabic.StripBidi(Legal(s))), " ") }
