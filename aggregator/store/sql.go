package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Both databases take thousands, but SQLite looks up each $N among all: a hundred is where a longer statement stops paying.
const maxParams = 100

// maxNumbers is how many numbers stand in one IN list, as text: some 20 KB of SQL, of the 1 MB that SQLite takes.
const maxNumbers = 1000

// write runs f in a transaction that no other writer runs beside.
func (s *Store) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	return s.transact(ctx, s.w, nil, func(tx *sql.Tx) error {
		if s.dialect.turn != "" {
			if err := run(ctx, tx, s.dialect.turn); err != nil {
				return err
			}
		}
		return f(tx)
	})
}

// read runs f on one state of the store.
func (s *Store) read(ctx context.Context, f func(tx *sql.Tx) error) error {
	return s.transact(ctx, s.r, &sql.TxOptions{ReadOnly: true, Isolation: s.dialect.snapshot}, f)
}

// readAhead is read for what the same worker will write next. On SQLite it takes turns with the writers, whose connection alone keeps
// its pages in memory over a write: any other reads them anew.
func (s *Store) readAhead(ctx context.Context, f func(tx *sql.Tx) error) error {
	return s.transact(ctx, s.w, &sql.TxOptions{ReadOnly: true, Isolation: s.dialect.snapshot}, f)
}

func (s *Store) transact(ctx context.Context, db *sql.DB, how *sql.TxOptions, f func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, how)
	if err == nil {
		defer func() { _ = tx.Rollback() }() // nothing to undo after a commit
		if err = f(tx); err == nil {
			err = tx.Commit()
		}
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // each driver says so in words of its own
	}
	return s.explain(err)
}

// each runs a query and calls scan for each row.
func each(ctx context.Context, tx *sql.Tx, scan func(rows *sql.Rows) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, clean(args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func run(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	_, err := tx.ExecContext(ctx, query, clean(args)...)
	return err
}

// insert puts rows, all as long, into the table and columns of into, as many at a time as a statement takes. then is what follows VALUES.
func insert(ctx context.Context, tx *sql.Tx, into, then string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	width := len(rows[0])
	size := min(max(1, maxParams/width), len(rows))
	query := func(n int) string { return "INSERT INTO " + into + " VALUES " + tuples(n, width) + " " + then }
	full, err := tx.PrepareContext(ctx, query(size)) //nolint:sqlclosecheck // it is closed: the linter does not follow the range below
	if err != nil {
		return err
	}
	defer full.Close()
	args := make([]any, 0, size*width)
	for batch := range slices.Chunk(rows, size) {
		args = args[:0]
		for _, row := range batch {
			args = append(args, row...)
		}
		if len(batch) == size {
			_, err = full.ExecContext(ctx, clean(args)...)
		} else {
			err = run(ctx, tx, query(len(batch)), args...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tuples is "($1,$2),($3,$4)" for two rows of two.
func tuples(rows, width int) string {
	var b strings.Builder
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteString(params(r*width+1, width))
	}
	return b.String()
}

// params is "($3,$4)" for two from 3.
func params(from, n int) string {
	b := []byte{'('}
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '$'), int64(from+i), 10)
	}
	return string(append(b, ')'))
}

// list is "(1,2)". Numbers need no parameters: nothing of theirs can be taken for SQL.
func list(numbers []int64) string {
	b := []byte{'('}
	for i, n := range numbers {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(append(b, ')'))
}

// clean takes from texts what PostgreSQL refuses: zero bytes and what is no UTF-8. Feeds are read without them; engines and servers
// may still send some.
func clean(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = cleanText(s)
		}
	}
	return args
}

func cleanText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// millis and instant are times as they are kept: Unix milliseconds, 0 the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func sum32(b []byte) (sum [32]byte) {
	copy(sum[:], b)
	return sum
}
