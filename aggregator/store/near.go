package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
)

// sighting is a story that is near an item.
type sighting struct {
	story int64
	item  int32
	how   how
}

// how says how a story was found, as dedupe.Hit does: there are a hundred for an item.
type how struct{ identical, alike, about, apart bool }

func (h how) hit(story string) dedupe.Hit {
	return dedupe.Hit{Story: story, Identical: h.identical, Alike: h.alike, About: h.about, Apart: h.apart}
}

// Near finds stories worth comparing with items: see aggregator.Store.
//
// Identity keys are looked up in an index of the database. Bands and names are not: forty rows a story, anywhere in an index, cost more
// to write than all else together. What one transaction files is one row, and the rows of the last days are read through, once for
// all items: some megabytes. So what is read and kept follows the window, not the store.
func (s *Store) Near(ctx context.Context, items []aggregator.Signed, all bool, near func(item int, lead *dedupe.Candidate) bool) error {
	if len(items) == 0 {
		return nil
	}
	return s.readAhead(ctx, func(tx *sql.Tx) error {
		seen, err := filed(ctx, tx, items)
		if err != nil {
			return fmt.Errorf("look up likeness: %w", err)
		}
		if seen, err = identical(ctx, tx, items, seen); err != nil {
			return fmt.Errorf("look up identities: %w", err)
		}
		slices.SortFunc(seen, func(x, y sighting) int { return cmp.Or(cmp.Compare(x.story, y.story), cmp.Compare(x.item, y.item)) })
		if !all {
			seen = apart(seen, near)
		}
		if err := leads(ctx, tx, seen, near); err != nil {
			return fmt.Errorf("read leads: %w", err)
		}
		return nil
	})
}

// identical appends to seen the stories that share an identity key with items.
func identical(ctx context.Context, tx *sql.Tx, items []aggregator.Signed, seen []sighting) ([]sighting, error) {
	who := map[int64][]int{} // identity key ⇒ items
	for i, it := range items {
		for _, k := range it.Signature.Identity {
			who[k] = append(who[k], i)
		}
	}
	for batch := range slices.Chunk(slices.Sorted(maps.Keys(who)), maxNumbers) {
		err := each(ctx, tx, func(rows *sql.Rows) error {
			var key, story int64
			err := rows.Scan(&key, &story)
			for _, i := range who[key] {
				seen = append(seen, sighting{story, int32(i), how{identical: true}})
			}
			return err
		}, "SELECT key, story FROM identities WHERE key IN "+list(batch))
		if err != nil {
			return nil, err
		}
	}
	return seen, nil
}

// filed are the stories that are found by what is filed.
func filed(ctx context.Context, tx *sql.Tx, items []aggregator.Signed) (seen []sighting, err error) {
	var wanted dedupe.Index
	oldest := items[0].Seen
	for _, it := range items {
		wanted.Add(dedupe.File(it.Item, &it.Signature))
		if it.Seen.Before(oldest) {
			oldest = it.Seen
		}
	}
	return seen, each(ctx, tx, func(rows *sql.Rows) error {
		var packed sql.RawBytes
		if err := rows.Scan(&packed); err != nil {
			return err
		}
		return unpack(packed, func(e entry) {
			for _, i := range wanted.Near(e.Filed) {
				seen = add(seen, sighting{e.story, i.Number, how{alike: i.Alike, about: i.About, apart: i.Apart}})
			}
		})
	}, "SELECT entries FROM filed WHERE seen >= $1", oldest.Add(-dedupe.Window).UnixMilli())
}

// apart calls near for the stories in order that are apart from all that they were seen near, and keeps the others.
func apart(seen []sighting, near func(item int, lead *dedupe.Candidate) bool) (kept []sighting) {
	kept = seen[:0]
	c := new(dedupe.Candidate)
	for len(seen) > 0 {
		n, all := 0, true
		for ; n < len(seen) && seen[n].story == seen[0].story; n++ {
			all = all && seen[n].how.apart
		}
		story := seen[:n]
		seen = seen[n:]
		if !all {
			kept = append(kept, story...)
			continue
		}
		for len(story) > 0 {
			item := story[0].item
			story, c.Hit = meet(story, dedupe.Hit{Apart: true})
			near(int(item), c)
		}
	}
	return kept
}

// meet adds to hit how the first story of seen was seen near the first item of it, and gives what is left.
func meet(seen []sighting, hit dedupe.Hit) ([]sighting, dedupe.Hit) {
	first := seen[0]
	for ; len(seen) > 0 && seen[0].story == first.story && seen[0].item == first.item; seen = seen[1:] {
		hit = hit.And(seen[0].how.hit(""))
	}
	return seen, hit
}

// leads calls near with the leads of the stories seen, which are in order. Of what was filed some may be gone.
func leads(ctx context.Context, tx *sql.Tx, seen []sighting, near func(item int, lead *dedupe.Candidate) bool) error {
	var numbers []int64
	for i, s := range seen {
		if i == 0 || s.story != seen[i-1].story {
			numbers = append(numbers, s.story)
		}
	}
	c := new(dedupe.Candidate)
	for batch := range slices.Chunk(numbers, maxNumbers) {
		err := each(ctx, tx, func(rows *sql.Rows) error {
			var number, filed, when int64
			var signature sql.RawBytes
			var id string
			if err := rows.Scan(&number, &id, &c.Source, &filed, &when, &signature); err != nil {
				return err
			}
			c.When, c.Seen = instant(filed), instant(when)
			readSignature(&c.Signature, signature)
			for len(seen) > 0 && seen[0].story < number {
				seen = seen[1:]
			}
			kept := false
			for len(seen) > 0 && seen[0].story == number {
				item := seen[0].item
				seen, c.Hit = meet(seen, dedupe.Hit{Story: id, Apart: true})
				kept = near(int(item), c) || kept
			}
			if kept {
				c = new(dedupe.Candidate)
			}
			return nil
		}, `SELECT s.number, s.id, i.source, i.filed, i.seen, g.signature FROM stories s
			JOIN items i ON i.id = s.lead JOIN signatures g ON g.item = s.lead WHERE s.number IN `+list(batch)+" ORDER BY s.number")
		if err != nil {
			return err
		}
	}
	return nil
}

// readSignature reads b into sig. One of another version's making is like nothing, and stops nobody.
func readSignature(sig *dedupe.Signature, b []byte) { _ = sig.UnmarshalBinary(b) } // empty on error
