package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Error is one mistake in the file. It never holds a value that came from the environment or from another file.
type Error struct {
	File         string
	Line, Column int // from 1
	Message      string
	Hint         string // what to write instead; may be empty
}

// Error is one line: file:line:column: message; hint.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Errors are all the mistakes of one file, by position.
type Errors []*Error

// Error has a line for each.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.As each of them.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, one := range e {
		out[i] = one
	}
	return out
}

// maxErrors is how many are told: more than a screen of them helps nobody.
const maxErrors = 50

// sorted puts the errors in the order of the file, each once, and counts those past maxErrors.
func (e Errors) sorted() Errors {
	slices.SortStableFunc(e, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Message, b.Message))
	})
	e = slices.CompactFunc(e, func(a, b *Error) bool { return *a == *b })
	if extra := len(e) - maxErrors; extra > 0 {
		e = e[:maxErrors]
		last := e[maxErrors-1]
		e = append(e, &Error{File: last.File, Line: last.Line, Column: last.Column, Message: fmt.Sprintf("and more mistakes, at least %d", extra)})
	}
	return e
}

// maxQuoted is how much of a value is quoted in a message, in runes.
const maxQuoted = 60

// quote is s as an error shows it: on one line, and not all of a long one.
func quote(s string) string {
	if utf8.RuneCountInString(s) > maxQuoted {
		s = string([]rune(s)[:maxQuoted]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// suggest names the one of known that s was probably meant to be, or all of them where none is near and they are few.
func suggest(s string, known []string) string {
	s = strings.ToLower(s)
	best, least := "", 2+len(s)/4 // a slip in a short word, two or three in a long one
	for _, k := range slices.Sorted(slices.Values(known)) {
		if len(s) > maxQuoted {
			break
		}
		if d := distance(s, k); d < least {
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

// distance is Levenshtein's, over bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
