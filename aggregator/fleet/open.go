package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// poolConns is how many connections a member has for River's listener, producers and leader. The
// store has its own, and claims and news one each.
const poolConns = 6

// migrateWait is how long a member waits for another that makes the queue's tables, which takes
// seconds. Chosen.
const migrateWait = time.Minute

// Open makes the connection pool for Run. It does not connect yet.
func Open(ctx context.Context, address string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil { // hide the error: it may quote the password
		return nil, errors.New("join the fleet: the store's address cannot be read; " +
			"its form is postgres://user:password@host:5432/database")
	}
	if !strings.Contains(address, "pool_max_conns") {
		cfg.MaxConns = poolConns
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

// newerError means that the queue's schema is newer than this program.
type newerError struct{ have, known int }

func (e newerError) Error() string {
	return fmt.Sprintf("the queue was made by a newer nashra (its schema is %d, this one knows %d): "+
		"upgrade this member", e.have, e.known)
}

// migrate creates or upgrades River's tables in the store's schema. Of several members that start,
// one does so.
func migrate(ctx context.Context, pool *pgxpool.Pool) error {
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	// a session lock, as River's migrations are a transaction each
	wait, cancel := context.WithTimeout(ctx, migrateWait)
	defer cancel()
	_, err = conn.Exec(wait, "SELECT pg_advisory_lock($1, hashtext(current_schema()))", migrateLock)
	if err != nil {
		return fmt.Errorf("wait for the member that makes the queue's tables: %w", err)
	}
	defer func() {
		if _, err := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock_all()"); err != nil {
			_ = conn.Conn().Close(context.WithoutCancel(ctx)) // close the session, which frees the lock
		}
	}()
	newest := len(m.AllVersions()) // numbered from 1
	have, err := version(ctx, conn)
	switch {
	case err != nil:
		return fmt.Errorf("read the queue's schema: %w", err)
	case have > newest:
		return newerError{have, newest}
	case have == newest:
		return nil
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("make the queue's tables: %w", err)
	}
	return nil
}

// version returns the version of the queue's schema, or 0 if there is none.
func version(ctx context.Context, conn *pgxpool.Conn) (have int, err error) {
	var made bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass('river_migration') IS NOT NULL").Scan(&made); err != nil || !made {
		return 0, err
	}
	err = conn.QueryRow(ctx, "SELECT COALESCE(MAX(version), 0) FROM river_migration").Scan(&have)
	return have, err
}

// final reports whether waiting cannot cure err. A server that is starting, stopping, full or
// unreachable recovers; other answers, such as a refused login, are for people.
func final(err error) bool {
	var newer newerError
	if errors.As(err, &newer) {
		return true
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code[:2] {
	// SQLSTATE classes (appendix A): connection, serialization, resources, operator intervention,
	// system
	case "08", "40", "53", "57", "58":
		return false
	}
	return true
}
