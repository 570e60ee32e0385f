package store

import (
	"context"
	"database/sql"
	"math"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/translate"
)

func TestMain(m *testing.M) {
	if role := os.Getenv("NASHRA_TEST_HOLD"); role != "" {
		hold(role)
	}
	os.Exit(storetest.Main(m))
}

// Looking for what is due reads the rows of sources that are due, and no others.
func TestDueReadsDueRowsOnly(t *testing.T) {
	st, ctx, noon := opened(t, databases["PostgreSQL"](t)), t.Context(), time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	polls := make([]aggregator.Poll, 10_104)
	for i := range polls {
		polls[i].State = polite.State{ID: strconv.Itoa(i), Due: noon.Add(time.Duration(i-9) * time.Second)}
	}
	if _, err := st.Polled(ctx, noon, polls...); err != nil {
		t.Fatal(err)
	}
	err := st.write(ctx, func(tx transaction) error { return tx.run(ctx, "ANALYZE sources") })
	if err != nil {
		t.Fatal(err)
	}
	var scanned, fetched int
	for range 10 { // from the sixth time on PostgreSQL may plan for any values
		err := st.read(ctx, func(tx transaction) error {
			states, _, err := due(ctx, tx, noon, []string{"10000"})
			if len(states) != 11 || err != nil {
				t.Errorf("%d sources, %v; want 10 due and one more", len(states), err)
			}
			return tx.QueryRowContext(ctx, `SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables
				WHERE relname = 'sources'`).Scan(&scanned, &fetched)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if scanned > 0 || fetched > 10*15 {
		t.Errorf("%d rows scanned and %d found by an index in ten times", scanned, fetched)
	}
}

// A search uses the index of words, also where the planner would rather scan all texts.
func TestSearchGoesByItsIndex(t *testing.T) {
	st, ctx := opened(t, databases["PostgreSQL"](t)), t.Context()
	if err := st.searchable(ctx); err != nil {
		t.Fatal(err)
	}
	err := st.write(ctx, func(tx transaction) error {
		err := tx.run(ctx, "INSERT INTO "+wordsTable+` (place, terms)
			SELECT at, array_to_tsvector('{word}') FROM generate_series(1, 200) AS at`)
		if err != nil {
			return err
		}
		return tx.run(ctx, "ANALYZE "+wordsTable)
	})
	if err != nil {
		t.Fatal(err)
	}
	query := "SELECT place FROM " + st.dialect.search.found + " WHERE place >= $1 AND place < $2"
	// PostgreSQL plans for these words, or from the sixth query on for any words.
	for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
		var plan strings.Builder
		err := st.read(ctx, func(tx transaction) error {
			for _, before := range []string{st.dialect.search.plan, "SET LOCAL plan_cache_mode = " + mode,
				"PREPARE " + mode + " (BIGINT, BIGINT, TEXT) AS " + query + " ORDER BY place DESC LIMIT 20"} {
				if err := tx.run(ctx, before); err != nil {
					return err
				}
			}
			return tx.each(ctx, func(rows *sql.Rows) error {
				var line string
				err := rows.Scan(&line)
				plan.WriteString(line + "\n")
				return err
			}, "EXPLAIN EXECUTE "+mode+" (0, "+strconv.Itoa(math.MaxInt64)+", 'word')")
		})
		if err != nil || !strings.Contains(plan.String(), "Bitmap Index Scan on "+wordsTable+"_terms") {
			t.Fatalf("%s: %v\n%s", mode, err, plan.String())
		}
	}
}

// A connection that keeps a lock, as of a suspended process, stops nobody for ever, and is named.
func TestWaitsForLocksEnd(t *testing.T) {
	address, ctx := databases["PostgreSQL"](t), t.Context()
	other, st := opened(t, address), opened(t, address+"&lock_timeout=200ms")
	held, release := make(chan bool), make(chan bool)
	ended := make(chan error)
	go func() {
		ended <- other.write(ctx, func(transaction) error {
			close(held)
			<-release
			return nil
		})
	}()
	<-held
	_, _, err := st.Reserve(ctx, translate.Order{Engine: "e", At: time.Now()})
	close(release)
	for _, want := range []string{"a lock was not released in time", "by pid ", "(nashra, idle in transaction since 20",
		"pg_terminate_backend"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, _, err := st.Reserve(ctx, translate.Order{Engine: "e", At: time.Now()}); err != nil {
		t.Errorf("once the lock is free: %v", err)
	}
}

func TestWaitsAreSetUnlessTheAddressSetsThem(t *testing.T) {
	address := databases["PostgreSQL"](t)
	for added, want := range map[string]string{"": "1min 5min nashra",
		"&lock_timeout=7s&application_name=mine": "7s 5min mine"} {
		var got string
		st := opened(t, address+added)
		err := st.w.QueryRowContext(t.Context(), `SELECT concat_ws(' ', current_setting('lock_timeout'),
			current_setting('idle_in_transaction_session_timeout'), current_setting('application_name'))`).Scan(&got)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", added, got, err, want)
		}
	}
}

// A server that takes the connection and says nothing stops nobody for ever.
func TestSilentServerIsGivenUp(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*connectWait)
	defer cancel()
	if st, err := Open(ctx, "postgres://u@"+l.Addr().String()+"/d?sslmode=disable"); err == nil || ctx.Err() != nil {
		t.Errorf("%v, %v, %v", st, err, ctx.Err())
	}
}
