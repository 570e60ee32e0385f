// Package score compares translations with reference translations: BLEU and chrF of a whole set, as
// sacrebleu defines them, so that the scores can be compared with published ones.
package score

import (
	"math"
	"regexp"
	"strings"
)

// maxWords is the longest run of words that BLEU counts.
const maxWords = 4

// BLEU scores the lines of hyp against those of ref, from 0 to 100, with sacrebleu's defaults:
// tokens of mteval-v13a, exponential smoothing. It ignores lines without a counterpart.
func BLEU(hyp, ref []string) float64 {
	var matches, total [maxWords]int
	hypLen, refLen := 0, 0
	for i := range min(len(hyp), len(ref)) {
		h, r := tokens(hyp[i]), tokens(ref[i])
		hypLen += len(h)
		refLen += len(r)
		for n := 1; n <= maxWords; n++ {
			want := grams(r, n)
			for g, times := range grams(h, n) {
				matches[n-1] += min(times, want[g])
			}
			total[n-1] += max(0, len(h)-n+1)
		}
	}
	if matches == [maxWords]int{} {
		return 0
	}
	logs, smooth := 0.0, 1.0
	for n := range maxWords {
		switch {
		case total[n] == 0: // no line is that long
			return 0
		case matches[n] == 0:
			smooth *= 2
			logs += math.Log(1 / (smooth * float64(total[n])))
		default:
			logs += math.Log(float64(matches[n]) / float64(total[n]))
		}
	}
	brevity := 1.0
	if hypLen < refLen {
		brevity = math.Exp(1 - float64(refLen)/float64(hypLen))
	}
	return 100 * brevity * math.Exp(logs/maxWords)
}

// splits are mteval-v13a's: around ASCII marks and symbols, at full stops and commas outside
// numbers, and after a dash that follows a digit.
var splits = []struct {
	at          *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile("[{-~\\[-` -&(-+:-@/]"), " $0 "},
	{regexp.MustCompile(`([^0-9])([.,])`), "$1 $2 "},
	{regexp.MustCompile(`([.,])([^0-9])`), " $1 $2"},
	{regexp.MustCompile(`([0-9])(-)`), "$1 $2 "},
}

var entities = strings.NewReplacer("<skipped>", "", "-\n", "", "\n", " ",
	"&quot;", `"`, "&amp;", "&", "&lt;", "<", "&gt;", ">")

func tokens(line string) []string {
	line = " " + entities.Replace(strings.TrimSpace(line)) + " "
	for _, c := range splits {
		line = c.at.ReplaceAllString(line, c.replacement)
	}
	return strings.Fields(line)
}

// grams counts the runs of n words.
func grams(words []string, n int) map[string]int {
	out := map[string]int{}
	for i := 0; i+n <= len(words); i++ {
		out[strings.Join(words[i:i+n], " ")]++
	}
	return out
}

// Parameters of chrF2: it counts runs of up to six characters, and recall counts twice as much as
// precision.
const (
	maxChars = 6
	beta     = 2
)

// ChrF scores the lines of hyp against those of ref, from 0 to 100, like sacrebleu's chrF2: over
// characters without white space. It ignores lines without a counterpart.
func ChrF(hyp, ref []string) float64 {
	var matches, inHyp, inRef [maxChars]int
	for i := range min(len(hyp), len(ref)) {
		h, r := chars(hyp[i]), chars(ref[i])
		for n := 1; n <= maxChars; n++ {
			want := runs(r, n)
			for g, times := range runs(h, n) {
				matches[n-1] += min(times, want[g])
			}
			if len(want) > 0 { // sacrebleu skips lines whose reference is too short
				inHyp[n-1] += max(0, len(h)-n+1)
			}
			inRef[n-1] += max(0, len(r)-n+1)
		}
	}
	precision, recall, used := 0.0, 0.0, 0
	for n := range maxChars {
		if inHyp[n] > 0 && inRef[n] > 0 {
			precision += float64(matches[n]) / float64(inHyp[n])
			recall += float64(matches[n]) / float64(inRef[n])
			used++
		}
	}
	if precision+recall == 0 {
		return 0
	}
	precision, recall = precision/float64(used), recall/float64(used)
	return 100 * (1 + beta*beta) * precision * recall / (beta*beta*precision + recall)
}

func chars(line string) []rune { return []rune(strings.Join(strings.Fields(line), "")) }

// runs counts the runs of n characters.
func runs(text []rune, n int) map[string]int {
	out := make(map[string]int, max(0, len(text)-n+1))
	for i := 0; i+n <= len(text); i++ {
		out[string(text[i:i+n])]++
	}
	return out
}
