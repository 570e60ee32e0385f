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
	english *regexp.Regexp
	whole   *regexp.Regexp
	size    float64
}{
	{"million", words("مليون مليونا مليوني مليونان مليونين ملايين"), regexp.MustCompile(`(?i)million|[0-9]\s*(?:mn|m)\b`), regexp.MustCompile(`\bmillions?\b`), 1e6},
	{"billion", words("مليار مليارا ملياري ملياران مليارين مليارات بليون بلايين"), regexp.MustCompile(`(?i)billion|[0-9]\s*(?:bn|b)\b`), regexp.MustCompile(`\bbillions?\b`), 1e9},
	{"trillion", words("تريليون تريليونا تريليونات ترليون ترليونات"), regexp.MustCompile(`(?i)trillion|[0-9]\s*(?:tn|trn|t)\b`), regexp.MustCompile(`\btrillions?\b`), 1e12},
}

// currencies are the folded Arabic words for money, and how English writes it.
var currencies = []struct {
	name    string
	arabic  map[string]bool
	english *regexp.Regexp
}{
	{"dollars", words("دولار دولارا دولارات"), regexp.MustCompile(`(?i)\$|dollar|\b(?:usd|buck)`)},
	{"euros", words("يورو"), regexp.MustCompile(`(?i)€|euro|\beur\b`)},
	{"pounds", words("جنيه جنيها جنيهات"), regexp.MustCompile(`(?i)£|pound|\b(?:egp|gbp|sdg|l\.?e)\b|sterling|quid|guinea`)},
	{"riyals", words("ريال ريالا ريالات"), regexp.MustCompile(`(?i)r(?:iy?|e)al|\b(?:sar|qar|omr|yer|irr|sr)\b`)},
	{"dirhams", words("درهم درهما دراهم"), regexp.MustCompile(`(?i)dirham|\b(?:aed|mad|dhs?)\b`)},
	{"dinars", words("دينار دينارا دنانير"), regexp.MustCompile(`(?i)dinar|\b(?:kwd|jod|bhd|iqd|dzd|tnd|lyd|kd)\b`)},
	{"lira", words("ليره ليرات"), regexp.MustCompile(`(?i)lir[ae]|pound|[₺£]|\b(?:try|syp|lbp)\b`)},
	{"yuan", words("يوان يوانا"), regexp.MustCompile(`(?i)yuan|renminbi|¥|\b(?:rmb|cny)\b`)},
	{"rupees", words("روبيه روبيات"), regexp.MustCompile(`(?i)rup(?:ee|iah)|[₹₨]|\b(?:inr|pkr|idr|rs)\b`)},
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
	for _, q := range quantities(source, arScale) {
		largest = max(largest, q.full)
	}
	for _, q := range quantities(target, enScale) {
		written = max(written, q.full)
	}
	lowSource, lowTarget := strings.ToLower(source), strings.ToLower(target)
	for _, s := range scaleWords {
		said, found := has(s.arabic), s.english.MatchString(target)
		switch {
		case said && !found && written < s.size:
			out = append(out, Problem{"amounts", "the " + s.name + " is missing", true})
		case !said && s.whole.MatchString(lowTarget) && largest < s.size && !strings.Contains(lowSource, s.name):
			out = append(out, Problem{"amounts", "the " + s.name + " is new", false})
		}
	}
	missing, others := "", ""
	for _, c := range currencies {
		switch said, found := has(c.arabic), c.english.MatchString(target); {
		case said && !found:
			missing = c.name
		case !said && found && !c.english.MatchString(source):
			others = c.name
		}
	}
	if missing != "" {
		out = append(out, Problem{"amounts", "the " + missing + " are missing", others == ""})
	}
	return out
}
