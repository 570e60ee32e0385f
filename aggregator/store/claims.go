package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/gofrs/flock"

	"github.com/nashra/nashra/translate"
)

// buying says that this process buys, by a lock on a file beside an SQLite store that all who buy share.
type buying struct {
	mu   sync.Mutex
	lock *flock.Flock // nil: it has not bought yet
}

// buy makes this process one of those that buy. On SQLite, where it is the first, what is claimed is the dead's, and goes: nobody has to
// wait until it is over.
func (s *Store) buy(ctx context.Context) error {
	s.buying.mu.Lock()
	defer s.buying.mu.Unlock()
	if s.path == "" || s.buying.lock != nil {
		return nil
	}
	l := flock.New(s.path+".buy", flock.SetPermissions(0o644))
	alone, err := l.TryLock()
	if alone {
		err = s.write(ctx, func(tx transaction) error { return tx.run(ctx, "DELETE FROM claims") })
		_ = l.Unlock() // who comes in between finds nothing of ours yet
	}
	if err == nil {
		err = l.RLock()
	}
	if err != nil {
		_ = l.Close()
		return fmt.Errorf("lock store %s to buy: %w", s.name, err)
	}
	s.buying.lock = l
	return nil
}

// leave ends it.
func (b *buying) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.lock != nil {
		_ = b.lock.Close()
		b.lock = nil
	}
}

// others are the segments of o that somebody else is buying, or has bought since the buyer looked. Claims that are over go.
func others(ctx context.Context, tx transaction, o translate.Order) (taken []translate.Key, err error) {
	if err := tx.run(ctx, "DELETE FROM claims WHERE until <= $1", millis(o.At)); err != nil {
		return nil, err
	}
	where := " WHERE key " + tx.amongBytes(1)
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var key []byte
		var claims, bought int
		err := rows.Scan(&key, &claims, &bought)
		if k := sum32(key); claims > 0 || bought > o.Keys[k] {
			taken = append(taken, k)
		}
		return err
	}, `SELECT key, CAST(SUM(claims) AS BIGINT), CAST(SUM(bought) AS BIGINT) FROM (
		SELECT key, 1 AS claims, 0 AS bought FROM claims`+where+`
		UNION ALL SELECT key, 0, 1 FROM memory`+where+` AND target <> '') AS both_tables GROUP BY key`,
		keyBytes(slices.Collect(maps.Keys(o.Keys))))
	return taken, err
}
