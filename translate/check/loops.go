package check

// maxPeriod is the most words of a phrase in a loop, and manyTimes how often it is said at least. Of
// 4,006 sentences translated by people, only those whose source does say anything three times.
const maxPeriod, manyTimes = 40, 3

// repeated returns how often words say a phrase in a row at most, and how many words it has.
func repeated(words []string) (times, period int) {
	times = 1
	for k := 1; k <= min(maxPeriod, len(words)/2); k++ {
		run, said := 0, false // figures alone may be: 1,000,000,000
		for i := k; i < len(words); i++ {
			if words[i] != words[i-k] {
				run, said = 0, false
				continue
			}
			said = said || words[i][0] > '9'
			if run++; said && run/k+1 > times {
				times, period = run/k+1, k
			}
		}
	}
	return times, period
}

// A run of gramWords words may occur maxRepeat times.
const (
	gramWords = 6
	maxRepeat = 3
)

// repetition reports words or signs of p.target that are repeated again and again, and those of
// p.source are not. A long phrase said twice may be style.
func repetition(p pair) (out []Problem) {
	words := plainWords(p.low)
	times, period := repeated(words)
	said := 1
	if times > 1 {
		said, _ = repeated(p.folded)
	}
	switch {
	case times >= manyTimes && times > 2*(said-1),
		said < manyTimes && (again(words, gramWords, maxRepeat) || signs(p.low) && !signs(p.source)):
		return []Problem{{"repetition", "the same words again and again", false}}
	case times == 2 && period > 2 && said == 1:
		return []Problem{{"repetition", "the same words twice", true}}
	}
	return nil
}

// again reports whether n words in a row occur more than limit times.
func again(words []string, n, limit int) bool {
	if len(words) < n*(limit+1) { // repeated finds those that overlap
		return false
	}
	seen := map[[gramWords]string]int{}
	for i := 0; i+n <= len(words); i++ {
		k := [gramWords]string(words[i : i+n])
		if seen[k]++; seen[k] > limit {
			return true
		}
	}
	return false
}

// longestSigns is how long letters and signs may repeat themselves by their period, as in "aaaaa",
// "hahaha" and ". . .".
var longestSigns = [...]int{1: 5, 2: 9, 3: 14, 4: 19}

// signs reports letters or signs that are repeated again and again. Figures may be: 1,000,000,000.
func signs(s string) bool {
	for k := 1; k < len(longestSigns); k++ {
		run := k
		for i := k; i < len(s); i++ {
			if c := s[i]; c != s[i-k] || c >= '0' && c <= '9' || c <= ' ' && k == 1 {
				run = k
			} else if run++; run > longestSigns[k] {
				return true
			}
		}
	}
	return false
}
