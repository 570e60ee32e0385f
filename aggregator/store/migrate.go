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

//go:embed migrations/*.sql
var migrationFiles embed.FS

// schemaTable is where the migrations that were made are written down. It also tells a store of ours from another's database.
const schemaTable = "nashra_schema"

func migrations() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// migrate brings the store to the newest schema of files, each step in a transaction; several processes at once do it once.
func (s *Store) migrate(ctx context.Context, files fs.FS) error {
	options := append([]goose.ProviderOption{goose.WithTableName(schemaTable), goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger())}, s.dialect.options...)
	p, err := goose.NewProvider(s.dialect.migrations, s.w, files, options...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	known := p.ListSources()
	newest := known[len(known)-1].Version
	have, err := s.schema(ctx, newest)
	switch {
	case err != nil:
		return err
	case s.path == "" && have == newest:
		return nil
	case s.path == "":
		return s.up(ctx, p, newest)
	case have == newest:
		_, err := s.w.ExecContext(ctx, besideReaders)
		return err
	}
	l := flock.New(s.path + ".migrating")
	if _, err := l.TryLockContext(ctx, lockPoll); err != nil {
		return fmt.Errorf("wait for another nashra to migrate: %w", err)
	}
	defer func() { _ = l.Unlock() }()
	if have, err = s.schema(ctx, newest); err != nil { // another may have been at it meanwhile
		return err
	}
	if _, err := s.w.ExecContext(ctx, besideReaders); err != nil {
		return err
	}
	if have > 0 && have < newest {
		if err := s.before(ctx, newest); err != nil {
			return err
		}
	}
	if err := s.up(ctx, p, newest); err != nil {
		return err
	}
	_ = os.Remove(l.Path()) // whoever waits for it finds nothing left to do; where an open file cannot be removed it stays, and does no harm
	return nil
}

func (s *Store) up(ctx context.Context, p *goose.Provider, newest int64) error {
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring to schema %d: %w", newest, err)
	}
	return nil
}

// current is an error where the store is not of this program's schema.
func (s *Store) current(ctx context.Context) error {
	names, err := fs.Glob(migrations(), "*.sql")
	if err != nil {
		return err
	}
	newest := int64(len(names)) // they are numbered from 1
	have, err := s.schema(ctx, newest)
	switch {
	case err != nil:
		return err
	case have == 0:
		return errors.New("nothing is stored there yet")
	case have < newest:
		return fmt.Errorf("it has schema %d and this nashra works with %d: nashra fetch brings it up to date", have, newest)
	}
	return nil
}

// schema is the number of the store's last migration, 0 for a store that is yet to be made. A schema above newest is an error, and so
// is a database that is not ours.
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

// before copies the file as it is before schema n.
func (s *Store) before(ctx context.Context, n int64) error {
	return s.vacuumInto(ctx, fmt.Sprintf("%s.before-%d", s.path, n))
}

// lockPoll is how often a lock is tried again: no person notices it, no processor either.
const lockPoll = 50 * time.Millisecond
