package dedupe

import (
	"cmp"
	"fmt"
	"slices"
)

// Apart returns the stories of near that p neither joins nor is linked to, with the reasons, closest
// first. Link.Points is how close: the greater share of the cosine or the points that would be needed.
func Apart(p Printing, near []Candidate) (out []Link) {
	sig := &p.Signature
	for i := range near {
		c := &near[i]
		m := compare(&p, c)
		if m.tier > alike {
			continue
		}
		e := sig.evidence(&c.Signature)
		like, needed := cosine(sig, &c.Signature), eventPoints(p.When.Sub(c.When).Abs())
		if sig.lang != c.Signature.lang {
			like = 0 // words of different languages cannot agree
		}
		why := fmt.Sprintf("cosine %.2f of %.2f", rounded(like), copyCut)
		if c.Source != p.Source { // one outlet's own stories are never linked
			why += fmt.Sprintf("; event: %s; %.1f points would do", e.told(sig, &c.Signature), needed)
			if !e.tells(sig, &c.Signature) {
				why += ", and a name"
			}
		}
		if m.veto != "" {
			why += "; veto: " + m.veto
		}
		out = append(out, Link{c.Story, why, max(like/copyCut, e.points/needed)})
	}
	surest(out)
	return out
}

// surest sorts links by points, highest first, then by story.
func surest(links []Link) {
	slices.SortFunc(links, func(x, y Link) int {
		return cmp.Or(cmp.Compare(y.Points, x.Points), cmp.Compare(x.Story, y.Story))
	})
}
