package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// maxParams is the most parameters of one INSERT. Both databases take thousands, but longer
// statements save no time.
const maxParams = 250

// transaction is a transaction on either database. Statements name their parameters $1, $2 and so
// on. A whole list is one parameter: see among.
type transaction struct {
	*sql.Tx
	binding
}

// binding holds how a database takes parameters.
type binding struct {
	param   func(n int) string // names parameter n of a VALUES list
	in      string             // the condition that a value is in the list $%d of numbers or strings
	inBytes string             // the same for a list of bytes
	list    func(v any) any    // converts a slice for the driver
}

// write runs f in a transaction while no other writer runs.
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

// writeDurably is write for what a power cut must not undo. What was written before is then safe too.
func (s *Store) writeDurably(ctx context.Context, f func(tx transaction) error) error {
	if s.path == "" { // PostgreSQL syncs each commit
		return s.write(ctx, f)
	}
	conn, err := s.w.Conn(ctx)
	if err != nil {
		return s.explain(err)
	}
	defer conn.Close()
	sync := func(ctx context.Context, level string) error {
		return conn.Raw(func(c any) error { return c.(*connection).sync(ctx, level) })
	}
	if err := sync(ctx, "FULL"); err != nil {
		return s.explain(err)
	}
	defer func() { _ = sync(context.WithoutCancel(ctx), "NORMAL") }() // else later commits only take longer
	return s.transact(ctx, conn, nil, f)
}

// beginner is what begins a transaction: a pool of connections, or one of them.
type beginner interface {
	BeginTx(ctx context.Context, how *sql.TxOptions) (*sql.Tx, error)
}

// read runs f in a read-only transaction, which sees one state of the store.
func (s *Store) read(ctx context.Context, f func(tx transaction) error) error {
	return s.transact(ctx, s.r, &sql.TxOptions{ReadOnly: true, Isolation: s.dialect.snapshot}, f)
}

func (s *Store) transact(ctx context.Context, db beginner, how *sql.TxOptions, f func(tx transaction) error) error {
	tx, err := db.BeginTx(ctx, how)
	if err == nil {
		defer func() { _ = tx.Rollback() }() // nothing to undo after a commit
		if err = f(transaction{tx, s.dialect.binding}); err == nil {
			err = tx.Commit()
		}
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // drivers wrap it differently, or not at all
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

// insert inserts rows, all of one length, into the table and columns of into. conflict is an ON
// CONFLICT clause or empty.
func (tx transaction) insert(ctx context.Context, into, conflict string, rows [][]any) error {
	return tx.values(ctx, "INSERT INTO "+into+" ", conflict, rows)
}

// update runs an UPDATE with rows as the table v, which has the columns column1, column2 and so on
// of these types.
func (tx transaction) update(ctx context.Context, set, where string, rows [][]any, types ...string) error {
	return tx.values(ctx, set+" FROM (", ") AS v WHERE "+where, rows, types...)
}

// replacing returns an ON CONFLICT clause that updates columns of a row with the same key.
func replacing(key, columns string) string {
	list := strings.Split(columns, ", ")
	for i, c := range list {
		list[i] = c + " = excluded." + c
	}
	return "ON CONFLICT (" + key + ") DO UPDATE SET " + strings.Join(list, ", ")
}

// values runs "before VALUES rows after", in several statements if there are more than maxParams
// parameters.
func (tx transaction) values(ctx context.Context, before, after string, rows [][]any, types ...string) error {
	var b strings.Builder
	var args []any
	var prepared *sql.Stmt
	text := "" // of prepared: all statements but the last have the same
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
				param = "CAST(" + param + " AS " + types[c] + ")" // PostgreSQL would take it for a text
			}
			b.WriteString(param)
		}
		b.WriteByte(')')
		if i < len(rows)-1 && len(args)+len(row) <= maxParams {
			continue
		}
		b.WriteString(" " + after)
		if b.String() != text {
			text = b.String()
			var err error
			if prepared, err = tx.PrepareContext(ctx, text); err != nil {
				return err
			}
			defer prepared.Close()
		}
		if _, err := prepared.ExecContext(ctx, tx.bind(args)...); err != nil {
			return err
		}
		b.Reset()
		args = args[:0]
	}
	return nil
}

// among returns the condition that the value before it is in a list of numbers or strings,
// parameter n.
func (b binding) among(n int) string { return fmt.Sprintf(b.in, n) }

// amongBytes is among for a list of bytes.
func (b binding) amongBytes(n int) string { return fmt.Sprintf(b.inBytes, n) }

// bind converts args for the driver, in place.
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

// cleanText removes what PostgreSQL refuses in a text: zero bytes and invalid UTF-8. Parsed feeds
// have neither, but the answers of engines and servers may.
func cleanText(s string) string {
	if s = strings.ReplaceAll(s, "\x00", ""); !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
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
