package dedupe

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// cosine compares two texts by the stems they hold, 0 to 1. Where one has more than a signature keeps, both are compared by the stems
// with the lowest hashes, which are the same sample of each.
func cosine(a, b *Signature) float64 {
	last := min(limit(a), limit(b))
	x, y := a.terms, b.terms
	n, m, both := 0, 0, 0
	for n < len(x) && x[n] <= last && m < len(y) && y[m] <= last {
		p, q := x[n], y[m]
		if p <= q {
			n++
		}
		if q <= p {
			m++
		}
		if p == q {
			both++
		}
	}
	for n < len(x) && x[n] <= last {
		n++
	}
	for m < len(y) && y[m] <= last {
		m++
	}
	if both == 0 {
		return 0
	}
	return float64(both) / math.Sqrt(float64(n)*float64(m))
}

// limit is the highest hash up to which s knows all its terms.
func limit(s *Signature) term {
	if len(s.terms) < maxTerms {
		return math.MaxUint32
	}
	return s.terms[maxTerms-1]
}

// Two texts by one outlet with fewer numbers in common than leastShared are a series: daily prices, the five best phones. Texts of
// two outlets need half of the shorter list, as one may be cut.
const (
	leastShared     = 0.34
	leastContained  = 0.5
	minForContained = 2
)

// vetoed says whether two texts, alike in their wording, tell different news.
func vetoed(a, b *Signature, sameSource bool) bool {
	if conflict(a.marks, b.marks) || missing(a.title, b.numbers) && missing(b.title, a.numbers) {
		return true
	}
	both := shared(a.numbers, b.numbers)
	short := min(len(a.numbers), len(b.numbers))
	if sameSource {
		return short > 0 && float64(both) < leastShared*float64(len(a.numbers)+len(b.numbers)-both)
	}
	return short >= minForContained && float64(both) < leastContained*float64(short)
}

// missing says whether one of list is not among all, which is sorted.
func missing(list, all []float64) bool {
	for _, n := range list {
		if _, ok := slices.BinarySearch(all, n); !ok {
			return true
		}
	}
	return false
}

// shared counts what two sorted lists have in common.
func shared(a, b []float64) (n int) {
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

// conflict says whether, of some class of marks, both texts have ones that the other has not: iOS 18.4 beta 2 and beta 3, Egypt and
// Morocco. A text that only says less does not conflict.
func conflict(a, b []mark) bool {
	var left, right class // classes of which one side has more
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			left |= a[0].class()
			a = a[1:]
		case b[0] < a[0]:
			right |= b[0].class()
			b = b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	for _, m := range a {
		left |= m.class()
	}
	for _, m := range b {
		right |= m.class()
	}
	return left&right != 0
}

// key tells the two kinds of identity keys apart by their lowest bit.
type key int64

const (
	address key = 0
	words   key = 1
	neither key = -1 // an item of the story that is not its lead shares a key
)

// sharedKey is the kind of the first identity key that two signatures share.
func sharedKey(a, b *Signature) key {
	for _, k := range a.Identity {
		if slices.Contains(b.Identity, k) {
			return key(k & 1)
		}
	}
	return neither
}

func identityWhy(sig *Signature, c *Candidate) string {
	switch sharedKey(sig, &c.Signature) {
	case address:
		return "identity: same address"
	case words:
		return "identity: same words"
	}
	return "identity: same address or words as another printing"
}

// shownNumbers is how many shared numbers a reason names.
const shownNumbers = 4

func copyWhy(score float64) func(*Signature, *Candidate) string {
	return func(sig *Signature, c *Candidate) string {
		s := fmt.Sprintf("copy: cosine %.2f", math.Floor(score*100)/100)
		var common []string
		for _, n := range sig.numbers {
			if _, ok := slices.BinarySearch(c.Signature.numbers, n); ok {
				common = append(common, strconv.FormatFloat(n, 'f', -1, 64))
			}
		}
		if n := len(common); n > shownNumbers {
			common = append(common[:shownNumbers], fmt.Sprintf("%d more", n-shownNumbers))
		}
		if len(common) > 0 {
			s += ", shared numbers " + strings.Join(common, ", ")
		}
		return s
	}
}
