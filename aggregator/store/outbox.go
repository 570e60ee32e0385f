package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nashra/nashra/aggregator/notify"
)

// noticeColumns are the columns of outbox after the target.
const noticeColumns = "key, state, changed, stories, at, filed, tries, again"

// Targets returns what is stored of targets: see notify.Store.
func (s *Store) Targets(ctx context.Context) (map[string]notify.Target, error) {
	out := map[string]notify.Target{}
	err := s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var t notify.Target
			var since, failing, again int64
			err := rows.Scan(&t.ID, &since, &t.Sent, &t.GivenUp, &t.Failures, &failing, &again, &t.Error, &t.Waiting)
			t.Since, t.Failing, t.Again = instant(since), instant(failing), instant(again)
			out[t.ID] = t
			return err
		}, `SELECT id, since, sent, given_up, failures, failing, again, error,
			(SELECT COUNT(*) FROM outbox WHERE target = id AND state = 'waiting') FROM targets`)
	})
	if err != nil {
		return nil, fmt.Errorf("read targets of messages: %w", err)
	}
	return out, nil
}

// MeetTargets stores when targets were first seen: see notify.Store.
func (s *Store) MeetTargets(ctx context.Context, at time.Time, ids ...string) error {
	var rows [][]any
	for _, id := range ids {
		rows = append(rows, []any{id, millis(at), 0, 0, 0, 0, 0, ""})
	}
	return s.write(ctx, func(tx transaction) error {
		return tx.insert(ctx, "targets (id, since, sent, given_up, failures, failing, again, error)",
			"ON CONFLICT DO NOTHING", rows)
	})
}

// ForgetTargets deletes targets that are named no longer: see notify.Store.
func (s *Store) ForgetTargets(ctx context.Context, before time.Time, ids []string) error {
	return s.write(ctx, func(tx transaction) error {
		err := tx.run(ctx, `DELETE FROM targets WHERE since < $1 AND NOT id `+tx.among(2)+`
			AND NOT EXISTS (SELECT 1 FROM outbox WHERE target = id AND at >= $1)`, millis(before), ids)
		if err != nil {
			return fmt.Errorf("forget targets of messages: %w", err)
		}
		return tx.run(ctx, "DELETE FROM outbox WHERE target NOT IN (SELECT id FROM targets)")
	})
}

// notices calls do with the notices that fit a condition.
func notices(ctx context.Context, tx transaction, do func(notify.Notice), where string, args ...any) error {
	return tx.each(ctx, func(rows *sql.Rows) error {
		var n notify.Notice
		var at, filed, again int64
		err := rows.Scan(&n.Key, &n.State, &n.Changed, &n.Stories, &at, &filed, &n.Tries, &again)
		n.At, n.Filed, n.Again = instant(at), instant(filed), instant(again)
		do(n)
		return err
	}, "SELECT "+noticeColumns+" FROM outbox WHERE "+where, args...)
}

// Notices returns notices by key: see notify.Store.
func (s *Store) Notices(ctx context.Context, target string, keys []string) (map[string]notify.Notice, error) {
	out := map[string]notify.Notice{}
	err := s.read(ctx, func(tx transaction) error {
		return notices(ctx, tx, func(n notify.Notice) { out[n.Key] = n }, "target = $1 AND key "+tx.among(2), target,
			keys)
	})
	if err != nil {
		return nil, fmt.Errorf("read messages to %s: %w", target, err)
	}
	return out, nil
}

// WaitingNotices returns what is to be sent: see notify.Store.
func (s *Store) WaitingNotices(ctx context.Context, target string) (out []notify.Notice, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return notices(ctx, tx, func(n notify.Notice) { out = append(out, n) },
			"target = $1 AND state = 'waiting' ORDER BY stories, again, at, filed, key", target)
	})
	if err != nil {
		return nil, fmt.Errorf("read messages to %s: %w", target, err)
	}
	return out, nil
}

// QueueNotices adds, replaces and removes notices: see notify.Store.
func (s *Store) QueueNotices(ctx context.Context, target string, put []notify.Notice, gone ...string) error {
	return s.write(ctx, func(tx transaction) error {
		err := tx.run(ctx, "DELETE FROM outbox WHERE target = $1 AND key "+tx.among(2), target, gone)
		if err != nil {
			return fmt.Errorf("remove messages to %s: %w", target, err)
		}
		return putNotices(ctx, tx, target, put)
	})
}

func putNotices(ctx context.Context, tx transaction, target string, put []notify.Notice) error {
	var rows [][]any
	for _, n := range put {
		rows = append(rows, []any{target, n.Key, string(n.State), n.Changed, n.Stories, millis(n.At), millis(n.Filed),
			n.Tries, millis(n.Again)})
	}
	err := tx.insert(ctx, "outbox (target, "+noticeColumns+")", replacing("target, key", noticeColumns), rows)
	if err != nil {
		return fmt.Errorf("store messages to %s: %w", target, err)
	}
	return nil
}

// SetTarget stores what became of messages: see notify.Store.
func (s *Store) SetTarget(ctx context.Context, t notify.Target, list ...notify.Notice) error {
	return s.write(ctx, func(tx transaction) error {
		err := tx.run(ctx, `UPDATE targets SET sent = $2, given_up = $3, failures = $4, failing = $5, again = $6,
			error = $7 WHERE id = $1`, t.ID, t.Sent, t.GivenUp, t.Failures, millis(t.Failing), millis(t.Again), t.Error)
		if err != nil {
			return fmt.Errorf("store how the target %s answers: %w", t.ID, err)
		}
		return putNotices(ctx, tx, t.ID, list)
	})
}
