package check

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
)

// sentences cuts a text after the marks that end a sentence, and at line ends.
func sentences(text string) (out []string) {
	from := 0
	for i, r := range text {
		if i < from || r != '.' && r != '!' && r != '?' && r != '؟' && r != '\n' {
			continue
		}
		rest := strings.TrimLeft(text[i+utf8.RuneLen(r):], `"”»’')]`)
		next := firstRune(strings.TrimLeft(rest, " \u00a0\n\"“«‘'(["))
		if r == '\n' || unicode.IsSpace(firstRune(rest)) && !unicode.IsLower(next) && !shortened(text[from:i]) {
			out = append(out, text[from:len(text)-len(rest)])
			from = len(text) - len(rest)
		}
	}
	wordless := func(s string) bool { return !strings.ContainsFunc(s, unicode.IsLetter) }
	return slices.DeleteFunc(append(out, text[from:]), wordless)
}

// titles are abbreviations before a name: a text does not end with one.
var titles = strings.Fields("mr. mrs. ms. dr. st. prof. gen. sen. gov. rep. lt. col. vs. rev.")

// shortened reports whether a text and a full stop end in an abbreviation or an ellipsis.
func shortened(text string) bool {
	word := text[strings.LastIndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
	return utf8.RuneCountInString(word) == 1 || strings.HasSuffix(text, ".") ||
		slices.Contains(titles, strings.ToLower(word)+".")
}

// Logarithms of how much likelier something is if a sentence was left out: counted over 1,378 right
// texts of two to five sentences, whole and with one left out.
var (
	lostMet, lostMissing         = math.Log(0.20 / 0.77), math.Log(0.80 / 0.23)
	fewerSentences               = math.Log(0.83 / 0.03)
	asMany                       = math.Log(0.17 / 0.97)
	maxLost              float64 = 3
)

// mostParts is the number of parts of a text that are looked at: enough for every paragraph of news.
const mostParts = 24

// lost reports sentences of the source that target seems to leave out or, if the source is one
// sentence, clauses.
func lost(p pair, s source, a answer) string {
	if len(p.words) > 0 && slices.Contains(titles, p.words[len(p.words)-1]) {
		return "it ends before a name"
	}
	parts := sentences(p.source)
	count := asMany
	switch {
	case len(parts) < 2:
		parts = strings.FieldsFunc(p.source, func(r rune) bool { return strings.ContainsRune("،؛", r) })
	case len(sentences(p.target)) < len(parts):
		count = fewerSentences
	}
	if len(parts) < 2 || len(parts) > mostParts {
		return ""
	}
	off := s.off(a)
	most := min(mostFromLength, min(off, 0)*off/2/(ownSpread*ownSpread))
	if count+most+float64(len(s.known)-s.met(a))*lostMissing <= maxLost {
		return "" // whatever is missing
	}
	times := map[string]int{}
	for _, w := range p.folded {
		times[w]++
	}
	weights, runes := make([]float64, len(parts)), make([]int, len(parts))
	for i, part := range parts {
		folded := slices.DeleteFunc(strings.Fields(arabic.Fold(part)), func(w string) bool { return times[w] > 1 })
		one := readSource(part, folded)
		words := one.met(a)
		weights[i], runes[i] = float64(words)*lostMet+float64(len(one.known)-words)*lostMissing, one.runes
	}
	for i := range parts {
		sum, gone := count, 0
		for j := i; j < len(parts) && j-i < len(parts)-1; j++ {
			sum += weights[j]
			gone += runes[j]
			without := off - math.Log(1-min(0.9, float64(gone)/float64(s.runes))) // off if they are left out
			gain := (off*off - without*without) / 2 / (ownSpread * ownSpread)
			if sum+min(mostFromLength, max(-mostFromLength, gain)) > maxLost {
				return "nothing is found of: " + firstWords(parts[i])
			}
		}
	}
	return ""
}

func firstWords(s string) string {
	words := strings.Fields(s)
	return strings.Join(words[:min(4, len(words))], " ")
}

// lengths limits the length of target ÷ source in runes, by whether the source has under shortText. Of
// 3,995 right pairs 5 are under low, which is a doubt, and none is under wrongLow or above high.
var lengths = map[bool]struct{ wrongLow, low, high float64 }{
	false: {0.3, 0.5, 2.5},
	true:  {0.15, 0.3, 4},
}

const shortText = 20

// length reports a target that is too short or too long.
func length(p pair) []Problem {
	s, t := utf8.RuneCountInString(strings.TrimSpace(p.source)), utf8.RuneCountInString(strings.TrimSpace(p.target))
	if s == 0 {
		return nil
	}
	limits := lengths[s < shortText]
	switch r := float64(t) / float64(s); {
	case r < limits.low:
		return []Problem{{"length", "too short", r >= limits.wrongLow}}
	case r > limits.high && t > shortText:
		return []Problem{{"length", "too long", false}}
	}
	return nil
}
