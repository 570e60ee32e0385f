package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/score"
)

// Error is one mistake in the file. It never holds a value from the environment or from another
// file.
type Error struct {
	File         string
	Line, Column int // from 1
	Message      string
	Hint         string // what to write instead; may be empty
}

// Error returns one line: file:line:column: message; hint.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Errors is the list of all mistakes in one file, by position.
type Errors []*Error

// Error returns a line for each mistake.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// maxErrors is how many mistakes are reported: more than a screen of them helps nobody.
const maxErrors = 50

// sorted returns the errors in the order of the file, each once, and the number of those past
// maxErrors.
func (e Errors) sorted() Errors {
	slices.SortStableFunc(e, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			strings.Compare(a.Message, b.Message))
	})
	e = slices.CompactFunc(e, func(a, b *Error) bool { return *a == *b })
	if extra := len(e) - maxErrors; extra > 0 {
		e = e[:maxErrors]
		last := e[maxErrors-1]
		more := fmt.Sprintf("and more mistakes, at least %d", extra)
		e = append(e, &Error{File: last.File, Line: last.Line, Column: last.Column, Message: more})
	}
	return e
}

// maxQuoted is how many runes of a value an error quotes.
const maxQuoted = 60

// quote returns s as an error shows it: on one line and shortened.
func quote(s string) string {
	if utf8.RuneCountInString(s) > maxQuoted {
		s = string([]rune(s)[:maxQuoted]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// Suggest returns a hint: the known name nearest to s, or all of them if none is near and they are
// few.
func Suggest(s string, known []string) string {
	s = strings.ToLower(s)
	best, least := "", 2+len(s)/4 // one slip in a short word, two or three in a long one
	for _, k := range slices.Sorted(slices.Values(known)) {
		if len(s) > maxQuoted {
			break
		}
		d := score.Distance(s, k)
		if d < least || d == least && best != "" && k[:1] == s[:1] && best[:1] != s[:1] { // slips are seldom first
			best, least = k, d
		}
	}
	switch {
	case best != "":
		return "did you mean " + quote(best) + "?"
	case len(known) > 0 && len(known) <= 20:
		return "known here: " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
	}
	return ""
}
