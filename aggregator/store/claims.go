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

// buying holds a lock on a file beside an SQLite store, shared by all processes that buy
// translations.
type buying struct {
	mu   sync.Mutex
	lock *flock.Flock // nil: this process has not bought yet
}

// buy locks the file. The first process to do so deletes all claims: their processes have died.
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
		_ = l.Unlock() // a process that comes in between finds no claims of ours yet
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

// unlock ends buying.
func (b *buying) unlock() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.lock != nil {
		_ = b.lock.Close()
		b.lock = nil
	}
}

// claimed returns the segments of o that another process is buying, or has bought since the buyer
// looked. It deletes expired claims.
func claimed(ctx context.Context, tx transaction, o translate.Order) (taken []translate.Key, err error) {
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
