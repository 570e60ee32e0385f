package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// postgresConns is the most connections of one process: one writes, one may hold the pass, the rest read. PostgreSQL allows 100 in
// all unless told otherwise.
const postgresConns = 8

// Advisory locks are named by two numbers: one of ours, any that nobody else in the database uses, and the schema's, so that stores
// in two schemas of one database do not wait for each other.
const (
	writeLock   = 0x6e617368 // "nash"
	passLock    = 0x70617373 // "pass"
	askedLock   = 0x61736b64 // "askd": held by who waits for the pass alone
	migrateLock = 0x6d696772 // "migr"
)

// askLock fills in which lock, after the function that takes it.
func askLock(function string, lock int) string {
	return fmt.Sprintf("SELECT %s(%d, hashtext(current_schema()))", function, lock)
}

// migrating keeps other processes out while one migrates. goose's own lock asks every five seconds; this one waits in line.
type migrating struct{}

func (migrating) SessionLock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, askLock("pg_advisory_lock", migrateLock))
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
		migrated:   "SELECT COUNT(*), 0 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = '" + schemaTable + "'",
		layout:     postgresLayout(),
		renamed:    postgresRenamed(),
		turn:       askLock("pg_advisory_xact_lock", writeLock),
		snapshot:   sql.LevelRepeatableRead,
		binding: binding{
			param:   func(n int) string { return "$" + strconv.Itoa(n) },
			in:      "= ANY($%d)",
			inBytes: "= ANY($%d)",
			list:    func(v any) any { return v },
		},
		search: searching{
			tables: []string{"CREATE TABLE IF NOT EXISTS search (place BIGINT NOT NULL PRIMARY KEY, words TSVECTOR NOT NULL)",
				"CREATE INDEX IF NOT EXISTS search_words ON search USING GIN (words)"},
			add:   "INSERT INTO search (place, words) VALUES ($1, to_tsvector('simple', $2))",
			place: "search.place",
			// By the index of words and no other way: the planner takes a look into one text for as cheap as a comparison of two numbers,
			// and goes through all of them (of 100,000 stories in 800 ms, by the index in 0.2 to 60).
			plan:  "SET LOCAL enable_seqscan = off",
			found: "(SELECT place FROM search WHERE words @@ to_tsquery('simple', $1) OFFSET 0) AS search",
			quote: "'", and: " & ",
		},
	}
}

// postgresRenamed takes their names from the constraints of tables that were set aside: else those of new tables get others.
func postgresRenamed() string {
	names := make([]string, len(tables))
	for i, table := range tables {
		names[i] = "before_" + table
	}
	return `DO $$ DECLARE c record; BEGIN
		FOR c IN SELECT conname, conrelid::regclass AS of FROM pg_constraint JOIN pg_class t ON t.oid = conrelid
			JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = current_schema() AND t.relname IN ` + quoted(names) + `
		LOOP EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', c.of, c.conname, 'before_' || c.conname); END LOOP; END $$`
}

// ErrAddress says that a postgres:// address cannot be read. It does not quote it, as there may be a password in it.
var ErrAddress = errors.New("the store's address cannot be read; its form is postgres://user:password@host:5432/database")

func openPostgres(address string) (*Store, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, ErrAddress
	}
	db := sql.OpenDB(stdlib.GetConnector(*cfg, stdlib.OptionAfterConnect(tune)))
	db.SetMaxOpenConns(postgresConns)
	db.SetMaxIdleConns(postgresConns)
	return &Store{w: db, r: db, name: fmt.Sprintf("postgres://%s/%s", cfg.Host, cfg.Database), dialect: postgresDialect()}, nil
}

// tune has rows looked up by index, as in memory or on flash a page here and one there cost little more than two in a row: PostgreSQL
// takes it for a spinning disk, and reads whole tables for a hundred rows of them. Long texts are compressed by LZ4, in a fifth of the
// time of PostgreSQL's own way, where the server has it.
func tune(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SET random_page_cost = 1.1;
		DO $$ BEGIN SET default_toast_compression = 'lz4'; EXCEPTION WHEN OTHERS THEN NULL; END $$`)
	return err
}
