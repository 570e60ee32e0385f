package dedupe

import (
	"cmp"
	"slices"
)

const (
	// gram is how many words in a row make a hash of a sketch. Texts of one subject share many words, but
	// hardly four in a row.
	gram = 4
	// maxSketch is the most hashes of a sketch: with 96, the standard error of a likeness of a half is .05.
	maxSketch = 96
)

// sketch is a sample of a text's 4-grams: the distinct hashes that are 0 modulo 1<<every, ascending
// (Broder 1997). A sketch of a longer text is a sample of fewer, so two are compared at the coarser.
type sketch struct {
	every  uint8
	hashes []uint32
}

// sketchOf samples the 4-grams of words, of which scratch holds all.
func sketchOf(words []string, scratch []uint32) (s sketch, all []uint32) {
	var last [gram]uint64
	all = scratch[:0]
	for i, w := range words {
		copy(last[:], last[1:])
		last[gram-1] = hash(w)
		if i+1 >= gram {
			all = append(all, uint32(mix(last[0]+3*mix(last[1]+3*mix(last[2]+3*last[3])))>>32))
		}
	}
	for len(all)>>(s.every+1) > maxSketch*5/4 { // sort only what a text without repetitions needs
		s.every++
	}
	kept := unique(coarser(make([]uint32, 0, maxSketch*5/4), all, s.every))
	if len(kept) <= maxSketch && s.every > 0 {
		s.every, kept = 0, unique(slices.Clone(all))
	}
	for len(kept) > maxSketch {
		s.every++
		kept = coarser(kept[:0], kept, s.every)
	}
	s.hashes = append(s.hashes, kept...)
	return s, all
}

// unique sorts hashes, in place, without repetitions.
func unique(hashes []uint32) []uint32 {
	slices.Sort(hashes)
	return slices.Compact(hashes)
}

// coarser appends those of hashes to out that are 0 modulo 1<<every.
func coarser(out, hashes []uint32, every uint8) []uint32 {
	for _, h := range hashes {
		if h&(1<<every-1) == 0 {
			out = append(out, h)
		}
	}
	return out
}

// count returns how many hashes of each of two sketches are comparable, and how many both have.
func (s sketch) count(t sketch) (n, m, both int) {
	var x, y [maxSketch]uint32
	every := max(s.every, t.every)
	a, b := coarser(x[:0], s.hashes, every), coarser(y[:0], t.hashes, every)
	return len(a), len(b), shared(a, b)
}

// shared counts the elements that two sorted lists have in common.
func shared[T cmp.Ordered](a, b []T) (n int) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		x, y := a[i], b[j]
		var less, greater int // without branches, which nothing predicts
		if x < y {
			less = 1
		}
		if y < x {
			greater = 1
		}
		n += 1 - less - greater
		i += 1 - greater
		j += 1 - less
	}
	return n
}

// share returns what part of the shorter of two sorted lists the other has; 0 if one is empty.
func share[T cmp.Ordered](a, b []T) float64 {
	return ratio(shared(a, b), min(len(a), len(b)))
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
