package dedupe

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/nashra/nashra/feeds"
)

// group gives each item the story it joins or begins, as the aggregator does: in order, by shared keys, against leads.
func group(items []feeds.Item) (story []string, made []Decision) {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := items[a], items[b]
		return cmp.Or(x.Seen.Compare(y.Seen), x.When().Compare(y.When()), cmp.Compare(x.SourceID, y.SourceID), cmp.Compare(x.GUID, y.GUID))
	})
	story, made = make([]string, len(items)), make([]Decision, len(items))
	var bands Bands
	var banded []string // stories, as bands numbers them
	byKey, leads := map[int64][]string{}, map[string]Candidate{}
	for _, i := range order {
		it := items[i]
		sig := sign(it)
		d := Decide(it, sig, candidates(sig, &bands, banded, byKey, leads))
		born := d.Story == ""
		if born {
			sum := sha256.Sum256([]byte(it.SourceID + "\x00" + it.GUID))
			d.Story, d.Kind = hex.EncodeToString(sum[:8]), feeds.Lead
		}
		if born || d.Kind == feeds.Update {
			leads[d.Story] = Candidate{Story: d.Story, Source: it.SourceID, When: it.When(), Signature: sig}
		}
		if born {
			bands.Add(sig.Bands)
			banded = append(banded, d.Story)
		}
		for _, k := range sig.Identity {
			byKey[k] = append(byKey[k], d.Story)
		}
		story[i], made[i] = d.Story, d
	}
	return story, made
}

func candidates(sig Signature, bands *Bands, banded []string, byKey map[int64][]string, leads map[string]Candidate) []Candidate {
	found := map[string]Candidate{}
	for _, n := range bands.Near(sig.Bands) {
		found[banded[n]] = leads[banded[n]]
	}
	for _, k := range sig.Identity {
		for _, id := range byKey[k] {
			c := leads[id]
			c.Identical = true
			found[id] = c
		}
	}
	var out []Candidate
	for _, c := range found { // in any order: Decide must not care
		out = append(out, c)
	}
	return out
}

// tally counts pairs of items.
type tally struct{ right, wrong, missed, whole int }

func (t tally) precision() float64 { return ratio(t.right, t.right+t.wrong) }
func (t tally) recall() float64    { return ratio(t.right, t.right+t.missed) }
func (t tally) f1() float64        { return ratio(2*t.right, 2*t.right+t.wrong+t.missed) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}
