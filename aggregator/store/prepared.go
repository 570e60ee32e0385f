package store

import (
	"context"
	"database/sql/driver"
	"hash/maphash"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Of a poll's statements some are the same each time, word for word, and need not be parsed anew: that was half of what it cost PostgreSQL
// to remember a source, 0.41 of 0.82 CPU seconds for two thousand polls. In the others lists of numbers stand, and none comes twice: to
// prepare them would cost a question more.
const (
	longPrepared = 4 << 10 // bytes of a statement that may come again: lists make longer ones
	mostRemarked = 10_000  // statements seen once that are remembered: 160 KB a connection
)

// connector makes connections that prepare a statement the second time it comes.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &preparing{conn.(*stdlib.Conn), maphash.MakeSeed(), map[uint64]bool{}}, nil
}

type preparing struct {
	*stdlib.Conn
	seed maphash.Seed
	seen map[uint64]bool // hashes of statements: of two that share one the first is prepared too early, which does no harm
}

func (c *preparing) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.ExecContext(ctx, query, c.how(query, args))
}

func (c *preparing) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.QueryContext(ctx, query, c.how(query, args))
}

// how puts before args how pgx is to send a query, where it is not the common way.
func (c *preparing) how(query string, args []driver.NamedValue) []driver.NamedValue {
	if len(query) > longPrepared {
		return args
	}
	sum := maphash.String(c.seed, query)
	if !c.seen[sum] {
		if len(c.seen) >= mostRemarked {
			clear(c.seen)
		}
		c.seen[sum] = true
		return args
	}
	return append([]driver.NamedValue{{Value: pgx.QueryExecModeCacheStatement}}, args...)
}
