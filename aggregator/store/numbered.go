package store

import (
	"context"
	"database/sql/driver"
	"strings"

	"modernc.org/sqlite"
)

// To SQLite $1 is a name like any other, which it looks for among all that a statement has; ?1 is a number. With it, and the longer
// statements that then pay (maxParams), storing and grouping 30,000 items took 0.92 of the CPU.

// numbering makes connections to an SQLite file that number their parameters.
type numbering string

func (n numbering) Driver() driver.Driver { return &sqlite.Driver{} }

func (n numbering) Connect(context.Context) (driver.Conn, error) {
	conn, err := n.Driver().Open(string(n))
	if err != nil {
		return nil, err
	}
	return numbered{conn.(sqliteConn)}, nil
}

// sqliteConn is what database/sql may ask of a connection to SQLite.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type numbered struct{ sqliteConn }

func (c numbered) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.sqliteConn.ExecContext(ctx, byNumber(query), args)
}

func (c numbered) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.sqliteConn.QueryContext(ctx, byNumber(query), args)
}

// byNumber is query with ?1 for $1. No text that stands in a statement has a $: see plainName.
func byNumber(query string) string { return strings.ReplaceAll(query, "$", "?") }
