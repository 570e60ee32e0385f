package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
)

// hit is how a story is near.
type hit struct{ identical, alike, about bool }

// hits are the stories near an item, by number.
type hits map[int64]hit

// Near finds stories worth comparing with items: see aggregator.Store.
//
// Identity keys are looked up in an index of the database. Bands and names are not: forty rows a story, anywhere in an index, cost more
// to write than all else together. What one transaction files is one row, and the rows of the last days are read through, once for
// all items: some megabytes. So what is read and kept follows the window, not the store.
func (s *Store) Near(ctx context.Context, items []aggregator.Signed) ([][]dedupe.Hit, map[string]dedupe.Candidate, error) {
	near := make([]hits, len(items))
	ids := map[int64]string{} // of the stories that are near any, by number
	leads := map[string]dedupe.Candidate{}
	if len(items) == 0 {
		return nil, leads, nil
	}
	err := s.readAhead(ctx, func(tx *sql.Tx) error {
		if err := filed(ctx, tx, items, near); err != nil {
			return fmt.Errorf("look up likeness: %w", err)
		}
		if err := identical(ctx, tx, items, near); err != nil {
			return fmt.Errorf("look up identities: %w", err)
		}
		for _, h := range near {
			for n := range h {
				ids[n] = ""
			}
		}
		for batch := range slices.Chunk(slices.Sorted(maps.Keys(ids)), maxNumbers) {
			if err := candidates(ctx, tx, batch, ids, leads); err != nil {
				return fmt.Errorf("read leads: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	out := make([][]dedupe.Hit, len(items))
	for i, h := range near {
		for _, n := range slices.Sorted(maps.Keys(h)) {
			if ids[n] != "" { // of what was filed some may be gone
				out[i] = append(out[i], dedupe.Hit{Story: ids[n], Identical: h[n].identical, Alike: h[n].alike, About: h[n].about})
			}
		}
	}
	return out, leads, nil
}

// found notes how a story is near item i.
func found(near []hits, i int, story int64, how hit) {
	if near[i] == nil {
		near[i] = hits{}
	}
	h := near[i][story]
	near[i][story] = hit{h.identical || how.identical, h.alike || how.alike, h.about || how.about}
}

func identical(ctx context.Context, tx *sql.Tx, items []aggregator.Signed, near []hits) error {
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
				found(near, i, story, hit{identical: true})
			}
			return err
		}, "SELECT key, story FROM identities WHERE key IN "+list(batch))
		if err != nil {
			return err
		}
	}
	return nil
}

func filed(ctx context.Context, tx *sql.Tx, items []aggregator.Signed, near []hits) error {
	var wanted dedupe.Index
	oldest := items[0].Seen
	for _, it := range items {
		wanted.Add(dedupe.File(it.Item, &it.Signature))
		if it.Seen.Before(oldest) {
			oldest = it.Seen
		}
	}
	return each(ctx, tx, func(rows *sql.Rows) error {
		var packed sql.RawBytes
		if err := rows.Scan(&packed); err != nil {
			return err
		}
		return unpack(packed, func(e entry) {
			for _, i := range wanted.Near(e.Filed) {
				found(near, int(i.Number), e.story, hit{alike: i.Alike, about: i.About})
			}
		})
	}, "SELECT entries FROM filed WHERE seen >= $1", oldest.Add(-dedupe.Window).UnixMilli())
}

// candidates reads the leads of stories by number, and their ids.
func candidates(ctx context.Context, tx *sql.Tx, numbers []int64, ids map[int64]string, leads map[string]dedupe.Candidate) error {
	return each(ctx, tx, func(rows *sql.Rows) error {
		var c dedupe.Candidate
		var number, filed, seen int64
		var signature sql.RawBytes
		if err := rows.Scan(&number, &c.Story, &c.Source, &filed, &seen, &signature); err != nil {
			return err
		}
		c.When, c.Seen, c.Signature = instant(filed), instant(seen), signatureOf(signature)
		ids[number], leads[c.Story] = c.Story, c
		return nil
	}, `SELECT s.number, s.id, i.source, i.filed, i.seen, g.signature FROM stories s
		JOIN items i ON i.id = s.lead JOIN signatures g ON g.item = s.lead WHERE s.number IN `+list(numbers))
}

// signatureOf reads a signature. One of another version's making is like nothing, and stops nobody.
func signatureOf(b []byte) (sig dedupe.Signature) {
	if sig.UnmarshalBinary(b) != nil {
		return dedupe.Signature{}
	}
	return sig
}
