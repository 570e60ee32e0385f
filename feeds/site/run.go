package site

import (
	"strings"
	"unicode"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// run is a piece of a line. Lang is empty where it is the line's own.
type run struct{ Lang, Text string }

// runs is s, plain text in lang, with the words of Arabic script set apart that a line of other letters holds.
func runs(s, lang string) (out []run) {
	if s == "" {
		return nil
	}
	if arabic.Dir(lang) == "rtl" {
		return []run{{Text: s}}
	}
	for {
		start := strings.IndexFunc(s, arabic.Letter)
		if start < 0 {
			break
		}
		if start > 0 {
			out = append(out, run{Text: s[:start]})
		}
		end := start + arabicPrefix(s[start:])
		out = append(out, run{Lang: script(s[start:end]), Text: s[start:end]})
		s = s[end:]
	}
	if s != "" {
		out = append(out, run{Text: s})
	}
	return out
}

// arabicPrefix is the length of the words of Arabic script that s begins with, to the last of their letters or marks.
func arabicPrefix(s string) (end int) {
	for i, r := range s {
		switch {
		case arabic.Letter(r) || unicode.Is(unicode.Mn, r):
			end = i + len(string(r))
		case unicode.IsLetter(r) && !unicode.Is(unicode.Arabic, r) && r != 'ـ':
			return end
		}
	}
	return end
}

// script is the language of s, which has letters of Arabic script.
func script(s string) string {
	if lang := arabic.Lang(s); arabic.Dir(lang) == "rtl" {
		return lang
	}
	return "ar"
}

// tidy is plain text on its way into an element of its own direction: no controls, least of all such as reorder, no marks at its ends.
func tidy(s string) string {
	return strings.Trim(strings.TrimSpace(feeds.Visible(arabic.StripBidi(s))), "\u200E\u200F\u061C ")
}
