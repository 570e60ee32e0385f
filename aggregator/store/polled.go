package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator"
)

// markAge is how old the time that an item was last seen becomes before it is renewed. Retention
// counts days, so renewing it at every poll would write rows for nothing. See also sources.whole.
const markAge = day

// held is what the store needs of a stored item.
type held struct {
	id             int64
	sum            []byte
	filed          int64
	seen, lastSeen int64
	story          int64 // 0: none yet
}

// unmarked reports whether the time that the item was last seen is to be renewed.
func (h held) unmarked(at time.Time) bool { return h.lastSeen < millis(at.Add(-markAge)) }

// Polled stores polls: see aggregator.Store.
func (s *Store) Polled(ctx context.Context, at time.Time, polls ...aggregator.Poll) (n aggregator.Arrived, err error) {
	err = s.write(ctx, func(tx transaction) (err error) {
		if err := rename(ctx, tx, polls); err != nil {
			return fmt.Errorf("compare the titles of sources: %w", err)
		}
		if err := remember(ctx, tx, at, polls); err != nil {
			return fmt.Errorf("remember sources: %w", err)
		}
		for _, p := range polls {
			if err := rememberHosts(ctx, tx, at, p.Hosts); err != nil {
				return fmt.Errorf("store hosts: %w", err)
			}
			if p.Listing != nil {
				if err := relist(ctx, tx, p.State.ID, *p.Listing); err != nil {
					return err
				}
			}
		}
		lists := make([][]aggregator.Signed, len(polls))
		for i, p := range polls {
			lists[i] = p.Items
		}
		n, err = arrive(ctx, tx, at, slices.Concat(lists...))
		return err
	})
	if err != nil {
		return aggregator.Arrived{}, err
	}
	return n, nil
}

// Unstored returns those of items that Polled has to write at a time: see aggregator.Store.
func (s *Store) Unstored(
	ctx context.Context, at time.Time, items []aggregator.Signed,
) (out []aggregator.Signed, err error) {
	var stored []bool
	var built bool
	err = s.read(ctx, func(tx transaction) error {
		keys := keysOf(items)
		known, err := findItems(ctx, tx, keys)
		for i, it := range items {
			h, ok := known[string(keys[i])]
			same := ok && bytes.HasPrefix(h.sum, it.Sum())
			moved := ok && h.filed != millis(it.When())
			built = built || same && moved && !it.Published.IsZero()
			it.Same, it.New = same, !ok
			if it.Doubtful = !ok || !same && moved; !same || h.unmarked(at) {
				out, stored = append(out, it), append(stored, ok)
			}
		}
		return err
	})
	for i := range out { // dates of the document's build say nothing
		out[i].Doubtful = out[i].Doubtful && !(built && stored[i])
	}
	return out, err
}

// arrivals collects what items change, to be written table by table.
type arrivals struct {
	aggregator.Arrived
	last                    int64 // the highest item number
	rows, texts, signatures [][]any
	edits                   []func(ctx context.Context, tx transaction) error
	seen                    []int64 // unchanged items to be marked as seen
	touched                 []int64 // stories with a changed item, filled by edits
	index                   index   // filled by edits
}

// arrive stores the new and changed ones of items and marks the others as seen.
func arrive(
	ctx context.Context, tx transaction, at time.Time, items []aggregator.Signed,
) (n aggregator.Arrived, err error) {
	if len(items) == 0 {
		return n, nil
	}
	keys := keysOf(items)
	known, err := findItems(ctx, tx, keys)
	if err != nil {
		return n, err
	}
	gone, err := buried(ctx, tx, at, items, keys, known)
	if err != nil {
		return n, fmt.Errorf("look up tombstones: %w", err)
	}
	var a arrivals
	// A story is numbered after its first item, which a damaged store may have lost.
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(n), 0) FROM
		(SELECT MAX(id) AS n FROM items UNION ALL SELECT MAX(number) FROM stories) AS used`).Scan(&a.last); err != nil {
		return n, err
	}
	for i, it := range items {
		if gone[i] {
			continue
		}
		if err := a.sort(at, it, keys[i], known); err != nil {
			return n, err
		}
	}
	return a.Arrived, a.store(ctx, tx, at)
}

// sort takes an item as new, as edited, or as seen again.
func (a *arrivals) sort(at time.Time, it aggregator.Signed, key []byte, known map[string]held) error {
	now := millis(at)
	h, ok := known[string(key)]
	if it.Same {
		if ok && h.unmarked(at) {
			a.seen = append(a.seen, h.id)
		}
		return nil
	}
	sum := it.Sum()
	switch {
	case !ok:
		if it.Seen.IsZero() {
			it.Seen = at
		}
		if it.Published.IsZero() {
			it.Published = it.Placed
		}
		signature, err := it.Signature.MarshalBinary()
		if err != nil {
			return err
		}
		a.last++
		a.New++
		var leftOut any
		if it.LeftOut != "" {
			a.LeftOut++
			leftOut = it.LeftOut
		}
		a.rows = append(a.rows,
			[]any{a.last, key, it.SourceID, it.GUID, millis(it.When()), millis(it.Seen), now, sum, nil, "", "",
				encode(it.Origins), leftOut})
		a.texts = append(a.texts, append([]any{a.last}, textRow(it.Item)...))
		a.signatures = append(a.signatures, []any{a.last, signature})
		known[string(key)] = held{id: a.last, sum: sum, filed: millis(it.When()), seen: millis(it.Seen), lastSeen: now}
	case !bytes.Equal(h.sum, sum):
		a.Changed++
		a.edits = append(a.edits, func(ctx context.Context, tx transaction) error {
			return a.edit(ctx, tx, at, h, it, sum)
		})
	case h.unmarked(at):
		a.seen = append(a.seen, h.id)
	}
	return nil
}

// store writes a. Edits come after the new items, which they may be of.
func (a *arrivals) store(ctx context.Context, tx transaction, at time.Time) error {
	const columns = "id, key, source, guid, filed, seen, last_seen, sum, story, kind, why, origins, left_out"
	if err := tx.insert(ctx, "items ("+columns+")", "", a.rows); err != nil {
		return fmt.Errorf("store items: %w", err)
	}
	if err := tx.insert(ctx, "texts (item, "+textColumns+")", "", a.texts); err != nil {
		return fmt.Errorf("store texts: %w", err)
	}
	if err := tx.insert(ctx, "signatures (item, signature)", "", a.signatures); err != nil {
		return fmt.Errorf("store signatures: %w", err)
	}
	for _, e := range a.edits {
		if err := e(ctx, tx); err != nil {
			return err
		}
	}
	if err := touch(ctx, tx, at, a.touched...); err != nil {
		return err
	}
	if err := a.index.store(ctx, tx); err != nil {
		return err
	}
	if err := tx.run(ctx, "UPDATE items SET last_seen = $1 WHERE id "+tx.among(2), millis(at), a.seen); err != nil {
		return fmt.Errorf("mark items as seen: %w", err)
	}
	return nil
}

func keysOf(items []aggregator.Signed) [][]byte {
	keys := make([][]byte, len(items))
	for i, it := range items {
		keys[i] = itemKey(it.SourceID, it.GUID)
	}
	return keys
}

// findItems returns the stored items among keys, by key.
func findItems(ctx context.Context, tx transaction, keys [][]byte) (map[string]held, error) {
	found := make(map[string]held, len(keys))
	err := tx.each(ctx, func(rows *sql.Rows) error {
		var key []byte
		var h held
		err := rows.Scan(&key, &h.id, &h.sum, &h.filed, &h.seen, &h.lastSeen, &h.story)
		found[string(key)] = h
		return err
	}, "SELECT key, id, sum, filed, seen, last_seen, COALESCE(story, 0) FROM items WHERE key "+tx.amongBytes(1), keys)
	if err != nil {
		return nil, fmt.Errorf("look up items: %w", err)
	}
	return found, nil
}

// edit replaces a stored item. It stays in its story. The index keeps the keys of its old text,
// which other sources may have copied, and gets those of the new one.
func (a *arrivals) edit(
	ctx context.Context, tx transaction, at time.Time, h held, it aggregator.Signed, sum []byte,
) error {
	it.Seen = instant(h.seen)
	if it.Published.IsZero() && h.filed != h.seen {
		it.Published = instant(h.filed)
	}
	err := tx.run(ctx, "UPDATE items SET filed = $1, last_seen = $2, sum = $3, origins = $4 WHERE id = $5",
		millis(it.When()), millis(at), sum, encode(it.Origins), h.id)
	if err != nil {
		return fmt.Errorf("edit item: %w", err)
	}
	text := append([]any{h.id}, textRow(it.Item)...)
	err = tx.insert(ctx, "texts (item, "+textColumns+")", replacing("item", textColumns), [][]any{text})
	if err != nil {
		return fmt.Errorf("edit text: %w", err)
	}
	signature, err := it.Signature.MarshalBinary()
	if err != nil {
		return err
	}
	if err := tx.run(ctx, "UPDATE signatures SET signature = $1 WHERE item = $2", signature, h.id); err != nil {
		return fmt.Errorf("edit signature: %w", err)
	}
	if h.story == 0 {
		return nil
	}
	a.touched = append(a.touched, h.story)
	a.index.identify(h.story, it.Signature)
	a.index.file(h.id, it.Pending().Printing)
	return nil
}

// touch sets when stories last changed, which is never before they were published, and numbers the
// change.
func touch(ctx context.Context, tx transaction, at time.Time, stories ...int64) error {
	if len(stories) == 0 {
		return nil
	}
	err := tx.run(ctx, `UPDATE stories SET updated = CASE WHEN published > $1 THEN published ELSE $1 END
		WHERE number `+tx.among(2), millis(at), stories)
	if err != nil {
		return fmt.Errorf("mark stories as changed: %w", err)
	}
	return raise(ctx, tx, stories)
}
