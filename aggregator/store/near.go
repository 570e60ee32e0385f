package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator/dedupe"
)

// hits are the stories near a signature, by number, and whether they share an identity key.
type hits map[int64]bool

// Near finds stories worth comparing with sigs: see aggregator.Store.
//
// Identity keys are looked up in an index. Bands are not: their rows, anywhere in an index, cost more to write than all else together.
// They are kept in one row a story, and those filed under since or later are read through: a few thousand of the last days in a pass.
// So what is read follows the window with nothing to sweep, and an item of long ago still finds its like.
func (s *Store) Near(ctx context.Context, sigs []dedupe.Signature, since time.Time) ([][]dedupe.Hit, map[string]dedupe.Candidate, error) {
	near := make([]hits, len(sigs))
	ids := map[int64]string{} // of the stories that are near any, by number
	leads := map[string]dedupe.Candidate{}
	err := s.readAhead(ctx, func(tx *sql.Tx) error {
		if err := banded(ctx, tx, sigs, since, near); err != nil {
			return fmt.Errorf("look up bands: %w", err)
		}
		if err := identical(ctx, tx, sigs, near); err != nil {
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
	out := make([][]dedupe.Hit, len(sigs))
	for i, h := range near {
		for _, n := range slices.Sorted(maps.Keys(h)) {
			out[i] = append(out[i], dedupe.Hit{Story: ids[n], Identical: h[n]})
		}
	}
	return out, leads, nil
}

// found notes that a story is near signature i.
func found(near []hits, i int, story int64, identical bool) {
	if near[i] == nil {
		near[i] = hits{}
	}
	near[i][story] = near[i][story] || identical
}

func identical(ctx context.Context, tx *sql.Tx, sigs []dedupe.Signature, near []hits) error {
	who := map[int64][]int{} // identity key ⇒ signatures
	for i, sig := range sigs {
		for _, k := range sig.Identity {
			who[k] = append(who[k], i)
		}
	}
	for batch := range slices.Chunk(slices.Sorted(maps.Keys(who)), maxNumbers) {
		err := each(ctx, tx, func(rows *sql.Rows) error {
			var key, story int64
			err := rows.Scan(&key, &story)
			for _, i := range who[key] {
				found(near, i, story, true)
			}
			return err
		}, "SELECT key, story FROM identities WHERE key IN "+list(batch))
		if err != nil {
			return err
		}
	}
	return nil
}

func banded(ctx context.Context, tx *sql.Tx, sigs []dedupe.Signature, since time.Time, near []hits) error {
	var wanted dedupe.Bands
	for _, sig := range sigs {
		wanted.Add(sig.Bands)
	}
	var bands []uint32
	return each(ctx, tx, func(rows *sql.Rows) error {
		var story int64
		var packed sql.RawBytes
		err := rows.Scan(&story, &packed)
		bands = bands[:0]
		for ; len(packed) >= 4; packed = packed[4:] {
			bands = append(bands, binary.LittleEndian.Uint32(packed))
		}
		for _, i := range wanted.Near(bands) {
			found(near, int(i), story, false)
		}
		return err
	}, "SELECT story, bands FROM bands WHERE filed >= $1", millis(since))
}

// candidates reads the leads of stories by number, and their ids.
func candidates(ctx context.Context, tx *sql.Tx, numbers []int64, ids map[int64]string, leads map[string]dedupe.Candidate) error {
	return each(ctx, tx, func(rows *sql.Rows) error {
		var c dedupe.Candidate
		var number, filed int64
		var signature sql.RawBytes
		if err := rows.Scan(&number, &c.Story, &c.Source, &filed, &signature); err != nil {
			return err
		}
		c.When, c.Signature = instant(filed), signatureOf(signature)
		ids[number], leads[c.Story] = c.Story, c
		return nil
	}, `SELECT s.number, s.id, i.source, i.filed, g.signature FROM stories s
		JOIN items i ON i.id = s.lead JOIN signatures g ON g.item = s.lead WHERE s.number IN `+list(numbers))
}

// signatureOf reads a signature. One of another version's making is like nothing, and stops nobody.
func signatureOf(b []byte) (sig dedupe.Signature) {
	if sig.UnmarshalBinary(b) != nil {
		return dedupe.Signature{}
	}
	return sig
}
