package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// errGarbled marks a row with a text that was never stored. SQLite reads a zeroed page as the end
// of a long text.
var errGarbled = errors.New("this text was never stored")

// Damaged reports whether an error says that an SQLite file is damaged, or is not an SQLite file.
func Damaged(err error) bool {
	if errors.Is(err, errGarbled) {
		return true
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff // the other bits are the extended code
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB ||
		e.Code() == sqlite3.SQLITE_IOERR_SHORT_READ
}

// Exclusive waits for at most wait to lock the SQLite store at path, which may be damaged, against
// passes and daemons. A file on which no pass was ever made is refused: it may not be a store.
func Exclusive(ctx context.Context, path string, wait time.Duration) (release func(), err error) {
	s, err := openAsIs(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if _, err := os.Stat(s.passFile()); s.path == "" || err != nil {
		return nil, fmt.Errorf("store %s: no pass was ever made on it, so it is left as it is", s.name)
	}
	endPass, err := s.Pass(ctx, wait)
	if err != nil {
		return nil, err
	}
	endServing, err := s.Serving()
	if err != nil {
		endPass()
		return nil, err
	}
	return func() { endServing(); endPass() }, nil
}

// OpenDamaged opens the SQLite store at path for reading, if its list of tables can be read.
func OpenDamaged(ctx context.Context, path string) (*sql.DB, error) {
	url, err := sqliteURL(path)
	if err != nil {
		return nil, err
	}
	// With writable_schema SQLite also reads a file that was cut short.
	db, err := sql.Open("sqlite", url+"?mode=ro&_pragma=busy_timeout(5000)&_pragma=writable_schema(1)")
	if err != nil {
		return nil, err
	}
	var ours, all int64
	if err = db.QueryRowContext(ctx, sqliteDialect().migrated).Scan(&ours, &all); err == nil && ours == 0 {
		err = errors.New("it has none of our tables")
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// TableReader reads a table: it calls keep with every row, values in the order of columns. It returns
// the columns that the table has, which may be fewer.
type TableReader func(table string, columns []string, keep func(row []any) error) (had []string, err error)

// Salvage fills s, an empty SQLite store, with what read finds in a damaged one. It drops rows that
// do not fit or that lost what belongs to them, and makes all sources due.
func (s *Store) Salvage(ctx context.Context, read TableReader) error {
	if _, err := s.w.ExecContext(ctx, "PRAGMA foreign_keys = 0"); err != nil { // until all tables are filled
		return err
	}
	return s.write(ctx, func(tx transaction) error {
		var sources []string
		for _, table := range tables {
			if slices.Contains(derived, table) {
				continue
			}
			had, err := salvageTable(ctx, tx, table, read)
			if err != nil {
				return fmt.Errorf("read what is left of %s: %w", table, err)
			}
			if table == "sources" {
				sources = had
			}
		}
		if outdatedGlossary(sources) {
			if err := tx.run(ctx, keepBought); err != nil {
				return err
			}
		}
		for _, q := range repairs {
			if err := tx.run(ctx, q); err != nil {
				return err
			}
		}
		return derive(ctx, tx)
	})
}

func salvageTable(ctx context.Context, tx transaction, table string, read TableReader) (had []string, err error) {
	var names, kinds []string
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var name, kind string
		err := rows.Scan(&name, &kind)
		names, kinds = append(names, name), append(kinds, kind)
		return err
	}, "SELECT name, type FROM pragma_table_info($1) ORDER BY cid", table)
	if err != nil {
		return nil, err
	}
	var batch [][]any
	flush := func() error {
		err := tx.values(ctx, "INSERT OR IGNORE INTO "+table+" ("+strings.Join(names, ", ")+") ", "", batch)
		batch = batch[:0]
		return err
	}
	had, err = read(table, names, func(row []any) error {
		for i, v := range row {
			if !fits(v, kinds[i]) {
				return nil
			}
		}
		if batch = append(batch, row); len(batch) < rowsPerCopy {
			return nil
		}
		return flush()
	})
	if err != nil {
		return nil, err
	}
	return had, flush()
}

// fits reports whether a column of a type may hold a value. NULL fits: a column that must not be
// NULL refuses it.
func fits(v any, kind string) bool {
	switch v := v.(type) {
	case nil:
		return true
	case int64:
		return kind == "INTEGER" || kind == "BIGINT" || kind == "BOOLEAN" && (v == 0 || v == 1)
	case string:
		return kind == "TEXT" && strings.IndexByte(v, 0) < 0 // cleanText removes zero bytes before storing
	case []byte:
		return kind == "BYTEA"
	}
	return false
}

// unlisted is the condition for rows of texts whose lists cannot be read.
const unlisted = `NOT (authors = '' OR json_valid(authors)) OR NOT (categories = '' OR json_valid(categories)) OR
	NOT (enclosures = '' OR json_valid(enclosures)) OR NOT (images = '' OR json_valid(images))`

// repairs delete what lost a part, so that the rules of Check hold, and make all sources due.
var repairs = []string{
	"DELETE FROM texts WHERE " + unlisted,
	"DELETE FROM items WHERE key <> CAST(source || char(0) || guid AS BLOB) OR id NOT IN (SELECT item FROM texts)",
	`DELETE FROM stories
		WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = stories.lead AND i.story = stories.number)`,
	"UPDATE items SET story = NULL, kind = '', why = '' WHERE story NOT IN (SELECT number FROM stories)",
	"DELETE FROM texts WHERE item NOT IN (SELECT id FROM items)",
	"DELETE FROM articles WHERE item NOT IN (SELECT id FROM items)",
	"DELETE FROM identities WHERE story NOT IN (SELECT number FROM stories)",
	"DELETE FROM links WHERE story NOT IN (SELECT number FROM stories) OR other NOT IN (SELECT number FROM stories)",
	"DELETE FROM translations WHERE story NOT IN (SELECT number FROM stories)",
	`UPDATE stories SET titled = COALESCE((SELECT t.at FROM translations t
		WHERE t.story = stories.number AND (t.title <> '' OR t.state = 'done')), 0)
		WHERE titled = 0`, // as migration 12
	"DELETE FROM claims",
	"UPDATE outputs SET made = NULL", // numbers of changes may be lost, so that they come again
	"UPDATE sources SET etag = '', last_modified = '', digest = x'', due = 0, polled = 0, succeeded = 0, whole = 0",
}
