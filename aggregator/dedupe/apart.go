package dedupe

import (
	"cmp"
	"fmt"
	"slices"
)

// Apart gives those of near that p neither joins nor is linked to, and why: the nearest to a cut first, then by
// story. Points is how near: of its cosine and the points of its event, the greater part of what would do.
func Apart(p Printing, near []Candidate) (out []Link) {
	sig := &p.Signature
	for i := range near {
		c := &near[i]
		m := compare(&p, c)
		if m.tier > alike {
			continue
		}
		e := sig.evidence(&c.Signature)
		like, enough := cosine(sig, &c.Signature), eventPoints(p.When.Sub(c.When).Abs())
		if sig.lang != c.Signature.lang {
			like = 0 // words of different languages cannot agree
		}
		why := fmt.Sprintf("cosine %.2f of %.2f", rounded(like), copyCut)
		if c.Source != p.Source { // one outlet's own stories are never linked
			why += fmt.Sprintf("; event: %s; %.1f points would do", e.told(sig, &c.Signature), enough)
			if !e.tells(sig, &c.Signature) {
				why += ", and a name"
			}
		}
		if m.veto != "" {
			why += "; veto: " + m.veto
		}
		out = append(out, Link{c.Story, why, max(like/copyCut, e.points/enough)})
	}
	surest(out)
	return out
}

// surest orders links by their points, those of one score by story.
func surest(links []Link) {
	slices.SortFunc(links, func(x, y Link) int { return cmp.Or(cmp.Compare(y.Points, x.Points), cmp.Compare(x.Story, y.Story)) })
}
