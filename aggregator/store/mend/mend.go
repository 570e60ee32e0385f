// Package mend makes a new SQLite store of what can be read of a damaged one.
package mend

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

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/durable"
)

// Store checks the SQLite store at path. If it is damaged, Store puts a new one with what can be
// read in its place and returns the name that the damaged file was given; else an empty name.
func Store(
	ctx context.Context, path string, wait time.Duration, at time.Time,
) (aside string, n store.Counts, err error) {
	release, err := store.Exclusive(ctx, path, wait)
	if err != nil {
		return "", n, err
	}
	defer release()
	n, faults, err := store.Check(ctx, path) // another process may have mended it by now
	if err == nil && len(faults) == 0 || err != nil && !store.Damaged(err) {
		return "", n, err
	}
	fresh := path + ".mending"
	defer removeFile(fresh)
	if n, err = rebuild(ctx, path, fresh); err != nil {
		return "", n, fmt.Errorf("mend store %s: %w", path, err)
	}
	aside = path + ".damaged-" + at.UTC().Format("20060102T150405Z")
	if err := swap(path, fresh, aside); err != nil {
		return "", n, fmt.Errorf("set the damaged store %s aside: %w", path, err)
	}
	return aside, n, nil
}

// swap renames the file at path to aside and then fresh to path. There is always a file at path.
func swap(path, fresh, aside string) error {
	info, err := os.Stat(path)
	if err == nil {
		err = os.Chmod(fresh, info.Mode().Perm()) // others whom the operator let read it still may
	}
	if err == nil {
		err = os.Link(path, aside)
	}
	if err != nil {
		return err
	}
	if err := os.Rename(path+"-wal", aside+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return durable.Rename(fresh, path)
}

// removeFile removes an SQLite file with its -wal and -shm files.
func removeFile(path string) {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		_ = os.Remove(name)
	}
}

// rebuild makes a store at fresh of what can be read of the one at path.
func rebuild(ctx context.Context, path, fresh string) (n store.Counts, err error) {
	removeFile(fresh) // left by a process that was killed
	if err := os.WriteFile(fresh, nil, 0o600); err != nil {
		return n, err
	}
	target, err := store.Open(ctx, fresh)
	if err == nil {
		err = target.Close() // writes the first page, which graft copies
	}
	if err == nil {
		err = salvage(ctx, path, fresh)
	}
	if err != nil {
		return n, err
	}
	n, faults, err := store.Check(ctx, fresh)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("what can be read of it does not fit together: %s", strings.Join(faults, "; "))
	}
	return n, err
}

// salvage copies what can be read of the file at path into the store at fresh. If its list of
// tables is lost, it takes the first page of fresh, as all stores begin alike.
func salvage(ctx context.Context, path, fresh string) error {
	from, err := store.OpenDamaged(ctx, path)
	if err != nil {
		grafted := fresh + ".grafted"
		defer removeFile(grafted)
		if err := graft(path, fresh, grafted); err != nil {
			return err
		}
		if from, err = store.OpenDamaged(ctx, grafted); store.Damaged(err) {
			return nil // nothing can be read
		} else if err != nil {
			return err
		}
	}
	defer from.Close()
	target, err := store.Open(ctx, fresh)
	if err != nil {
		return err
	}
	err = target.Salvage(ctx, func(table string, columns []string, keep func(row []any) error) ([]string, error) {
		return readTable(ctx, from, table, columns, keep)
	})
	return errors.Join(err, target.Close())
}

const (
	pageSize     = 4096 // SQLite's default, which no store changes
	sizeValidFor = 95   // the last byte of the change counter that the page count is valid for (sqlite.org/fileformat2)
)

// graft copies the file at path and its -wal file, and gives the copy the first page of head.
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
		return fmt.Errorf("read the first page of a new store: %w", err)
	}
	page[sizeValidFor]++ // so that SQLite counts the pages itself
	f, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(page, 0)
	return errors.Join(err, f.Close())
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
	return errors.Join(err, w.Close())
}

// readTable calls keep for each readable row of a table. Behind a damaged page it skips in growing
// steps, at most as many rows as were lost. It fills columns that an earlier layout lacks.
func readTable(
	ctx context.Context, from *sql.DB, table string, columns []string, keep func(row []any) error,
) (had []string, err error) {
	had, err = columnsOf(ctx, from, table)
	switch {
	case store.Damaged(err):
		had = columns
	case err != nil || had == nil:
		return nil, err
	}
	selected, _ := store.Selected(table, columns, had) // a table refuses a row without a value that it needs
	var unkept error
	take := func(row []any) error {
		unkept = keep(row)
		return unkept
	}
	query := "SELECT rowid, " + strings.Join(selected, ", ") + " FROM " + table + " WHERE rowid > $1 ORDER BY rowid"
	for after, skip := int64(0), int64(1); ; {
		last, err := rowsAfter(ctx, from, query, after, take)
		switch {
		case unkept != nil:
			return nil, unkept
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err == nil, !store.Damaged(err) && last == after: // the end, or a table that cannot be queried at all
			return had, nil
		case last > after:
			after, skip = last, 1
		case after > math.MaxInt64-skip:
			return had, nil
		default:
			after, skip = after+skip, 2*skip
		}
	}
}

// columnsOf returns the columns of a table, nil if there is none.
func columnsOf(ctx context.Context, from *sql.DB, table string) (names []string, err error) {
	rows, err := from.QueryContext(ctx, "SELECT name FROM pragma_table_info($1)", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// rowsAfter calls take for each readable row after a row number and returns the last number.
func rowsAfter(
	ctx context.Context, from *sql.DB, query string, after int64, take func(row []any) error,
) (last int64, err error) {
	last = after
	rows, err := from.QueryContext(ctx, query, after)
	if err != nil {
		return last, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return last, err
	}
	for rows.Next() {
		row, targets := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			targets[i] = &row[i]
		}
		if err := rows.Scan(targets...); err != nil {
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
