package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/feeds"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// databases are the databases to test on. Each function returns an address without a store.
var databases = map[string]func(t testing.TB) string{
	"SQLite":     func(t testing.TB) string { return filepath.Join(t.TempDir(), "متجر 100%?x.db") },
	"PostgreSQL": storetest.Postgres,
}

// everywhere runs a test on each database.
func everywhere(t *testing.T, test func(t *testing.T, address string)) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

func opened(t testing.TB, address string) *Store {
	t.Helper()
	st, err := Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

func TestStore(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			fresh(t) // skips where it cannot be had
			storetest.Run(t, func(t *testing.T) storetest.Store { return opened(t, fresh(t)) })
		})
	}
}

func poll(guids ...string) aggregator.Poll {
	p := aggregator.Poll{State: polite.State{ID: "s"}, Whole: true}
	for _, g := range guids {
		p.Items = append(
			p.Items,
			aggregator.Signed{Item: feeds.Item{SourceID: "s", GUID: g, Seen: noon, Text: feeds.Text{Title: g}}},
		)
	}
	return p
}

func fill1(t testing.TB, st *Store) {
	t.Helper()
	if _, err := st.Polled(t.Context(), noon, poll("1", "2")); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, st *Store) int {
	t.Helper()
	items, err := st.Ungrouped(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(items)
}

func TestReopened(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		fill1(t, st)
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if n := count(t, opened(t, address)); n != 2 {
			t.Errorf("%d items after reopening, want 2", n)
		}
	})
}

// The migrations run once.
func TestOpenedByManyAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				st, err := Open(context.Background(), address)
				if err != nil {
					t.Error(err)
					return
				}
				st.Close()
			})
		}
		wg.Wait()
		fill1(t, opened(t, address))
	})
}

// The database itself refuses to change items, until they were marked as seen a day ago.
func TestUnchangedPollWritesNoItems(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		fill1(t, st)
		guard := []string{"CREATE TRIGGER guard BEFORE UPDATE ON items BEGIN SELECT RAISE(ABORT, 'touched'); END"}
		if st.path == "" {
			guard = []string{
				`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
					AS $$ BEGIN RAISE EXCEPTION 'touched'; END $$`,
				"CREATE TRIGGER guard BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION refuse()",
			}
		}
		for _, q := range guard {
			if _, err := st.w.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := st.Polled(
			t.Context(),
			noon.Add(23*time.Hour),
			poll("1", "2", "3"),
		); err != nil ||
			n != (aggregator.Arrived{New: 1}) {
			t.Errorf("%+v, %v", n, err)
		}
		if _, err := st.Polled(
			t.Context(),
			noon.Add(25*time.Hour),
			poll("1", "2"),
		); err == nil ||
			!strings.Contains(err.Error(), "touched") {
			t.Errorf("after a day: %v, want the items marked", err)
		}
	})
}

func TestHidden(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		p := poll("1")
		if _, err := st.Polled(t.Context(), noon, p); err != nil {
			t.Fatal(err)
		}
		it := p.Items[0]
		if err := st.Grouped(
			t.Context(),
			noon,
			[]aggregator.Placement{
				{Pending: it.Pending(), Story: aggregator.StoryID(it.Item), Born: true, Kind: feeds.Lead},
			},
		); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{1, 0} {
			list, err := st.Stories(t.Context(), feeds.Query{Limit: 9})
			if err != nil || len(list) != want {
				t.Errorf("%d stories, %v, want %d", len(list), err, want)
			}
			if err := st.Hide(t.Context(), aggregator.StoryID(it.Item)); err != nil {
				t.Fatal(err)
			}
		}
		if n := count(t, st); n != 0 {
			t.Errorf("hiding gives %d items back to grouping", n)
		}
	})
}

// A reader does not wait for a writer in the middle of a transaction.
func TestReadingDoesNotWait(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		fill1(t, st)
		p := poll("1").Items[0]
		if err := st.Grouped(
			t.Context(),
			noon,
			[]aggregator.Placement{
				{Pending: p.Pending(), Story: aggregator.StoryID(p.Item), Born: true, Kind: feeds.Lead},
			},
		); err != nil {
			t.Fatal(err)
		}
		tx, err := st.w.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec("DELETE FROM texts"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		list, err := st.Stories(ctx, feeds.Query{Limit: 9})
		if err != nil || len(list) != 1 {
			t.Errorf("%d stories, %v, want 1", len(list), err)
		}
	})
}

// An unchanged document leaves the time of the last whole one, by which retention counts.
func TestUnchangedDocumentKeepsWhole(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		fill1(t, st)
		unchanged := aggregator.Poll{State: polite.State{ID: "s"}}
		if _, err := st.Polled(t.Context(), noon.Add(time.Hour), unchanged); err != nil {
			t.Fatal(err)
		}
		var whole, marked int64
		if err := st.r.QueryRow(`SELECT s.whole, MIN(i.last_seen)
			FROM sources s JOIN items i ON i.source = s.id GROUP BY s.id`).
			Scan(&whole, &marked); err != nil {
			t.Fatal(err)
		}
		if !instant(whole).Equal(noon) || !instant(marked).Equal(noon) {
			t.Errorf("whole at %v, items marked at %v, want both at %v", instant(whole), instant(marked), noon)
		}
	})
}

// A context that ends gives the same error on each database.
func TestCancelledWriteSaysSo(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		ctx, cancel := context.WithCancel(t.Context())
		err := st.write(ctx, func(tx transaction) error {
			cancel()
			return tx.run(ctx, "DELETE FROM outputs")
		})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// No error contains the password.
func TestErrorsHidePassword(t *testing.T) {
	for _, address := range []string{
		"postgres://nashra:s3cret@127.0.0.1:1/nashra?connect_timeout=2",
		"postgres://nashra:s3cret@127.0.0.1:port/nashra",
		"postgres://nashra:s3cret@127.0.0.1:1/nashra?sslmode=perhaps",
	} {
		st, err := Open(t.Context(), address)
		if err == nil || strings.Contains(err.Error(), "s3cret") ||
			strings.Contains(fmt.Sprintf("%+v", err), "s3cret") {
			t.Errorf("%v, %v", st, err)
		}
	}
}

// A story keeps the number of its first item when a damaged store has lost that item.
func TestNewItemsTakeNoStorysNumber(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		if _, err := st.Polled(t.Context(), noon, poll("first", "last")); err != nil {
			t.Fatal(err)
		}
		born := func() error {
			items, err := st.Ungrouped(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			var placements []aggregator.Placement
			for _, it := range items {
				placements = append(placements,
					aggregator.Placement{Pending: it, Story: it.GUID, Born: true, Kind: feeds.Lead})
			}
			return st.Grouped(t.Context(), noon, placements)
		}
		if err := born(); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{
			"UPDATE items SET story = 2 WHERE id = 1", "UPDATE stories SET lead = 1 WHERE number = 2",
			"DELETE FROM stories WHERE number = 1", "DELETE FROM texts WHERE item = 2",
			"DELETE FROM signatures WHERE item = 2", "DELETE FROM items WHERE id = 2",
		} {
			if _, err := st.w.ExecContext(t.Context(), q); err != nil {
				t.Fatal(q, err)
			}
		}
		if _, err := st.Polled(t.Context(), noon, poll("new")); err != nil {
			t.Fatal(err)
		}
		if err := born(); err != nil {
			t.Error(err)
		}
	})
}
