package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// maxParams is the most parameters of one INSERT. Both databases take thousands, but longer statements save nothing.
const maxParams = 250

// transaction is a transaction on either database. Its statements name their parameters $1, $2 and so on; a list is one parameter.
type transaction struct {
	*sql.Tx
	binding
}

// binding is how a database takes parameters.
type binding struct {
	param   func(n int) string // writes parameter n of a VALUES list, in which each stands once
	in      string             // a condition: the value is in the list $%d of numbers or strings
	inBytes string             // the same for a list of bytes
	list    func(v any) any    // makes a slice what the driver takes
}

// write runs f in a transaction that no other writer runs beside.
func (s *Store) write(ctx context.Context, f func(tx transaction) error) error {
	return s.transact(ctx, s.w, nil, func(tx transaction) error {
		if s.dialect.turn != "" {
			if err := tx.run(ctx, s.dialect.turn); err != nil {
				return err
			}
		}
		return f(tx)
	})
}

// read runs f on one state of the store.
func (s *Store) read(ctx context.Context, f func(tx transaction) error) error {
	return s.transact(ctx, s.r, &sql.TxOptions{ReadOnly: true, Isolation: s.dialect.snapshot}, f)
}

func (s *Store) transact(ctx context.Context, db *sql.DB, how *sql.TxOptions, f func(tx transaction) error) error {
	tx, err := db.BeginTx(ctx, how)
	if err == nil {
		defer func() { _ = tx.Rollback() }() // nothing to undo after a commit
		if err = f(transaction{tx, s.dialect.binding}); err == nil {
			err = tx.Commit()
		}
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // each driver says so in words of its own
	}
	return s.explain(err)
}

// each runs a query and calls scan for each row.
func (tx transaction) each(ctx context.Context, scan func(rows *sql.Rows) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, tx.bind(args)...)
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

// run runs a statement.
func (tx transaction) run(ctx context.Context, query string, args ...any) error {
	_, err := tx.change(ctx, query, args...)
	return err
}

// change runs a statement and returns how many rows it changed.
func (tx transaction) change(ctx context.Context, query string, args ...any) (rows int64, err error) {
	res, err := tx.ExecContext(ctx, query, tx.bind(args)...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// insert puts rows, all of one length, into the table and columns of into. conflict is the clause for rows that are there already, or empty.
func (tx transaction) insert(ctx context.Context, into, conflict string, rows [][]any) error {
	return tx.values(ctx, "INSERT INTO "+into+" ", conflict, rows)
}

// update runs an UPDATE for rows, which its text calls v, with columns named column1 and so on of these types.
func (tx transaction) update(ctx context.Context, set, where string, rows [][]any, types ...string) error {
	return tx.values(ctx, set+" FROM (", ") AS v WHERE "+where, rows, types...)
}

// replacing is the clause of an INSERT that updates columns where a row with the same key is there already.
func replacing(key, columns string) string {
	list := strings.Split(columns, ", ")
	for i, c := range list {
		list[i] = c + " = excluded." + c
	}
	return "ON CONFLICT (" + key + ") DO UPDATE SET " + strings.Join(list, ", ")
}

// values runs before VALUES rows after, as often as the rows need with maxParams parameters in a statement.
func (tx transaction) values(ctx context.Context, before, after string, rows [][]any, types ...string) error {
	var b strings.Builder
	var args []any
	for i, row := range rows {
		separator := ",("
		if len(args) == 0 {
			b.WriteString(before)
			separator = "VALUES ("
		}
		for c, v := range row {
			b.WriteString(separator)
			separator = ","
			args = append(args, v)
			param := tx.param(len(args))
			if types != nil {
				param = "CAST(" + param + " AS " + types[c] + ")" // else PostgreSQL takes it for a text
			}
			b.WriteString(param)
		}
		b.WriteByte(')')
		if i < len(rows)-1 && len(args)+len(row) <= maxParams {
			continue
		}
		if err := tx.run(ctx, b.String()+" "+after, args...); err != nil {
			return err
		}
		b.Reset()
		args = args[:0]
	}
	return nil
}

// among is a condition: the value before it is in the list of numbers or strings that is parameter n.
func (b binding) among(n int) string { return fmt.Sprintf(b.in, n) }

// amongBytes is among for a list of bytes.
func (b binding) amongBytes(n int) string { return fmt.Sprintf(b.inBytes, n) }

// bind makes args what the driver takes.
func (b binding) bind(args []any) []any {
	for i, arg := range args {
		switch v := arg.(type) {
		case string:
			args[i] = cleanText(v)
		case []string:
			cleaned := make([]string, len(v))
			for j := range v {
				cleaned[j] = cleanText(v[j])
			}
			args[i] = b.list(cleaned)
		case []int64, [][]byte:
			args[i] = b.list(v)
		}
	}
	return args
}

// cleanText removes what PostgreSQL refuses in a text: zero bytes and invalid UTF-8. Feeds are parsed without them; engines
// and servers may send some.
func cleanText(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
}

// millis returns a time as it is stored: Unix milliseconds, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// instant is the inverse of millis.
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
