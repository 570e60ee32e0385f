package dedupe

// kinCut is the share of the shorter text's stems that the other has, from which two outlets' items with one address are taken for the
// same news. An excerpt, or a headline with the original's address, has nearly all; texts on different things share a twentieth.
const kinCut = 0.25

// kin says whether two texts can be about the same. An address alone does not make them so: anyone may write another's.
func kin(a, b *Signature) bool {
	last := min(limit(a), limit(b))
	var left, right, both int
	x, y := a.terms, b.terms
	for len(x) > 0 && x[0] <= last || len(y) > 0 && y[0] <= last {
		switch {
		case len(y) == 0 || len(x) > 0 && x[0] < y[0]:
			left++
			x = x[1:]
		case len(x) == 0 || y[0] < x[0]:
			right++
			y = y[1:]
		default:
			both++
			x, y = x[1:], y[1:]
		}
	}
	return both > 0 && float64(both) >= kinCut*float64(both+min(left, right))
}
