package store

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"modernc.org/sqlite"
)

// mostPrepared is how many statements a connection keeps: those of all steps, in the sizes in use.
const mostPrepared = 64

// openPrepared opens an SQLite file through connections that keep their prepared statements: to
// prepare them in every transaction cost 5 % of a round without changes.
func openPrepared(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{c}), nil
}

// connector opens such connections.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{opened.(sqliteConn), map[string]*statement{}}, nil
}

// sqliteConn and sqliteStmt are the parts of the driver that database/sql then uses.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.SessionResetter
	driver.Validator
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// connection is an open connection. database/sql locks it for each call.
type connection struct {
	sqliteConn
	idle map[string]*statement // not in use, by text
}

type statement struct {
	sqliteStmt
	of   *connection
	text string
}

// PrepareContext returns an idle statement with this text, or prepares one.
func (c *connection) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	if s := c.idle[text]; s != nil {
		delete(c.idle, text)
		return s, nil
	}
	prepared, err := c.sqliteConn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return &statement{prepared.(sqliteStmt), c, text}, nil
}

// Close keeps s for the next that prepares its text, in place of any other if there are too many.
func (s *statement) Close() error {
	var drop *statement
	if same := s.of.idle[s.text]; same != nil {
		drop = same
	} else if len(s.of.idle) == mostPrepared {
		for _, drop = range s.of.idle {
			break
		}
		delete(s.of.idle, drop.text)
	}
	s.of.idle[s.text] = s
	if drop == nil {
		return nil
	}
	return drop.sqliteStmt.Close()
}

// sync sets when commits are synced: FULL, each; NORMAL, when the log is copied into the file. SQLite
// obeys while it prepares the statement, so that a kept one would do nothing.
func (c *connection) sync(ctx context.Context, level string) error {
	_, err := c.sqliteConn.(driver.ExecerContext).ExecContext(ctx, "PRAGMA synchronous = "+level, nil)
	return err
}

// Close closes the connection and what it kept.
func (c *connection) Close() error {
	for _, s := range c.idle {
		_ = s.sqliteStmt.Close() // it goes with the connection
	}
	return c.sqliteConn.Close()
}
