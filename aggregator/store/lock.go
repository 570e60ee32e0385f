package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Pass waits for at most wait until no other pass runs on the store, and keeps others out until
// release. If the process dies, the system or the database releases the lock.
func (s *Store) Pass(ctx context.Context, wait time.Duration) (release func(), err error) {
	if s.path != "" {
		if release, err = s.await(ctx, wait, s.tryFile); err == nil {
			s.removeOldCopies(time.Now())
		}
		return release, err
	}
	conn, err := s.w.Conn(ctx)
	if err != nil {
		return nil, s.explain(err)
	}
	asked := false
	release, err = s.await(ctx, wait, func(ctx context.Context) (func(), error) {
		if !asked { // from now on no process that shares the pass begins a step
			err := conn.QueryRowContext(ctx, askLock("pg_try_advisory_lock", askedLock)).Scan(&asked)
			if err != nil || !asked {
				return nil, err
			}
		}
		return tryAdvisory(ctx, conn, askLock("pg_try_advisory_lock", passLock))
	})
	if err != nil {
		endSession(conn)
	}
	return release, err
}

// await calls try until it returns a lock, for at most wait. try returns nil, nil while another
// process holds the lock.
func (s *Store) await(
	ctx context.Context, wait time.Duration, try func(ctx context.Context) (release func(), err error),
) (release func(), err error) {
	end := time.Now().Add(wait)
	for {
		release, err := try(ctx)
		switch {
		case release != nil:
			return release, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, s.explain(err)
		}
		left := time.Until(end)
		if left <= 0 {
			return nil, s.busy(ctx)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(left, lockPoll)):
		}
	}
}

// Serving keeps a second daemon off an SQLite file until release. Daemons on PostgreSQL share their
// work.
func (s *Store) Serving() (release func(), err error) {
	if s.path == "" {
		return func() {}, nil
	}
	l := flock.New(s.path+".serve", flock.SetPermissions(0o644))
	ok, err := l.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("lock store %s: %w", s.name, err)
	case !ok:
		return nil, fmt.Errorf("another nashra serves the store %s", s.name)
	}
	return func() { _ = l.Unlock() }, nil
}

// Alone keeps passes and daemons off the store at address until release. If one is at work, that is
// an error. Daemons on PostgreSQL are not noticed between their steps.
func Alone(ctx context.Context, address string) (release func(), err error) {
	s, err := openAsIs(address)
	if err != nil {
		return nil, err
	}
	serving, err := s.Serving()
	if err != nil {
		s.Close()
		return nil, err
	}
	pass, err := s.Pass(ctx, 0)
	if err != nil {
		serving()
		s.Close()
		return nil, err
	}
	return func() { pass(); serving(); s.Close() }, nil
}

// Shared reports whether several processes may serve the store.
func (s *Store) Shared() bool { return s.path == "" }

func (s *Store) passFile() string { return s.path + ".pass" }

// tryFile locks the file beside the store and writes our process id into it; nil: another process
// holds it. The file is never removed, or two processes could lock two files of that name.
func (s *Store) tryFile(context.Context) (release func(), err error) {
	l := flock.New(s.passFile(), flock.SetPermissions(0o644))
	if ok, err := l.TryLock(); !ok {
		return nil, err
	}
	// Writing fails on Windows, where the lock bars it.
	_ = os.WriteFile(s.passFile(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644)
	return func() {
		_ = os.Truncate(s.passFile(), 0)
		_ = l.Unlock()
	}, nil
}

// tryAdvisory runs a query that takes locks for the session of conn and returns whether it got
// them; nil: it did not.
func tryAdvisory(ctx context.Context, conn *sql.Conn, query string) (release func(), err error) {
	var ok bool
	if err := conn.QueryRowContext(ctx, query).Scan(&ok); err != nil || !ok {
		return nil, err
	}
	return func() { endSession(conn) }, nil
}

// endSession releases the locks of conn and returns it to the pool.
func endSession(conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), unlockTimeout)
	defer cancel()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock_all()"); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // ends the session, and the locks with it
	}
	conn.Close()
}

// unlockTimeout is how long to wait for a server, which without it is taken for gone, together with
// our session.
const unlockTimeout = 5 * time.Second

// busy returns an error that says who holds the pass, as far as the file or the database tells.
func (s *Store) busy(ctx context.Context) error {
	if s.path == "" {
		var shared bool
		err := s.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
			AND mode = 'ShareLock' AND classid::bigint = $1
			AND objid::bigint = hashtext(current_schema())::bigint & 4294967295)`, passLock).Scan(&shared)
		if err == nil && shared {
			return errors.New("the members of a fleet are in the middle of long steps; they will do what is due")
		}
	} else if b, err := os.ReadFile(s.passFile()); err == nil {
		if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
			return fmt.Errorf("another nashra (pid %d) is at work", pid)
		}
	}
	return errors.New("another nashra is at work")
}
