package check

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// maxQuoted is the most Arabic words in quotation marks or brackets that a translation may be about.
const maxQuoted = 3

// residue reports Arabic words in p.target. A hashtag of the source stays as it is. A short text in
// quotation marks or brackets may be quoted as a word.
func residue(p pair) []Problem {
	first := strings.IndexFunc(p.target, arabic.Letter)
	switch {
	case first < 0:
		return nil
	case arabic.Has(p.source) && strings.Contains(p.target, strings.TrimSpace(p.source)):
		return []Problem{{"residue", "all of the source is left", false}}
	}
	quoted, prev := 0, lastSign(p.target[:first])
	for rest := p.target[first:]; ; {
		end := strings.IndexFunc(rest, func(r rune) bool { return unicode.IsLetter(r) && !arabic.Letter(r) })
		if end < 0 {
			end = len(rest)
		}
		run := strings.TrimRightFunc(rest[:end], func(r rune) bool { return !arabic.Letter(r) && !unicode.IsMark(r) })
		next := firstRune(strings.TrimSpace(rest[len(run):]))
		words := len(strings.FieldsFunc(run, func(r rune) bool { return !arabic.Letter(r) && !unicode.IsMark(r) }))
		switch {
		case prev == '#' && strings.Contains(p.source, "#"+run):
		case strings.ContainsRune(`"“”«»‘’'([`, prev) && strings.ContainsRune(`"”“»«’‘')]`, next):
			quoted += words
		default:
			quoted += maxQuoted + 1
		}
		rest = rest[len(run):]
		first = strings.IndexFunc(rest, arabic.Letter)
		if first < 0 {
			break
		}
		prev = lastSign(rest[:first])
		rest = rest[first:]
	}
	switch {
	case quoted > maxQuoted:
		return []Problem{{"residue", "Arabic is left", false}}
	case quoted > 0:
		return []Problem{{"residue", "Arabic words are quoted", true}}
	}
	return nil
}

// lastSign returns the last character of s that is no blank.
func lastSign(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(strings.TrimSpace(s))
	return r
}

// script reports letters in p.target of a script that neither language uses, unless the source has
// them too. A single letter of Greek is a symbol.
func script(p pair) string {
	inRun := func(r rune) bool {
		return r >= firstGreek && unicode.IsLetter(r) && !unicode.In(r, unicode.Latin, unicode.Common, unicode.Arabic)
	}
	if !strings.ContainsFunc(p.target, inRun) {
		return ""
	}
	for run := range strings.FieldsFuncSeq(p.target, func(r rune) bool { return !inRun(r) }) {
		symbol := utf8.RuneCountInString(run) == 1 && strings.ContainsFunc(run, isGreek)
		if !symbol && !strings.Contains(p.source, run) {
			return "letters of a third script"
		}
	}
	return ""
}

// firstGreek is the first letter after those of Latin script.
const firstGreek = 0x0370

func isGreek(r rune) bool { return unicode.Is(unicode.Greek, r) }
