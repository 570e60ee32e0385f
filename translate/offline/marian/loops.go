package marian

const (
	longestTurn = 16 // pieces that come again: a dozen words
	leastTurns  = 4
	leastLoop   = 24 // pieces that repeat: twice what was seen
)

// loops detects repetition while a target grows. Students sometimes repeat the same pieces until the
// length limit. Over 8,024 English lines, half of them Bergamot's own translations (FLORES-200,
// NTREX-128), cut into 4,000 pieces, no run of more than 12 pieces repeated those up to 32 before it,
// and no sequence stood four times in a row, except a line of dots.
type loops struct {
	runs [longestTurn]int // runs[p-1] of the last pieces are each the one that stood p before it
	own  int              // pieces that a faithful translation may repeat
}

// newLoops allows for what the source itself repeats, times the length factor.
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

// count extends the run of period p by the last piece and returns its length.
func (l *loops) count(pieces []int32, p int) int {
	run := &l.runs[p-1]
	if n := len(pieces); n > p && pieces[n-1] == pieces[n-1-p] {
		*run++
	} else {
		*run = 0
	}
	return *run
}

// add appends the last piece of a target and reports whether the target is in a loop.
func (l *loops) add(target []int32) (found bool) {
	for p := 1; p <= longestTurn; p++ {
		if run := l.count(target, p); run >= max(leastLoop, (leastTurns-1)*p)+l.own {
			found = true
		}
	}
	return found
}
