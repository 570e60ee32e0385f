package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// pragmas: a writer waits 5 s for another process, a commit survives the program's death and, at a power loss, is lost whole or not at all
// (synchronous=NORMAL in WAL), and a transaction that will write says so when it begins.
const pragmas = "_pragma=busy_timeout(5000)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_txlock=immediate"

// besideReaders lets a writer be beside readers. The file keeps it: it is said once the file is known for ours, as it would change another
// program's.
const besideReaders = "PRAGMA journal_mode = WAL"

// undoInMemory keeps the pages by which SQLite would undo one statement of many rows out of a file of their own: 0.94 to 0.99 of a
// first round's CPU for 4 MB. It is said after migrations, as what an index over millions is sorted in is for a file.
const undoInMemory = "PRAGMA temp_store = MEMORY"

// writerCache is the memory for pages that a writer keeps, 8 MB: with 10 a first round of a thousand feeds (30,000 items) peaked 4 MB
// higher and took as much CPU.
const writerCache = "&_pragma=cache_size(-8000)"

// writerLog is how long the file beside the store grows, in pages of 4 KB, before they are carried over: with SQLite's 1,000 the pages
// of the indexes are carried over so often that storing 30,000 items takes a tenth more CPU; with 10,000 it takes 2 % less still.
const writerLog = "&_pragma=wal_autocheckpoint(4000)"

// readers is the most connections that read an SQLite file: pages of several channels at once; each costs its own page cache (2 MB).
const readers = 4

func sqliteDialect() dialect {
	return dialect{
		migrations: goose.DialectSQLite3,
		migrated:   "SELECT COUNT(*) FILTER (WHERE type = 'table' AND name = '" + schemaTable + "'), COUNT(*) FROM sqlite_master",
		layout:     sqliteLayout(),
		binding: binding{
			param:   func(int) string { return "?" }, // SQLite looks up $1 and ?1 among all parameters of the statement
			in:      "IN (SELECT value FROM json_each($%d))",
			inBytes: "IN (SELECT unhex(value) FROM json_each($%d))",
			list:    jsonList,
		},
		search: searching{
			// contentless: the words alone, no text a second time. ascii: what is not ASCII is a letter; the words are folded already.
			tables: []string{`CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5 (words, content='', contentless_delete=1, tokenize='ascii')`},
			add:    "INSERT INTO search (rowid, words) VALUES ($1, $2)",
			place:  "search.rowid",
			found:  "search($1)",
			quote:  `"`, and: " ",
		},
	}
}

// jsonList returns a list as JSON, bytes as hexadecimal digits.
func jsonList(list any) any {
	if keys, ok := list.([][]byte); ok {
		digits := make([]string, len(keys))
		for i, k := range keys {
			digits[i] = hex.EncodeToString(k)
		}
		list = digits
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // numbers and strings always have a form
	}
	return string(b)
}

func openSQLite(path string) (*Store, error) {
	url, err := sqliteURL(path)
	if err != nil {
		return nil, err
	}
	dsn := url + "?" + pragmas
	w, err := sql.Open("sqlite", dsn+writerCache+writerLog)
	if err != nil {
		return nil, err
	}
	r, err := sql.Open("sqlite", dsn+"&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	w.SetMaxOpenConns(1) // SQLite has one writer: ours wait for each other here, in order, and not in the file
	r.SetMaxOpenConns(readers)
	return &Store{w: w, r: r, path: path, name: path, dialect: sqliteDialect(), harm: make(chan error, 1)}, nil
}

// sqliteURL returns path as a URL, escaped: a '?' or '%' in it is part of the name.
func sqliteURL(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("open store %s: %w", path, err)
	}
	abs = filepath.ToSlash(abs)
	if !strings.HasPrefix(abs, "/") {
		abs = "/" + abs // file:/C:/…
	}
	return "file:" + (&url.URL{Path: abs}).EscapedPath(), nil
}

// explain adds to err which store it is about, and what to do where the file is the cause.
func (s *Store) explain(err error) error {
	if err == nil {
		return nil
	}
	if Damaged(err) {
		err = fmt.Errorf("store %s is damaged, or no SQLite database: nashra store check --mend keeps what can be read of it; or put a backup in its place: %w", s.name, err)
		select {
		case s.harm <- err:
		default: // the first is enough
		}
		return err
	}
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CANTOPEN { // the rest says more precisely what
		return fmt.Errorf("store %s cannot be opened: does its folder exist, and may nashra write there? %w", s.name, err)
	}
	return fmt.Errorf("store %s: %w", s.name, err)
}

// vacuumInto writes one state of the store to a file, which gets its name when it is whole.
func (s *Store) vacuumInto(ctx context.Context, to string) error {
	tmp := to + ".new"
	for _, left := range []string{tmp, tmp + "-journal"} { // by a process that was killed
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if _, err := s.w.ExecContext(ctx, "VACUUM INTO $1", tmp); err != nil { // a reader may not: it would write
		return fmt.Errorf("copy to %s: %w", to, err)
	}
	return os.Rename(tmp, to)
}
