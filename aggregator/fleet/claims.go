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

// Advisory locks are named by two numbers, the store's likewise: one of ours, and one that tells the schema and the thing.
const (
	claimLock   = 0x636c6169 // "clai"
	memberLock  = 0x6d656d62 // "memb": shared, one a member
	migrateLock = 0x72697672 // "rivr"
)

const (
	// a question to the database about a claim takes a millisecond; one that takes this long will not be answered
	claimTimeout = 5 * time.Second
	// how often a member asks whether its session still lives, and with it its claims
	watchEvery = 5 * time.Second
	// how often one who waits for a place at a host looks for it: few wait, and a request takes longer
	seatLook = 50 * time.Millisecond
	// After these seconds of silence the server asks whether a member's machine still is there, and after two more questions gives its
	// claims to others. A process that dies says so by itself.
	keepAlive = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 2"
)

// claims are what this member is at work on, kept by the database while one session of ours lives: when the process dies, or the
// connection breaks, others may have them at once.
type claims struct {
	pool *pgxpool.Pool
	id   string          // of the member: its name, its process, and what tells it from another of both
	base context.Context // of the work

	mu      sync.Mutex
	conn    *pgx.Conn // nil: to be opened
	held    map[string]bool
	session context.Context // ends when conn does
	end     context.CancelFunc
}

func newClaims(base context.Context, pool *pgxpool.Pool, name string) *claims {
	name = strings.ToValidUTF8(name[:min(len(name), 30)], "") // PostgreSQL shows 63 bytes of an application's name
	return &claims{pool: pool, base: base, id: fmt.Sprintf("%s-%d-%08x", name, os.Getpid(), rand.Uint32())}
}

// open begins a session, if there is none.
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

// take claims name; no release: another is at it. The context ends when the claim cannot be held any longer.
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

// release gives name back, unless it went with its session.
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

// seat waits for one of n places at a host, which all members share.
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
		case <-time.After(seatLook/2 + rand.N(seatLook)): // never in step with who asks the host again and again
		}
	}
}

// ask puts a question about a claim; where there is no answer the session ends.
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

// watch ends the session, and the work under it, once its connection is found broken.
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

// living are the sessions a (pg_stat_activity) of the members at work on this schema's store; $1 is memberLock.
const living = `FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
	WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = $1 AND l.objid::bigint = hashtext(current_schema())::bigint & 4294967295
	AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`

// Member is a process at work on a store.
type Member struct {
	ID     string    `json:"id"`     // its name, its process, and what tells it from another of both
	Since  time.Time `json:"since"`  // UTC; of its session: a new one where the database was away
	Leader bool      `json:"leader"` // enqueues the ticks
}

// Members lists the processes at work on the store of pool, in the order of their beginning.
func Members(ctx context.Context, pool *pgxpool.Pool) ([]Member, error) {
	var leader string
	_ = pool.QueryRow(ctx, "SELECT leader_id FROM river_leader WHERE expires_at > now()").Scan(&leader) // none: there is no leader, or no queue yet
	rows, err := pool.Query(ctx, "SELECT substr(a.application_name, 8), a.backend_start "+living+" ORDER BY a.backend_start, a.pid", memberLock)
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
