package store

import (
	"context"
	"crypto/rand"
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

	"github.com/nashra/nashra/durable"
	"github.com/nashra/nashra/feeds/words"
)

// pragmas wait 5 s for another process, make a commit survive a crash of the program (a power cut may
// undo the last ones, each whole), and take the write lock when a write transaction begins.
const pragmas = "_pragma=busy_timeout(5000)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_txlock=immediate"

// walMode lets readers run beside a writer. The file stores the setting, so it is sent only once
// the file is known to be ours.
const walMode = "PRAGMA journal_mode = WAL"

// undoInMemory keeps rollback data of a statement in memory, for 1 to 6 % of a first round's CPU.
// It is sent after the migrations, so that sorting a large index still uses a file.
const undoInMemory = "PRAGMA temp_store = MEMORY"

// writerCache lets the writer keep 8 MB of pages. 10 MB took 4 MB more memory in a first round of a
// thousand feeds and no less CPU.
const writerCache = "&_pragma=cache_size(-8000)"

// writerLog checkpoints the -wal file at 4,000 pages of 4 KB. With the default of 1,000, storing
// 30,000 items takes 10 % more CPU; 10,000 saves another 2 %.
const writerLog = "&_pragma=wal_autocheckpoint(4000)"

// readers is the most connections that read an SQLite file. Each has a page cache of 2 MB.
const readers = 4

func sqliteDialect() dialect {
	return dialect{
		migrations: goose.DialectSQLite3,
		migrated: "SELECT COUNT(*) FILTER (WHERE type = 'table' AND name = '" + schemaTable +
			"'), COUNT(*) FROM sqlite_master",
		layout: sqliteLayout(),
		binding: binding{
			param:   func(int) string { return "?" }, // SQLite searches all parameters of a statement for $1 and ?1
			in:      "IN (SELECT value FROM json_each($%d))",
			inBytes: "IN (SELECT unhex(value) FROM json_each($%d))",
			list:    jsonList,
		},
		search: searching{
			// Contentless: the terms without a second copy of the texts, or where in a text they are.
			// ascii: everything beyond ASCII is a letter. prefix: beginnings of so many letters cost a
			// millisecond instead of 55 where half of the stories have them, for twice the space on disk
			// (288 MB for 100,000 stories of 1 to 2 KB, 2026-11-30).
			tables: []string{"CREATE VIRTUAL TABLE IF NOT EXISTS " + wordsTable + ` USING fts5 (terms, content='',
				contentless_delete=1, detail=none, prefix='3 4',
				tokenize="ascii tokenchars '-` + words.TermSigns + sourceMark + `'")`},
			add:    "INSERT INTO " + wordsTable + " (rowid, terms) SELECT column1, column2",
			place:  "rowid",
			found:  wordsTable + "($3)",
			syntax: words.Syntax{Quote: `"`, And: " AND ", Or: " OR ", Begins: "*"},
		},
	}
}

// jsonList returns a list as JSON, with bytes as hexadecimal digits.
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
		panic(err) // numbers and strings can always be encoded
	}
	return string(b)
}

func openSQLite(path string) (*Store, error) {
	url, err := sqliteURL(path)
	if err != nil {
		return nil, err
	}
	return openDSN(path, url+"?"+pragmas)
}

// openEmpty makes a store in memory, which has the name path.
func openEmpty(ctx context.Context, path string) (*Store, error) {
	s, err := openDSN(path, "file:/"+rand.Text()+"?vfs=memdb&"+pragmas)
	if err != nil {
		return nil, err
	}
	p, newest, err := s.provider(migrations())
	if s.newest = newest; err == nil {
		err = s.up(ctx, p, 0, "")
	}
	if err != nil {
		s.Close()
		return nil, s.explain(err)
	}
	return s, nil
}

func openDSN(path, dsn string) (*Store, error) {
	w, err := openPrepared(dsn + writerCache + writerLog)
	if err != nil {
		return nil, err
	}
	r, err := openPrepared(dsn + "&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	w.SetMaxOpenConns(1) // SQLite has one writer at a time; ours wait for each other here, in order
	r.SetMaxOpenConns(readers)
	return &Store{w: w, r: r, path: path, name: path, dialect: sqliteDialect(), harm: make(chan error, 1)}, nil
}

// create makes the file of a new store for its owner alone; SQLite gives -wal and -shm the same mode.
// Where remote names a network file system it makes none, and warns of one that exists.
func (s *Store) create(remote func(path string) string) error {
	_, err := os.Stat(s.path)
	if err == nil {
		if on := remote(s.path); on != "" {
			s.Warning = fmt.Sprintf("the store %s is on a network file system (%s), where SQLite may damage it: "+
				"move it to a local disk, or use a postgres:// address", s.name, on)
		}
		return nil
	}
	if on := remote(filepath.Dir(s.path)); on != "" {
		return fmt.Errorf("its folder is on a network file system (%s), where SQLite may damage it: name a file on a "+
			"local disk or a postgres:// address; or create the empty file yourself if only this machine writes it", on)
	}
	// Without O_EXCL another connection of this process would lose its locks on the file.
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil // SQLite says why, or another process was first
	}
	return f.Close()
}

// sqliteURL returns path as an escaped file: URL.
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

// explain adds the store to err, and a hint if the file is the cause.
func (s *Store) explain(err error) error {
	if err == nil {
		return nil
	}
	if Damaged(err) {
		err = fmt.Errorf("store %s is damaged, or no SQLite database: nashra store check --mend keeps what can be "+
			"read of it; or put a backup in its place: %w", s.name, err)
		select {
		case s.harm <- err:
		default: // Harm has one already
		}
		return err
	}
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CANTOPEN { // the other bits are the extended code
		return fmt.Errorf("store %s cannot be opened: does its folder exist, and may nashra write there? %w",
			s.name, err)
	}
	return fmt.Errorf("store %s: %w", s.name, s.waited(err))
}

// vacuumInto copies one state of the store to a file, which gets its name once it is complete.
func (s *Store) vacuumInto(ctx context.Context, to string) error {
	tmp := to + ".new"
	for _, left := range []string{tmp, tmp + "-journal"} { // by a process that was killed
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) // for its owner alone, as the store
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := s.w.ExecContext(ctx, "VACUUM INTO $1", tmp); err != nil { // the connections in r are read-only
		_ = os.Remove(tmp)
		return fmt.Errorf("copy to %s: %w", to, err)
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return durable.Rename(tmp, to)
}
