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

// migrationFiles are the steps of the schema in SQL. Those that ever landed are never edited: a store remembers a step by its number.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// begin is the first of them.
//
//go:embed migrations/0001_begin.sql
var begin string

// schemaTable is where the migrations that ran are recorded. It also tells a store of ours from another program's database.
const schemaTable = "nashra_schema"

func migrations() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// provider returns what runs migrations: those in files, and the one in forward.go.
func (s *Store) provider(files fs.FS) (p *goose.Provider, newest int64, err error) {
	options := append([]goose.ProviderOption{goose.WithTableName(schemaTable), goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()), goose.WithGoMigrations(goose.NewGoMigration(oneLayout, &goose.GoFunc{RunTx: s.align}, nil))},
		s.dialect.options...)
	if p, err = goose.NewProvider(s.dialect.migrations, s.w, files, options...); err != nil {
		return nil, 0, fmt.Errorf("read migrations: %w", err)
	}
	known := p.ListSources()
	return p, known[len(known)-1].Version, nil
}

// migrate brings the store to the newest schema of files, each step in a transaction. Of several processes one does, the others wait.
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
		return up(ctx, p, newest)
	case have == newest:
		_, err := s.w.ExecContext(ctx, besideReaders)
		return err
	}
	l := flock.New(s.path + ".migrating")
	if _, err := l.TryLockContext(ctx, lockPoll); err != nil {
		return fmt.Errorf("wait for another nashra to migrate: %w", err)
	}
	defer func() { _ = l.Unlock() }()
	if have, err = s.schema(ctx, newest); err != nil { // another process may have migrated it meanwhile
		return err
	}
	if _, err := s.w.ExecContext(ctx, besideReaders); err != nil {
		return err
	}
	changes, err := s.changes(ctx, have, newest)
	if err != nil {
		return err
	}
	if changes {
		if err := s.vacuumInto(ctx, s.before(newest)); err != nil {
			return err
		}
	}
	if err := up(ctx, p, newest); err != nil {
		return err
	}
	_ = os.Remove(l.Path()) // who waits for it finds nothing to do; a system that does not remove open files keeps it, which does no harm
	return nil
}

func up(ctx context.Context, p *goose.Provider, newest int64) error {
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring to schema %d: %w", newest, err)
	}
	return nil
}

// changes reports whether the layout of a store that has a schema changes on its way to the newest.
func (s *Store) changes(ctx context.Context, have, newest int64) (changes bool, err error) {
	if have == 0 || have == newest || have >= oneLayout || newest > oneLayout {
		return 0 < have && have < newest, nil
	}
	return changes, s.read(ctx, func(tx transaction) error {
		statements, err := s.dialect.needed(ctx, tx)
		changes = len(statements) > 0
		return err
	})
}

// stands returns the schema of a store that is to be read as it is, and the newest. A store without any is an error.
func (s *Store) stands(ctx context.Context) (have, newest int64, err error) {
	if _, newest, err = s.provider(migrations()); err != nil {
		return 0, 0, err
	}
	if have, err = s.schema(ctx, newest); err == nil && have == 0 {
		err = errors.New("nothing is stored there yet")
	}
	return have, newest, err
}

// schema returns the number of the last migration that ran on the store, 0 for a store that is yet to be made. A schema above newest is
// an error, and so is another program's database.
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
	if err := s.w.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM "+schemaTable).Scan(&have); err != nil {
		return 0, err
	}
	if have > newest {
		return 0, newerError{s.name, have, newest}
	}
	return have, nil
}

// newerError is a store that this program is too old for.
type newerError struct {
	store       string
	have, known int64
}

func (e newerError) Error() string {
	return fmt.Sprintf("%s was written by a newer nashra (schema %d, this one knows %d)", e.store, e.have, e.known)
}

// before is the path of the copy that is made of the file before it is brought to a schema.
func (s *Store) before(schema int64) string { return fmt.Sprintf("%s.before-%d", s.path, schema) }

// keepBefore is how long these copies are kept.
const keepBefore = 30 * 24 * time.Hour

// removeBefore removes the copies that were made long before now. One that cannot be removed stays.
func (s *Store) removeBefore(now time.Time) {
	for schema := range s.newest + 1 {
		if copied, err := os.Stat(s.before(schema)); err == nil && now.Sub(copied.ModTime()) > keepBefore {
			_ = os.Remove(s.before(schema))
		}
	}
}

// lockPoll is the interval between two tries of a lock.
const lockPoll = 50 * time.Millisecond
