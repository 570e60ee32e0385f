package dedupe

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// conflict says why two similarly worded texts are different news; "": nothing does. Each has a detail in
// its title that the other lacks, such as beta 2 and beta 3, or Egypt and Morocco: a text that merely
// says less does not conflict. Nor may texts of one source, own, each have a number that the other lacks.
func conflict(a, b []mark, own bool) string {
	for c := model; c < where; c++ {
		x, y := of(a, c), of(b, c)
		if n := shared(x, y); n < len(x) && n < len(y) {
			return "another " + classNames[c]
		}
	}
	for _, c := range [...]class{where, named, figure} {
		if x, y, ok := parted(a, b, c); ok {
			switch c {
			case where:
				return fmt.Sprintf("another place: %s, %s", place(x), place(y))
			case figure:
				return fmt.Sprintf("another number: %s and %s", x.number(), y.number())
			}
			return "another name"
		}
	}
	if fields(a, b) >= leastFields {
		return "other figures, as in a series"
	}
	if own && counts(a, b) && counts(b, a) {
		return "other numbers, as in a series"
	}
	return ""
}

var classNames = [...]string{model: "model or version", money: "currency", day: "day", flaw: "flaw", edition: "edition"}

// parted returns the first marks of class c that each has in its title and the other nowhere.
func parted(a, b []mark, c class) (x, y mark, ok bool) {
	for _, x := range of(a, c) {
		if has(b, c, x) {
			continue
		}
		for _, y := range of(b, c) {
			if !has(a, c, y) && (c != figure || x.measure() == y.measure()) {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}

// has reports whether a text says what m, a mark of a title, says.
func has(marks []mark, c class, m mark) bool {
	same := func(n mark) bool {
		switch c {
		case where:
			return place(m).agrees(place(n))
		case figure:
			return rounds(m.value(), n.value())
		}
		return uint32(m) == uint32(n)
	}
	return slices.ContainsFunc(of(marks, c), same) || slices.ContainsFunc(of(marks, c+1), same)
}

// counts reports whether a has a number that b lacks.
func counts(a, b []mark) bool {
	same := func(m mark) func(mark) bool { return func(n mark) bool { return uint32(m) == uint32(n) } }
	return slices.ContainsFunc(slices.Concat(of(a, figure), of(a, figText)), func(m mark) bool {
		return !slices.ContainsFunc(of(b, figure), same(m)) && !slices.ContainsFunc(of(b, figText), same(m))
	})
}

// leastFields is in how many measures the figures of two texts differ if they fill one pattern with other news,
// such as the price and the data of a plan. Chosen on the first half of testdata/labelled.jsonl and three days of
// news, of which it parts no copies.
const leastFields = 2

// fields counts the measures of which each text has figures, and both have none in common.
func fields(a, b []mark) (n int) {
	var x, y, both [256]bool
	for _, list := range [][]mark{of(a, figure), of(a, figText)} {
		for _, m := range list {
			x[m.measure()] = true
			both[m.measure()] = both[m.measure()] || has(b, figure, m)
		}
	}
	for _, list := range [][]mark{of(b, figure), of(b, figText)} {
		for _, m := range list {
			y[m.measure()] = true
		}
	}
	for i := 1; i < len(x); i++ {
		if x[i] && y[i] && !both[i] {
			n++
		}
	}
	return n
}

const (
	rounding = .02  // how much two numbers differ at the most if one is rounded: 33,000 and 32,800
	exact    = 1e-6 // how much equal ones do, as kept
	thousand = 1000 // what a title leaves out, or a power of it
)

// rounds reports whether one number is the other, rounded, or without its scale.
func rounds(v, w float64) bool {
	v, w = min(v, w), max(v, w)
	digits := func(f float64) int { return len(strconv.FormatFloat(f, 'e', -1, 32)) }
	if v == w || w-v < rounding*w && digits(v) != digits(w) || v == math.Trunc(w) && v >= 10 {
		return true
	}
	for ; v > 0 && v < w/2; v *= thousand {
	}
	return math.Abs(v-w) < exact*w
}
