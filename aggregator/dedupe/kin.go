package dedupe

// kinCut is the share of the shorter text's stems that the other must have for two outlets' items with
// one address to be the same news. Excerpts have nearly all; unrelated texts share a twentieth.
const kinCut = 0.25

// kin reports whether two texts can be about the same thing. A shared address does not prove it, since
// any source can claim another's address.
func kin(a, b *Signature) bool {
	n, m, both := overlap(a, b)
	return both > 0 && float64(both) >= kinCut*float64(min(n, m))
}
