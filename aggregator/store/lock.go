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

// Pass waits until no other pass is at work on the store, for wait at most, and keeps others out until release. Should this process
// die, the system (the database) releases it.
func (s *Store) Pass(ctx context.Context, wait time.Duration) (release func(), err error) {
	return s.pass(ctx, wait, "pg_try_advisory_lock")
}

// Share is Pass for one of several who see to it themselves that they do not get into each other's way: it keeps out, and waits for,
// who has the pass alone. On SQLite there is only Pass.
func (s *Store) Share(ctx context.Context, wait time.Duration) (release func(), err error) {
	return s.pass(ctx, wait, "pg_try_advisory_lock_shared")
}

// pass takes the lock by that function of PostgreSQL's.
func (s *Store) pass(ctx context.Context, wait time.Duration, function string) (release func(), err error) {
	try := s.tryFile
	if s.path == "" {
		conn, err := s.w.Conn(ctx)
		if err != nil {
			return nil, s.explain(err)
		}
		defer func() {
			if release == nil {
				conn.Close()
			}
		}()
		try = func(ctx context.Context) (func(), error) { return tryAdvisory(ctx, conn, function) }
	}
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
			return nil, s.busy()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(left, lockPoll)):
		}
	}
}

// Serving keeps a second daemon off an SQLite file until release; those on PostgreSQL share their work.
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

// Shared says whether several processes may serve the store.
func (s *Store) Shared() bool { return s.path == "" }

func (s *Store) passFile() string { return s.path + ".pass" }

// tryFile locks the file beside the store and writes our process number into it, for people; nil: another holds it. The file stays:
// were it removed, two could hold two files of that name.
func (s *Store) tryFile(context.Context) (release func(), err error) {
	l := flock.New(s.passFile(), flock.SetPermissions(0o644))
	if ok, err := l.TryLock(); !ok {
		return nil, err
	}
	_ = os.WriteFile(s.passFile(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644) // Windows refuses: its locks bar writing too
	return func() {
		_ = os.Truncate(s.passFile(), 0)
		_ = l.Unlock()
	}, nil
}

// tryAdvisory takes the lock for the session of conn by that function; nil: another holds it.
func tryAdvisory(ctx context.Context, conn *sql.Conn, function string) (release func(), err error) {
	unlock := strings.Replace(function, "try_advisory_lock", "advisory_unlock", 1)
	var ok bool
	if err := conn.QueryRowContext(ctx, askLock(function, passLock)).Scan(&ok); err != nil || !ok {
		return nil, err
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), unlockTimeout)
		defer cancel()
		if _, err := conn.ExecContext(ctx, askLock(unlock, passLock)); err != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // ends the session, and the lock with it
		}
		conn.Close()
	}, nil
}

// unlockTimeout: a server that does not answer within it is gone, and our session with it.
const unlockTimeout = 5 * time.Second

// busy says who holds the pass, as far as the file tells.
func (s *Store) busy() error {
	if s.path != "" {
		if b, err := os.ReadFile(s.passFile()); err == nil {
			if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
				return fmt.Errorf("another nashra (pid %d) is at work", pid)
			}
		}
	}
	return errors.New("another nashra is at work")
}
