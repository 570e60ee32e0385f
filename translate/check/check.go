// Package check finds faults of a translation by comparing it with its source. Its limits were set on
// pairs translated by people, and on wrong ones of each kind: see testdata and TestRates.
package check

import (
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// Version changes with the checks, so that stored translations are checked again.
const Version = "4"

// Problem is a fault of a translation.
type Problem struct {
	// Check is numbers, amounts, dates, order, names, fit, residue, script, length, address, markup,
	// echo, language, chatter, refusal, empty, repetition, bidi or negation.
	Check  string
	Detail string
	Doubt  bool // it may be none: the translation is published with a mark
}

// pair is a source and its translation, each read once for all checks.
type pair struct {
	source, target string
	folded         []string // words of source, folded
	low            string   // target in lower case
	words          []string // words of low
}

func newPair(source, target string) pair {
	low := strings.ToLower(target)
	return pair{source, target, strings.Fields(arabic.Fold(source)), low, strings.Fields(low)}
}

// Text returns the faults of target as an English translation of source, an Arabic text. Both are
// plain text.
func Text(source, target string) (out []Problem) {
	p := newPair(source, target)
	report := func(check, detail string) {
		if detail != "" {
			out = append(out, Problem{Check: check, Detail: detail})
		}
	}
	out = append(out, quantities(p)...)
	report("names", names(p))
	out = append(out, residue(p)...)
	report("script", script(p))
	out = append(out, length(p)...)
	report("address", addresses(p))
	report("markup", markup(source, target))
	if arabic.Has(source) && strings.TrimSpace(source) == strings.TrimSpace(target) {
		report("echo", "the source came back")
	}
	for _, check := range []func(pair) []Problem{language, talks, form, repetition, negation, content} {
		out = append(out, check(p)...)
	}
	if arabic.StripBidi(target) != target {
		report("bidi", "direction controls")
	}
	return out
}

// address matches addresses, and what a reader may take for one: two lower-case Latin words with a
// dot between.
var address = pattern(`(?i:https?://|www\.|//)[^\s"'<>]+|[\p{L}0-9._%+-]+@[\p{L}0-9-]+\.[\p{L}0-9.-]+|` +
	`\b(?:[a-z0-9-]{2,}\.)+[a-z]{2,}\b|(?i:\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.` +
	`(?:com|net|org|io|ai|app|dev|co|me|info|ru|cn|xyz|top|link|site|online|shop|biz|ly)\b)`)

// dotted matches every text with an address. It spares most texts the search for one.
var dotted = pattern(`@|//|\.[^ ]`)

// addresses reports an address in target that source lacks. The name of a site without anything
// before or after it, such as Booking.com, may be the source's in Arabic letters.
func addresses(p pair) string {
	if !dotted().MatchString(p.target) {
		return ""
	}
	low := strings.ToLower(p.source)
	for _, a := range address().FindAllString(p.target, -1) {
		a = strings.ToLower(strings.TrimRight(a, ".,;:!?)"))
		site, rest, _ := strings.Cut(a, ".")
		certain := len(arabic.Sounds(site)) >= arabic.LeastSounds || strings.Contains(p.source, "دوت")
		alone := !strings.ContainsAny(rest, "./") && !strings.ContainsAny(site, "@:/")
		named := certain && alone && sounded(p.folded, site)
		if !strings.Contains(low, a) && !named {
			return "an address that the source lacks"
		}
	}
	return ""
}
