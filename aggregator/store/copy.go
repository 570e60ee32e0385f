package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// tables are the tables of a store, each after those it refers to.
var tables = []string{"sources", "stories", "items", "texts", "articles", "hosts", "signatures", "filed", "identities",
	"tombstones", "links", "translations", "outputs", "memory", "reservations", "claims", "spent", "troubles",
	"changes", "known", "publishing", "digests", "entries", "lists", "targets", "outbox"}

// rowsPerCopy is how many rows are held in memory: usually 2 MB, with the longest texts some
// hundred.
const rowsPerCopy = 500

// Copy copies one state of the store at from, which may be in use, to a new or empty store at to.
// Both are paths or postgres:// addresses. If from does not exist, Copy does nothing.
func Copy(ctx context.Context, from, to string) error {
	for _, file := range []string{from, to} {
		if isPostgres(file) {
			continue
		}
		_, err := os.Stat(file)
		switch {
		case file == from && errors.Is(err, fs.ErrNotExist):
			return nil
		case file == to && err == nil:
			return fmt.Errorf("copy to %s: it is already there", to)
		}
	}
	s, err := openAsIs(from)
	if err != nil {
		return err
	}
	defer s.Close()
	if s.path != "" && !isPostgres(to) {
		return s.explain(s.vacuumInto(ctx, to))
	}
	have, newest, err := s.version(ctx)
	if err == nil && have < newest {
		err = fmt.Errorf("it has schema %d, and only schema %d can be copied to another kind of database: "+
			"a fetch or serve whose config names it as the store brings it forward", have, newest)
	}
	if err != nil {
		return s.explain(err)
	}
	return s.transfer(ctx, to)
}

// transfer copies row by row into another kind of database.
func (s *Store) transfer(ctx context.Context, to string) (err error) {
	target, err := Open(ctx, to)
	if err != nil {
		return err
	}
	defer func() {
		target.Close()
		if err != nil && target.path != "" { // made by us, and incomplete
			_ = errors.Join(os.Remove(target.path), os.Remove(target.path+"-wal"), os.Remove(target.path+"-shm"))
		}
	}()
	return s.read(ctx, func(from transaction) error {
		return target.write(ctx, func(into transaction) error {
			for _, name := range tables {
				if err := copyTable(ctx, name, from, into); err != nil {
					return fmt.Errorf("copy %s: %w", name, err)
				}
			}
			return nil
		})
	})
}

func copyTable(ctx context.Context, name string, from, into transaction) error {
	var held int64
	if err := into.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+name).Scan(&held); err != nil {
		return err
	}
	if held > 0 {
		return errors.New("the store to copy to is in use already: name an empty one")
	}
	var batch [][]any
	var columns string
	flush := func() error {
		err := into.insert(ctx, name+" ("+columns+")", "", batch)
		batch = batch[:0]
		return err
	}
	err := from.each(ctx, func(rows *sql.Rows) error {
		row, names, err := scanAny(rows)
		if err != nil {
			return err
		}
		columns = strings.Join(names, ", ")
		if batch = append(batch, row); len(batch) < rowsPerCopy {
			return nil
		}
		return flush()
	}, "SELECT * FROM "+name)
	if err != nil {
		return err
	}
	return flush()
}

// scanAny returns a row and the names of its columns.
func scanAny(rows *sql.Rows) (row []any, names []string, err error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, err
	}
	row, to := make([]any, len(types)), make([]any, len(types))
	for i := range row {
		to[i] = &row[i]
	}
	if err := rows.Scan(to...); err != nil {
		return nil, nil, err
	}
	for i, t := range types {
		names = append(names, t.Name())
		switch v := row[i].(type) {
		case int64:
			if t.DatabaseTypeName() == "BOOLEAN" { // SQLite stores numbers
				row[i] = v != 0
			}
		case []byte: // nil if it is empty, which PostgreSQL would take for NULL
			row[i] = append([]byte{}, v...)
		}
	}
	return row, names, nil
}
