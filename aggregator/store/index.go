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

// index collects what is to be added to the index of items.
type index struct {
	filed      []entry
	identities [][2]int64 // key, story
}

// entry is what an item is found by.
type entry struct {
	item, seen int64
	keys       dedupe.Keys
}

// file adds what an item is found by.
func (x *index) file(item int64, p dedupe.Printing) {
	if keys := p.Signature.Keys(); len(keys.Hashes)+len(keys.Terms) > 0 {
		x.filed = append(x.filed, entry{item, millis(p.Seen), keys})
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
		newest := slices.MaxFunc(batch, func(a, b entry) int { return cmp.Compare(a.seen, b.seen) })
		rows = append(rows, []any{last, newest.seen, pack(batch)})
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

// pack encodes entries, each as: item, Every, number of hashes, number of terms, hashes, terms.
func pack(entries []entry) []byte {
	var out []byte
	for _, e := range entries {
		out = binary.LittleEndian.AppendUint64(out, uint64(e.item))
		out = append(out, e.keys.Every, byte(len(e.keys.Hashes)), byte(len(e.keys.Terms)))
		for _, k := range slices.Concat(e.keys.Hashes, e.keys.Terms) {
			out = binary.LittleEndian.AppendUint32(out, k)
		}
	}
	return out
}

// unpack calls f with each of the packed entries. f must not keep the slices.
func unpack(b []byte, f func(item int64, keys dedupe.Keys)) error {
	const head = 8 + 3
	var keys []uint32
	for len(b) > 0 {
		if len(b) < head || len(b) < head+4*(int(b[9])+int(b[10])) {
			return fmt.Errorf("read index: it ends early: %w", errGarbled)
		}
		item, every, hashes, terms := int64(binary.LittleEndian.Uint64(b)), b[8], int(b[9]), int(b[10])
		b = b[head:]
		keys = keys[:0]
		for range hashes + terms {
			keys = append(keys, binary.LittleEndian.Uint32(b))
			b = b[4:]
		}
		f(item, dedupe.Keys{Every: every, Hashes: keys[:hashes], Terms: keys[hashes:]})
	}
	return nil
}
