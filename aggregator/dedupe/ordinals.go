package dedupe

import (
	"strconv"
	"strings"
)

// ordinals replaces ordinals of numbered things by numbers: the fourteenth generation, the 11th Starship
// test flight, الرحلة التجريبية الحادية عشرة.
func ordinals(ts []token) {
	for i := range ts {
		t := &ts[i]
		switch {
		case t.rank > 0 && i > 0:
			teen := i+1 < len(ts) && ts[i+1].kind == number && ts[i+1].value == 10
			what := nounBefore(ts[:i])
			if what == "" || what == "gen" && !teen && t.rank >= 3 && t.rank <= 6 { // 3G to 6G, mostly
				continue
			}
			n := t.rank
			if teen {
				n += 10
				ts[i+1].stop = true
			}
			t.count(n, what)
		case t.kind == code:
			digits := strings.TrimRight(t.text, "dhnrst") // st, nd, rd, th
			if len(t.text) != len(digits)+2 || len(digits) > maxOrdinal || !isDigits(digits) {
				continue
			}
			n, _ := strconv.Atoi(digits)
			for _, noun := range ts[i+1 : min(i+1+ordinalReach, len(ts))] {
				if what := noun.means.version; what != "" {
					t.count(n, what)
					break
				}
			}
		}
	}
}

// nounBefore returns what an ordinal after ts counts, a version of the lists, or "". One adjective may
// stand between noun and ordinal.
func nounBefore(ts []token) string {
	what := ts[len(ts)-1].means.version
	if len(ts) > 1 && (what == "" || what == "beta") {
		noun := ts[len(ts)-2].means.version
		if noun != "" && (what == "" || noun != "version") { // "test flight" is a flight, "beta version" a beta
			return noun
		}
	}
	return what
}

const (
	ordinalReach = 3 // distance from an English ordinal to its noun, in words: two adjectives between
	maxOrdinal   = 4 // digits
)

// count turns t into the number n, which counts what.
func (t *token) count(n int, what string) {
	s := strconv.Itoa(n)
	*t = token{kind: number, text: s, raw: s, said: unknown, means: unknown, value: float64(n), of: what}
}
