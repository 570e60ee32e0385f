package check

import (
	"strings"

	"github.com/nashra/nashra/translate/arabic"
)

const (
	// sureFit needs no comparison with the neighbours: two thirds of right pairs reach it.
	sureFit = 5
	// moved is what a change of place must gain in fit: e⁶ is 400 to one.
	moved = 6
	never = -1e6
)

// The places of an answer: that of the text before its own, its own, that of the text after it.
const before, own, after, places = 0, 1, 2, 3

// Shifted reports which of the translations of consecutive texts are a neighbour's: an engine that
// joins two texts or leaves one out moves all that follow. An empty translation is none.
func Shifted(sources, targets []string) []bool {
	from, to := make([]source, len(sources)), make([]answer, len(sources))
	fits := make([][places]float64, len(sources))
	for i, s := range sources {
		from[i] = readSource(s, strings.Fields(arabic.Fold(s)))
		if targets[i] != "" {
			to[i] = readAnswer(targets[i], strings.ToLower(targets[i]))
			fits[i][own] = from[i].fit(to[i])
		}
	}
	out := make([]bool, len(sources))
	weak := false
	for i, t := range targets {
		weak = weak || t != "" && fits[i][own] < sureFit
	}
	if !weak {
		return out
	}
	for i := range sources {
		for place, at := range map[int]int{before: i - 1, after: i + 1} {
			switch {
			case targets[i] == "":
			case at < 0 || at >= len(sources):
				fits[i][place] = never
			default:
				fits[i][place] = from[at].fit(to[i])
			}
		}
	}
	for i, run := 0, likeliest(fits); i < len(run); {
		end, sum := i, 0.0
		for ; end < len(run) && run[end] == run[i]; end++ {
			sum += fits[end][run[i]]
		}
		for ; i < end; i++ { // of two places that do not fit, neither is right
			out[i] = run[i] != own && targets[i] != "" && sum > 0
		}
	}
	return out
}

// likeliest returns the places that fit best together (Viterbi's algorithm).
func likeliest(fits [][places]float64) []int {
	sums := [places]float64{-moved, 0, -moved}
	from := make([][places]int, len(fits)) // by text and place: the place of the answer before
	for i, fit := range fits {
		var next [places]float64
		for place := range places {
			next[place], from[i][place] = sums[place], place
			for p := range places {
				if sums[p]-moved > next[place] {
					next[place], from[i][place] = sums[p]-moved, p
				}
			}
			next[place] += fit[place]
		}
		sums = next
	}
	out, place := make([]int, len(fits)), own
	for p := range places {
		if sums[p] > sums[place] {
			place = p
		}
	}
	for i := len(fits) - 1; i >= 0; i-- {
		out[i] = place
		place = from[i][place]
	}
	return out
}
