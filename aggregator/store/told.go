package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nashra/nashra/feeds"
)

// Told returns the stories of a period, and those linked with them: see aggregator.Store.
func (s *Store) Told(ctx context.Context, from, to time.Time) (out []feeds.Told, err error) {
	err = s.read(ctx, func(tx transaction) error {
		some := map[int64]int{} // by number: the place in out
		number := func(rows *sql.Rows) error {
			var n int64
			err := rows.Scan(&n)
			some[n] = 0
			return err
		}
		err := tx.each(ctx, number, `SELECT DISTINCT story FROM items JOIN stories ON number = story
			WHERE NOT hidden AND filed >= $1 AND filed < $2
			AND (seen >= $3 AND seen < $4 OR filed >= $3 AND filed < $4)`,
			millis(from.Add(-feeds.Late)), millis(to.Add(feeds.Late)), millis(from), millis(to))
		if err != nil {
			return err
		}
		told := slices.Collect(maps.Keys(some))
		if err := tx.each(ctx, number, "SELECT other FROM links WHERE story "+tx.among(1), told); err != nil {
			return err
		}
		var seen []int64
		err = listed(ctx, tx, func(n int64, l feeds.Listed) {
			some[n], seen = len(out), append(seen, n)
			out = append(out, feeds.Told{Listed: l})
		}, "NOT hidden AND number "+tx.among(1), slices.Collect(maps.Keys(some)))
		if err != nil {
			return err
		}
		return appearances(ctx, tx, seen, func(n int64) *feeds.Told { return &out[some[n]] })
	})
	if err != nil {
		return nil, fmt.Errorf("read the stories of a period: %w", err)
	}
	return out, nil
}

// appearances reads items and links of stories.
func appearances(ctx context.Context, tx transaction, stories []int64, told func(number int64) *feeds.Told) error {
	err := tx.each(ctx, func(rows *sql.Rows) error {
		var story int64
		all, err := scanAppearances(rows, &story)
		t := told(story)
		t.Items = append(t.Items, all...)
		return err
	}, "SELECT story, source, seen, filed, origins FROM items WHERE story "+tx.among(1)+
		" ORDER BY seen, filed, key", stories)
	if err != nil {
		return err
	}
	return tx.each(ctx, func(rows *sql.Rows) error {
		var story int64
		var other string
		err := rows.Scan(&story, &other)
		t := told(story)
		t.Links = append(t.Links, other)
		return err
	}, `SELECT l.story, s.id FROM links l JOIN stories s ON s.number = l.other
		WHERE NOT s.hidden AND l.story `+tx.among(1)+" ORDER BY s.id", stories)
}

// scanAppearances reads what coverage counts of an item: the number of a story, source, seen, filed and
// origins.
func scanAppearances(rows *sql.Rows, story *int64) (_ []feeds.Appearance, err error) {
	var source, named string
	var seen, filed int64
	if err := rows.Scan(story, &source, &seen, &filed, &named); err != nil {
		return nil, err
	}
	list, err := origins(source, named)
	return feeds.Appearances(source, instant(seen), instant(filed), list), err
}

// origins reads the outlets that a source names.
func origins(source, named string) (list []feeds.Origin, err error) {
	if named == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(named), &list); err != nil {
		return nil, fmt.Errorf("read the outlets that source %s names: %w: %w", source, errGarbled, err)
	}
	return list, nil
}

// Links returns the stories that stories are linked with: see aggregator.Store.
func (s *Store) Links(ctx context.Context, ids []string) (map[string][]string, error) {
	out := map[string][]string{}
	err := s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var story, other string
			err := rows.Scan(&story, &other)
			out[story] = append(out[story], other)
			return err
		}, `SELECT s.id, o.id FROM stories s JOIN links l ON l.story = s.number
			JOIN stories o ON o.number = l.other WHERE NOT o.hidden AND s.id `+tx.among(1)+" ORDER BY o.id", ids)
	})
	if err != nil {
		return nil, fmt.Errorf("read which stories are linked: %w", err)
	}
	return out, nil
}
