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

// Near returns what items are compared with: see aggregator.Store. To index keys would take forty
// rows an item, so Near reads filed, which has a row a transaction.
func (s *Store) Near(ctx context.Context, items []aggregator.Pending) (*dedupe.Shelf, error) {
	printings := make([]dedupe.Printing, len(items))
	for i, it := range items {
		printings[i] = it.Printing
	}
	shelf := dedupe.NewShelf(printings)
	if len(items) == 0 {
		return shelf, nil
	}
	err := s.read(ctx, func(tx transaction) error {
		if err := filed(ctx, tx, items, shelf); err != nil {
			return fmt.Errorf("look up keys: %w", err)
		}
		leads, err := identical(ctx, tx, items, shelf)
		if err != nil {
			return fmt.Errorf("look up identities: %w", err)
		}
		return texts(ctx, tx, shelf, leads)
	})
	return shelf, err
}

// identical adds the stories that share an identity key with items to shelf, and returns their leads.
func identical(
	ctx context.Context, tx transaction, items []aggregator.Pending, shelf *dedupe.Shelf,
) (leads map[int64]bool, err error) {
	wanted := map[int64]bool{}
	for _, it := range items {
		for _, k := range it.Signature.Identity {
			wanted[k] = true
		}
	}
	leads = map[int64]bool{}
	return leads, tx.each(ctx, func(rows *sql.Rows) error {
		var key, lead int64
		var story string
		err := rows.Scan(&key, &story, &lead)
		shelf.Stories[key] = append(shelf.Stories[key], story)
		leads[lead] = true
		return err
	}, `SELECT k.key, s.id, s.lead FROM identities k JOIN stories s ON s.number = k.story
		WHERE k.key `+tx.among(1)+" ORDER BY k.key, s.number", slices.Collect(maps.Keys(wanted)))
}

// filed adds what is filed of the last days to the index of shelf.
func filed(ctx context.Context, tx transaction, items []aggregator.Pending, shelf *dedupe.Shelf) error {
	oldest := slices.MinFunc(items, func(a, b aggregator.Pending) int { return a.Seen.Compare(b.Seen) })
	return tx.each(ctx, func(rows *sql.Rows) error {
		var packed sql.RawBytes
		if err := rows.Scan(&packed); err != nil {
			return err
		}
		return unpack(packed, shelf.Index.Insert)
	}, "SELECT entries FROM filed WHERE seen >= $1 ORDER BY id", oldest.Seen.Add(-dedupe.Window).UnixMilli())
}

// textsPerRead is how many signatures are read at once, about 1 KB each.
const textsPerRead = 500

// texts adds the texts to shelf that its index finds, and the leads of their stories and those given.
// Some of the texts may be gone.
func texts(ctx context.Context, tx transaction, shelf *dedupe.Shelf, leads map[int64]bool) error {
	wanted := shelf.Found()
	for range 2 { // texts, then leads that are none of them
		for ids := range slices.Chunk(wanted, textsPerRead) {
			err := tx.each(ctx, func(rows *sql.Rows) error {
				var id, lead, filed, seen int64
				var signature sql.RawBytes
				t := &dedupe.Text{Printing: new(dedupe.Printing)}
				if err := rows.Scan(&id, &t.Story, &lead, &t.Source, &filed, &seen, &signature); err != nil {
					return err
				}
				t.When, t.Seen = instant(filed), instant(seen)
				readSignature(&t.Signature, signature)
				if shelf.Texts[id] = t; id == lead {
					shelf.Leads[t.Story] = t.Printing
				} else {
					leads[lead] = true
				}
				return nil
			}, `SELECT i.id, s.id, s.lead, i.source, i.filed, i.seen, g.signature FROM items i
				JOIN stories s ON s.number = i.story JOIN signatures g ON g.item = i.id WHERE i.id `+tx.among(1), ids)
			if err != nil {
				return fmt.Errorf("read texts: %w", err)
			}
		}
		wanted = wanted[:0]
		for id := range leads {
			if _, read := shelf.Texts[id]; !read {
				wanted = append(wanted, id)
			}
		}
		slices.Sort(wanted)
	}
	return nil
}

// readSignature decodes b into sig. A damaged signature stays empty, and like nothing.
func readSignature(sig *dedupe.Signature, b []byte) { _ = sig.UnmarshalBinary(b) }
