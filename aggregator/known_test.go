package aggregator_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
)

// forgetful is a store that knows no items, so that all are made. Otherwise it counts what it knows.
type forgetful struct {
	both
	forgets bool
	known   atomic.Int64
}

func (f *forgetful) Known(ctx context.Context, source string) ([]byte, error) {
	list, err := f.both.Known(ctx, source)
	if f.forgets {
		return nil, err
	}
	f.known.Add(int64(len(list)))
	return list, err
}

// Skipping what known items were made from leaves the same rows as making all of every document.
func TestKnownItemsLeaveTheSameRows(t *testing.T) {
	sources := 30
	if testing.Short() {
		sources = 6
	}
	soaked := mixes(sources)
	var rows [2][]string
	for i := range rows {
		path := t.TempDir() + "/nashra.db"
		st, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		f := &forgetful{both: st, forgets: i == 1}
		pollSoak(t, soaked, f, func(_ *aggregator.Aggregator, _ []string, round int) {
			rows[i] = append(rows[i], fmt.Sprint("after round ", round))
			rows[i] = append(rows[i], rowsOf(t, path)...)
		})
		if !f.forgets && f.known.Load() == 0 {
			t.Error("no item is known")
		}
	}
	if len(rows[0]) != len(rows[1]) {
		t.Fatalf("%d rows, want %d", len(rows[0]), len(rows[1]))
	}
	for n, want := range rows[1] {
		if got := rows[0][n]; got != want {
			t.Fatalf("row %d is\n%s\nwant\n%s", n, got, want)
		}
	}
}

// rowsOf returns what a file holds of polls, without numbers of items and the server's address and
// clock.
func rowsOf(t *testing.T, path string) (out []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{
		`SELECT source, guid, filed, seen, last_seen, hex(sum), url, lang, title, summary, body, authors, categories,
			enclosures, images, rights, published, updated, hex(signature)
			FROM items JOIN texts ON texts.item = items.id JOIN signatures ON signatures.item = items.id ORDER BY key`,
		`SELECT id, hex(digest), title, site, lang, due, succeeded, failures, error, whole, note, charset, shared
			FROM sources ORDER BY id`,
		"SELECT source, hex(hashes) FROM known ORDER BY source",
	} {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, _ := rows.Columns()
		values, to := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			to[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(to...); err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprint(values...))
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
