package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// Span is a part of a text, in bytes.
type Span struct{ From, To int }

// Marker returns a function that finds the words of a plain text that q asks for. It returns whole
// words, with the marks on their letters.
func (q Query) Marker() func(text string) []Span {
	terms, begins := map[string]bool{}, []string{}
	for _, s := range q.sought() {
		for _, t := range append(s.any, s.all...) {
			terms[t] = true
		}
		begins = append(begins, s.begins...)
	}
	asked := func(w string) bool {
		for _, t := range forms(w) {
			if terms[t] {
				return true
			}
			for _, b := range begins {
				if strings.HasPrefix(t, b) {
					return true
				}
			}
		}
		return false
	}
	return func(text string) (out []Span) {
		spans, list := split(text)
		to := 0 // the first word after the last name
		for i, w := range list {
			inside := i < to
			eachName(list[i:], func(name string, n int) {
				if terms[name] {
					to = max(to, i+n)
				}
			})
			if i >= to && !asked(w) {
				continue
			}
			if last := len(out) - 1; last >= 0 && (inside || spans[i].From < out[last].To) {
				out[last].To = spans[i].To
			} else {
				out = append(out, spans[i])
			}
		}
		return out
	}
}

// split returns the words of a text as fields does, and where they stand.
func split(text string) (spans []Span, list []string) {
	for start, end := 0, 0; start < len(text); start = max(end, start+1) {
		for start < len(text) && !begins(text[start:]) {
			_, n := utf8.DecodeRuneInString(text[start:])
			start += n
		}
		end = start + wordLength(text[start:])
		for _, w := range fields(text[start:end]) {
			spans, list = append(spans, Span{start, end}), append(list, w)
		}
	}
	return spans, list
}

// folded returns what Fold makes of the first letter of s alone.
func folded(s string) (f string, n int) {
	r, n := utf8.DecodeRuneInString(s)
	return strings.Trim(arabic.Fold(string(r)), string(apostrophe)), n
}

// begins reports whether a word begins at s.
func begins(s string) bool {
	f, _ := folded(s)
	return f != ""
}

// wordLength returns the length of the word that begins s.
func wordLength(s string) (end int) {
	last := ""
	for i, n := 0, 0; i < len(s); i += n {
		var f string
		f, n = folded(s[i:])
		r, _ := utf8.DecodeRuneInString(s[i:])
		switch {
		case f != "":
			last, end = f, i+n
		case unicode.IsMark(r) || r == 'ـ':
			end = i + n
		case unicode.Is(unicode.Cf, r): // a part of the word only if more of it follows
		case strings.ContainsRune(".-,٬٫", r) && joins(last, s[i:]):
		default:
			return end
		}
	}
	return end
}

// joins reports whether the sign that begins s is part of a word that goes on after it.
func joins(last, s string) bool {
	next := 8 // letters: Fold looks no farther
	for i := range s {
		if next--; next < 0 {
			s = s[:i]
			break
		}
	}
	first, _, _ := strings.Cut(arabic.Fold(last+s), " ")
	return len(first) > len(last)
}
