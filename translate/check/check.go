// Package check finds faults of a translation by comparing it with its source. Its limits were set
// on 146 pairs translated by people (testdata), in which it finds none.
package check

import (
	"strings"
	"unicode"

	"github.com/nashra/nashra/translate/arabic"
)

// Version changes with the checks, so that stored translations are checked again.
const Version = "4"

// Problem is a fault of a translation.
type Problem struct {
	// Check is numbers, amounts, dates, order, names, fit, residue, script, length, address, markup, echo, chatter,
	// refusal, repetition, bidi or negation.
	Check  string
	Detail string
	Doubt  bool // it may be none: the translation is published with a mark
}

// Options describe the text.
type Options struct {
	Title bool
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
func Text(source, target string, o Options) (out []Problem) {
	p := newPair(source, target)
	report := func(check, detail string) {
		if detail != "" {
			out = append(out, Problem{Check: check, Detail: detail})
		}
	}
	out = append(out, quantities(p)...)
	report("names", names(p))
	report("residue", residue(target))
	if strings.ContainsFunc(target, foreign) {
		report("script", "letters of a third script")
	}
	out = append(out, length(p)...)
	report("address", addresses(p))
	report("markup", markup(source, target))
	if arabic.Has(source) && strings.TrimSpace(source) == strings.TrimSpace(target) {
		report("echo", "the source came back")
	}
	if chatter().MatchString(target) && !strings.Contains(source, ":") {
		report("chatter", "talk about the translation")
	}
	if refusal().MatchString(target) && !strings.ContainsAny(source, "«\"“") {
		report("refusal", "the engine speaks of itself")
	}
	report("repetition", repetition(p.words))
	if arabic.StripBidi(target) != target {
		report("bidi", "direction controls")
	}
	if !o.Title && negated(p.folded) && !negative().MatchString(target) {
		out = append(out, Problem{"negation", "the source says no", true})
	}
	out = append(out, content(p)...)
	return out
}

// maxResidue is the share of letters outside quotes and brackets that may be Arabic;
// maxShortResidue the same in texts with fewer than shortLetters letters.
const (
	maxResidue, maxShortResidue = 0.02, 0.10
	shortLetters                = 30
)

var quoted = pattern(`["“«‘'(\[][^"”»’')\]]*["”»’')\]]`)

// residue reports Arabic words in target.
func residue(target string) string {
	rest := quoted().ReplaceAllString(target, "")
	n, ar := 0, 0
	for _, r := range rest {
		if unicode.IsLetter(r) {
			n++
			if arabic.Letter(r) {
				ar++
			}
		}
	}
	share := maxResidue
	if n < shortLetters {
		share = maxShortResidue
	}
	if float64(ar) > share*float64(n) {
		return "Arabic is left"
	}
	return ""
}

// foreign reports whether r is of a script that neither language uses. Models that ramble do so in
// Chinese.
func foreign(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai,
		unicode.Devanagari, unicode.Hebrew)
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
		certain := len(latinSounds(site)) >= leastSounds || strings.Contains(p.source, "دوت")
		named := certain && !strings.ContainsAny(rest, "./") && !strings.ContainsAny(site, "@:/") && sounded(p.folded, site)
		if !strings.Contains(low, a) && !named {
			return "an address that the source lacks"
		}
	}
	return ""
}

var (
	chatter = pattern("(?i)^\\s*(?:here is|here's|sure[,!]|certainly[,!]|translation:|" +
		"the translation|translated text|english:)|```")
	refusal = pattern(`(?i)\b(?:as an ai|i can(?:no|')t (?:help|assist|translate|comply)|` +
		`i cannot (?:help|assist|translate|comply)|i'm sorry, (?:but )?i|i am unable to)\b`)
)

// A run of gramWords words may occur maxRepeat times.
const (
	gramWords = 6
	maxRepeat = 3
)

// repetition reports words that are repeated again and again.
func repetition(words []string) string {
	if len(words) < gramWords*(maxRepeat+1)/2 {
		return ""
	}
	seen := map[string]int{}
	for i := 0; i+gramWords <= len(words); i++ {
		k := strings.Join(words[i:i+gramWords], " ")
		if seen[k]++; seen[k] > maxRepeat {
			return "the same words again and again"
		}
	}
	return ""
}

var negative = pattern(`(?i)\b(?:no|not|n't|never|without|non|un\w+|den(?:y|ies|ied)|refus\w+|fail\w*|` +
	`lack\w*|neither|nor|none|cannot|only|despite|less|little|few\w*)\b|n't|n’t`)

// negated reports whether folded words have a word of negation.
func negated(folded []string) bool {
	for _, w := range folded {
		switch strings.TrimPrefix(w, "و") {
		case "لم", "لن", "ليس", "ليست", "نفي", "نفت":
			return true
		}
	}
	return false
}
