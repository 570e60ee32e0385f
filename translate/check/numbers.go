package check

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

// maxWritten is the largest number that is not checked: smaller numbers are often written as words.
const maxWritten = 12

var (
	numeral = pattern(`[0-9]+(?:[.,،:/][0-9]+)*`)
	arScale = pattern(`^\s*(ألف|آلاف|الف|الاف|مليون|ملايين|مليار|مليارات|بليون|تريليون|ترليون)`)
	enScale = pattern(`(?i)^[\s-]*(thousand|k\b|million|mn\b|m\b|billion|bn\b|b\b|trillion|tn\b)`)
	// arWords are words for numbers.
	arWords = pattern(`مئة|مائة|مئت|مائت|مئات|ألف|آلاف|الف|مليون|ملايين|مليار|بليون|عشر|عاشر|ثلاثين|ثلاثون|` +
		`أربعين|خمسين|ستين|سبعين|ثمانين|تسعين|نصف|ربع|ثلث|ضعف|أضعاف|اثن|ثلاث|أربع|خمس|ست|سبع|ثمان|تسع|قرن|عقد`)
)

var scales = map[string]float64{
	"ألف": 1e3, "آلاف": 1e3, "الف": 1e3, "الاف": 1e3, "مليون": 1e6, "ملايين": 1e6, "مليار": 1e9,
	"مليارات": 1e9, "بليون": 1e9, "تريليون": 1e12, "ترليون": 1e12,
	"thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9,
	"trillion": 1e12, "tn": 1e12,
}

// quantity is a number in a text.
type quantity struct {
	raw   string  // as written
	value float64 // NaN for a version or a time
	full  float64 // value times the scale word after it
}

// quantities returns the numbers of s.
func quantities(s string, scale *regexp.Regexp) (out []quantity) {
	s = arabic.Digits(s)
	if !strings.ContainsAny(s, "0123456789") {
		return nil
	}
	for _, at := range numeral().FindAllStringIndex(s, -1) {
		q := quantity{raw: strings.ReplaceAll(s[at[0]:at[1]], "،", ",")}
		q.value = value(q.raw)
		q.full = q.value
		if m := scale.FindStringSubmatch(s[at[1]:]); m != nil {
			q.full = q.value * scales[strings.ToLower(m[1])]
		}
		out = append(out, q)
	}
	return out
}

// value parses 16,000, 12.5 and the Maghrebi 1,5. It is NaN for 1.2.3, 8:40 and 8/10.
func value(raw string) float64 {
	parts := strings.Split(raw, ",")
	grouped := len(parts) > 1
	for _, p := range parts[1:] {
		whole, _, _ := strings.Cut(p, ".")
		grouped = grouped && len(whole) == 3
	}
	switch {
	case grouped:
		raw = strings.Join(parts, "")
	case len(parts) == 2 && !strings.Contains(raw, "."):
		raw = parts[0] + "." + parts[1]
	}
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// numbers reports a number of the source that the target lacks, or one of several digits that only the target
// has.
func numbers(p pair) string {
	src, dst := quantities(p.source, arScale()), quantities(p.target, enScale())
	for _, q := range src {
		checked := q.full > maxWritten || q.value != math.Trunc(q.value)
		if checked && !hasQuantity(dst, q) && !hasNumberWord(p.low, q.full) {
			return "the number " + q.raw + " is missing"
		}
	}
	for _, q := range dst {
		if len(q.raw) > 1 && !hasQuantity(src, q) && !arWords().MatchString(p.source) {
			return "the number " + q.raw + " is new"
		}
	}
	return ""
}

// hasNumberWord reports whether low has n as a word. It knows words up to forty.
func hasNumberWord(low string, n float64) bool {
	words := map[float64]string{13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen", 17: "seventeen",
		18: "eighteen", 19: "nineteen", 20: "twenty", 30: "thirty", 40: "forty"}
	return words[n] != "" && strings.Contains(low, words[n])
}

// hasQuantity reports whether list has q. Of two numbers before one scale word the first has none
// of its own: "between 3 and 5 million".
func hasQuantity(list []quantity, q quantity) bool {
	return slices.ContainsFunc(list, func(o quantity) bool {
		unscaled := equal(q.full, q.value) || equal(o.full, o.value)
		return equal(q.full, o.full) || unscaled && equal(q.value, o.value) || math.IsNaN(q.value) && q.raw == o.raw
	})
}

func equal(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(a) }
