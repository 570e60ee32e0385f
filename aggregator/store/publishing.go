package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nashra/nashra/aggregator"
)

// Unpublished returns where publishing failed at the last try, the own Place first.
func (s *Store) Unpublished(ctx context.Context) (out []aggregator.Unpublished, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var u aggregator.Unpublished
			var since, last int64
			err := rows.Scan(&u.Place, &u.Cause, &since, &last, &u.Ours)
			u.Since, u.Last = instant(since), instant(last)
			out = append(out, u)
			return err
		}, `SELECT place, cause, since, last, place = $1 AS ours FROM publishing ORDER BY ours DESC, place`, s.Place)
	})
	if err != nil {
		return nil, fmt.Errorf("read where publishing failed: %w", err)
	}
	return out, nil
}

// SetPublished stores the outcome of publishing to the own Place: see aggregator.Store.
func (s *Store) SetPublished(ctx context.Context, at time.Time, cause string) error {
	return s.write(ctx, func(tx transaction) error {
		if cause == "" {
			return tx.run(ctx, "DELETE FROM publishing WHERE place = $1", s.Place)
		}
		return tx.run(ctx, `INSERT INTO publishing (place, cause, since, last) VALUES ($1, $2, $3, $3)
			ON CONFLICT (place) DO UPDATE SET cause = excluded.cause, last = excluded.last`,
			s.Place, cleanText(cause), millis(at))
	})
}
