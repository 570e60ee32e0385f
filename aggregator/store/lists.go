package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
)

const (
	entryColumns = "list, source, place, url, title_en, title_ar, site, lang, missed"
	entryValues  = "place, url, title_en, title_ar, site, lang, missed" // those that may change
)

// Entries returns what lists of sources name or named: see aggregator.Store.
func (s *Store) Entries(ctx context.Context, lists ...string) (out []feeds.Entry, err error) {
	err = s.read(ctx, func(tx transaction) error {
		out, err = entriesOf(ctx, tx, lists)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what lists name: %w", err)
	}
	return out, nil
}

func entriesOf(ctx context.Context, tx transaction, lists []string) (out []feeds.Entry, err error) {
	return out, tx.each(ctx, func(rows *sql.Rows) error {
		var e feeds.Entry
		err := rows.Scan(&e.List, &e.ID, &e.Place, &e.URL, &e.Title.EN, &e.Title.AR, &e.Site, &e.Lang, &e.Missed,
			&e.Heard)
		out = append(out, e)
		return err
	}, "SELECT "+entryColumns+`, EXISTS (SELECT 1 FROM sources s WHERE s.id = entries.source AND s.succeeded > 0)
		FROM entries WHERE list `+tx.among(1)+" ORDER BY list, place, source", lists)
}

// Relisted returns a number that grows whenever what lists name changes: see aggregator.Store.
func (s *Store) Relisted(ctx context.Context) (n int64, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.QueryRowContext(ctx, "SELECT CAST(COALESCE(SUM(changed), 0) AS BIGINT) FROM lists").Scan(&n)
	})
	return n, err
}

// relist stores what the list polled under an id names.
func relist(ctx context.Context, tx transaction, list string, l aggregator.Listing) error {
	if l.Failed {
		return nil
	}
	had, err := entriesOf(ctx, tx, []string{list})
	if err != nil {
		return fmt.Errorf("read what %s named: %w", list, err)
	}
	if l.Same && len(had) == 0 { // a damaged store may have lost the entries: read the list whole next time
		return tx.run(ctx, "UPDATE sources SET etag = '', last_modified = '', digest = $2 WHERE id = $1", list,
			[]byte{})
	}
	changed := differences(had, l)
	rows := make([][]any, len(changed))
	for i, e := range changed {
		rows[i] = []any{list, e.ID, int64(e.Place), e.URL, e.Title.EN, e.Title.AR, e.Site, e.Lang, int64(e.Missed)}
	}
	err = tx.insert(ctx, "entries ("+entryColumns+")", replacing("list, source", entryValues), rows)
	if err != nil {
		return fmt.Errorf("store what %s names: %w", list, err)
	}
	forgotten, err := forget(ctx, tx, list)
	if err != nil {
		return fmt.Errorf("forget what %s named: %w", list, err)
	}
	if len(changed)+forgotten == 0 {
		return nil
	}
	return tx.run(ctx, `INSERT INTO lists (id, changed) VALUES ($1, 1)
		ON CONFLICT (id) DO UPDATE SET changed = lists.changed + 1`, list)
}

// differences returns the entries that are new, changed or missing once more.
func differences(had []feeds.Entry, l aggregator.Listing) (out []feeds.Entry) {
	before := map[string]feeds.Entry{}
	for _, e := range had {
		before[e.ID] = e
	}
	for _, e := range l.Entries {
		was, ok := before[e.ID]
		delete(before, e.ID)
		e.Heard, e.Missed = was.Heard, 0
		if !ok || e != was {
			out = append(out, e)
		}
	}
	for _, e := range had {
		if _, missing := before[e.ID]; missing && !e.Left() && (!l.Same || e.Missed > 0) {
			e.Missed++
			out = append(out, e)
		}
	}
	return out
}

// forget deletes the entries that left a list and have no items in the store, with the states of their
// sources unless another list names them.
func forget(ctx context.Context, tx transaction, list string) (n int, err error) {
	var left []string
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		left = append(left, id)
		return err
	}, "SELECT source FROM entries WHERE list = $1 AND missed >= $2", list, feeds.Departure)
	if err != nil {
		return 0, err
	}
	var gone []string
	for _, id := range left {
		from, end := itemKeys(id)
		var has bool
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM items WHERE key >= $1 AND key < $2)", from,
			end).Scan(&has); err != nil {
			return 0, err
		}
		if !has {
			gone = append(gone, id)
		}
	}
	if len(gone) == 0 {
		return 0, nil
	}
	err = tx.run(ctx, "DELETE FROM entries WHERE source "+tx.among(1)+" AND list = $2", gone, list)
	if err != nil {
		return 0, err
	}
	err = tx.run(ctx, "DELETE FROM known WHERE source "+tx.among(1)+
		" AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.source = known.source)", gone)
	if err != nil {
		return 0, err
	}
	return len(gone), tx.run(ctx, "DELETE FROM sources WHERE id "+tx.among(1)+
		" AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.source = sources.id)", gone)
}
