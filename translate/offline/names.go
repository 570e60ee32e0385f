package offline

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/nashra/nashra/translate/arabic"
	"github.com/nashra/nashra/translate/score"
)

// Small models misspell names. Only what the source proves is corrected: a Latin word of the source, its
// own or the glossary's, replaces bad spellings of it.

var name = regexp.MustCompile(`[\p{Latin}0-9]+(?:[-.'’+/_][\p{Latin}0-9]+)*`)

// Limits: of a name, of a sequence of words that may be one, and of the names that are looked for.
const longestName, mostNameWords, mostMentions = 60, 6, 100 // bytes, words, names

// leastSpelling is the length from which a name is known by its spelling alone.
const leastSpelling = 4

// mention is a Latin name in the source.
type mention struct {
	name, key string // as written, and squashed
	word      int    // of the source; -1: in Arabic letters, somewhere
}

// mentions returns the Latin names of source. One in brackets after the same in Arabic letters counts
// twice.
func mentions(source string) (out []mention) {
	words := wordSpans(source)
	for i, w := range words {
		word := source[w.from:w.to]
		for _, n := range name.FindAllString(word, -1) {
			letters := strings.ContainsFunc(n, unicode.IsLetter)
			if len(n) < 2 || len(n) > longestName || !letters || len(out) >= mostMentions {
				continue
			}
			out = append(out, mention{n, squash(n), i})
			sounds := arabic.Sounds(n)
			if !strings.HasPrefix(word, "(") || len(sounds) < 2 || strings.ToUpper(n) == n {
				continue
			}
			said := source[words[max(0, i-wordsBefore)].from:w.from]
			if arabic.NewSkeleton(strings.Fields(arabic.Fold(said))).Has(sounds) {
				out = append(out, mention{n, squash(n), -1})
			}
		}
	}
	return out
}

// wordsBefore is how many words before brackets may be the name in Arabic letters.
const wordsBefore = 4

// keepNames corrects the names in target that are misspelled, and returns target with its new origins:
// the index of the source word of each target word. Without origins, spelling alone decides.
func keepNames(source, target string, origins []int) (string, []int) {
	names := mentions(source)
	wanted := map[string]int{}
	for _, m := range names {
		wanted[m.key]++
	}
	for _, m := range names {
		lacks := occurrences(target, m.key) < wanted[m.key]
		if !lacks && strings.Contains(target, m.name) {
			continue
		}
		first, last := m.find(target, origins, lacks, wanted)
		if first < 0 {
			continue
		}
		to := wordSpans(target)
		was := target[to[first].from:to[last].to]
		from, end := bounds(was)
		now := was[:from] + m.name + was[end:]
		target = target[:to[first].from] + now + target[to[last].to:]
		if origins != nil {
			origin := slices.Repeat([]int{origins[first]}, len(wordSpans(now))) // punctuation may stand alone
			origins = slices.Replace(slices.Clone(origins), first, last+1, origin...)
		}
	}
	return target, origins
}

// occurrences counts the runs of letters and digits of target, or of neighbouring ones, that are key.
func occurrences(target, key string) (n int) {
	parts := strings.FieldsFunc(strings.ToLower(target), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	for a := range parts {
		for run, b := "", a; b < len(parts) && len(run) < len(key); b++ {
			if run += parts[b]; run == key || run == key+"s" {
				n++
			}
		}
	}
	return n
}

// bounds returns the place of a name in words: without the signs around it and a possessive 's.
func bounds(words string) (from, to int) {
	to = len(strings.TrimRightFunc(words, punctuation))
	for _, s := range []string{"'s", "’s"} {
		if cut, ok := strings.CutSuffix(words[:to], s); ok {
			to = len(strings.TrimRightFunc(cut, punctuation))
		}
	}
	return to - len(strings.TrimLeftFunc(words[:to], punctuation)), to
}

// find returns the words of target that are most likely a bad spelling of m, or -1. If target lacks
// nothing, only the name's own letters written otherwise are one.
func (m mention) find(target string, origins []int, lacks bool, wanted map[string]int) (first, last int) {
	to := wordSpans(target)
	best, first, last := 2*len(m.key)+2, -1, -1
	for a := range to {
		for b := a; b < min(len(to), a+mostNameWords); b++ {
			was := target[to[a].from:to[b].to]
			from, end := bounds(was)
			was = was[from:end]
			key := squash(was)
			if len(key) > 2*len(m.key) || key != m.key && wanted[squash(target[to[b].from:to[b].to])] > 0 {
				break // too long, or it holds a name that is right
			}
			aligned := origins != nil && m.word >= 0 && !slices.ContainsFunc(origins[a:b+1],
				func(o int) bool { return o != m.word })
			distance := score.Distance(m.key, key)
			var is bool
			switch {
			case key == m.key:
				is = m.otherwise(was)
			case !lacks || len(m.key) < leastSpelling && !nameWords(was):
			case aligned:
				alone := a == b && slices.Index(origins, m.word) == a && !slices.Contains(origins[a+1:], m.word)
				is = 2*distance <= len(m.name) || alone && strings.ContainsFunc(was, nameLetter)
			default:
				is = nameWords(was) && m.likeness(key)
			}
			if weight := 2*distance + map[bool]int{true: 0, false: 1}[aligned]; is && weight < best {
				best, first, last = weight, a, b
			}
		}
	}
	return first, last
}

// voices maps letters to those that models take for each other: vowels, and consonants of one place in
// the mouth.
var voices = strings.NewReplacer("ph", "f", "ck", "k", "ch", "s", "sh", "s", "gh", "k", "e", "a", "i", "a", "o", "a",
	"u", "a", "w", "a", "y", "a", "p", "b", "c", "k", "g", "k", "j", "k", "q", "k", "d", "t", "v", "f", "x", "ks",
	"z", "s", "h", "")

// voiced returns a squashed name in the letters of voices, doubled ones once.
func voiced(key string) string { return string(slices.Compact([]rune(voices.Replace(key)))) }

// likeness reports whether key is a usual misspelling of m: alike but for vowels and voice, and for one
// letter in five, two in six or three in nine.
func (m mention) likeness(key string) bool {
	n := len(m.key)
	return n >= leastSpelling && score.Distance(voiced(m.key), voiced(key)) <= min(n-leastSpelling, n/3) &&
		2*score.Distance(m.key, key) <= n+1
}

// otherwise reports whether was, which has the letters of the name, is to be written as in the source,
// with its capitals and in one word. A name with signs of its own has more than one writing.
func (m mention) otherwise(was string) bool {
	inner := strings.ContainsFunc(m.name[1:], unicode.IsUpper)
	return was != m.name && !strings.ContainsAny(m.name, "-.'’+/_") && strings.ToLower(m.name) != m.name &&
		(nameWords(was) || inner && len(m.key) >= leastSpelling && !strings.Contains(was, " "))
}

// nameWords reports whether each word has a capital or a digit, as names have.
func nameWords(words string) bool {
	plain := func(w string) bool { return !strings.ContainsFunc(w, nameLetter) }
	return !slices.ContainsFunc(strings.Fields(words), plain)
}

func nameLetter(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) }

// squash makes spellings comparable: S24-FE, S24 FE and s24fe are the same.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
