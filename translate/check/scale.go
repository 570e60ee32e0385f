package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// scaleWords are words for large numbers: folded Arabic ones and patterns of English ones.
var scaleWords = []struct {
	name    string
	arabic  map[string]bool
	english func() *regexp.Regexp // the word or its abbreviation
	whole   func() *regexp.Regexp // the word
	size    float64
}{
	{"million", words("مليون مليونا مليوني مليونان مليونين ملايين"),
		pattern(`million|[0-9]\s*(?:mn|m)\b`), pattern(`\bmillions?\b`), 1e6},
	{"billion", words("مليار مليارا ملياري ملياران مليارين مليارات بليون بلايين"),
		pattern(`billion|[0-9]\s*(?:bn|b)\b`), pattern(`\bbillions?\b`), 1e9},
	{"trillion", words("تريليون تريليونا تريليونات ترليون ترليونات"),
		pattern(`trillion|[0-9]\s*(?:tn|trn|t)\b`), pattern(`\btrillions?\b`), 1e12},
}

// currencies are words for money: folded Arabic ones and a pattern of English ones.
var currencies = []struct {
	name    string
	arabic  map[string]bool
	english func() *regexp.Regexp
}{
	{"dollars", words("دولار دولارا دولارات"), money("$", `USD`, `(?:petro)?dollars?|bucks?`)},
	{"euros", words("يورو"), money("€", `EUR`, `euros?`)},
	{"pounds", words("جنيه جنيها جنيهات"), money("£", `EGP|GBP|SDG|L\.?E`, `pounds?|sterling|quid|guineas?`)},
	{"riyals", words("ريال ريالا ريالات"), money("",
		`(?:[0-9]|(?:m|b|tr)illion) real|Real|SAR|QAR|OMR|YER|IRR|SR`, `riy?als?|reals|reais`)},
	{"dirhams", words("درهم درهما دراهم"), money("", `AED|MAD|D[Hh]s?`, `dirhams?`)},
	{"dinars", words("دينار دينارا دنانير"), money("", `KWD|JOD|BHD|IQD|DZD|TND|LYD|KD`, `dinars?`)},
	{"lira", words("ليره ليرات"), money("₺£", `TRY|SYP|LBP`, `lir(?:as?|e)|pounds?`)},
	{"yuan", words("يوان يوانا"), money("¥", `RMB|CNY`, `yuans?|renminbi`)},
	{"rupees", words("روبيه روبيات"), money("₹₨", `INR|PKR|IDR|R[Ss]`, `rupees?|rupiahs?`)},
}

// money returns a pattern of signs, of codes in that case, and of words in any case. It does not
// find codes and words within other words, such as "ordinary" and "European".
func money(signs, codes, words string) func() *regexp.Regexp {
	re := `(?:^|\PL)(?:` + codes + `|(?i:` + words + `))(?:\PL|$)`
	if signs != "" {
		re += `|[` + signs + `]`
	}
	return pattern(re)
}

// words returns the words of list, each alone and with every prefix.
func words(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		for _, prefix := range arabic.Bound() {
			m[prefix+w] = true
		}
	}
	return m
}

// amounts reports a scale or a currency that only target has and, as a warning, one that only
// source has: target may put it in another way.
func amounts(p pair) (out []Problem) {
	has := func(set map[string]bool) bool {
		return slices.ContainsFunc(p.folded, func(w string) bool { return set[w] })
	}
	var largest, written float64 // in source, where a scale word without a number counts as one; in target
	for _, s := range scaleWords {
		if has(s.arabic) {
			largest = s.size
		}
	}
	for _, q := range quantities(p.source, arScale()) {
		largest = max(largest, q.full)
	}
	for _, q := range quantities(p.target, enScale()) {
		written = max(written, q.full)
	}
	for _, s := range scaleWords {
		switch {
		case has(s.arabic):
			if written < s.size && !s.english().MatchString(p.low) {
				out = append(out, Problem{"amounts", "the " + s.name + " is missing", true})
			}
		case largest < s.size && s.whole().MatchString(p.low) && !strings.Contains(strings.ToLower(p.source), s.name):
			out = append(out, Problem{"amounts", "the " + s.name + " is new", false})
		}
	}
	for _, c := range currencies {
		if has(c.arabic) && !c.english().MatchString(p.target) {
			out = append(out, Problem{"amounts", "the " + c.name + " are missing", !otherMoney(p)})
		}
	}
	return out
}

// otherMoney reports whether the target names a currency that the source does not.
func otherMoney(p pair) bool {
	for _, c := range currencies {
		named := slices.ContainsFunc(p.folded, func(w string) bool { return c.arabic[w] })
		if !named && c.english().MatchString(p.target) && !c.english().MatchString(p.source) {
			return true
		}
	}
	return false
}
