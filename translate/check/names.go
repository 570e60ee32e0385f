package check

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
	"github.com/nashra/nashra/translate/score"
)

var (
	latin  = pattern(`[A-Za-z][A-Za-z0-9]*(?:[-.'’+/_][A-Za-z0-9]+)*`)
	handle = pattern(`(?i)@[a-z0-9_]{2,}`)
)

// names reports a handle, or a word with Latin letters, in the source that the target lacks in
// any case or spelling.
func names(p pair) string {
	if strings.Contains(p.source, "@") {
		handles := handle().FindAllString(p.target, -1)
		for _, h := range handle().FindAllString(p.source, -1) {
			if !slices.ContainsFunc(handles, func(t string) bool { return strings.EqualFold(h, t) }) {
				return "the handle " + h + " is missing"
			}
		}
	}
	if !strings.ContainsFunc(p.source, latinLetter) {
		return ""
	}
	source := p.source
	if strings.Contains(source, "<") {
		source = tag().ReplaceAllString(source, " ")
	}
	squashed := squash(p.target)
	for _, w := range latin().FindAllString(source, -1) {
		if len(w) > 1 && !strings.Contains(squashed, squash(w)) && !otherwise(w, p) {
			return "the name " + w + " is missing"
		}
	}
	return ""
}

func latinLetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }

// inWords are Latin words that are also written in English words: units, and countries whose
// abbreviation is not the initials of their name. The words are squashed.
var inWords = map[string]string{"km": "kilomet", "cm": "centimet", "mm": "millimet", "kg": "kilogram", "gb": "gigabyte",
	"mb": "megabyte", "tb": "terabyte", "kb": "kilobyte", "hz": "hertz", "ghz": "gigahertz", "mhz": "megahertz",
	"kw": "kilowatt", "mw": "megawatt", "gw": "gigawatt", "kwh": "kilowatt", "mah": "milliamp", "mp": "megapixel",
	"fps": "framespersecond", "usa": "unitedstates", "us": "america", "uk": "brit", "uae": "emirat", "ksa": "saudi",
	"eu": "europe", "ai": "artificial", "tv": "television", "pc": "computer", "app": "application", "vs": "against"}

// otherwise reports whether target has the Latin word w in another form: in words, as initials or
// their words, or, if it has no digits, cut short or spelled right.
func otherwise(w string, p pair) bool {
	key, capitals := squash(w), strings.Map(onlyUpper, w)
	if in := inWords[key]; in != "" && strings.Contains(squash(p.target), in) || spelledOut(w, p.target) {
		return true
	}
	exact := strings.ContainsFunc(key, unicode.IsDigit) // S24 is not S2
	return slices.ContainsFunc(strings.Fields(p.target), func(t string) bool {
		t = strings.TrimFunc(t, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		s := squash(t)
		shortened := !exact && len(s) >= leastPart && strings.HasPrefix(key, s) && t != strings.ToLower(t)
		misspelled := !exact && len(key) > leastPart && len(key) <= longestName && len(s) <= longestName &&
			score.Distance(key, s) == 1
		return shortened || misspelled || len(capitals) > 1 && len(capitals) < len(w) && t == capitals
	})
}

// leastPart is the length from which a part of a name stands for it, and shorter ones are not compared
// for a wrong letter. No name is longer than longestName.
const leastPart, longestName = 4, 40

func onlyUpper(r rune) rune {
	if unicode.IsUpper(r) {
		return r
	}
	return -1
}

// squash returns the letters and digits of s in lower case, so that S24-FE, S24 FE and s24fe are
// alike.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// maxAcronym is the length of the longest acronym that may be spelled out.
const maxAcronym = 5

// spelledOut reports whether w is the initials of consecutive words of target.
func spelledOut(w, target string) bool {
	if len(w) > maxAcronym || strings.ToUpper(w) != w {
		return false
	}
	var initials strings.Builder
	for _, f := range strings.FieldsFunc(target, func(r rune) bool { return !unicode.IsLetter(r) }) {
		initials.WriteString(strings.ToUpper(f[:1]))
	}
	return strings.Contains(initials.String(), w)
}

// strangeName reports a name in target that nothing in the source sounds like or means.
func strangeName(p pair, a answer) string {
	var k *arabic.Skeleton
	for _, n := range a.names {
		if k == nil {
			k = arabic.NewSkeleton(unmet(p.folded, a.begins))
		}
		b := begin(strings.ToLower(n.word))
		meant := func(w string) bool { return slices.Contains(look(w).begins, b) }
		copied := func() bool { return strings.Contains(squash(p.source), squash(n.word)) }
		if !k.Has(n.sounds) && !slices.ContainsFunc(p.folded, meant) && !copied() {
			return "nothing in the source sounds like " + n.word
		}
	}
	return ""
}

// strangeBrand reports a name of the lexicon in target that the source has in no spelling. Such a
// name shows at the start of a sentence too, and in headlines.
func strangeBrand(p pair) string {
	var known []string
	var k *arabic.Skeleton
	for w := range strings.FieldsFuncSeq(p.target, notInWord) {
		low := strings.ToLower(w)
		brand, n := arabic.Lexicon{}.Look(low).Name(nil)
		if low == w || alsoWords[low] || n == 0 {
			continue
		}
		if k == nil {
			known, k = brands(p.folded), arabic.NewSkeleton(p.folded)
		}
		if s := arabic.Sounds(w); !slices.Contains(known, brand) && !(len(s) > 1 && k.Has(s)) {
			return "the source does not name " + w
		}
	}
	return ""
}

// alsoWords are names of the lexicon that may begin a sentence as ordinary words.
var alsoWords = map[string]bool{"windows": true, "honor": true, "safari": true, "pixel": true, "galaxy": true,
	"falcon": true, "discord": true, "oracle": true, "alphabet": true, "chrome": true, "meta": true, "intel": true}

// sounded reports whether a folded word sounds like the name w.
func sounded(folded []string, w string) bool {
	s := arabic.Sounds(w)
	return len(s) > 1 && arabic.NewSkeleton(folded).Has(s)
}

// brands returns the known names in folded words.
func brands(folded []string) (out []string) {
	for i, w := range folded {
		if name, n := (arabic.Lexicon{}).Look(w).Name(folded[i+1:]); n > 0 {
			out = append(out, name)
		}
	}
	return out
}

// unmet returns the words that may be names: no function words, and none whose translation is there.
func unmet(folded []string, begins []beginning) []string {
	return slices.DeleteFunc(slices.Clone(folded[:min(len(folded), mostWords)]), func(w string) bool {
		return arabic.Lexicon{}.Look(w).Stop ||
			slices.ContainsFunc(look(w).begins, func(b beginning) bool { return slices.Contains(begins, b) })
	})
}

// capitalised returns the words of an English text that a capital marks as names: those within a
// sentence, unless most words of the text have one.
func capitalised(target string) (out []string) {
	start, capitals, words := true, 0, 0
	for w := range strings.FieldsSeq(target) {
		core := strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
		upper := core != "" && unicode.IsUpper(firstRune(core))
		if len(core) > 3 {
			words++
			if upper {
				capitals++
			}
		}
		within := !start && upper && !strings.ContainsAny(w[:1], "\"'([")
		start = core == "" || strings.HasSuffix(w, "”") || strings.ContainsAny(w[len(w)-1:], "!?:;\"") ||
			strings.HasSuffix(strings.TrimRight(w, "\"”’')]"), ".")
		if core = strings.TrimSuffix(strings.TrimSuffix(core, "'s"), "’s"); within && len(core) > 3 &&
			core != strings.ToUpper(core) && !strings.ContainsAny(core, "-/&'.") &&
			!strings.ContainsFunc(core, notASCII) {
			out = append(out, core)
		}
	}
	if words > 3 && 2*capitals > words {
		return nil
	}
	return out
}

func notASCII(r rune) bool { return r >= utf8.RuneSelf }
