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

// sighting is a story found near an item.
type sighting struct {
	story int64
	item  int32
	how   how
}

// how says how a story was found, in the four bits of a dedupe.Hit: an item has a hundred
// sightings.
type how struct{ identical, alike, about, apart bool }

func (h how) hit(story string) dedupe.Hit {
	return dedupe.Hit{Story: story, Identical: h.identical, Alike: h.alike, About: h.about, Apart: h.apart}
}

// Near finds stories worth comparing with items: see aggregator.Store. To index bands and names
// would take forty rows a story, so Near reads filed, which has a row a transaction.
func (s *Store) Near(ctx context.Context, items []aggregator.Pending, all bool) ([]aggregator.Nearby, error) {
	near := make([]aggregator.Nearby, len(items))
	if len(items) == 0 {
		return near, nil
	}
	err := s.read(ctx, func(tx transaction) error {
		seen, err := filed(ctx, tx, items)
		if err != nil {
			return fmt.Errorf("look up likeness: %w", err)
		}
		if seen, err = identical(ctx, tx, items, seen); err != nil {
			return fmt.Errorf("look up identities: %w", err)
		}
		seen = merged(seen)
		if !all {
			seen = slices.DeleteFunc(seen, func(s sighting) bool {
				if s.how.apart {
					near[s.item].Apart.Count(s.how.hit(""))
				}
				return s.how.apart
			})
		}
		if err := addHits(ctx, tx, seen, near); err != nil {
			return fmt.Errorf("look up stories: %w", err)
		}
		return nil
	})
	return near, err
}

// identical appends to seen the stories that share an identity key with items.
func identical(ctx context.Context, tx transaction, items []aggregator.Pending, seen []sighting) ([]sighting, error) {
	who := map[int64][]int{} // items by identity key
	for i, it := range items {
		for _, k := range it.Signature.Identity {
			who[k] = append(who[k], i)
		}
	}
	err := tx.each(ctx, func(rows *sql.Rows) error {
		var key, story int64
		err := rows.Scan(&key, &story)
		for _, i := range who[key] {
			seen = append(seen, sighting{story, int32(i), how{identical: true}})
		}
		return err
	}, "SELECT key, story FROM identities WHERE key "+tx.among(1), slices.Collect(maps.Keys(who)))
	return seen, err
}

// filed returns the stories found by the bands and names in filed.
func filed(ctx context.Context, tx transaction, items []aggregator.Pending) (seen []sighting, err error) {
	var wanted dedupe.Index
	oldest := items[0].Seen
	for _, it := range items {
		wanted.Insert(dedupe.File(it.Printing))
		if it.Seen.Before(oldest) {
			oldest = it.Seen
		}
	}
	return seen, tx.each(ctx, func(rows *sql.Rows) error {
		var packed sql.RawBytes
		if err := rows.Scan(&packed); err != nil {
			return err
		}
		return unpack(packed, func(e entry) {
			for _, i := range wanted.Near(e.Filed) {
				seen = append(seen, sighting{e.story, i.Number, how{alike: i.Alike, about: i.About, apart: i.Apart}})
			}
		})
	}, "SELECT entries FROM filed WHERE seen >= $1", oldest.Add(-dedupe.Window).UnixMilli())
}

// merged sorts sightings by story and item and merges those of the same story and item.
func merged(seen []sighting) []sighting {
	slices.SortFunc(seen, func(x, y sighting) int {
		return cmp.Or(cmp.Compare(x.story, y.story), cmp.Compare(x.item, y.item))
	})
	n := 0
	for _, s := range seen {
		if n > 0 && seen[n-1].story == s.story && seen[n-1].item == s.item {
			h := &seen[n-1].how
			h.identical, h.alike = h.identical || s.how.identical, h.alike || s.how.alike
			h.about, h.apart = h.about || s.how.about, h.apart && s.how.apart
			continue
		}
		seen[n] = s
		n++
	}
	return seen[:n]
}

// addHits adds the stories of seen, which is sorted, to what is near each item. Some of the stories
// in filed may be gone.
func addHits(ctx context.Context, tx transaction, seen []sighting, near []aggregator.Nearby) error {
	var numbers []int64
	for i, s := range seen {
		if i == 0 || s.story != seen[i-1].story {
			numbers = append(numbers, s.story)
		}
	}
	return tx.each(ctx, func(rows *sql.Rows) error {
		var number int64
		var id string
		err := rows.Scan(&number, &id)
		for ; len(seen) > 0 && seen[0].story <= number; seen = seen[1:] {
			if s := seen[0]; s.story == number {
				near[s.item].Hits = append(near[s.item].Hits, s.how.hit(id))
			}
		}
		return err
	}, "SELECT number, id FROM stories WHERE number "+tx.among(1)+" ORDER BY number", numbers)
}

// Leads returns the leads of stories by id: see aggregator.Store.
func (s *Store) Leads(ctx context.Context, ids []string) (map[string]dedupe.Printing, error) {
	leads := map[string]dedupe.Printing{}
	err := s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var filed, seen int64
			var signature sql.RawBytes
			var id string
			var lead dedupe.Printing
			if err := rows.Scan(&id, &lead.Source, &filed, &seen, &signature); err != nil {
				return err
			}
			lead.When, lead.Seen = instant(filed), instant(seen)
			readSignature(&lead.Signature, signature)
			leads[id] = lead
			return nil
		}, `SELECT s.id, i.source, i.filed, i.seen, g.signature FROM stories s
			JOIN items i ON i.id = s.lead JOIN signatures g ON g.item = s.lead WHERE s.id `+tx.among(1), ids)
	})
	if err != nil {
		return nil, fmt.Errorf("read leads: %w", err)
	}
	return leads, nil
}

// readSignature decodes b into sig. A signature of another version stays empty, and like nothing.
func readSignature(sig *dedupe.Signature, b []byte) { _ = sig.UnmarshalBinary(b) }
