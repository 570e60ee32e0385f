package dedupe

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// cosine compares two texts by the stems they hold, 0 to 1. Where one has more than a signature keeps, both are compared by the stems
// with the lowest hashes, which are the same sample of each.
func cosine(a, b *Signature) float64 {
	last := min(limit(a), limit(b))
	x, y := a.terms[:upTo(a, last)], b.terms[:upTo(b, last)]
	n, m, both := len(x), len(y), shared(x, y)
	if both == 0 {
		return 0
	}
	return float64(both) / math.Sqrt(float64(n)*float64(m))
}

// sketch has a bit for each part of the range of hashes that holds a stem. Stems of one text in parts where the other has none are not
// shared: what few instructions say of most pairs spares going through their terms.
type sketch [8]uint64

const sketchShift = 32 - 9 // 2^9 bits

func sketchOf(terms []term) (k sketch) {
	for _, t := range terms {
		at := t >> sketchShift
		k[at/64] |= 1 << (at % 64)
	}
	return k
}

// atMost is a bound of the cosine: it is not above it.
func atMost(a, b *Signature) float64 {
	last := min(limit(a), limit(b))
	n, m := upTo(a, last), upTo(b, last)
	if n == 0 || m == 0 {
		return 0
	}
	left, right := 0, 0 // stems at least that the other has not
	end := last >> sketchShift
	for i, x := range a.sketch {
		y := b.sketch[i]
		if uint32(i) >= end/64 && last != math.MaxUint32 { // of the part with last in it some are not counted
			if uint32(i) > end/64 {
				break
			}
			x, y = x&(1<<(end%64)-1), y&(1<<(end%64)-1)
		}
		left += bits.OnesCount64(x &^ y)
		right += bits.OnesCount64(y &^ x)
	}
	return float64(min(n-left, m-right)) / math.Sqrt(float64(n)*float64(m))
}

// upTo is how many terms of s are not above last.
func upTo(s *Signature, last term) int {
	if n := len(s.terms); n == 0 || s.terms[n-1] <= last {
		return n
	}
	n, found := slices.BinarySearch(s.terms, last)
	if found {
		n++
	}
	return n
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

// vetoed is what parts two texts that are alike in their wording, empty for nothing: they tell different news.
func vetoed(a, b *Signature, sameSource bool) string {
	if v := conflict(a.marks, b.marks); v != "" {
		return v
	}
	if missing(a.title, b.numbers) && missing(b.title, a.numbers) {
		return "other numbers in the titles"
	}
	both := shared(a.numbers, b.numbers)
	short := min(len(a.numbers), len(b.numbers))
	if sameSource && short > 0 && float64(both) < leastShared*float64(len(a.numbers)+len(b.numbers)-both) {
		return "other numbers, as in a series"
	}
	if !sameSource && short >= minForContained && float64(both) < leastContained*float64(short) {
		return "other numbers"
	}
	return ""
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

// conflict is a class of marks of which both texts have ones that the other has not, empty for none: iOS 18.4 beta 2 and beta 3, Egypt
// and Morocco. A text that only says less does not conflict.
func conflict(a, b []mark) string {
	var left, right class // classes of which one side has more
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			left |= a[0].class()
			a = a[1:]
		case len(a) == 0 || b[0] < a[0]:
			right |= b[0].class()
			b = b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	both := left & right &^ mention
	return classNames[both&-both]
}

// aboutAnother says whether a title names models none of which another report mentions, while that one has others.
func aboutAnother(title, report []mark) bool {
	named := models(title)
	for _, m := range named {
		if _, ok := slices.BinarySearch(report, m&^(mark(model)<<56)|mark(mention)<<56); ok {
			return false
		}
	}
	all := mentions(report)
	return len(named) > 0 && shared(mentions(title), all) < len(all)
}

// models are those of marks that are of titles: they come first.
func models(marks []mark) []mark {
	n, _ := slices.BinarySearch(marks, mark(model+1)<<56)
	return marks[:n]
}

// mentions are models of title and first paragraphs: they come last.
func mentions(marks []mark) []mark {
	n, _ := slices.BinarySearch(marks, mark(mention)<<56)
	return marks[n:]
}

// classNames say what is another in two texts.
var classNames = map[class]string{model: "another model or version", country: "another country", money: "another currency", day: "another day",
	flaw: "another flaw", edition: "another edition"}

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

// why is the reason of a match: its tier, score, shared names and numbers, and veto.
func (m match) why(sig *Signature, c *Candidate) string {
	switch m.tier {
	case same:
		switch sharedKey(sig, &c.Signature) {
		case address:
			return "identity: same address"
		case words:
			return "identity: same words"
		}
		return "identity: same address or words as another printing"
	case event:
		return "event: " + sig.evidence(&c.Signature).told(sig, &c.Signature)
	case copied:
		return fmt.Sprintf("copy: cosine %.2f", rounded(m.score)) + sharedNames(sig, &c.Signature) + sharedNumbers(sig.numbers, c.Signature.numbers)
	case alike:
		return fmt.Sprintf("apart from %s: cosine %.2f, veto: %s", c.Story, rounded(m.score), m.veto)
	}
	return ""
}

// rounded is down to two digits: what is below a cut is not shown as on it.
func rounded(score float64) float64 { return math.Floor(score*100) / 100 }
