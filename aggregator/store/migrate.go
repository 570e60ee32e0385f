package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
)

// migrationFiles are the migrations in SQL. A landed one is never edited: a store records its
// number only.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// begin is migration 1.
//
//go:embed migrations/0001_begin.sql
var begin string

// schemaTable records the migrations that ran. Its name also marks a database as a store of ours.
const schemaTable = "nashra_schema"

func migrations() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// provider returns what runs the migrations in files and those in Go, and the number of the last.
func (s *Store) provider(files fs.FS) (p *goose.Provider, newest int64, err error) {
	options := append([]goose.ProviderOption{
		goose.WithTableName(schemaTable), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()),
		goose.WithGoMigrations(goose.NewGoMigration(oneLayout, &goose.GoFunc{RunTx: s.align}, nil),
			goose.NewGoMigration(resigned, &goose.GoFunc{RunTx: s.resign}, nil)),
	}, s.dialect.options...)
	if p, err = goose.NewProvider(s.dialect.migrations, s.w, files, options...); err != nil {
		return nil, 0, fmt.Errorf("read migrations: %w", err)
	}
	sources := p.ListSources()
	return p, sources[len(sources)-1].Version, nil
}

// migrate brings the store to the newest schema of files, each migration in a transaction. If
// several processes try, one does it and the others wait.
func (s *Store) migrate(ctx context.Context, files fs.FS) error {
	p, newest, err := s.provider(files)
	if err != nil {
		return err
	}
	s.newest = newest
	have, err := s.schema(ctx, newest)
	switch {
	case err != nil:
		return err
	case s.path == "" && have == newest:
		return nil
	case s.path == "":
		return s.up(ctx, p, have, "")
	case have == newest:
		_, err := s.w.ExecContext(ctx, walMode)
		return err
	}
	l := flock.New(s.path + ".migrating")
	if _, err := l.TryLockContext(ctx, lockPoll); err != nil {
		return fmt.Errorf("wait for another nashra to migrate: %w", err)
	}
	defer func() { _ = l.Unlock() }()
	if have, err = s.schema(ctx, newest); err != nil { // another process may have migrated it by now
		return err
	}
	if _, err := s.w.ExecContext(ctx, walMode); err != nil {
		return err
	}
	changes, err := s.changesLayout(ctx, have, newest)
	if err != nil {
		return err
	}
	copied := ""
	if changes {
		copied = "; a copy from before is " + s.beforePath(newest)
		if err := s.vacuumInto(ctx, s.beforePath(newest)); err != nil {
			return err
		}
	}
	if err := s.up(ctx, p, have, copied); err != nil {
		return err
	}
	// A migration may have written the whole store to the log, which would stay that long.
	if _, err := s.w.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return err
	}
	_ = os.Remove(l.Path()) // a system that cannot remove an open file keeps it, which does no harm
	return nil
}

func (s *Store) up(ctx context.Context, p *goose.Provider, have int64, copied string) error {
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring to schema %d: %w", s.newest, err)
	}
	if have > 0 {
		s.Forward = fmt.Sprintf("the store %s is brought from schema %d to %d%s", s.name, have, s.newest, copied)
	}
	return nil
}

// changesLayout reports whether the way from schema have to newest changes the layout of a store
// that holds something.
func (s *Store) changesLayout(ctx context.Context, have, newest int64) (changes bool, err error) {
	if have == 0 || have == newest {
		return false, nil
	}
	if have >= oneLayout || newest > oneLayout {
		return true, nil
	}
	err = s.read(ctx, func(tx transaction) error {
		statements, err := s.dialect.pending(ctx, tx)
		changes = len(statements) > 0
		return err
	})
	return changes, err
}

// version returns the store's schema and the newest. A store without a schema is an error.
func (s *Store) version(ctx context.Context) (have, newest int64, err error) {
	if _, newest, err = s.provider(migrations()); err != nil {
		return 0, 0, err
	}
	if have, err = s.schema(ctx, newest); err == nil && have == 0 {
		err = errors.New("nothing is stored there yet")
	}
	return have, newest, err
}

// schema returns the number of the last migration that ran on the store, 0 if none did. A schema
// above newest and another program's database are errors.
func (s *Store) schema(ctx context.Context, newest int64) (have int64, err error) {
	var ours, all int64
	if err := s.w.QueryRowContext(ctx, s.dialect.migrated).Scan(&ours, &all); err != nil {
		return 0, err
	}
	if ours == 0 {
		if all > 0 {
			return 0, errors.New("this is another program's database: name another file")
		}
		return 0, nil
	}
	err = s.w.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM "+schemaTable).Scan(&have)
	if err != nil {
		return 0, err
	}
	if have > newest {
		return 0, newerError{s.name, have, newest}
	}
	return have, nil
}

// newerError reports a store of a schema that this program does not know.
type newerError struct {
	store       string
	have, known int64
}

func (e newerError) Error() string {
	return fmt.Sprintf("%s was written by a newer nashra (schema %d, this one knows %d)", e.store, e.have, e.known)
}

// beforePath is where the file is copied to before it is brought to a schema.
func (s *Store) beforePath(schema int64) string { return fmt.Sprintf("%s.before-%d", s.path, schema) }

// keepCopies is how long these copies are kept.
const keepCopies = 30 * 24 * time.Hour

// removeOldCopies removes the copies that are older. One that cannot be removed stays.
func (s *Store) removeOldCopies(now time.Time) {
	for schema := range s.newest + 1 {
		if file, err := os.Stat(s.beforePath(schema)); err == nil && now.Sub(file.ModTime()) > keepCopies {
			_ = os.Remove(s.beforePath(schema))
		}
	}
}

// lockPoll is the interval between two tries of a lock.
const lockPoll = 50 * time.Millisecond
