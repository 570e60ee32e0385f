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
	kept := s.coarser(slices.Clone(all))
	slices.Sort(kept)
	if kept = slices.Compact(kept); len(kept) <= maxSketch && s.every > 0 {
		s.every, kept = 0, all
		slices.Sort(kept)
		kept = slices.Compact(kept)
	}
	for len(kept) > maxSketch {
		s.every++
		kept = s.coarser(kept)
	}
	s.hashes = append(s.hashes, kept...)
	return s, all
}

// coarser keeps those of hashes, in place, that a sketch of s.every has.
func (s sketch) coarser(hashes []uint32) []uint32 {
	return slices.DeleteFunc(hashes, func(h uint32) bool { return h&(1<<s.every-1) != 0 })
}

// count returns how many hashes of each of two sketches are comparable, and how many both have.
func (s sketch) count(t sketch) (n, m, both int) {
	mask := uint32(1)<<max(s.every, t.every) - 1
	a, b := s.hashes, t.hashes
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(a) > 0 && a[0]&mask != 0:
			a = a[1:]
		case len(b) > 0 && b[0]&mask != 0:
			b = b[1:]
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			a, n = a[1:], n+1
		case len(a) == 0 || b[0] < a[0]:
			b, m = b[1:], m+1
		default:
			a, b, n, m, both = a[1:], b[1:], n+1, m+1, both+1
		}
	}
	return n, m, both
}

// shared counts the elements that two sorted lists have in common.
func shared[T cmp.Ordered](a, b []T) (n int) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case b[0] < a[0]:
			b = b[1:]
		default:
			a, b, n = a[1:], b[1:], n+1
		}
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
