package aggregator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// Grouped reports the outcome of one Group call.
type Grouped struct {
	Born, Joined int
	IDs          []string // of the stories that were born
}

// itemsPerGroup is how many items one transaction groups. Their signatures, 1 KB each, and those of
// the texts near them are in memory together; the index of the last days is read once for each batch.
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
				res.IDs = append(res.IDs, p.Story)
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
	shelf, err := a.Store.Near(ctx, items)
	if err != nil {
		return nil, fmt.Errorf("look for stories near: %w", err)
	}
	out := make([]Placement, len(items))
	for i, it := range items {
		d := dedupe.Decide(it.Printing, shelf.Near(i))
		p := Placement{Pending: it, Story: d.Story, Kind: d.Kind, Why: d.Why, Links: d.Links, Filed: !d.Known}
		if d.Story == "" {
			p.Story, p.Born, p.Kind = StoryID(feeds.Item{SourceID: it.Source, GUID: it.GUID}), true, feeds.Lead
		}
		shelf.Place(i, p.Story, p.Born || p.Kind == feeds.Update, d.Known)
		out[i] = p
	}
	return out, nil
}
