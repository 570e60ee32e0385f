package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/nashra/nashra/feeds/words"
)

// postgresConns is the most connections of one process: one writes, one may hold the pass lock, the
// others read. A server allows 100 by default.
const postgresConns = 8

// An advisory lock has two numbers: one of these, and a hash of the schema, so that stores in two
// schemas of a database do not wait for each other.
const (
	writeLock   = 0x6e617368 // "nash"
	passLock    = 0x70617373 // "pass"
	askedLock   = 0x61736b64 // "askd": held while waiting for the pass lock
	migrateLock = 0x6d696772 // "migr"
)

// askLock returns the query that calls a lock function on a lock.
func askLock(function string, lock int) string {
	return fmt.Sprintf("SELECT %s(%d, hashtext(current_schema()))", function, lock)
}

// migrating lets one process migrate at a time. goose has a lock too, but it polls every five
// seconds; this one queues.
type migrating struct{}

func (migrating) SessionLock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "SET lock_timeout = "+migrateWait)
	if err == nil {
		_, err = conn.ExecContext(ctx, askLock("pg_advisory_lock", migrateLock))
	}
	if err == nil { // what the migrations lock is waited for no longer than elsewhere
		_, err = conn.ExecContext(ctx, "SET lock_timeout = "+lockWait)
	}
	return err
}

func (migrating) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, askLock("pg_advisory_unlock", migrateLock))
	return err
}

func postgresDialect() dialect {
	return dialect{
		migrations: goose.DialectPostgres,
		options:    []goose.ProviderOption{goose.WithSessionLocker(migrating{})},
		migrated: "SELECT COUNT(*), 0 FROM information_schema.tables " +
			"WHERE table_schema = current_schema() AND table_name = '" + schemaTable + "'",
		layout:   postgresLayout(),
		renamed:  postgresRenamed(),
		turn:     askLock("pg_advisory_xact_lock", writeLock),
		snapshot: sql.LevelRepeatableRead,
		binding: binding{
			param:   func(n int) string { return "$" + strconv.Itoa(n) },
			in:      "= ANY($%d)",
			inBytes: "= ANY($%d)",
			list:    func(v any) any { return v },
		},
		search: searching{
			tables: []string{
				"CREATE TABLE IF NOT EXISTS " + wordsTable +
					" (place BIGINT NOT NULL PRIMARY KEY, terms TSVECTOR NOT NULL)",
				"CREATE INDEX IF NOT EXISTS " + wordsTable + "_terms ON " + wordsTable + " USING GIN (terms)",
			},
			add: "INSERT INTO " + wordsTable + " (place, terms) SELECT column1, " +
				"array_to_tsvector(string_to_array(column2, ' '))",
			place: "place",
			// Without this the planner scans all texts, as it underestimates @@: 800 ms for 100,000
			// stories, where the index takes 0.2 to 60.
			plan:   "SET LOCAL enable_seqscan = off",
			found:  "(SELECT place FROM " + wordsTable + " WHERE terms @@ $3::text::tsquery OFFSET 0) AS found",
			syntax: words.Syntax{Quote: "'", And: " & ", Or: " | ", Begins: ":*"},
		},
	}
}

// postgresRenamed renames the constraints of tables that were set aside, so that new tables get
// their names.
func postgresRenamed() string {
	names := make([]string, len(tables))
	for i, table := range tables {
		names[i] = "before_" + table
	}
	return `DO $$ DECLARE c record; BEGIN
		FOR c IN SELECT conname, conrelid::regclass AS of FROM pg_constraint JOIN pg_class t ON t.oid = conrelid
			JOIN pg_namespace n ON n.oid = t.relnamespace
			WHERE n.nspname = current_schema() AND t.relname IN ` + quoted(names) + `
		LOOP
			EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', c.of, c.conname, 'before_' || c.conname);
		END LOOP; END $$`
}

// ErrAddress reports a postgres:// address that cannot be parsed. It does not quote the address,
// which may hold a password.
var ErrAddress = errors.New(
	"the store's address cannot be read; its form is postgres://user:password@host:5432/database")

// connectWait is how long a server may take to accept a connection. Chosen: a busy one takes a second.
const connectWait = 10 * time.Second

func openPostgres(address string) (*Store, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, ErrAddress
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectWait
	}
	db := sql.OpenDB(stdlib.GetConnector(*cfg, stdlib.OptionAfterConnect(tune)))
	db.SetMaxOpenConns(postgresConns)
	db.SetMaxIdleConns(postgresConns)
	name := fmt.Sprintf("postgres://%s/%s", cfg.Host, cfg.Database)
	return &Store{w: db, r: db, name: name, dialect: postgresDialect()}, nil
}

// Chosen: a writer's turn takes seconds, with 30,000 new items; a migration of a large store minutes.
const (
	lockWait    = "'1min'"
	migrateWait = "'10min'"
	idleWait    = "'5min'" // for the rest of a transaction, whose process may be suspended or gone
)

// tune sets the cost of a random page read for memory and flash, not for spinning disks, and
// compresses long texts with LZ4, if the server has it, in a fifth of the time of its default.
func tune(ctx context.Context, conn *pgx.Conn) error {
	// waits end as we say, unless the server, the role or the address says when
	_, err := conn.Exec(ctx, `SET random_page_cost = 1.1;
		SELECT set_config(name, value, false) FROM (VALUES ('lock_timeout', `+lockWait+`),
			('idle_in_transaction_session_timeout', `+idleWait+`), ('application_name', 'nashra')) AS ours (name, value)
			WHERE current_setting(name) IN ('', '0');
		DO $$ BEGIN SET default_toast_compression = 'lz4'; EXCEPTION WHEN OTHERS THEN NULL; END $$`)
	return err
}

// waited explains an error of a lock that another connection did not release in time; else it returns
// err. It names the oldest transaction, which usually holds it.
func (s *Store) waited(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != lockNotAvailable {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), unlockTimeout)
	defer cancel()
	holder := "another connection"
	_ = s.r.QueryRowContext(ctx, `SELECT format('pid %s (%s, %s since %s)', pid, application_name, state,
			to_char(xact_start, 'YYYY-MM-DD HH24:MI:SS TZ')) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
			AND wait_event_type IS DISTINCT FROM 'Lock'
		ORDER BY xact_start LIMIT 1`).Scan(&holder)
	return fmt.Errorf("a lock was not released in time, probably by %s: wait for it, or end it with "+
		"SELECT pg_terminate_backend(PID): %w", holder, err)
}

// lockNotAvailable is the code of an error by lock_timeout (PostgreSQL's appendix A).
const lockNotAvailable = "55P03"
