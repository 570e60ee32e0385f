package dedupe

// kinCut is the share of the shorter text's stems that the other must have for two outlets' items with
// one address to be the same news. Excerpts have nearly all; unrelated texts share a twentieth.
const kinCut = 0.25

// kin reports whether two texts can be about the same thing. A shared address does not prove it, since
// any source can claim another's address.
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
