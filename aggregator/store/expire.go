package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator"
)

const (
	itemsPerExpiry = 500 // in one transaction, which other writers wait for: some milliseconds
	maxExpiries    = 20  // transactions in one call: the rest, after retention was shortened, waits for the next pass
)

// Expiring reports whether there may be stories to delete: see aggregator.Store.
func (s *Store) Expiring(ctx context.Context, before time.Time) (some bool, err error) {
	err = s.read(ctx, func(tx transaction) error {
		const query = `SELECT EXISTS (SELECT 1 FROM items
			WHERE last_seen < $1 AND (story IS NOT NULL OR left_out IS NOT NULL))`
		return tx.QueryRowContext(ctx, query, millis(before)).Scan(&some)
	})
	return some, err
}

// Expire deletes old stories: see aggregator.Store. It marks items still in their feeds as seen,
// and those in keep as seen a day after before, so that the next calls skip them.
func (s *Store) Expire(ctx context.Context, before time.Time, keep []string) (n int, err error) {
	if err := s.forgetPlaces(ctx, before); err != nil {
		return 0, err
	}
	for range maxExpiries {
		more := false
		err := s.write(ctx, func(tx transaction) error {
			if more, err = forgetLeftOut(ctx, tx, before); err != nil {
				return fmt.Errorf("forget what was left out: %w", err)
			}
			old, err := lastSeen(ctx, tx, before)
			if err != nil {
				return fmt.Errorf("look for old items: %w", err)
			}
			more = more || len(old) > 0
			kept, err := findStories(ctx, tx, keep)
			if err != nil {
				return err
			}
			for _, st := range kept {
				if at, ok := old[st.number]; ok && at < millis(before) {
					old[st.number] = millis(before.Add(markAge))
				}
			}
			var gone []int64
			for _, number := range slices.Sorted(maps.Keys(old)) {
				if old[number] < millis(before) {
					gone = append(gone, number)
					continue
				}
				err := tx.run(ctx, "UPDATE items SET last_seen = $1 WHERE story = $2 AND last_seen < $1",
					old[number], number)
				if err != nil {
					return fmt.Errorf("mark items as seen: %w", err)
				}
			}
			n += len(gone)
			return bury(ctx, tx, gone)
		})
		if err != nil || !more {
			return n, err
		}
	}
	return n, nil
}

// forgetPlaces deletes the lists of files of other processes that published nothing since before.
func (s *Store) forgetPlaces(ctx context.Context, before time.Time) error {
	return s.write(ctx, func(tx transaction) error {
		err := tx.run(ctx, `DELETE FROM outputs WHERE place <> $2 AND place IN
			(SELECT place FROM outputs GROUP BY place HAVING MAX(at) < $1)`, millis(before), s.Place)
		if err != nil {
			return fmt.Errorf("forget where nothing is published any more: %w", err)
		}
		return tx.run(ctx, "DELETE FROM publishing WHERE place <> $2 AND last < $1", millis(before), s.Place)
	})
}

// lastSeen returns when items of some old stories were last in their feeds. An item marked within a
// day of its source's last whole document is there until the last success: see sources.whole.
func lastSeen(ctx context.Context, tx transaction, before time.Time) (map[int64]int64, error) {
	out := map[int64]int64{}
	scan := func(rows *sql.Rows) error {
		var story, at int64
		err := rows.Scan(&story, &at)
		out[story] = at
		return err
	}
	err := tx.each(ctx, scan, `SELECT story, last_seen FROM items WHERE last_seen < $1 AND story IS NOT NULL
		ORDER BY last_seen LIMIT $2`, millis(before), itemsPerExpiry)
	if err != nil || len(out) == 0 {
		return out, err
	}
	return out, tx.each(ctx, scan, `SELECT i.story, MAX(CASE
		WHEN i.last_seen >= s.whole - $2 AND s.succeeded > i.last_seen THEN s.succeeded ELSE i.last_seen END)
		FROM items i JOIN sources s ON s.id = i.source
		WHERE i.story `+tx.among(1)+" GROUP BY i.story", slices.Collect(maps.Keys(out)), markAge.Milliseconds())
}

// forgetLeftOut deletes some items that became no story and left their feeds before that time. It keeps their
// keys as tombstones and marks the others as seen. It reports whether there were any.
func forgetLeftOut(ctx context.Context, tx transaction, before time.Time) (some bool, err error) {
	var gone []int64
	var tombs, there [][]any
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var id, at int64
		var key []byte
		if err := rows.Scan(&id, &key, &at); err != nil {
			return err
		}
		if some = true; at >= millis(before) {
			there = append(there, []any{id, at})
		} else {
			gone, tombs = append(gone, id), append(tombs, []any{itemTomb(key)})
		}
		return nil
	}, `SELECT i.id, i.key, CASE WHEN i.last_seen >= s.whole - $2 AND s.succeeded > i.last_seen
			THEN s.succeeded ELSE i.last_seen END
		FROM items i JOIN sources s ON s.id = i.source
		WHERE i.last_seen < $1 AND i.left_out IS NOT NULL ORDER BY i.last_seen LIMIT $3`,
		millis(before), markAge.Milliseconds(), itemsPerExpiry)
	if err != nil || !some {
		return some, err
	}
	err = tx.update(ctx, "UPDATE items SET last_seen = v.column2", "id = v.column1", there, "INTEGER", "BIGINT")
	if err != nil {
		return some, err
	}
	if err := tx.insert(ctx, "tombstones (key)", "ON CONFLICT DO NOTHING", tombs); err != nil {
		return some, err
	}
	for _, q := range []string{"DELETE FROM texts WHERE item ", "DELETE FROM signatures WHERE item ",
		"DELETE FROM items WHERE id "} {
		if err := tx.run(ctx, q+tx.among(1), gone); err != nil {
			return some, err
		}
	}
	return some, nil
}

// bury deletes stories by number and keeps their keys as tombstones, except keys that other stories
// share.
func bury(ctx context.Context, tx transaction, stories []int64) error {
	if len(stories) == 0 {
		return nil
	}
	among := tx.among(1)
	keys := map[int64]bool{}
	err := tx.each(ctx, func(rows *sql.Rows) error {
		var key []byte
		err := rows.Scan(&key)
		keys[itemTomb(key)] = true
		return err
	}, "SELECT key FROM items WHERE story "+among, stories)
	if err != nil {
		return fmt.Errorf("read items: %w", err)
	}
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var key int64
		err := rows.Scan(&key)
		keys[key] = true
		return err
	}, "SELECT DISTINCT key FROM identities i WHERE story "+among+
		" AND NOT EXISTS (SELECT 1 FROM identities o WHERE o.key = i.key AND NOT o.story "+among+")", stories)
	if err != nil {
		return fmt.Errorf("read identities: %w", err)
	}
	if err := raise(ctx, tx, stories); err != nil {
		return err
	}
	var rows [][]any
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		rows = append(rows, []any{key})
	}
	if err := tx.insert(ctx, "tombstones (key)", "ON CONFLICT DO NOTHING", rows); err != nil {
		return fmt.Errorf("store tombstones: %w", err)
	}
	for _, q := range []string{
		"DELETE FROM texts WHERE item IN (SELECT id FROM items WHERE story " + among + ")",
		"DELETE FROM signatures WHERE item IN (SELECT id FROM items WHERE story " + among + ")",
		"DELETE FROM identities WHERE story " + among,
		"DELETE FROM items WHERE story " + among,
		"DELETE FROM outbox WHERE key IN (SELECT id FROM stories WHERE number " + among + ")",
		"DELETE FROM stories WHERE number " + among, // other tables follow by ON DELETE CASCADE
	} {
		if err := tx.run(ctx, q, stories); err != nil {
			return fmt.Errorf("delete old stories: %w", err)
		}
	}
	return nil
}

// itemTomb is the tombstone of an item: a hash of its key.
func itemTomb(key []byte) int64 {
	sum := sha256.Sum256(key)
	return int64(binary.LittleEndian.Uint64(sum[:]))
}

// recent is how old the date of a new item is at most. Its page or its headline may be that of an
// expired one.
const recent = 2 * day

// buried reports for each item whether it is not stored and has a tombstone.
func buried(
	ctx context.Context, tx transaction, at time.Time, items []aggregator.Signed, keys [][]byte, known map[string]held,
) ([]bool, error) {
	out := make([]bool, len(items))
	var some bool
	if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM tombstones)").Scan(&some); err != nil || !some {
		return out, err
	}
	who := map[int64][]int{} // tombstone ⇒ items
	for i, it := range items {
		if _, ok := known[string(keys[i])]; ok {
			continue
		}
		tombs := []int64{itemTomb(keys[i])}
		if at.Sub(it.Published) > recent {
			tombs = append(tombs, it.Signature.Identity...)
		}
		for _, k := range tombs {
			who[k] = append(who[k], i)
		}
	}
	return out, tx.each(ctx, func(rows *sql.Rows) error {
		var key int64
		err := rows.Scan(&key)
		for _, i := range who[key] {
			out[i] = true
		}
		return err
	}, "SELECT key FROM tombstones WHERE key "+tx.among(1), slices.Collect(maps.Keys(who)))
}
