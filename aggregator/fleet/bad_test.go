package fleet_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
)

// page is a log that may be read while it is written.
type page struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.Write(b)
}

func (p *page) has(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Contains(p.buf.String(), text)
}

// join runs a member without sources, and returns its log and its error.
func join(t *testing.T, ctx context.Context, st *store.Store, address string) (*page, <-chan error) {
	t.Helper()
	log, ended := &page{}, make(chan error, 1)
	a := aggregator.New(aggregator.Options{Store: st, Dir: t.TempDir(), Log: slog.New(slog.NewTextHandler(log, nil))})
	pool, err := fleet.Open(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		ended <- fleet.Run(ctx, a, pool, fleet.Options{Name: "one", Tick: time.Second})
	}()
	t.Cleanup(func() { <-done; pool.Close() })
	return log, ended
}

// TestDatabaseAwayAtStart: a member that starts without a database logs it and waits.
func TestDatabaseAwayAtStart(t *testing.T) {
	t.Parallel()
	c := storetest.NewCluster(t)
	st, err := store.Open(t.Context(), c.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log, ended := join(t, ctx, st, c.Address)
	until(t, "the log says why the member waits", func() bool { return log.has("the database is away: waiting") })
	if _, err := store.Open(t.Context(), c.Address); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a store that is away: %v", err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the member joined", func() bool { return log.has("joined the fleet") })
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the member ended with %v", err)
	}
}

// TestDatabaseAwayLong: members whose database stops in the middle of a round wait, and then
// continue.
func TestDatabaseAwayLong(t *testing.T) {
	long(t)
	t.Parallel()
	c := storetest.NewCluster(t)
	r := roundAt(t, c.Address, 60, "-rtt", "30ms", "-tr-latency", "20ms")
	for _, name := range []string{"one", "two"} {
		r.member(t, name).start(t)
	}
	until(t, "a third is polled", func() bool { return number(t, r.db, "SELECT COUNT(*) FROM items") > r.entries/3 })
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	r.ends(t, "one", "two")
	sources := len(r.farms) * r.spec.Feeds
	if again, most := asked(t, r.farms, "feed_requests")-sources, 2*len(r.farms)*r.spec.PerHost*8; again > most {
		t.Errorf("%d sources were asked again, at most %d can have been answered and not stored", again, most)
	}
	r.politeness(t)
}

// TestRefused: an error that waiting cannot cure is returned at once, without the password.
func TestRefused(t *testing.T) {
	t.Parallel()
	c := storetest.NewCluster(t)
	st, err := store.Open(t.Context(), c.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	db := database(t, c.Address)
	newer := strings.Replace(c.Address, "?", "?search_path=newer&", 1)
	execute(t, db, "CREATE SCHEMA newer", "CREATE TABLE newer.river_migration (line TEXT, version BIGINT)",
		"INSERT INTO newer.river_migration VALUES ('main', 99)")
	for _, c := range []struct{ address, want string }{
		{strings.Replace(c.Address, "nashra@", "locked:mellon@", 1),
			`password authentication failed for user "locked"`},
		{strings.Replace(c.Address, "/postgres?", "/elsewhere?", 1), `database "elsewhere" does not exist`},
		{newer, "the queue was made by a newer nashra (its schema is 99, this one knows "},
	} {
		_, ended := join(t, t.Context(), st, c.address)
		select {
		case err := <-ended:
			if err == nil || !strings.HasPrefix(err.Error(), "join the fleet: ") ||
				!strings.Contains(err.Error(), c.want) ||
				strings.Contains(err.Error(), "mellon") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %s", err, c.want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("still waiting, want %s", c.want)
		}
	}
	for _, c := range []struct{ address, want string }{
		{strings.Replace(c.Address, "nashra@", "locked:mellon@", 1),
			`password authentication failed for user "locked"`},
		{strings.Replace(c.Address, "/postgres?", "/elsewhere?", 1), `database "elsewhere" does not exist`},
	} {
		_, err := store.Open(t.Context(), c.address)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "mellon") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("open store: %v, want %s", err, c.want)
		}
	}
	execute(t, db, "UPDATE nashra_schema SET version_id = 99 WHERE version_id = 1")
	if _, err := store.Open(t.Context(), c.Address); err == nil ||
		!strings.Contains(err.Error(), "was written by a newer nashra (schema 99, this one knows ") {
		t.Errorf("a newer store: %v", err)
	}
	if _, err := fleet.Open(t.Context(), "postgres://u:mellon@[::1/x"); err == nil ||
		strings.Contains(err.Error(), "mellon") {
		t.Errorf("an address that is none: %v", err)
	}
}

func execute(t testing.TB, db *sql.DB, queries ...string) {
	t.Helper()
	for _, q := range queries {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// TestOlderQueue: an older River's tables are upgraded once by members that start together; each
// member is listed.
func TestOlderQueue(t *testing.T) {
	t.Parallel()
	address := storetest.Postgres(t)
	st, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := fleet.MakeQueue(t.Context(), address, 3); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var ends []<-chan error
	for range 3 {
		_, ended := join(t, ctx, st, address)
		ends = append(ends, ended)
	}
	pool, err := fleet.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	until(t, "three members are listed, one of them leading", func() bool {
		members, err := fleet.Members(t.Context(), pool)
		if err != nil {
			t.Fatal(err)
		}
		leaders := 0
		for _, m := range members {
			if m.Leader {
				leaders++
			}
		}
		return len(members) == 3 && leaders == 1
	})
	stop()
	for _, e := range ends {
		if err := <-e; err != nil {
			t.Error(err)
		}
	}
	// the server closes a session a moment after its client did
	until(t, "nobody is listed after they left", func() bool {
		members, err := fleet.Members(t.Context(), pool)
		return err == nil && len(members) == 0
	})
}
