package site

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// run is a piece of a line. Lang is empty if the run is in the line's own language.
type run struct {
	Lang, Text string
	Marked     bool // it is what somebody searched for
}

// runs splits s, plain text in lang, so that words of Arabic script in a left-to-right line get
// runs of their own.
func runs(s, lang string) (out []run) {
	if s == "" {
		return nil
	}
	if arabic.Dir(lang) == "rtl" {
		return []run{{Text: s}}
	}
	for s != "" {
		start := strings.IndexFunc(s, arabic.Letter)
		if start < 0 {
			return append(out, run{Text: s})
		}
		if start > 0 {
			out = append(out, run{Text: s[:start]})
		}
		end := start + arabicPrefix(s[start:])
		out = append(out, run{Lang: scriptLang(s[start:end]), Text: s[start:end]})
		s = s[end:]
	}
	return out
}

// shortened returns runs cut to the length of headlines.
func shortened(line []run) []run {
	left := feeds.MaxTitle
	for i, r := range line {
		cut := feeds.Shorten(r.Text, left)
		if left -= utf8.RuneCountInString(r.Text); cut != r.Text || left <= 1 {
			return append(line[:i:i], run{Lang: r.Lang, Text: cut})
		}
	}
	return line
}

// joined returns the text of runs.
func joined(runs []run) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.Text)
	}
	return b.String()
}

// arabicPrefix returns the length of the words of Arabic script at the start of s, up to their last
// letter or mark.
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

// scriptLang returns the language of s, which has letters of Arabic script.
func scriptLang(s string) string {
	if lang := arabic.Lang(s); arabic.Dir(lang) == "rtl" {
		return lang
	}
	return "ar"
}

// cleanText prepares plain text for an element with a direction of its own. It removes control
// characters, above all those that reorder text, and directional marks at both ends.
func cleanText(s string) string {
	return strings.Trim(strings.TrimSpace(feeds.Visible(arabic.StripBidi(s))), "\u200E\u200F\u061C ")
}
