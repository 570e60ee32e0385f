package store

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// sharing is this process's part in a pass that several share: one lock for all its steps.
type sharing struct {
	mu      sync.Mutex
	inside  int       // steps at work
	looked  time.Time // when it was last asked whether somebody waits for the pass
	waited  bool      // somebody does
	release func()
}

// lookEvery is how often one with steps at work asks whether somebody waits for them to end, who will wait for longer than this.
const lookEvery = 200 * time.Millisecond

// Share is Pass for a step of one of several processes that see to it themselves that they do not get into each other's way: it keeps
// out, and waits for, who has the pass alone. Who waits for that has it next, once the steps at work are done, however many would
// begin meanwhile. On SQLite there is only Pass.
func (s *Store) Share(ctx context.Context, wait time.Duration) (release func(), err error) {
	return s.await(ctx, wait, s.join)
}

// join begins a step; nil: another has the pass, or is to have it next.
func (s *Store) join(ctx context.Context) (leave func(), err error) {
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
	return p.leave, nil
}

// tryAsked tries whether somebody waits, and holds nothing.
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

// leave ends a step.
func (p *sharing) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inside--; p.inside == 0 {
		p.release()
		p.looked, p.waited = time.Time{}, false
	}
}
