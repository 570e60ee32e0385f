// Package store keeps everything that nashra knows: sources, items, stories, translations, the translation memory and what was
// spent. It is one set of tables and one SQL text over SQLite (a file) or PostgreSQL (a postgres:// address); what differs between
// them stands in sqlite.go and postgres.go. Writers take turns on both, readers never wait.
package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
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
	// Place is where this process publishes, of several on one store that each have a folder of their own: set before use, and the same
	// each time for the same folder. Empty: it is the only one.
	Place string

	w, r    *sql.DB // for writing, for reading
	path    string  // of the SQLite file; empty: PostgreSQL
	name    string  // for people: no password in it
	newest  int64   // schema; 0: the store was opened as it is
	dialect dialect
	sharing sharing
	buying  buying

	searched atomic.Bool // the index of words is there
	harm     chan error  // the first error that tells of a damaged file; nil: there is no file
}

// dialect is what differs between the databases beyond opening them.
type dialect struct {
	migrations goose.Dialect
	options    []goose.ProviderOption
	migrated   string             // asks how many tables are named schemaTable, and how many there are where others mean another program; at one moment, as others may be making them
	layout     string             // asks for the parts of a store: layout.go
	renamed    string             // renames the constraints of tables that were set aside; empty: they have no names
	turn       string             // what a writer does first to wait for its turn; empty: beginning does it
	snapshot   sql.IsolationLevel // in which a reader sees one state throughout
	binding    binding
	search     searching
}

// Open opens the store at a path, or at a postgres:// address. It is made or brought up to date where it has to be; an SQLite file is
// copied to its path + ".before-N" before it becomes schema N.
func Open(ctx context.Context, address string) (*Store, error) {
	return open(ctx, address, migrations())
}

func open(ctx context.Context, address string, migrations fs.FS) (*Store, error) {
	s, err := openAsIs(address)
	if err != nil {
		return nil, err
	}
	err = s.migrate(ctx, migrations)
	if err == nil && s.path != "" {
		_, err = s.w.ExecContext(ctx, undoInMemory)
	}
	if err != nil {
		s.Close()
		return nil, s.explain(err)
	}
	return s, nil
}

// openAsIs opens a store without making it or bringing it up to date.
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

// Harm waits until the store turns out to be damaged, and returns how, or until ctx ends; then it is nil.
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
	s.buying.leave()
	err := s.w.Close()
	if rerr := s.r.Close(); err == nil {
		err = rerr
	}
	return err
}
