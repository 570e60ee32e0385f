package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator/dedupe"
)

// index collects what is to be added to the index of stories.
type index struct {
	filed      []entry
	identities [][2]int64 // key, story
}

// entry is what a story is found by.
type entry struct {
	story int64 // its number
	dedupe.Filed
}

// file adds what a story is found by.
func (x *index) file(story int64, f dedupe.Filed) {
	if !f.Empty() {
		x.filed = append(x.filed, entry{story, f})
	}
}

// identify adds the identity keys of an item of a story.
func (x *index) identify(story int64, sig dedupe.Signature) {
	for _, k := range sig.Identity {
		x.identities = append(x.identities, [2]int64{k, story})
	}
}

// entriesPerRow keeps a row below 250 KB.
const entriesPerRow = 1000

// store writes x.
func (x *index) store(ctx context.Context, tx transaction) error {
	if err := x.storeFiled(ctx, tx); err != nil {
		return fmt.Errorf("store index: %w", err)
	}
	slices.SortFunc(x.identities, func(a, b [2]int64) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	var identities [][]any
	for _, k := range slices.Compact(x.identities) {
		identities = append(identities, []any{k[0], k[1]})
	}
	if err := tx.insert(ctx, "identities (key, story)", "ON CONFLICT DO NOTHING", identities); err != nil {
		return fmt.Errorf("store identities: %w", err)
	}
	return nil
}

func (x *index) storeFiled(ctx context.Context, tx transaction) error {
	if len(x.filed) == 0 {
		return nil
	}
	var last int64
	if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(id), 0) FROM filed").Scan(&last); err != nil {
		return err
	}
	var rows [][]any
	for batch := range slices.Chunk(x.filed, entriesPerRow) {
		last++
		newest := slices.MaxFunc(batch, func(a, b entry) int { return cmp.Compare(a.Seen, b.Seen) })
		rows = append(rows, []any{last, newest.Seen, pack(batch)})
	}
	return tx.insert(ctx, "filed (id, seen, entries)", "", rows)
}

// sweep deletes entries that are outside the window of any item seen at or after a time.
func sweep(ctx context.Context, tx transaction, seen time.Time) error {
	if err := tx.run(ctx, "DELETE FROM filed WHERE seen < $1", seen.Add(-dedupe.Window).UnixMilli()); err != nil {
		return fmt.Errorf("sweep index: %w", err)
	}
	return nil
}

// pack encodes entries, each as: story, when, seen, number of bands, number of names, bands, names,
// gist.
func pack(entries []entry) []byte {
	var out []byte
	for _, e := range entries {
		out = binary.LittleEndian.AppendUint64(out, uint64(e.story))
		out = binary.LittleEndian.AppendUint64(out, uint64(e.When))
		out = binary.LittleEndian.AppendUint64(out, uint64(e.Seen))
		out = append(out, byte(len(e.Bands)), byte(len(e.Names)))
		for _, keys := range [...][]uint32{e.Bands, e.Names} {
			for _, k := range keys {
				out = binary.LittleEndian.AppendUint32(out, k)
			}
		}
		out, _ = e.Gist.AppendBinary(out) // never fails
	}
	return out
}

// unpack calls f with each of the packed entries. f must not keep their slices.
func unpack(b []byte, f func(entry)) error {
	const head = 3*8 + 2
	var keys []uint32
	var e entry
	for len(b) > 0 {
		if len(b) < head {
			return fmt.Errorf("read index: it ends early: %w", errGarbled)
		}
		bands, names := int(b[head-2]), int(b[head-1])
		e.story = int64(binary.LittleEndian.Uint64(b))
		e.When = int64(binary.LittleEndian.Uint64(b[8:]))
		e.Seen = int64(binary.LittleEndian.Uint64(b[16:]))
		b = b[head:]
		if len(b) < 4*(bands+names) {
			return fmt.Errorf("read index: it ends early: %w", errGarbled)
		}
		keys = keys[:0]
		for range bands + names {
			keys = append(keys, binary.LittleEndian.Uint32(b))
			b = b[4:]
		}
		e.Bands, e.Names = keys[:bands], keys[bands:]
		var err error
		if b, err = e.Gist.Read(b); err != nil {
			return fmt.Errorf("read index: %w: %w", err, errGarbled)
		}
		f(e)
	}
	return nil
}
