package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
)

// dayNumber returns the day of at, counted in UTC from 1970.
func dayNumber(at time.Time) int64 { return millis(at) / day.Milliseconds() }

// Articles returns what is stored of the articles of leads: see aggregator.Store.
func (s *Store) Articles(ctx context.Context, at time.Time, stories []string) (map[string]aggregator.Article, error) {
	out := map[string]aggregator.Article{}
	err := s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var id string
			var art aggregator.Article
			var at, again int64
			err := rows.Scan(&id, &art.SourceID, &art.GUID, &art.Sum, &at, &art.Tries, &again, &art.Error, &art.Today)
			art.At, art.Again = instant(at), instant(again)
			out[id] = art
			return err
		}, `SELECT s.id, i.source, i.guid, i.sum, COALESCE(a.at, 0), COALESCE(a.tries, 0), COALESCE(a.again, 0),
			COALESCE(a.error, ''), CASE WHEN o.pages_day = $2 THEN o.pages ELSE 0 END
			FROM stories s JOIN items i ON i.id = s.lead JOIN sources o ON o.id = i.source
			LEFT JOIN articles a ON a.item = i.id AND a.sum = i.sum WHERE s.id `+tx.among(1), stories, dayNumber(at))
	})
	return out, err
}

// Host returns what is stored of a host: see aggregator.Store.
func (s *Store) Host(ctx context.Context, origin string) (h polite.Host, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var until, asked, held int64
			err := rows.Scan(&h.Origin, &h.Rules, &until, &asked, &held, &h.Failures)
			h.Until, h.Asked, h.Held = instant(until), instant(asked), instant(held)
			return err
		}, "SELECT origin, rules, until, asked, held, failures FROM hosts WHERE origin = $1", origin)
	})
	return h, err
}

// Waits returns what is stored of hosts that asked to wait: see aggregator.Store. Such a row has no
// scheme, the host's answer in place of rules, and its time in place of the last request's.
func (s *Store) Waits(ctx context.Context) (waits []polite.Wait, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var w polite.Wait
			var due, at, held int64
			err := rows.Scan(&w.Host, &w.Said, &due, &at, &held, &w.Times)
			w.Due, w.At, w.Held = instant(due), instant(at), instant(held)
			waits = append(waits, w)
			return err
		}, "SELECT origin, rules, until, asked, held, failures FROM hosts WHERE origin NOT LIKE '%://%'")
	})
	return waits, err
}

// SetWait stores what a host said: see aggregator.Store.
func (s *Store) SetWait(ctx context.Context, w polite.Wait) error {
	return s.write(ctx, func(tx transaction) error {
		return rememberHosts(ctx, tx, w.At, []polite.Host{{Origin: w.Host, Rules: w.Said, Until: w.Due, Asked: w.At,
			Held: w.Held, Failures: w.Times}})
	})
}

// hostsKept is how long a host is kept after its robots.txt expired. By then no source links there.
const hostsKept = 30 * 24 * time.Hour

// Fetched stores the outcome of fetching an article: see aggregator.Store.
func (s *Store) Fetched(
	ctx context.Context, at time.Time, art aggregator.Article, body string, hosts ...polite.Host,
) error {
	return s.write(ctx, func(tx transaction) error {
		err := tx.run(ctx, `UPDATE sources SET pages = CASE WHEN pages_day = $1 THEN pages + 1 ELSE 1 END,
			pages_day = $1 WHERE id = $2`, dayNumber(at), art.SourceID)
		if err != nil {
			return fmt.Errorf("count an article: %w", err)
		}
		if err := rememberHosts(ctx, tx, at, hosts); err != nil {
			return fmt.Errorf("store hosts: %w", err)
		}
		key := itemKey(art.SourceID, art.GUID)
		known, err := findItems(ctx, tx, [][]byte{key})
		if err != nil {
			return err
		}
		h, ok := known[string(key)]
		if !ok || !bytes.Equal(h.sum, art.Sum) {
			return nil
		}
		const columns = "sum, at, tries, again, error"
		err = tx.insert(ctx, "articles (item, "+columns+")", replacing("item", columns),
			[][]any{{h.id, art.Sum, millis(art.At), art.Tries, millis(art.Again), art.Error}})
		if err != nil || body == "" {
			return err
		}
		if err := tx.run(ctx, "UPDATE texts SET body = $1 WHERE item = $2", body, h.id); err != nil {
			return fmt.Errorf("store article: %w", err)
		}
		return touch(ctx, tx, at, h.story)
	})
}

func rememberHosts(ctx context.Context, tx transaction, at time.Time, hosts []polite.Host) error {
	if len(hosts) == 0 {
		return nil
	}
	var rows [][]any
	for _, h := range hosts {
		rows = append(rows, []any{h.Origin, h.Rules, millis(h.Until), millis(h.Asked), millis(h.Held), h.Failures})
	}
	const columns = "rules, until, asked, held, failures"
	err := tx.insert(ctx, "hosts (origin, "+columns+")", replacing("origin", columns), rows)
	if err != nil {
		return err
	}
	return tx.run(ctx, "DELETE FROM hosts WHERE until < $1 AND asked < $1 AND held < $1", millis(at.Add(-hostsKept)))
}
