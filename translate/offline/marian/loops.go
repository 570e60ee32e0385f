package marian

// Students now and then put out the same pieces again and again until the length limit ends them. Over 8,024 English lines, of which a
// half are Bergamot's own translations (FLORES-200, NTREX-128), cut into 4,000 pieces, no more than 12 pieces in a row were those that
// stood up to 32 before them, and none stood four times in a row but a line of dots that its source has too.
const (
	longestTurn = 16 // pieces that come again: a dozen words
	leastTurns  = 4
	leastLoop   = 24 // pieces that repeat: twice what was seen
)

// loops watches a target grow.
type loops struct {
	runs [longestTurn]int // runs[p-1] of the last pieces are each the one that stood p before it
	own  int              // pieces that a faithful translation may repeat
}

// newLoops allows what the source repeats itself, at the most pieces that a translation may have for each of the source's.
func newLoops(source []int32) *loops {
	var l loops
	for i := range source {
		for p := 1; p <= longestTurn; p++ {
			if run := l.count(source[:i+1], p); run >= p {
				l.own = max(l.own, lengthFactor*(run+p))
			}
		}
	}
	return &loops{own: l.own}
}

// count takes the last piece for p and returns the run.
func (l *loops) count(pieces []int32, p int) int {
	run := &l.runs[p-1]
	if n := len(pieces); n > p && pieces[n-1] == pieces[n-1-p] {
		*run++
	} else {
		*run = 0
	}
	return *run
}

// add takes the last piece of a target and says whether it goes round in a loop.
func (l *loops) add(target []int32) (found bool) {
	for p := 1; p <= longestTurn; p++ {
		if run := l.count(target, p); run >= max(leastLoop, (leastTurns-1)*p)+l.own {
			found = true
		}
	}
	return found
}
