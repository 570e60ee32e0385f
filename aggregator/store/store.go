// Package store keeps everything that nashra stores: sources, items, stories, translations, the
// translation memory and the money spent. It runs one set of SQL statements on SQLite (a file) and
// PostgreSQL (a postgres:// address); sqlite.go and postgres.go hold what differs. Writers take
// turns on both, and readers never wait.
package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"

	"github.com/pressly/goose/v3"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/translate"
)

var (
	_ aggregator.Store = (*Store)(nil)
	_ translate.Store  = (*Store)(nil)
)

// Store is an open store. Its methods may be called from several goroutines and processes.
type Store struct {
	// Place names the folder this process publishes to, if processes with several folders share the
	// store. Set it before use, always to the same name. Empty: there is one folder.
	Place string
	// Warning says why the file is not safe where it is, for people. Empty: it is.
	Warning string
	// Forward says how Open brought the store to another schema, for people. Empty: it did not.
	Forward string

	w, r    *sql.DB // for writing and for reading
	path    string  // of the SQLite file; empty: PostgreSQL
	name    string  // for messages, without a password
	newest  int64   // schema; 0: the store was opened without migrations
	dialect dialect
	sharing sharing
	buying  buying

	searched atomic.Bool // the search index exists
	whole    atomic.Bool // and has every story but the newest few
	harm     chan error  // gets the first error that says the file is damaged; nil: PostgreSQL
}

// dialect holds what differs between the databases once they are open.
type dialect struct {
	migrations goose.Dialect
	options    []goose.ProviderOption
	migrated   string             // counts the tables named schemaTable, and on SQLite all tables and indexes
	layout     string             // selects the parts of a store: layout.go
	renamed    string             // renames the constraints of tables that were set aside; empty: they have no names
	turn       string             // waits for a writer's turn; empty: BEGIN does
	snapshot   sql.IsolationLevel // shows a reader one state throughout
	binding    binding
	search     searching
}

// Open opens the store at a path or a postgres:// address, and creates or migrates it if needed.
// Before a migration to schema N it copies an SQLite file to path.before-N.
func Open(ctx context.Context, address string) (*Store, error) {
	return open(ctx, address, migrations(), remoteDisk)
}

func open(
	ctx context.Context, address string, migrations fs.FS, remote func(path string) string,
) (*Store, error) {
	s, err := openAsIs(address)
	if err != nil {
		return nil, err
	}
	if s.path != "" {
		err = s.create(remote)
	}
	if err == nil {
		err = s.migrate(ctx, migrations)
	}
	if err == nil && s.path != "" {
		_, err = s.w.ExecContext(ctx, undoInMemory)
	}
	if err != nil {
		s.Close()
		return nil, s.explain(err)
	}
	return s, nil
}

// OpenExisting opens the store at a path or a postgres:// address, and migrates it if needed. Where
// there is no file yet, it makes none: an empty store in memory stands in for it.
func OpenExisting(ctx context.Context, address string) (*Store, error) {
	if _, err := os.Stat(address); address != "" && !isPostgres(address) && errors.Is(err, fs.ErrNotExist) {
		return openEmpty(ctx, address)
	}
	return Open(ctx, address)
}

// openAsIs opens a store without creating or migrating it.
func openAsIs(address string) (*Store, error) {
	switch {
	case address == "":
		return nil, errors.New("open store: no path or address is given")
	case isPostgres(address):
		return openPostgres(address)
	}
	return openSQLite(address)
}

func isPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// Harm waits until a query finds that the store is damaged and returns that error, or nil when ctx
// ends.
func (s *Store) Harm(ctx context.Context) error {
	select {
	case err := <-s.harm:
		return err
	case <-ctx.Done():
		return nil
	}
}

// Close closes the store.
func (s *Store) Close() error {
	s.buying.unlock()
	return errors.Join(s.w.Close(), s.r.Close())
}
