package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
)

// A statement that is in use, also of a text that is in use already, of more texts than are kept, or
// from before a change of the schema, gives the right rows.
func TestPreparedStatementsGiveTheirOwnRows(t *testing.T) {
	db, err := openPrepared("file:" + filepath.Join(t.TempDir(), "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	const made = "CREATE TABLE n (i INTEGER); INSERT INTO n VALUES (1), (2), (3)"
	if _, err := db.ExecContext(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	sum := func(from int, each func(i int)) (sum int) {
		t.Helper()
		rows, err := tx.QueryContext(t.Context(), "SELECT * FROM n WHERE i > $1 ORDER BY i", from)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var i int
			if err := rows.Scan(&i); err != nil {
				t.Fatal(err)
			}
			if sum += i; each != nil {
				each(i)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	inner := 0
	if outer := sum(0, func(i int) { inner += sum(i, nil) }); outer != 6 || inner != 5+3 {
		t.Errorf("%d, and within %d", outer, inner)
	}
	for i := range 3 * mostPrepared {
		want, got := i%(2*mostPrepared), 0
		err := tx.QueryRowContext(t.Context(), fmt.Sprintf("SELECT %d", want)).Scan(&got)
		if err != nil || got != want {
			t.Fatalf("%d: %d, %v", i, got, err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	columns := func() int {
		rows, err := db.QueryContext(t.Context(), "SELECT * FROM n")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil || rows.Err() != nil {
			t.Fatal(err, rows.Err())
		}
		return len(names)
	}
	before := columns()
	if _, err := db.ExecContext(t.Context(), "ALTER TABLE n ADD COLUMN more TEXT"); err != nil {
		t.Fatal(err)
	}
	if after := columns(); before != 1 || after != 2 {
		t.Errorf("%d columns, then %d", before, after)
	}
}

// An idle statement holds nothing: one whose rows were left early lets the log be emptied, one that
// failed lets its transaction commit, and one that was cancelled can be run again.
func TestIdleStatementsHoldNothing(t *testing.T) {
	path := "file:" + filepath.Join(t.TempDir(), "a.db") + "?" + pragmas
	w, err := openPrepared(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r, err := openPrepared(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w.SetMaxOpenConns(1)
	r.SetMaxOpenConns(1)
	const made = walMode + "; CREATE TABLE n (i INTEGER PRIMARY KEY); INSERT INTO n VALUES (1), (2), (3)"
	if _, err := w.ExecContext(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var i, busy, pages, moved int
		if err := r.QueryRowContext(t.Context(), "SELECT i FROM n").Scan(&i); err != nil || i != 1 {
			t.Fatal(i, err)
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.QueryRowContext(cancelled, "SELECT i FROM n").Scan(&i); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		tx, err := w.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO n VALUES (1)"); err == nil {
			t.Error("no error")
		}
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO n SELECT MAX(i) + 1 FROM n"); err != nil {
			t.Error(err)
		}
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
		row := w.QueryRowContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
		if err := row.Scan(&busy, &pages, &moved); err != nil || busy != 0 || pages != 0 {
			t.Errorf("%d pages of the log, busy %d, %v", pages, busy, err)
		}
	}
}

// A reservation is synced before the call that it pays for, so that a power cut cannot make it unpaid.
// What is not money is synced later.
func TestReservationsAreSyncedAtOnce(t *testing.T) {
	st, ctx := opened(t, filepath.Join(t.TempDir(), "n.db")), t.Context()
	for _, q := range []string{"CREATE TEMP TABLE levels (level INT)",
		"CREATE TEMP TRIGGER reserved AFTER INSERT ON reservations BEGIN " +
			"INSERT INTO levels SELECT synchronous FROM pragma_synchronous; END"} {
		if _, err := st.w.ExecContext(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	level := func(query string) (n int) {
		t.Helper()
		if err := st.w.QueryRowContext(ctx, query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const full, normal = 2, 1
	for range 2 {
		if _, _, err := st.Reserve(ctx, translate.Order{Engine: "e", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if n := level("PRAGMA synchronous"); n != normal {
			t.Errorf("level %d after a reservation", n)
		}
	}
	if n := level("SELECT MIN(level) * COUNT(*) FROM levels"); n != 2*full {
		t.Errorf("levels of two reservations: %d", n)
	}
}
