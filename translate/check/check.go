// Package check judges a translation against its source: pure functions over plain text. Its bounds were set on 146 pairs by people
// (testdata), of which none may raise an alarm.
package check

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// Version is raised when the checks change, so that what was stored can be judged anew.
const Version = "3"

// Problem is a fault. A warning is for people: the translation may stand.
type Problem struct {
	Check  string // numbers, amounts, names, residue, script, length, address, markup, echo, chatter, refusal, repetition, bidi
	Detail string
	Warn   bool
}

// Options say what kind of text is judged.
type Options struct {
	Title bool
}

// Text returns the faults of target as an English translation of source, an Arabic text; none for a fit one. Both are plain text.
func Text(source, target string, o Options) (out []Problem) {
	add := func(check, detail string) { out = append(out, Problem{Check: check, Detail: detail}) }
	if d := numbers(source, target); d != "" {
		add("numbers", d)
	}
	out = append(out, amounts(source, target)...)
	if d := names(source, target); d != "" {
		add("names", d)
	}
	if d := residue(target); d != "" {
		add("residue", d)
	}
	if r := strings.IndexFunc(target, foreign); r >= 0 {
		add("script", "letters of a third script")
	}
	if d := length(source, target); d != "" {
		add("length", d)
	}
	if d := addresses(source, target); d != "" {
		add("address", d)
	}
	if d := markup(source, target); d != "" {
		add("markup", d)
	}
	if arabic.Has(source) && strings.TrimSpace(source) == strings.TrimSpace(target) {
		add("echo", "the source came back")
	}
	if chatter().MatchString(target) && !strings.Contains(source, ":") {
		add("chatter", "talk about the translation")
	}
	if refusal().MatchString(target) && !strings.ContainsAny(source, "«\"“") {
		add("refusal", "the engine speaks of itself")
	}
	if d := repetition(target); d != "" {
		add("repetition", d)
	}
	if arabic.StripBidi(target) != target {
		add("bidi", "direction controls")
	}
	if negated(source) && !negative().MatchString(target) && !o.Title {
		out = append(out, Problem{"negation", "the source says no", true})
	}
	return out
}

// at most 2 % of the letters may be Arabic outside quotes and brackets, 10 % of fewer than 30
const (
	mostResidue, mostShort = 0.02, 0.10
	fewLetters             = 30
)

var quoted = pattern(`["“«‘'(\[][^"”»’')\]]*["”»’')\]]`)

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
	most := mostResidue
	if n < fewLetters {
		most = mostShort
	}
	if ar > 0 && float64(ar) > most*float64(n) {
		return "Arabic is left"
	}
	return ""
}

// foreign says whether r is of a script that neither language uses: models that ramble do it in Chinese.
func foreign(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Devanagari, unicode.Hebrew)
}

// length bounds of target ÷ source in runes, and for sources under shortText runes
const (
	leastRatio, mostRatio = 0.5, 2.5
	leastShort, mostLong  = 0.3, 4.0
	shortText             = 20
)

func length(source, target string) string {
	s, t := utf8.RuneCountInString(strings.TrimSpace(source)), utf8.RuneCountInString(strings.TrimSpace(target))
	if s == 0 {
		return ""
	}
	least, most := leastRatio, mostRatio
	if s < shortText {
		least, most = leastShort, mostLong
	}
	switch r := float64(t) / float64(s); {
	case t == 0 || r < least:
		return "too short"
	case r > most && t > shortText:
		return "too long"
	}
	return ""
}

// An address, or what a reader would take for one: any two lower-case Latin words with a dot and no blank between.
var address = pattern(`(?i:https?://|www\.|//)[^\s"'<>]+|[\p{L}0-9._%+-]+@[\p{L}0-9-]+\.[\p{L}0-9.-]+|` +
	`\b(?:[a-z0-9-]{2,}\.)+[a-z]{2,}\b|(?i:\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|io|ai|app|dev|co|me|info|ru|cn|xyz|top|link|site|online|shop|biz|ly)\b)`)

// addresses finds one in target that source lacks.
func addresses(source, target string) string {
	if !mayHold(target) {
		return ""
	}
	low := strings.ToLower(source)
	for _, a := range address().FindAllString(target, -1) {
		if !strings.Contains(low, strings.ToLower(strings.TrimRight(a, ".,;:!?)"))) {
			return "an address that the source lacks"
		}
	}
	return ""
}

// mayHold says whether s has a sign that every address has: it spares most texts the search.
func mayHold(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case '@':
			return true
		case '/':
			if i > 0 && s[i-1] == '/' {
				return true
			}
		case '.':
			if i+1 < len(s) && s[i+1] != ' ' && i > 0 {
				return true
			}
		}
	}
	return false
}

var (
	chatter = pattern("(?i)^\\s*(?:here is|here's|sure[,!]|certainly[,!]|translation:|the translation|translated text|english:)|```")
	refusal = pattern(`(?i)\b(?:as an ai|i can(?:no|')t (?:help|assist|translate|comply)|i cannot (?:help|assist|translate|comply)|i'm sorry, (?:but )?i|i am unable to)\b`)
)

// a run of six words may stand three times at most
const (
	gramWords  = 6
	mostRepeat = 3
)

func repetition(target string) string {
	words := strings.Fields(strings.ToLower(target))
	if len(words) < gramWords*(mostRepeat+1)/2 {
		return ""
	}
	seen := map[string]int{}
	for i := 0; i+gramWords <= len(words); i++ {
		k := strings.Join(words[i:i+gramWords], " ")
		if seen[k]++; seen[k] > mostRepeat {
			return "the same words again and again"
		}
	}
	return ""
}

var negative = pattern(`(?i)\b(?:no|not|n't|never|without|non|un\w+|den(?:y|ies|ied)|refus\w+|fail\w*|lack\w*|neither|nor|none|cannot|only|despite|less|little|few\w*)\b|n't|n’t`)

func negated(source string) bool {
	for _, w := range strings.Fields(arabic.Fold(source)) {
		switch strings.TrimPrefix(w, "و") {
		case "لم", "لن", "ليس", "ليست", "نفي", "نفت":
			return true
		}
	}
	return false
}
