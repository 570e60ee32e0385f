package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Both databases take thousands: from a few hundred on a longer statement brings nothing.
const maxParams = 250

// longestName is how many bytes a name has at most that stands in a statement: ids, and most addresses.
const longestName = 200

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

// add appends v to list, in twice the room where it is full: append itself adds a quarter, and of a long list that is read row by row five
// times as much would be copied in the end.
func add[T any](list []T, v T) []T {
	if len(list) == cap(list) {
		list = slices.Grow(list, max(len(list), 16))
	}
	return append(list, v)
}

func run(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	_, err := tx.ExecContext(ctx, query, clean(args)...)
	return err
}

// insert puts rows, all as long, into the table and columns of into, as many at a time as a statement takes. then is what follows VALUES.
func insert(ctx context.Context, tx *sql.Tx, into, then string, rows [][]any) error {
	return runWith(ctx, tx, "INSERT INTO "+into+" ", then, rows)
}

// runWith runs before VALUES rows after, with as many rows at a time as a statement takes.
func runWith(ctx context.Context, tx *sql.Tx, before, after string, rows [][]any) error {
	v := values{sql: []byte(before)}
	for i, row := range rows {
		v.add(row)
		if last := i == len(rows)-1; !last && v.rows < maxNumbers && len(v.args)+len(row) <= maxParams {
			continue
		}
		if err := run(ctx, tx, string(v.sql)+" "+after, v.args...); err != nil {
			return err
		}
		v = values{sql: append(v.sql[:0], before...), args: v.args[:0]}
	}
	return nil
}

// values is a statement that ends in VALUES and rows.
type values struct {
	sql  []byte
	args []any
	rows int
}

// add appends a row. Numbers and plain names stand in the statement itself: nothing of them can be taken for SQL.
func (v *values) add(row []any) {
	separator := ",("
	if v.rows == 0 {
		separator = "VALUES ("
	}
	for _, x := range row {
		v.sql = append(v.sql, separator...)
		separator = ","
		switch x := x.(type) {
		case nil:
			v.sql = append(v.sql, "NULL"...)
		case int64:
			v.sql = strconv.AppendInt(v.sql, x, 10)
		case bool:
			v.sql = strconv.AppendBool(v.sql, x)
		default:
			if s, ok := x.(string); ok && plainName(s) {
				v.sql = append(append(append(v.sql, '\''), s...), '\'')
				continue
			}
			v.args = append(v.args, x)
			v.sql = strconv.AppendInt(append(v.sql, '$'), int64(len(v.args)), 10)
		}
	}
	v.sql = append(v.sql, ')')
	v.rows++
}

// plainName says whether s is short, and of ASCII letters, digits and what stands between them in ids, tags and addresses.
func plainName(s string) bool {
	const between = "-_.:/?=&%+,#~@"
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && strings.IndexByte(between, c) < 0 {
			return false
		}
	}
	return len(s) <= longestName
}

// anys is list as the arguments of a statement.
func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
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
	if utf8.ValidString(s) { // in half the time of the other on Arabic, and in a twentieth on English
		return s
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
