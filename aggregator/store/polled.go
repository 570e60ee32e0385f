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

// markAge is how old an item's mark becomes before it is renewed. Retention is counted in days: a mark a poll would rewrite the rows of
// every feed that changed, for nothing. A document that came back unchanged marks nothing at all: see sources.whole.
const markAge = 24 * time.Hour

// held is an item as it is kept.
type held struct {
	id             int64
	sum            []byte
	seen, lastSeen int64
	story, lead    int64 // its story and that story's lead; 0: it is not grouped
}

// Polled stores polls: see aggregator.Store.
func (s *Store) Polled(ctx context.Context, at time.Time, polls ...aggregator.Poll) (n aggregator.Arrived, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		var items []aggregator.Signed
		for _, p := range polls {
			if err := remember(ctx, tx, at, p); err != nil {
				return fmt.Errorf("source %s: %w", p.Memo.ID, err)
			}
			items = append(items, p.Items...)
		}
		var err error
		n, err = arrive(ctx, tx, at, items)
		return err
	})
	if err != nil {
		return aggregator.Arrived{}, err
	}
	return n, nil
}

// arrive stores what is new or changed of items, and marks the rest as seen.
func arrive(ctx context.Context, tx *sql.Tx, at time.Time, items []aggregator.Signed) (n aggregator.Arrived, err error) {
	if len(items) == 0 {
		return n, nil
	}
	keys := make([][]byte, len(items))
	for i, it := range items {
		keys[i] = itemKey(it.Item)
	}
	known, err := findItems(ctx, tx, keys)
	if err != nil {
		return n, err
	}
	var last int64
	if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(id), 0) FROM items").Scan(&last); err != nil {
		return n, err
	}
	var rows, texts, signatures [][]any
	var edits []func() error
	var marks []int64
	now := millis(at)
	for i, it := range items {
		sum := fingerprint(it.Item)
		h, ok := known[string(keys[i])]
		switch {
		case !ok:
			if it.Seen.IsZero() {
				it.Seen = at
			}
			last++
			rows = append(rows, []any{last, keys[i], it.SourceID, it.GUID, millis(it.When()), millis(it.Seen), now, sum, nil, "", ""})
			texts = append(texts, append([]any{last}, textRow(it.Item)...))
			signature, err := it.Signature.MarshalBinary()
			if err != nil {
				return n, err
			}
			signatures = append(signatures, []any{last, signature})
			known[string(keys[i])] = held{id: last, sum: sum, seen: millis(it.Seen), lastSeen: now}
			n.New++
		case !bytes.Equal(h.sum, sum):
			edits = append(edits, func() error { return edit(ctx, tx, at, h, it, sum) })
			n.Changed++
		case h.lastSeen < millis(at.Add(-markAge)):
			marks = append(marks, h.id)
		}
	}
	if err := insert(ctx, tx, "items (id, key, source, guid, filed, seen, last_seen, sum, story, kind, why)", "", rows); err != nil {
		return n, fmt.Errorf("store items: %w", err)
	}
	if err := insert(ctx, tx, "texts (item, "+textColumns+")", "", texts); err != nil {
		return n, fmt.Errorf("store texts: %w", err)
	}
	if err := insert(ctx, tx, "signatures (item, signature)", "", signatures); err != nil {
		return n, fmt.Errorf("store signatures: %w", err)
	}
	for _, e := range edits {
		if err := e(); err != nil {
			return n, err
		}
	}
	for batch := range slices.Chunk(marks, maxNumbers) {
		if err := run(ctx, tx, "UPDATE items SET last_seen = $1 WHERE id IN "+list(batch), now); err != nil {
			return n, fmt.Errorf("mark items as seen: %w", err)
		}
	}
	return n, nil
}

// findItems returns those of keys that are held.
func findItems(ctx context.Context, tx *sql.Tx, keys [][]byte) (map[string]held, error) {
	found := make(map[string]held, len(keys))
	for batch := range slices.Chunk(keys, maxParams) {
		args := make([]any, len(batch))
		for i, k := range batch {
			args[i] = k
		}
		err := each(ctx, tx, func(rows *sql.Rows) error {
			var key []byte
			var h held
			err := rows.Scan(&key, &h.id, &h.sum, &h.seen, &h.lastSeen, &h.story, &h.lead)
			found[string(key)] = h
			return err
		}, `SELECT i.key, i.id, i.sum, i.seen, i.last_seen, COALESCE(i.story, 0), COALESCE(s.lead, 0)
			FROM items i LEFT JOIN stories s ON s.number = i.story WHERE i.key IN `+params(1, len(args)), args...)
		if err != nil {
			return nil, fmt.Errorf("look up items: %w", err)
		}
	}
	return found, nil
}

// edit replaces an item by what its source now says. It keeps its place: a story is never left or changed for another. In the index
// its old keys stay, for what was printed of the old text, and its new ones are added, a row or two; a lead is from now on compared by its new text.
func edit(ctx context.Context, tx *sql.Tx, at time.Time, h held, it aggregator.Signed, sum []byte) error {
	it.Seen = instant(h.seen)
	err := run(ctx, tx, "UPDATE items SET filed = $1, last_seen = $2, sum = $3 WHERE id = $4", millis(it.When()), millis(at), sum, h.id)
	if err != nil {
		return fmt.Errorf("edit item: %w", err)
	}
	err = run(ctx, tx, `UPDATE texts SET url = $1, lang = $2, title = $3, summary = $4, body = $5, authors = $6, categories = $7,
		enclosures = $8, images = $9, rights = $10, published = $11, updated = $12 WHERE item = $13`, append(textRow(it.Item), h.id)...)
	if err != nil {
		return fmt.Errorf("edit text: %w", err)
	}
	signature, err := it.Signature.MarshalBinary()
	if err != nil {
		return err
	}
	if err := run(ctx, tx, "UPDATE signatures SET signature = $1 WHERE item = $2", signature, h.id); err != nil {
		return fmt.Errorf("edit signature: %w", err)
	}
	if h.story == 0 {
		return nil
	}
	if err := touch(ctx, tx, at, h.story); err != nil {
		return err
	}
	x := index{identities: identityRows(h.story, it.Signature)}
	if h.id == h.lead {
		x.bands = map[int64]aggregator.Signed{h.story: it}
	}
	return x.store(ctx, tx)
}

// touch sets when a story last changed.
func touch(ctx context.Context, tx *sql.Tx, at time.Time, story int64) error {
	err := run(ctx, tx, "UPDATE stories SET updated = CASE WHEN published > $1 THEN published ELSE $1 END WHERE number = $2", millis(at), story)
	if err != nil {
		return fmt.Errorf("mark story as changed: %w", err)
	}
	return nil
}
