package aggregator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// Grouped reports the outcome of one Group call.
type Grouped struct{ Born, Joined int }

// itemsPerGroup is how many items one transaction groups. Their signatures, 1 KB each, are in
// memory together; the index of the last days is read once for each batch.
const itemsPerGroup = 4000

// Group lets every item without a story join one or begin one, in the order of the store, so that
// the same items always make the same stories.
func (a *Aggregator) Group(ctx context.Context) (Grouped, error) {
	var res Grouped
	for {
		items, err := a.Store.Ungrouped(ctx, itemsPerGroup)
		if err != nil {
			return res, fmt.Errorf("read new items: %w", err)
		}
		if len(items) == 0 {
			return res, nil
		}
		placements, err := a.place(ctx, items)
		if err != nil {
			return res, err
		}
		if err := a.Store.Grouped(ctx, a.now(), placements); err != nil {
			return res, fmt.Errorf("store stories: %w", err)
		}
		for _, p := range placements {
			if p.Born {
				res.Born++
			} else {
				res.Joined++
			}
		}
		if len(items) < itemsPerGroup {
			return res, nil
		}
	}
}

// StoryID returns the id of the story that an item begins.
func StoryID(it feeds.Item) string {
	sum := sha256.Sum256([]byte(it.SourceID + "\x00" + it.GUID))
	return hex.EncodeToString(sum[:8])
}

// place decides where items go. Each is compared with the stored stories and with the items before
// it.
func (a *Aggregator) place(ctx context.Context, items []Pending) ([]Placement, error) {
	nearby, err := a.Store.Near(ctx, items, false)
	if err != nil {
		return nil, fmt.Errorf("look for stories near: %w", err)
	}
	leads, err := a.leads(ctx, items, nearby)
	if err != nil {
		return nil, err
	}
	here := herd{identities: map[int64][]string{}}
	out := make([]Placement, len(items))
	var near []dedupe.Candidate // reused for each item
	for i, it := range items {
		filed := dedupe.File(it.Printing)
		found := merged(append(nearby[i].Hits, here.near(filed, it.Signature.Identity)...))
		near = candidates(near[:0], found, leads)
		d := dedupe.Decide(it.Printing, near)
		p := Placement{Pending: it, Story: d.Story, Kind: d.Kind, Why: d.Why, Events: d.Events}
		if d.Story == "" {
			p.Story, p.Born, p.Kind = StoryID(feeds.Item{SourceID: it.Source, GUID: it.GUID}), true, feeds.Lead
		}
		if p.Born || p.Kind == feeds.Update {
			leads[p.Story] = it.Printing
			crowd := nearby[i].Apart
			for _, h := range found {
				crowd.Count(h)
			}
			p.Filed = filed.Among(crowd)
		}
		here.add(p)
		out[i] = p
	}
	return out, nil
}

// leadsPerRead is how many leads are read at once, about 2 KB each.
const leadsPerRead = 500

// leads returns, by story, the leads that any of items may join or be linked to. Most stories
// nearby are neither.
func (a *Aggregator) leads(ctx context.Context, items []Pending, nearby []Nearby) (map[string]dedupe.Printing, error) {
	type pair struct {
		item int
		hit  dedupe.Hit
	}
	pairs := map[string][]pair{}
	for i, n := range nearby {
		for _, h := range n.Hits {
			if !h.Apart {
				pairs[h.Story] = append(pairs[h.Story], pair{i, h})
			}
		}
	}
	out := map[string]dedupe.Printing{}
	for ids := range slices.Chunk(slices.Collect(maps.Keys(pairs)), leadsPerRead) {
		leads, err := a.Store.Leads(ctx, ids)
		if err != nil {
			return nil, err
		}
		for id, lead := range leads {
			if slices.ContainsFunc(pairs[id], func(p pair) bool {
				return dedupe.Worth(items[p.item].Printing, dedupe.Candidate{Hit: p.hit, Printing: lead})
			}) {
				out[id] = lead
			}
		}
	}
	return out, nil
}

// herd holds the placements of one batch, which the store does not have yet.
type herd struct {
	index      dedupe.Index
	filed      []string // story ids, in the order of index
	identities map[int64][]string
}

func (h *herd) add(p Placement) {
	if !p.Filed.Empty() {
		h.index.Insert(p.Filed)
		h.filed = append(h.filed, p.Story)
	}
	for _, k := range p.Signature.Identity {
		if !slices.Contains(h.identities[k], p.Story) { // add each once: a flood of one text stays linear
			h.identities[k] = append(h.identities[k], p.Story)
		}
	}
}

func (h *herd) near(filed dedupe.Filed, identity []int64) (out []dedupe.Hit) {
	for _, n := range h.index.Near(filed) {
		out = append(out, dedupe.Hit{Story: h.filed[n.Number], Alike: n.Alike, About: n.About, Apart: n.Apart})
	}
	for _, k := range identity {
		for _, id := range h.identities[k] {
			out = append(out, dedupe.Hit{Story: id, Identical: true})
		}
	}
	return out
}

// merged sorts hits by story and merges those of the same story.
func merged(hits []dedupe.Hit) []dedupe.Hit {
	slices.SortFunc(hits, func(x, y dedupe.Hit) int { return strings.Compare(x.Story, y.Story) })
	n := 0
	for _, h := range hits {
		if n > 0 && hits[n-1].Story == h.Story {
			hits[n-1] = hits[n-1].Merge(h)
			continue
		}
		hits[n] = h
		n++
	}
	return hits[:n]
}

// candidates appends the hits that have a lead and are not Apart to out.
func candidates(out []dedupe.Candidate, hits []dedupe.Hit, leads map[string]dedupe.Printing) []dedupe.Candidate {
	for _, h := range hits {
		if lead, ok := leads[h.Story]; ok && !h.Apart {
			out = append(out, dedupe.Candidate{Hit: h, Printing: lead})
		}
	}
	return out
}
