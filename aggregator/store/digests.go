package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nashra/nashra/feeds"
)

const (
	digestColumns = "channel, start, until, at, by_published, events, only_here"
	// the condition that a digest has an entry
	hasEvents = "(events <> '[]' OR only_here <> '[]')"
)

// readDigests returns the digests that a query for digestColumns finds.
func readDigests(ctx context.Context, tx transaction, query string, args ...any) (out []feeds.Digest, err error) {
	return out, tx.each(ctx, func(rows *sql.Rows) error {
		var d feeds.Digest
		var start, until, at int64
		var events, only string
		if err := rows.Scan(&d.Channel, &start, &until, &at, &d.ByPublished, &events, &only); err != nil {
			return err
		}
		d.From, d.To, d.At = instant(start), instant(until), instant(at)
		err := errors.Join(json.Unmarshal([]byte(events), &d.Events), json.Unmarshal([]byte(only), &d.Only))
		if err != nil {
			return fmt.Errorf("digest of channel %s: %w: %w", d.Channel, err, errGarbled)
		}
		out = append(out, d)
		return nil
	}, query, args...)
}

// Digests returns what a digest channel wrote: see aggregator.Store.
func (s *Store) Digests(ctx context.Context, channel string, limit int) (out []feeds.Digest, err error) {
	err = s.read(ctx, func(tx transaction) error {
		out, err = readDigests(ctx, tx, "SELECT "+digestColumns+" FROM digests WHERE channel = $1 AND "+hasEvents+
			" ORDER BY start DESC LIMIT $2", channel, limit)
		return err
	})
	return out, err
}

// LastDigests returns the last digest of each channel: see aggregator.Store.
func (s *Store) LastDigests(ctx context.Context) (map[string]feeds.Digest, error) {
	last := map[string]feeds.Digest{}
	return last, s.read(ctx, func(tx transaction) error {
		list, err := readDigests(ctx, tx, "SELECT "+digestColumns+` FROM digests
			WHERE (channel, start) IN (SELECT channel, MAX(start) FROM digests GROUP BY channel)`)
		for _, d := range list {
			last[d.Channel] = d
		}
		return err
	})
}

// SetDigest stores a digest: see aggregator.Store.
func (s *Store) SetDigest(ctx context.Context, d feeds.Digest, keep int) error {
	events, err := json.Marshal(append([]feeds.Event{}, d.Events...))
	if err != nil {
		return err
	}
	only, err := json.Marshal(append([]feeds.Event{}, d.Only...))
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx transaction) error {
		n, err := tx.change(ctx, "INSERT INTO digests ("+digestColumns+`) SELECT $1, $2, $3, $4, $5, $6, $7
			WHERE NOT EXISTS (SELECT 1 FROM digests WHERE channel = $1 AND until > $2)`,
			d.Channel, millis(d.From), millis(d.To), millis(d.At), d.ByPublished, string(events), string(only))
		if err != nil || n == 0 {
			return err
		}
		err = tx.run(ctx, `DELETE FROM digests WHERE channel = $1 AND start < (SELECT MIN(start) FROM
			(SELECT start FROM digests WHERE channel = $1 AND `+hasEvents+` ORDER BY start DESC LIMIT $2) AS kept)`,
			d.Channel, keep)
		if err != nil {
			return err
		}
		_, err = change(ctx, tx)
		return err
	})
}

// ForgetDigests deletes the digests of other channels: see aggregator.Store.
func (s *Store) ForgetDigests(ctx context.Context, before time.Time, channels []string) error {
	return s.write(ctx, func(tx transaction) error {
		return tx.run(ctx, "DELETE FROM digests WHERE until < $1 AND NOT channel "+tx.among(2), millis(before),
			channels)
	})
}
