package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// scaleWords are the folded Arabic words for a large number, and how English writes it.
var scaleWords = []struct {
	name    string
	arabic  map[string]bool
	english func() *regexp.Regexp
	whole   func() *regexp.Regexp
	size    float64
}{
	{"million", words("مليون مليونا مليوني مليونان مليونين ملايين"), pattern(`million|[0-9]\s*(?:mn|m)\b`), pattern(`\bmillions?\b`), 1e6},
	{"billion", words("مليار مليارا ملياري ملياران مليارين مليارات بليون بلايين"), pattern(`billion|[0-9]\s*(?:bn|b)\b`), pattern(`\bbillions?\b`), 1e9},
	{"trillion", words("تريليون تريليونا تريليونات ترليون ترليونات"), pattern(`trillion|[0-9]\s*(?:tn|trn|t)\b`), pattern(`\btrillions?\b`), 1e12},
}

// currencies are the folded Arabic words for money, and how English writes it.
var currencies = []struct {
	name    string
	arabic  map[string]bool
	english func() *regexp.Regexp
}{
	{"dollars", words("دولار دولارا دولارات"), money("$", `USD`, `(?:petro)?dollars?|bucks?`)},
	{"euros", words("يورو"), money("€", `EUR`, `euros?`)},
	{"pounds", words("جنيه جنيها جنيهات"), money("£", `EGP|GBP|SDG|L\.?E`, `pounds?|sterling|quid|guineas?`)},
	{"riyals", words("ريال ريالا ريالات"), money("", `(?:[0-9]|(?:m|b|tr)illion) real|Real|SAR|QAR|OMR|YER|IRR|SR`, `riy?als?|reals|reais`)},
	{"dirhams", words("درهم درهما دراهم"), money("", `AED|MAD|D[Hh]s?`, `dirhams?`)},
	{"dinars", words("دينار دينارا دنانير"), money("", `KWD|JOD|BHD|IQD|DZD|TND|LYD|KD`, `dinars?`)},
	{"lira", words("ليره ليرات"), money("₺£", `TRY|SYP|LBP`, `lir(?:as?|e)|pounds?`)},
	{"yuan", words("يوان يوانا"), money("¥", `RMB|CNY`, `yuans?|renminbi`)},
	{"rupees", words("روبيه روبيات"), money("₹₨", `INR|PKR|IDR|R[Ss]`, `rupees?|rupiahs?`)},
}

// money finds signs, wherever they stand, and codes, written just so, and words, neither within a word: "us$5" and "Rs500" are money, and
// "try", "trial", "ordinary" and "European" are none.
func money(signs, codes, words string) func() *regexp.Regexp {
	re := `(?:^|\PL)(?:` + codes + `|(?i:` + words + `))(?:\PL|$)`
	if signs != "" {
		re += `|[` + signs + `]`
	}
	return pattern(re)
}

func words(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		for _, prefix := range arabic.Bound() {
			m[prefix+w] = true
		}
	}
	return m
}

// amounts finds a scale or a currency in target that source does not have; and, as a warning, one of source that target lacks: it may
// have said it in another way.
func amounts(source, target string) (out []Problem) {
	list := strings.Fields(arabic.Fold(source))
	has := func(set map[string]bool) bool {
		return slices.ContainsFunc(list, func(w string) bool { return set[w] })
	}
	var largest, written float64 // in source, scales without a number counted as one; in target
	for _, s := range scaleWords {
		if has(s.arabic) {
			largest = s.size
		}
	}
	for _, q := range quantities(source, arScale()) {
		largest = max(largest, q.full)
	}
	for _, q := range quantities(target, enScale()) {
		written = max(written, q.full)
	}
	low := strings.ToLower(target)
	for _, s := range scaleWords {
		switch said := has(s.arabic); {
		case said && written < s.size && !s.english().MatchString(low):
			out = append(out, Problem{"amounts", "the " + s.name + " is missing", true})
		case !said && largest < s.size && strings.Contains(low, s.name) && s.whole().MatchString(low) && !strings.Contains(strings.ToLower(source), s.name):
			out = append(out, Problem{"amounts", "the " + s.name + " is new", false})
		}
	}
	for _, c := range currencies {
		if has(c.arabic) && !c.english().MatchString(target) {
			out = append(out, Problem{"amounts", "the " + c.name + " are missing", !otherMoney(source, target, list)})
		}
	}
	return out
}

// otherMoney says whether target is of a currency that source and its folded words are not.
func otherMoney(source, target string, folded []string) bool {
	for _, c := range currencies {
		said := slices.ContainsFunc(folded, func(w string) bool { return c.arabic[w] })
		if !said && c.english().MatchString(target) && !c.english().MatchString(source) {
			return true
		}
	}
	return false
}
