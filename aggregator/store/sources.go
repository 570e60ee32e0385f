package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
)

// stateColumns are the columns of sources that hold a polite.State, after its id.
const stateColumns = "address, url, etag, last_modified, digest, title, site, lang, ttl, skip_hours, skip_days, due, " +
	"why, held, gone, polled, succeeded, clock, failures, error, class, note, charset, shared, recipe"

// States returns what is stored of sources: see aggregator.Store.
func (s *Store) States(ctx context.Context, ids ...string) (states map[string]polite.State, err error) {
	err = s.read(ctx, func(tx transaction) error {
		if len(ids) == 0 {
			states, err = statesWhere(ctx, tx, "")
		} else {
			states, err = statesWhere(ctx, tx, " WHERE id "+tx.among(1), ids)
		}
		return err
	})
	return states, err
}

// Due returns what is stored of the sources that are due, and when the next one is: see
// aggregator.Store.
func (s *Store) Due(ctx context.Context, at time.Time, also ...string) (states map[string]polite.State,
	next time.Time, err error) {
	err = s.read(ctx, func(tx transaction) error {
		states, next, err = due(ctx, tx, at, also)
		return err
	})
	return states, next, err
}

func due(ctx context.Context, tx transaction, at time.Time, also []string) (map[string]polite.State, time.Time, error) {
	states, err := statesWhere(ctx, tx, " WHERE due <= $1 AND NOT gone OR id "+tx.among(2), millis(at), also)
	if err != nil {
		return nil, time.Time{}, err
	}
	var next int64
	err = tx.QueryRowContext(ctx, "SELECT COALESCE(MIN(due), 0) FROM sources WHERE due > $1", millis(at)).Scan(&next)
	return states, instant(next), err
}

// isList is the condition that a row of sources is the state of a list of sources: see feeds.ListID.
const isList = "id LIKE 'opml:%'"

// Outlets returns what publishing needs of the states of all sources: see aggregator.Store.
func (s *Store) Outlets(ctx context.Context) (map[string]polite.State, error) {
	states := map[string]polite.State{}
	err := s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var st polite.State
			var succeeded int64
			err := rows.Scan(&st.ID, &st.Title, &st.Site, &succeeded, &st.Gone, &st.Failures)
			st.Succeeded = instant(succeeded)
			states[st.ID] = st
			return err
		}, `SELECT id, title, site, succeeded, gone, failures FROM sources WHERE NOT `+isList)
	})
	return states, err
}

// statesWhere returns what is stored of the sources that a condition names.
func statesWhere(ctx context.Context, tx transaction, where string, args ...any) (map[string]polite.State, error) {
	states := map[string]polite.State{}
	return states, tx.each(ctx, func(rows *sql.Rows) error {
		var st polite.State
		var digest []byte
		var ttl, due, held, polled, succeeded, clock int64
		err := rows.Scan(&st.ID, &st.Address, &st.URL, &st.Validators.ETag, &st.Validators.LastModified, &digest,
			&st.Title, &st.Site, &st.Lang, &ttl, &st.Skip.Hours, &st.Skip.Days, &due, &st.Why, &held, &st.Gone,
			&polled, &succeeded, &clock, &st.Failures, &st.Error, &st.Class, &st.Note, &st.Charset, &st.Shared,
			&st.Recipe)
		st.Digest, st.TTL = sum32(digest), time.Duration(ttl)*time.Second
		st.Due, st.Held, st.Polled = instant(due), instant(held), instant(polled)
		st.Succeeded, st.Clock = instant(succeeded), instant(clock)
		states[st.ID] = st
		return err
	}, "SELECT id, "+stateColumns+" FROM sources"+where, args...)
}

// Known returns what the last whole poll of a source left: see aggregator.Store.
func (s *Store) Known(ctx context.Context, source string) (known []byte, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error { return rows.Scan(&known) },
			"SELECT hashes FROM known WHERE source = $1", source)
	})
	return known, err
}

// Ahead compares our clock with those of sources: see aggregator.Store.
func (s *Store) Ahead(ctx context.Context, from, to time.Time) (ahead []time.Duration, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var ms int64
			err := rows.Scan(&ms)
			ahead = append(ahead, time.Duration(ms)*time.Millisecond)
			return err
		}, `SELECT succeeded - clock AS ahead FROM sources
			WHERE clock <> 0 AND succeeded > $1 AND succeeded < $2 ORDER BY ahead`, millis(from), millis(to))
	})
	if err != nil {
		return nil, fmt.Errorf("read the clocks of sources: %w", err)
	}
	return ahead, nil
}

// remember stores the new states of polled sources. A poll that did not bring a whole document
// leaves sources.whole.
func remember(ctx context.Context, tx transaction, at time.Time, polls []aggregator.Poll) error {
	rows := make([][]any, len(polls))
	var known [][]any
	for i, p := range polls {
		st, whole := p.State, int64(0)
		if p.Whole {
			whole = millis(at)
		}
		if p.Known != nil {
			known = append(known, []any{st.ID, p.Known})
		}
		rows[i] = []any{st.ID, st.Address, st.URL, st.Validators.ETag, st.Validators.LastModified, st.Digest[:],
			st.Title, st.Site, st.Lang, int64(st.TTL / time.Second), int64(st.Skip.Hours), int64(st.Skip.Days),
			millis(st.Due), st.Why, millis(st.Held), st.Gone, millis(st.Polled), millis(st.Succeeded), millis(st.Clock),
			int64(st.Failures), st.Error, st.Class, st.Note, st.Charset, string(st.Shared),
			st.Recipe, whole}
	}
	if err := tx.insert(ctx, "known (source, hashes)", replacing("source", "hashes"), known); err != nil {
		return err
	}
	return tx.insert(ctx, "sources (id, "+stateColumns+", whole)", replacing("id", stateColumns)+
		", whole = CASE WHEN excluded.whole > 0 THEN excluded.whole ELSE sources.whole END", rows)
}

const day = 24 * time.Hour

// Arrivals counts the items first seen from since to until, by source and 24 hours. Sources without
// any are left out.
func (s *Store) Arrivals(ctx context.Context, since, until time.Time) (map[string][]int, error) {
	counts, days := map[string][]int{}, int(until.Sub(since)/day)+1
	err := s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var source string
			var day, n int
			if err := rows.Scan(&source, &day, &n); err != nil {
				return err
			}
			if counts[source] == nil {
				counts[source] = make([]int, days)
			}
			if day < days { // later ones were seen before the clock was set back
				counts[source][day] += n
			}
			return nil
		}, `SELECT source, (seen - $1) / $2 AS day, COUNT(*) FROM items
			WHERE last_seen >= $1 AND seen >= $1 GROUP BY source, day`, // last_seen has an index
			millis(since), day.Milliseconds())
	})
	return counts, err
}

// Loose counts the items that wait for a story and returns when the oldest was first seen, or zero.
func (s *Store) Loose(ctx context.Context) (n int, since time.Time, err error) {
	err = s.read(ctx, func(tx transaction) error {
		var first int64
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(seen), 0) FROM items
			WHERE story IS NULL AND left_out IS NULL`).Scan(&n, &first)
		since = instant(first)
		return err
	})
	return n, since, err
}

// LeftOut counts the items that became no story by the rules of their source, by source. Sources without any
// are left out.
func (s *Store) LeftOut(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	err := s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var source string
			var n int
			err := rows.Scan(&source, &n)
			counts[source] = n
			return err
		}, "SELECT source, COUNT(*) FROM items WHERE left_out IS NOT NULL GROUP BY source")
	})
	return counts, err
}
