package store

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
)

// Claims of a process that died hold nobody up on SQLite; claims of a living one do.
func TestClaimsOfTheDead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nashra.db")
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	order := translate.Order{Engine: "mt", At: at, Until: at.Add(time.Minute), Keys: map[translate.Key]int{{1}: 0}}
	buyer := func(want int) *Store {
		t.Helper()
		st, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { st.Close() })
		if _, taken, err := st.Reserve(t.Context(), order); err != nil || len(taken) != want {
			t.Errorf("%d taken, want %d: %v", len(taken), want, err)
		}
		return st
	}
	first := buyer(0)
	second := buyer(1)
	first.Close()     // as the system closes what a dead process had open
	third := buyer(1) // the second lives: whose the claim is nobody can tell, until its time is over
	second.Close()
	third.Close()
	buyer(0)
}
