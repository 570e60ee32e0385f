// Package score measures translations against a person's: BLEU and chrF over a whole set, by the definitions of sacrebleu, so that
// figures can be compared with published ones.
package score

import (
	"math"
	"regexp"
	"strings"
)

// orders is the longest run of words that BLEU looks at.
const orders = 4

// BLEU scores hyp against ref, line by line the same sentence, from 0 to 100: sacrebleu's default, with tokens as mteval-v13a cuts
// them, letters as they are, exponential smoothing. It is 0 where nothing matches or there are no lines; lines without a counterpart
// are left out.
func BLEU(hyp, ref []string) float64 {
	var matches, total [orders]int
	hypLen, refLen := 0, 0
	for i := range min(len(hyp), len(ref)) {
		h, r := tokens(hyp[i]), tokens(ref[i])
		hypLen += len(h)
		refLen += len(r)
		for n := 1; n <= orders; n++ {
			want := grams(r, n)
			for g, times := range grams(h, n) {
				matches[n-1] += min(times, want[g])
			}
			total[n-1] += max(0, len(h)-n+1)
		}
	}
	if matches == [orders]int{} {
		return 0
	}
	logs, smooth := 0.0, 1.0
	for n := range orders {
		switch {
		case total[n] == 0: // no sentence is that long
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
	return 100 * brevity * math.Exp(logs/orders)
}

// cuts are mteval-v13a's: around marks and symbols of ASCII, at full stops and commas that stand in no number, after a dash that
// follows a digit.
var cuts = []struct {
	at *regexp.Regexp
	by string
}{
	{regexp.MustCompile("[{-~\\[-` -&(-+:-@/]"), " $0 "},
	{regexp.MustCompile(`([^0-9])([.,])`), "$1 $2 "},
	{regexp.MustCompile(`([.,])([^0-9])`), " $1 $2"},
	{regexp.MustCompile(`([0-9])(-)`), "$1 $2 "},
}

var entities = strings.NewReplacer("<skipped>", "", "-\n", "", "\n", " ", "&quot;", `"`, "&amp;", "&", "&lt;", "<", "&gt;", ">")

func tokens(line string) []string {
	line = " " + entities.Replace(strings.TrimSpace(line)) + " "
	for _, c := range cuts {
		line = c.at.ReplaceAllString(line, c.by)
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

// chrF2's: runs of up to six characters, recall worth twice precision.
const (
	charOrders = 6
	beta       = 2
)

// ChrF scores hyp against ref, line by line the same sentence, from 0 to 100: sacrebleu's chrF2, over characters without white space.
// It is 0 where nothing matches or there are no lines; lines without a counterpart are left out.
func ChrF(hyp, ref []string) float64 {
	var matches, inHyp, inRef [charOrders]int
	for i := range min(len(hyp), len(ref)) {
		h, r := chars(hyp[i]), chars(ref[i])
		for n := 1; n <= charOrders; n++ {
			want := runs(r, n)
			for g, times := range runs(h, n) {
				matches[n-1] += min(times, want[g])
			}
			if len(want) > 0 { // a reference too short for the order asks nothing of the translation
				inHyp[n-1] += max(0, len(h)-n+1)
			}
			inRef[n-1] += max(0, len(r)-n+1)
		}
	}
	precision, recall, used := 0.0, 0.0, 0
	for n := range charOrders {
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
