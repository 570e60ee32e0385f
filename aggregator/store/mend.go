package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/translate/arabic"
)

// errGarbled is of a row whose text nobody wrote so: SQLite takes a page that was zeroed for the end of a long text.
var errGarbled = errors.New("it is no text that was stored")

// Damaged says whether an error comes of an SQLite file that is damaged, or none.
func Damaged(err error) bool {
	if errors.Is(err, errGarbled) {
		return true
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff // the rest says more precisely what
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB || e.Code() == sqlite3.SQLITE_IOERR_SHORT_READ
}

// Mend looks through the SQLite store at path and, where it is damaged, makes a new one of what can be read of it and sets the damaged
// file aside, under the name that it returns; empty: nothing is wrong. What is missing comes again from the sources, which are all due. No
// pass and no daemon may be at work: Mend waits for them, for wait at most. A file that nothing shows to be a store of ours is left alone.
func Mend(ctx context.Context, path string, wait time.Duration, at time.Time) (aside string, n Counts, err error) {
	s, err := openAsIs(path)
	if err != nil {
		return "", n, err
	}
	defer s.Close()
	if _, err := os.Stat(s.passFile()); s.path == "" || err != nil {
		return "", n, fmt.Errorf("mend store %s: no pass was ever made on it, so it is left as it is", s.name)
	}
	release, err := s.Pass(ctx, wait)
	if err != nil {
		return "", n, err
	}
	defer release()
	stop, err := s.Serving()
	if err != nil {
		return "", n, err
	}
	defer stop()
	n, faults, err := Check(ctx, path) // another may have mended it meanwhile
	if err == nil && len(faults) == 0 || err != nil && !Damaged(err) {
		return "", n, err
	}
	fresh := path + ".mending"
	defer removeFile(fresh)
	if n, err = rebuild(ctx, path, fresh); err != nil {
		return "", n, fmt.Errorf("mend store %s: %w", s.name, err)
	}
	aside = path + ".damaged-" + at.UTC().Format("20060102T150405Z")
	if err := swap(path, fresh, aside); err != nil {
		return "", n, fmt.Errorf("set the damaged store %s aside: %w", s.name, err)
	}
	return aside, n, nil
}

// swap puts fresh in the place of the file at path, which is aside from then on. There is a file at path all the time.
func swap(path, fresh, aside string) error {
	if err := os.Link(path, aside); err != nil {
		return err
	}
	if err := os.Rename(path+"-wal", aside+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(fresh, path)
}

// removeFile removes an SQLite file and what stands beside it.
func removeFile(path string) {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		_ = os.Remove(name)
	}
}

// rebuild makes a store at fresh of what can be read of the one at path.
func rebuild(ctx context.Context, path, fresh string) (n Counts, err error) {
	removeFile(fresh) // of one that was killed
	target, err := Open(ctx, fresh)
	if err != nil {
		return n, err
	}
	err = target.salvage(ctx, path)
	if cerr := target.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return n, err
	}
	n, faults, err := Check(ctx, fresh)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("what can be read of it does not fit together: %s", strings.Join(faults, "; "))
	}
	return n, err
}

// salvage takes in what can be read of the damaged file at path. Where not even its list of tables can be, the first page is taken from s:
// stores are all made alike, and their tables begin on the same pages.
func (s *Store) salvage(ctx context.Context, path string) error {
	from, err := openDamaged(ctx, path)
	if err != nil {
		grafted := s.path + ".grafted"
		defer removeFile(grafted)
		if _, err := s.w.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil { // the page is to be in the file
			return err
		}
		if err := graft(path, s.path, grafted); err != nil {
			return err
		}
		if from, err = openDamaged(ctx, grafted); Damaged(err) {
			return nil // nothing can be read
		} else if err != nil {
			return err
		}
	}
	defer from.Close()
	if _, err := s.w.ExecContext(ctx, "PRAGMA foreign_keys = 0"); err != nil { // until all is there
		return err
	}
	return s.write(ctx, func(into transaction) error {
		for _, name := range tables {
			if err := salvageTable(ctx, from, into, name); err != nil {
				return fmt.Errorf("read what is left of %s: %w", name, err)
			}
		}
		if err := resign(ctx, into); err != nil {
			return err
		}
		for _, q := range fitting {
			if err := into.run(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
}

// openDamaged opens the file at path for reading, if its list of tables can be read.
func openDamaged(ctx context.Context, path string) (*sql.DB, error) {
	dsn, err := sqliteDSN(path)
	if err != nil {
		return nil, err
	}
	before, _, _ := strings.Cut(dsn, "?")
	db, err := sql.Open("sqlite", before+"?mode=ro&_pragma=busy_timeout(5000)&_pragma=writable_schema(1)") // else a file that was cut is not read at all
	if err != nil {
		return nil, err
	}
	var ours, all int64
	if err = db.QueryRowContext(ctx, sqliteDialect().migrated).Scan(&ours, &all); err == nil && ours == 0 {
		err = errors.New("no table of ours")
	}
	if err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

const (
	pageSize     = 4096 // SQLite's own, which no store of ours has changed
	sizeValidFor = 95   // where the head ends that says how many pages there are, if it fits to what stands at 24 (sqlite.org/fileformat2)
)

// graft copies the file at path, and what waits beside it to be written into it, and gives the copy the first page of another.
func graft(path, head, to string) error {
	if err := copyFile(path, to); err != nil {
		return err
	}
	if err := copyFile(path+"-wal", to+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	page := make([]byte, pageSize)
	h, err := os.Open(head)
	if err != nil {
		return err
	}
	defer h.Close()
	if _, err := io.ReadFull(h, page); err != nil {
		return fmt.Errorf("read the head of a new store: %w", err)
	}
	page[sizeValidFor]++ // how many pages there are the file tells
	f, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(page, 0)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

func copyFile(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	return err
}

// salvageTable copies the rows of a table that can be read and are what a row has to be. Where a page is damaged it goes on behind it, in
// growing steps: as many rows as were lost may be lost with them.
func salvageTable(ctx context.Context, from *sql.DB, into transaction, name string) error {
	columns, fits, err := columnsOf(ctx, into, name)
	if err != nil {
		return err
	}
	var batch [][]any
	var unstored error
	flush := func() error {
		unstored = into.values(ctx, "INSERT OR IGNORE INTO "+name+" ("+columns+") ", "", batch)
		batch = batch[:0]
		return unstored
	}
	take := func(row []any) error {
		if fits(row) {
			batch = append(batch, row)
		}
		if len(batch) < rowsPerCopy {
			return nil
		}
		return flush()
	}
	query := "SELECT rowid, " + columns + " FROM " + name + " WHERE rowid > $1 ORDER BY rowid"
	for after, skip := int64(0), int64(1); ; {
		last, err := rowsAfter(ctx, from, query, after, take)
		switch {
		case unstored != nil:
			return unstored
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil, !Damaged(err) && last == after: // all read; or it cannot be asked at all
			return flush()
		case last > after:
			after, skip = last, 1
		case after > math.MaxInt64-skip:
			return flush()
		default:
			after, skip = after+skip, 2*skip
		}
	}
}

// rowsAfter calls take for each row that can be read behind the one of a number, and returns the number of the last.
func rowsAfter(ctx context.Context, from *sql.DB, query string, after int64, take func(row []any) error) (last int64, err error) {
	last = after
	rows, err := from.QueryContext(ctx, query, after)
	if err != nil {
		return last, err
	}
	defer rows.Close()
	for rows.Next() {
		row, _, err := scanAny(rows)
		if err != nil {
			return last, err
		}
		if number, ok := row[0].(int64); ok {
			last = number
		}
		if err := take(row[1:]); err != nil {
			return last, err
		}
	}
	return last, rows.Err()
}

// columnsOf are the columns of a table as a list, and what says whether a row has in each what it is to hold.
func columnsOf(ctx context.Context, tx transaction, table string) (list string, fits func(row []any) bool, err error) {
	var names, kinds []string
	err = tx.each(ctx, func(rows *sql.Rows) error {
		var name, kind string
		err := rows.Scan(&name, &kind)
		names, kinds = append(names, name), append(kinds, kind)
		return err
	}, "SELECT name, type FROM pragma_table_info('"+table+"') ORDER BY cid")
	return strings.Join(names, ", "), func(row []any) bool {
		if packed, ok := row[len(row)-1].([]byte); ok && table == "filed" && unpack(packed, func(entry) {}) != nil {
			return false
		}
		for i, v := range row {
			ok := false
			switch v := v.(type) {
			case nil:
				ok = true // where it may not be the table refuses it
			case int64:
				ok = kinds[i] == "INTEGER" || kinds[i] == "BIGINT"
			case bool:
				ok = kinds[i] == "BOOLEAN"
			case string:
				ok = kinds[i] == "TEXT" && strings.IndexByte(v, 0) < 0 // which nothing is stored with (clean)
			case []byte:
				ok = kinds[i] == "BYTEA"
			}
			if !ok {
				return false
			}
		}
		return true
	}, err
}

// unlisted are texts whose lists cannot be read.
const unlisted = `NOT (authors = '' OR json_valid(authors)) OR NOT (categories = '' OR json_valid(categories)) OR
	NOT (enclosures = '' OR json_valid(enclosures)) OR NOT (images = '' OR json_valid(images))`

// resign gives items that lost what they are grouped by a signature anew, and drops texts that make no sense. Of names that only the
// operator's glossary has it knows nothing.
func resign(ctx context.Context, tx transaction) error {
	if err := tx.run(ctx, "DELETE FROM texts WHERE "+unlisted); err != nil {
		return err
	}
	var signed [][]any
	err := tx.each(ctx, func(rows *sql.Rows) error {
		var id int64
		it, err := scanItem(rows, &id)
		if err != nil {
			return err
		}
		signature, err := dedupe.Sign(it, arabic.Lexicon{}).MarshalBinary()
		signed = append(signed, []any{id, signature})
		return err
	}, "SELECT "+itemColumns+", i.id FROM items i JOIN texts t ON t.item = i.id WHERE i.id NOT IN (SELECT item FROM signatures)")
	if err != nil {
		return err
	}
	return tx.insert(ctx, "signatures (item, signature)", "", signed)
}

// fitting is what makes a whole of the rows that could be read: what lost a part of it goes and comes again from its source, which is
// asked anew for all it has.
var fitting = []string{
	"DELETE FROM items WHERE key <> CAST(source || char(0) || guid AS BLOB) OR id NOT IN (SELECT item FROM texts) OR id NOT IN (SELECT item FROM signatures)",
	"DELETE FROM stories WHERE NOT EXISTS (SELECT 1 FROM items i WHERE i.id = stories.lead AND i.story = stories.number)",
	"UPDATE items SET story = NULL, kind = '', why = '' WHERE story NOT IN (SELECT number FROM stories)",
	"DELETE FROM texts WHERE item NOT IN (SELECT id FROM items)",
	"DELETE FROM signatures WHERE item NOT IN (SELECT id FROM items)",
	"DELETE FROM articles WHERE item NOT IN (SELECT id FROM items)",
	"DELETE FROM identities WHERE story NOT IN (SELECT number FROM stories)",
	"DELETE FROM links WHERE story NOT IN (SELECT number FROM stories) OR other NOT IN (SELECT number FROM stories)",
	"DELETE FROM translations WHERE story NOT IN (SELECT number FROM stories)",
	"DELETE FROM claims",
	"UPDATE sources SET etag = '', last_modified = '', digest = x'', due = 0, polled = 0, succeeded = 0, whole = 0",
}
