package dedupe

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// cosine returns the similarity of two texts by their stems, 0 to 1. If a text has more stems than a
// signature keeps, both are compared by the stems with the lowest hashes, the same sample of each.
func cosine(a, b *Signature) float64 {
	n, m, both := overlap(a, b)
	if both == 0 {
		return 0
	}
	return float64(both) / math.Sqrt(float64(n)*float64(m))
}

// overlap counts the comparable terms of a and of b, and those that both have.
func overlap(a, b *Signature) (n, m, both int) {
	last := min(limit(a), limit(b))
	x, y := a.terms[:upTo(a, last)], b.terms[:upTo(b, last)]
	return len(x), len(y), shared(x, y)
}

// upTo counts the terms of s that are at most last.
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

// limit returns the hash up to which s holds every term of its text.
func limit(s *Signature) term {
	if len(s.terms) < maxTerms {
		return math.MaxUint32
	}
	return s.terms[maxTerms-1]
}

// Texts of one outlet that share less than leastShared of their numbers are a series, such as daily
// prices. Texts of two outlets must share half of the shorter list, since one may be an excerpt.
const (
	leastShared     = 0.34
	leastContained  = 0.5
	minForContained = 2
)

// vetoed says why two similarly worded texts are different news; empty: nothing speaks against a copy.
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

// missing reports whether list has a number that all, which is sorted, lacks.
func missing(list, all []float64) bool {
	for _, n := range list {
		if _, ok := slices.BinarySearch(all, n); !ok {
			return true
		}
	}
	return false
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

// conflict names a class in which each text has a mark that the other lacks, such as beta 2 and beta 3,
// or Egypt and Morocco; empty: none. A text that merely says less does not conflict.
func conflict(a, b []mark) string {
	var left, right class // classes with marks on one side only
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

// aboutAnother reports whether a title names models, the other report mentions none of them, and that
// report mentions other models.
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

// models returns the marks of models in the title, which sort first.
func models(marks []mark) []mark {
	n, _ := slices.BinarySearch(marks, mark(model+1)<<56)
	return marks[:n]
}

// mentions returns the marks of models in title and first paragraphs, which sort last.
func mentions(marks []mark) []mark {
	n, _ := slices.BinarySearch(marks, mark(mention)<<56)
	return marks[n:]
}

// classNames are the reasons given for a conflict of each class.
var classNames = map[class]string{
	model:   "another model or version",
	country: "another country",
	money:   "another currency",
	day:     "another day",
	flaw:    "another flaw",
	edition: "another edition",
}

// keyKind is the kind of an identity key, stored in its lowest bit.
type keyKind int64

const (
	addressKey keyKind = 0
	textKey    keyKind = 1
	noKey      keyKind = -1 // the lead shares no key; another item of the story does
)

// sameWords reports whether two signatures share the identity key of title and text.
func sameWords(a, b *Signature) bool {
	return slices.ContainsFunc(a.Identity, func(k int64) bool { return IsWords(k) && slices.Contains(b.Identity, k) })
}

// sharedKey returns the kind of the first identity key that two signatures share.
func sharedKey(a, b *Signature) keyKind {
	for _, k := range a.Identity {
		if slices.Contains(b.Identity, k) {
			return keyKind(k & 1)
		}
	}
	return noKey
}

// why explains a match: its tier, score, shared names and numbers, and veto.
func (m match) why(sig *Signature, c *Candidate) string {
	switch m.tier {
	case same:
		switch sharedKey(sig, &c.Signature) {
		case addressKey:
			return "identity: same address"
		case textKey:
			return "identity: same words"
		}
		return "identity: same address or words as another printing"
	case event:
		return "event: " + sig.evidence(&c.Signature).told(sig, &c.Signature)
	case copied:
		return fmt.Sprintf("copy: cosine %.2f", rounded(m.score)) +
			sharedNames(sig, &c.Signature) + sharedNumbers(sig.numbers, c.Signature.numbers)
	case alike:
		return fmt.Sprintf("apart from %s: cosine %.2f, veto: %s", c.Story, rounded(m.score), m.veto)
	}
	return ""
}

// rounded rounds down to two digits, so that a score below a threshold is not shown as equal to it.
func rounded(score float64) float64 { return math.Floor(score*100) / 100 }
