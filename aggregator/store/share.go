package store

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// sharing counts the steps of this process in a shared pass, which hold one lock together.
type sharing struct {
	mu      sync.Mutex
	inside  int       // steps that run
	looked  time.Time // when the database was last asked whether a process waits for the pass
	waited  bool      // one does
	release func()
}

// lookEvery is how often a process whose steps run asks whether another waits for them to end.
const lookEvery = 200 * time.Millisecond

// Share is Pass for one step of several processes that coordinate their steps themselves. While a
// pass of one process waits, no new step begins. On SQLite there is only Pass.
func (s *Store) Share(ctx context.Context, wait time.Duration) (release func(), err error) {
	return s.await(ctx, wait, s.join)
}

// join begins a step; nil: another process has the pass, or goes next.
func (s *Store) join(ctx context.Context) (done func(), err error) {
	p := &s.sharing
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.inside == 0:
		if p.release, err = s.tryShared(ctx); err != nil || p.release == nil {
			return nil, err
		}
	case time.Since(p.looked) > lookEvery:
		var free bool
		if err := s.w.QueryRowContext(ctx, askLock(tryAsked, askedLock)).Scan(&free); err != nil {
			return nil, err
		}
		p.looked, p.waited = time.Now(), !free
	}
	if p.inside > 0 && p.waited {
		return nil, nil
	}
	p.inside++
	return p.done, nil
}

// tryAsked finds out whether a process waits, without keeping the lock.
const tryAsked = "pg_try_advisory_xact_lock_shared"

func (s *Store) tryShared(ctx context.Context) (release func(), err error) {
	conn, err := s.w.Conn(ctx)
	if err != nil {
		return nil, err
	}
	release, err = tryAdvisory(ctx, conn, fmt.Sprintf("SELECT CASE WHEN (%s) THEN (%s) ELSE false END",
		askLock(tryAsked, askedLock), askLock("pg_try_advisory_lock_shared", passLock)))
	if release == nil {
		endSession(conn)
	}
	return release, err
}

// done ends a step.
func (p *sharing) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inside--; p.inside == 0 {
		p.release()
		p.looked, p.waited = time.Time{}, false
	}
}
