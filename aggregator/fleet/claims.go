package fleet

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Advisory locks have two keys, as the store's have: one of these numbers, and a hash of the schema
// and the thing locked.
const (
	claimLock   = 0x636c6169 // "clai"
	memberLock  = 0x6d656d62 // "memb": shared, one for each member
	migrateLock = 0x72697672 // "rivr"
)

const (
	// the timeout of a query about a claim, which normally takes a millisecond
	claimTimeout = 5 * time.Second
	// how often a member checks its session, and with it its claims
	watchEvery = 5 * time.Second
	// how often a place at a host is retried: few wait, and a request takes longer
	seatLook = 50 * time.Millisecond
	// keepAlive lets the server detect within a minute that a member's machine is gone, and free
	// its claims.
	keepAlive = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 2"
)

// claims are what this member works on: advisory locks held by one session. If the process dies or
// the connection breaks, the server frees them.
type claims struct {
	pool *pgxpool.Pool
	id   string          // of the member: its name, process and a random number
	base context.Context // context of the work

	mu      sync.Mutex
	conn    *pgx.Conn // nil: not open
	held    map[string]bool
	session context.Context // cancelled when conn is closed
	end     context.CancelFunc
}

func newClaims(base context.Context, pool *pgxpool.Pool, name string) *claims {
	name = strings.ToValidUTF8(name[:min(len(name), 30)], "") // PostgreSQL truncates application names to 63 bytes
	return &claims{pool: pool, base: base, id: fmt.Sprintf("%s-%d-%08x", name, os.Getpid(), rand.Uint32())}
}

// open opens the session if there is none.
func (c *claims) open() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.opened()
}

func (c *claims) opened() error {
	if c.conn != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.base, claimTimeout)
	defer cancel()
	pooled, err := c.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack()
	_, err = conn.Exec(ctx, keepAlive)
	if err == nil {
		_, err = conn.Exec(ctx, "SELECT set_config('application_name', $1, false)", "nashra "+c.id)
	}
	if err == nil {
		_, err = conn.Exec(ctx, "SELECT pg_advisory_lock_shared($1, hashtext(current_schema()))", memberLock)
	}
	if err != nil {
		conn.Close(ctx)
		return err
	}
	c.conn, c.held = conn, map[string]bool{}
	c.session, c.end = context.WithCancel(c.base)
	return nil
}

// take claims name. If another member holds it, release is nil. The context is cancelled when the
// claim is lost.
func (c *claims) take(name string) (session context.Context, release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.opened(); err != nil {
		return nil, nil, fmt.Errorf("claim %s: %w", name, err)
	}
	if c.held[name] {
		return nil, nil, nil
	}
	var ok bool
	if err := c.ask("SELECT pg_try_advisory_lock($1, hashtext(current_schema() || ' ' || $2))", name, &ok); err != nil {
		return nil, nil, fmt.Errorf("claim %s: %w", name, err)
	}
	if !ok {
		return nil, nil, nil
	}
	c.held[name] = true
	session = c.session
	return session, func() { c.release(session, name) }, nil
}

// release gives up a claim, unless its session has ended.
func (c *claims) release(session context.Context, name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn == nil || session != c.session {
		return
	}
	var ok bool
	if c.ask("SELECT pg_advisory_unlock($1, hashtext(current_schema() || ' ' || $2))", name, &ok) == nil {
		delete(c.held, name)
	}
}

// seat waits for one of n places at a host, shared by all members.
func (c *claims) seat(ctx context.Context, host string, n int) (leave func(), err error) {
	for first := rand.IntN(n); ; {
		for i := range n {
			_, leave, err := c.take(fmt.Sprintf("seat %s %d", host, (first+i)%n))
			if err != nil || leave != nil {
				return leave, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(seatLook/2 + rand.N(seatLook)): // with jitter, so that members do not retry in step
		}
	}
}

// ask runs a query about a claim. An error closes the session.
func (c *claims) ask(query, name string, ok *bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.base), claimTimeout)
	defer cancel()
	err := c.conn.QueryRow(ctx, query, claimLock, name).Scan(ok)
	if err != nil {
		c.drop()
	}
	return err
}

func (c *claims) drop() {
	if c.conn == nil {
		return
	}
	c.end()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.base), time.Second)
	defer cancel()
	c.conn.Close(ctx)
	c.conn = nil
}

// watch closes the session, and so cancels its work, once the connection is found broken.
func (c *claims) watch(ctx context.Context) {
	for pause(ctx, watchEvery); ctx.Err() == nil; pause(ctx, watchEvery) {
		c.mu.Lock()
		if c.opened() == nil {
			ping, cancel := context.WithTimeout(c.base, claimTimeout)
			if c.conn.Ping(ping) != nil {
				c.drop()
			}
			cancel()
		}
		c.mu.Unlock()
	}
}

func (c *claims) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop()
}

// taken returns those of names that a member has claimed.
func taken(ctx context.Context, pool *pgxpool.Pool, names []string) ([]string, error) {
	rows, err := pool.Query(ctx, `SELECT claim FROM unnest($2::text[]) AS claim JOIN pg_locks l ON
		l.objid::bigint = hashtext(current_schema() || ' ' || claim)::bigint & 4294967295 AND `+granted,
		claimLock, names)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// granted is the condition that l, of pg_locks, is an advisory lock of this database with the first
// key $1.
const granted = `l.locktype = 'advisory' AND l.granted AND l.classid::bigint = $1
	AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`

// living selects the sessions (a, of pg_stat_activity) of the members on this schema's store; $1 is
// memberLock.
const living = `FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
	WHERE l.objid::bigint = hashtext(current_schema())::bigint & 4294967295 AND ` + granted

// Member is a process that works on a store.
type Member struct {
	ID     string    `json:"id"`     // its name, process and a random number
	Since  time.Time `json:"since"`  // UTC; of its session, which is new after an outage of the database
	Leader bool      `json:"leader"` // enqueues the ticks
}

// Members lists the processes that work on the store of pool, the oldest first.
func Members(ctx context.Context, pool *pgxpool.Pool) ([]Member, error) {
	var leader string
	// ignore the error: there is no leader, or no queue yet
	_ = pool.QueryRow(ctx, "SELECT leader_id FROM river_leader WHERE expires_at > now()").Scan(&leader)
	rows, err := pool.Query(ctx, "SELECT substr(a.application_name, 8), a.backend_start "+living+
		" ORDER BY a.backend_start, a.pid", memberLock)
	if err != nil {
		return nil, fmt.Errorf("list the fleet's members: %w", err)
	}
	members, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Member, err error) {
		err = row.Scan(&m.ID, &m.Since)
		m.Since, m.Leader = m.Since.UTC(), m.ID == leader
		return m, err
	})
	if err != nil {
		return nil, fmt.Errorf("list the fleet's members: %w", err)
	}
	return members, nil
}
