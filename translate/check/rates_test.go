package check

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate/arabic"
)

// labelled is a pair of a set: a right translation that probes a check, or a wrong one of a kind.
type labelled struct {
	Kind, Ar, En string
	Title        bool
	ID           string // of a pair from NASHRA_TEST_PAIRS
}

// readSet reads a file with a labelled pair in each line.
func readSet(t testing.TB, name string) (out []labelled) {
	t.Helper()
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		var p labelled
		if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v in %s", name, err, sc.Text())
		}
		out = append(out, p)
	}
	return out
}

// tally counts what becomes of the answers of a kind.
type tally struct{ tried, withheld, marked int }

// judge counts a pair, and returns its faults if it has any.
func (c *tally) judge(p labelled) []Problem {
	c.tried++
	found := Text(p.Ar, p.En)
	switch {
	case slices.ContainsFunc(found, func(f Problem) bool { return !f.Doubt }):
		c.withheld++
	case len(found) > 0:
		c.marked++
	}
	return found
}

func share(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

// The two error rates: right translations that are refused or marked, and wrong ones, by kind, that
// are neither. The wrong ones are those of testdata, and the right ones with a fault put in.
// NASHRA_TEST_PAIRS names a file with more right pairs; NASHRA_TEST_MISSED shows a kind's missed.
func TestRates(t *testing.T) {
	good, kinds := append(readSet(t, "testdata/good.jsonl"), reference(t)...), map[string]*tally{}
	var right tally
	for _, p := range good {
		for _, f := range right.judge(p) {
			if !f.Doubt {
				t.Errorf("a right translation (%s) is refused: %s: %s\n%s\n%s", p.Kind, f.Check, f.Detail, p.Ar, p.En)
			}
		}
	}
	t.Logf("%-34s %6d tried, %5d refused, %5d marked", "right: testdata", right.tried, right.withheld, right.marked)
	if name := os.Getenv("NASHRA_TEST_PAIRS"); name != "" {
		outside, pairs := tally{}, readSet(t, name)
		for _, p := range pairs {
			if p.Kind == "wrong" {
				count(t, kinds, "set: wrong pair", p)
				continue
			}
			for _, f := range outside.judge(p) {
				t.Logf("%s %s %s: %s", map[bool]string{true: "marked", false: "refused"}[f.Doubt], p.ID, f.Check,
					f.Detail)
			}
			good = append(good, p)
		}
		t.Logf("%-34s %6d tried, %5d refused, %5d marked", "right: "+name, outside.tried, outside.withheld,
			outside.marked)
	}
	for _, p := range readSet(t, "testdata/bad.jsonl") {
		count(t, kinds, "set: "+p.Kind, p)
	}
	for _, m := range mutations {
		for i, p := range good {
			if p.En = m.put(p, good[(i+1)%len(good)]); p.En != "" && p.En != good[i].En {
				count(t, kinds, "put: "+m.kind, p)
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		c := kinds[kind]
		caught, withheld := share(c.withheld+c.marked, c.tried), share(c.withheld, c.tried)
		t.Logf("%-34s %6d tried, %5.1f %% withheld, %5.1f %% marked, %5.1f %% unmarked",
			kind, c.tried, 100*withheld, 100*share(c.marked, c.tried), 100*(1-caught))
		_, name, _ := strings.Cut(kind, ": ")
		if want := reach[name]; c.tried >= 20 && (caught < want.caught || withheld < want.withheld) {
			t.Errorf("%s: %.1f %% caught and %.1f %% withheld of %d, want %.0f %% and %.0f %%",
				kind, 100*caught, 100*withheld, c.tried, 100*want.caught, 100*want.withheld)
		}
	}
}

// count judges a wrong pair.
func count(t *testing.T, kinds map[string]*tally, kind string, p labelled) {
	if kinds[kind] == nil {
		kinds[kind] = &tally{}
	}
	if len(kinds[kind].judge(p)) == 0 && os.Getenv("NASHRA_TEST_MISSED") != "" &&
		strings.Contains(kind, os.Getenv("NASHRA_TEST_MISSED")) {
		t.Logf("missed, %s: %s\n\t%s", kind, p.Ar, p.En)
	}
}

// reach holds the least shares caught, withheld or marked, and withheld.
var reach = map[string]struct{ caught, withheld float64 }{
	"digit": {1, 0}, "scale": {1, 0}, "currency": {1, 0}, "scale dropped": {1, 0.95},
	"percentages swapped": {0.95, 0}, "figures swapped": {0.90, 0},
	"negation added": {0.95, 0}, "negation removed": {0.80, 0},
	"Latin name": {0.95, 0}, "Arabic name": {0.60, 0},
	"sentence dropped": {0.85, 0}, "paragraph shifted": {0.75, 0},
	"Arabic in quotes": {0.98, 0}, "Arabic word": {1, 0}, "loop": {1, 0},
	"name dropped": {0.95, 0}, "sent back": {1, 1}, "address": {1, 1}, "tag": {1, 1}, "third script": {1, 1},
	"chatter": {0.98, 0}, "source added": {1, 1}, "cut off": {0.85, 0},
	"transliterated": {0.97, 0}, "another language": {0.95, 0}, "month or weekday": {0.97, 0},
}

// mutation puts a fault of a kind into p.En. It returns "" if p has no place for it.
type mutation struct {
	kind string
	put  func(p, next labelled) string
}

var (
	percent   = regexp.MustCompile(`\d+(?:\.\d+)?(?:%| ?per ?cent)`)
	figure    = regexp.MustCompile(`\d+(?:[.,]\d+)*`)
	scaled    = regexp.MustCompile(`(\d) (?:thousand|million|billion|trillion)\b`)
	auxiliary = regexp.MustCompile(`\b(?:is|are|was|were|will|would|can|could|has|have|had|should|may|must) `)
	denial    = regexp.MustCompile(`(?:\bnot |n't\b|n’t\b|\bnever )`)
	capital   = regexp.MustCompile(`[a-z,] ([A-Z][a-z]{3,})\b`)
	month     = regexp.MustCompile(`\b(?:January|February|March|April|June|July|August|September|October|November|` +
		`December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b`)
	sentence = regexp.MustCompile(`[.!?]["”]? [A-Z“"]`)
	lower    = regexp.MustCompile(` [a-z]{4,} `)
)

var mutations = []mutation{
	{"digit", func(p, _ labelled) string {
		at := figure.FindStringIndex(p.En)
		if at == nil {
			return ""
		}
		d := p.En[at[1]-1]
		return p.En[:at[1]-1] + string('0'+(d-'0'+3)%10) + p.En[at[1]:]
	}},
	{"scale", func(p, _ labelled) string {
		return strings.NewReplacer("million", "billion", "billion", "trillion", "trillion", "million",
			" thousand", " million").Replace(p.En)
	}},
	{"currency", func(p, _ labelled) string {
		return strings.NewReplacer("US$", "€", "$", "€", "dollars", "euros", "dollar", "euro", "£", "¥", "€", "$",
			"euros", "dirhams").Replace(p.En)
	}},
	{"scale dropped", func(p, _ labelled) string { return scaled.ReplaceAllString(p.En, "$1") }},
	{"percentages swapped", func(p, _ labelled) string { return swap(p.En, percent) }},
	{"figures swapped", func(p, _ labelled) string { return swap(p.En, figure) }},
	{"negation added", func(p, _ labelled) string {
		at := auxiliary.FindStringIndex(p.En)
		if at == nil || denial.MatchString(p.En) {
			return ""
		}
		return p.En[:at[1]] + "not " + p.En[at[1]:]
	}},
	{"negation removed", func(p, _ labelled) string {
		return strings.ReplaceAll(denial.ReplaceAllString(p.En, ""), " ca ", " can ")
	}},
	{"Latin name", func(p, _ labelled) string {
		for _, w := range latin().FindAllString(p.Ar, -1) {
			if len(w) > 2 && strings.Contains(p.En, w) {
				return strings.ReplaceAll(p.En, w, other(w))
			}
		}
		return ""
	}},
	{"Arabic name", func(p, _ labelled) string {
		for _, m := range capital.FindAllStringSubmatch(p.En, -1) {
			if !month.MatchString(m[1]) && !strings.Contains(p.Ar, m[1]) {
				return strings.ReplaceAll(p.En, m[1], other(m[1]))
			}
		}
		return ""
	}},
	{"sentence dropped", func(p, _ labelled) string {
		at := sentence.FindAllStringIndex(p.En, -1)
		if len(at) == 0 {
			return ""
		}
		return p.En[:at[len(at)-1][0]+1]
	}},
	{"paragraph shifted", func(p, next labelled) string {
		if p.Title || next.Title || p.Kind == "wrong" || next.Kind == "wrong" || p.Kind != next.Kind {
			return ""
		}
		return next.En
	}},
	{"Arabic in quotes", func(p, _ labelled) string {
		words := strings.Fields(p.Ar)
		at := lower.FindStringIndex(p.En)
		if len(words) < 4 || at == nil {
			return ""
		}
		return p.En[:at[0]] + " “" + strings.Join(words[1:4], " ") + "” " + p.En[at[1]:]
	}},
	{"Arabic word", func(p, _ labelled) string {
		at := lower.FindStringIndex(p.En)
		for _, w := range strings.Fields(p.Ar) {
			if at != nil && arabic.Has(w) && len(w) > 6 {
				return p.En[:at[0]] + " " + strings.Trim(w, "«»،.؛:()\"") + " " + p.En[at[1]:]
			}
		}
		return ""
	}},
	{"loop", func(p, _ labelled) string {
		words := strings.Fields(p.En)
		if len(words) < 6 {
			return ""
		}
		return strings.Join(words[:4], " ") + strings.Repeat(" "+strings.Join(words[4:6], " "), 5)
	}},
	{"name dropped", func(p, _ labelled) string {
		for _, w := range latin().FindAllString(p.Ar, -1) {
			if len(w) > 2 {
				return strings.ReplaceAll(p.En, w, "it")
			}
		}
		return ""
	}},
	{"source added", func(p, _ labelled) string { return p.En + " " + p.Ar }},
	{"sent back", func(p, _ labelled) string { return p.Ar }},
	{"address", func(p, _ labelled) string { return p.En + " See evil.example.com" }},
	{"tag", func(p, _ labelled) string { return p.En + " <script src=//evil.example>" }},
	{"third script", func(p, _ labelled) string { return p.En + " 好的" }},
	{"chatter", func(p, _ labelled) string { return "Here is the translation: " + p.En }},
	{"cut off", func(p, _ labelled) string { return p.En[:len(p.En)*2/5] }},
	{"transliterated", func(p, _ labelled) string { return transliterated(p.Ar) }},
	{"month or weekday", func(p, _ labelled) string {
		done := false
		return month.ReplaceAllStringFunc(p.En, func(m string) string {
			if done || m == "March" || m == "May" {
				return m
			}
			done = true
			if strings.HasSuffix(m, "day") {
				return map[bool]string{true: "Tuesday", false: "Friday"}[m == "Friday"]
			}
			return map[bool]string{true: "October", false: "February"}[m == "February"]
		})
	}},
}

// swap exchanges the first two different matches of re in s, "" if there are none.
func swap(s string, re *regexp.Regexp) string {
	at := re.FindAllStringIndex(s, -1)
	for i := 1; i < len(at); i++ {
		a, b := s[at[0][0]:at[0][1]], s[at[i][0]:at[i][1]]
		if a != b {
			return s[:at[0][0]] + b + s[at[0][1]:at[i][0]] + a + s[at[i][1]:]
		}
	}
	return ""
}

// other returns a name that sounds nothing like name.
func other(name string) string {
	list := []string{"Samsung", "Hooke", "Valdivia", "Toshiba", "Kirkland", "Mozilla", "Bergen", "Zagreb"}
	return list[len(name)*7%len(list)]
}

// transliterated returns Arabic in Latin letters, one by one.
func transliterated(s string) string {
	return strings.NewReplacer("ا", "a", "ب", "b", "ت", "t", "ث", "th", "ج", "j", "ح", "h", "خ", "kh", "د", "d",
		"ذ", "dh",
		"ر", "r", "ز", "z", "س", "s", "ش", "sh", "ص", "s", "ض", "d", "ط", "t", "ظ", "z", "ع", "a", "غ", "gh", "ف", "f",
		"ق", "q", "ك", "k", "ل", "l", "م", "m", "ن", "n", "ه", "h", "و", "w", "ي", "y", "ى", "a", "ة", "a", "أ", "a",
		"إ", "i", "آ", "aa", "ؤ", "o", "ئ", "e", "ء", "", "،", ",", "؛", ";", "؟", "?", "٪", "%").
		Replace(arabic.Fold(s))
}
