package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/nashra/nashra/feeds"
)

// Count counts the stories that are not hidden: see aggregator.Store.
func (s *Store) Count(ctx context.Context, sources ...string) (n int, err error) {
	err = s.read(ctx, func(tx transaction) error {
		if len(sources) == 0 { // fast in both databases, as both counts go by an index
			return tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM stories) -
				(SELECT COUNT(*) FROM stories WHERE hidden)`).Scan(&n)
		}
		where, args := conditions(tx, feeds.Query{Sources: sources})
		return tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM stories WHERE "+where, tx.bind(args)...).Scan(&n)
	})
	if err != nil {
		return 0, fmt.Errorf("count stories: %w", err)
	}
	return n, nil
}

// ChangedSources returns the sorted ids of the sources of stories that changed after a number: see aggregator.Store.
func (s *Store) ChangedSources(ctx context.Context, after int64) (ids []string, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT DISTINCT source FROM items
			WHERE story IN (SELECT number FROM stories WHERE changed > $1)`, after)
	})
	slices.Sort(ids) // databases sort by their locale
	return ids, err
}
