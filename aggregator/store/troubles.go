package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/nashra/nashra/translate"
)

// Troubles returns what engines fail at: see translate.Store.
func (s *Store) Troubles(ctx context.Context) (out []translate.Trouble, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var t translate.Trouble
			var since, last int64
			err := rows.Scan(&t.Engine, &t.Kind, &t.Cause, &t.Left, &t.Count, &since, &last)
			t.Since, t.Last = instant(since), instant(last)
			out = append(out, t)
			return err
		}, "SELECT engine, kind, cause, departed, count, since, last FROM troubles ORDER BY engine, kind")
	})
	if err != nil {
		return nil, fmt.Errorf("read the troubles of engines: %w", err)
	}
	return out, nil
}

// SetTroubles replaces what engines fail at: see translate.Store.
func (s *Store) SetTroubles(ctx context.Context, list []translate.Trouble) error {
	var rows [][]any
	for _, t := range list {
		rows = append(rows, []any{t.Engine, string(t.Kind), cleanText(t.Cause), t.Left, t.Count, millis(t.Since),
			millis(t.Last)})
	}
	return s.write(ctx, func(tx transaction) error {
		if err := tx.run(ctx, "DELETE FROM troubles"); err != nil {
			return err
		}
		return tx.insert(ctx, "troubles (engine, kind, cause, departed, count, since, last)", "", rows)
	})
}
