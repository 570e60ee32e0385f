package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/nashra/nashra/aggregator"
)

// Changes returns the number of the last change: see aggregator.Store.
func (s *Store) Changes(ctx context.Context) (n int64, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(number), 0) FROM changes").Scan(&n)
	})
	return n, err
}

// change numbers a change of what stories or sources show.
func change(ctx context.Context, tx transaction) (n int64, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO changes (id, number) VALUES (1, 1)
		ON CONFLICT (id) DO UPDATE SET number = changes.number + 1 RETURNING number`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("number a change: %w", err)
	}
	return n, nil
}

// raise numbers a change of what stories show. Every write that alters it calls raise, most of them
// through touch. The stories linked to them change too, as they name their leads.
func raise(ctx context.Context, tx transaction, stories []int64) error {
	n, err := change(ctx, tx)
	if err != nil {
		return err
	}
	among := tx.among(2)
	for _, which := range []string{among, "IN (SELECT other FROM links WHERE story " + among + ")"} {
		if err := tx.run(ctx, "UPDATE stories SET changed = $1 WHERE number "+which, n, stories); err != nil {
			return fmt.Errorf("number changed stories: %w", err)
		}
	}
	return nil
}

// rename numbers a change of the stories of sources that polls give another title or home page.
func rename(ctx context.Context, tx transaction, polls []aggregator.Poll) error {
	renamed := false
	var stories []int64
	for _, p := range polls {
		if !p.Renamed {
			continue
		}
		renamed = true
		from, end := itemKeys(p.State.ID)
		err := tx.each(ctx, func(rows *sql.Rows) error {
			var number int64
			err := rows.Scan(&number)
			stories = append(stories, number)
			return err
		}, "SELECT DISTINCT story FROM items WHERE key >= $1 AND key < $2 AND story IS NOT NULL", from, end)
		if err != nil {
			return err
		}
	}
	if !renamed {
		return nil
	}
	return raise(ctx, tx, stories)
}
