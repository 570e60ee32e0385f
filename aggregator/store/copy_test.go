package store

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store/storetest"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// fillAll puts rows into every table except the search index.
func fillAll(t *testing.T, st *Store) {
	t.Helper()
	it := feeds.Item{
		SourceID: "s",
		GUID:     "1",
		URL:      "https://s.example/1",
		Seen:     noon,
		Authors:  []string{"سارة"},
		Text: feeds.Text{
			Lang:  "ar",
			Title: "شركة تطلق هاتفاً جديداً",
			Body: "<p>" + strings.Repeat("أعلنت الشركة إطلاق هاتفها الجديد بشاشة أكبر وبطارية تدوم يومين "+
				"ومعالج أسرع وسعر أقل في الأسواق. ", 9) + "</p>",
		},
	}
	p := poll("2")
	p.Items, p.Known = append(p.Items, signed(it)), []byte{1, 0}
	if _, err := st.Polled(t.Context(), noon, p); err != nil {
		t.Fatal(err)
	}
	items, err := st.Ungrouped(t.Context(), 100)
	if err != nil || len(items) == 0 {
		t.Fatal(err)
	}
	var placements []aggregator.Placement
	for _, it := range items {
		placements = append(
			placements,
			aggregator.Placement{
				Pending: it,
				Story:   aggregator.StoryID(feeds.Item{SourceID: it.Source, GUID: it.GUID}),
				Born:    true,
				Kind:    feeds.Lead,
				Filed:   true,
			},
		)
	}
	placements[1].Links = []dedupe.Link{{Story: placements[0].Story, Why: "event"}}
	if err := st.Grouped(t.Context(), noon, placements); err != nil {
		t.Fatal(err)
	}
	err = st.Translated(
		t.Context(),
		noon,
		map[string]feeds.Translation{
			placements[0].Story: {Text: feeds.Text{Lang: "en", Title: "One"}, State: feeds.Done, Engine: "x", At: noon},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]aggregator.Output{"feed.atom": {Sum: [32]byte{1, 0, 255}}}
	if err := st.SetOutputs(t.Context(), noon, files, nil); err != nil {
		t.Fatal(err)
	}
	if err := st.Hide(t.Context(), placements[len(placements)-1].Story); err != nil {
		t.Fatal(err)
	}
	if _, err := st.w.ExecContext(
		t.Context(),
		`INSERT INTO memory
			(key, engine, model, revision, glossary, human, lang_from, lang_to, role, source, target, at)
		VALUES ($1, 'x', '', '', '', $2, 'ar', 'en', 'title', 'نص', 'text', 1)`,
		[]byte{0, 1},
		true,
	); err != nil {
		t.Fatal(err)
	}
	art := aggregator.Article{SourceID: "s", GUID: "1", At: noon}
	known, err := st.Articles(t.Context(), noon, []string{placements[0].Story, placements[1].Story})
	for _, a := range known {
		if a.SourceID == art.SourceID && a.GUID == art.GUID {
			art.Sum = a.Sum
		}
	}
	if err = errors.Join(
		err,
		st.Fetched(t.Context(), noon, art, "<p>نص</p>", polite.Host{Origin: "https://s.example", Until: noon}),
	); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"INSERT INTO tombstones (key) VALUES (-5)",
		`INSERT INTO reservations (ticket, engine, day, month, chars, micros)
			VALUES (7, 'x', '2026-11-24', '2026-11', 5, 0)`,
		"INSERT INTO claims (key, ticket, until) SELECT key, 7, 9 FROM memory",
		"INSERT INTO spent (engine, day, month, chars, micros) VALUES ('x', '2026-11-24', '2026-11', 5, 6)",
		`INSERT INTO troubles (engine, kind, cause, departed, count, since, last)
			VALUES ('x', 'auth', 'auth (status 403)', TRUE, 2, 3, 4)`,
		`INSERT INTO digests (channel, start, until, at, by_published, events, only_here)
			VALUES ('daily', 3, 4, 5, TRUE, '[]', '[]')`,
		"UPDATE stories SET titled = 7, held = 6",
		`INSERT INTO entries (list, source, place, url, title_en, title_ar, site, lang, missed)
			VALUES ('l', 's', 1, 'https://s.example/feed', 'S', 'س', 'https://s.example/', 'ar', 1)`,
		"INSERT INTO lists (id, changed) VALUES ('l', 8)",
		`INSERT INTO targets (id, since, sent, given_up, failures, failing, again, error)
			VALUES ('phone', 3, 2, 1, 4, 5, 6, 'status 500')`,
		`INSERT INTO outbox (target, key, state, changed, stories, at, filed, tries, again)
			VALUES ('phone', 'more/5', 'waiting', 0, 5, 3, 4, 1, 6)`,
		"INSERT INTO publishing (place, cause, since, last) VALUES ('', 'disk full', 3, 4)",
	} {
		if _, err := st.w.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// dump returns the rows of every table as text.
func dump(t *testing.T, st *Store) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := st.read(t.Context(), func(tx transaction) error {
		for _, name := range tables {
			err := tx.each(t.Context(), func(rows *sql.Rows) error {
				row, _, err := scanAny(rows)
				out[name] = append(out[name], fmt.Sprintf("%#v", row))
				return err
			}, "SELECT * FROM "+name)
			if err != nil {
				return err
			}
			slices.Sort(out[name])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Copying from SQLite to PostgreSQL and back, and between two of a kind, keeps every row.
func TestCopiesAreWhole(t *testing.T) {
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("it runs in one goroutine")
	}
	first := filepath.Join(t.TempDir(), "first.db")
	st := opened(t, first)
	fillAll(t, st)
	want := dump(t, st)
	for _, name := range tables {
		if len(want[name]) == 0 {
			t.Errorf("the test puts nothing into %s", name)
		}
	}
	from := first
	for i, to := range []string{
		filepath.Join(t.TempDir(), "second.db"), storetest.Postgres(t), storetest.Postgres(t),
		filepath.Join(t.TempDir(), "last.db"),
	} {
		if err := Copy(t.Context(), from, to); err != nil {
			t.Fatalf("copy %d: %v", i, err)
		}
		copied := opened(t, to)
		got := dump(t, copied)
		for _, name := range tables {
			if !slices.Equal(got[name], want[name]) {
				t.Errorf(
					"copy %d, %s:\n%s\nwant\n%s",
					i,
					name,
					strings.Join(got[name], "\n"),
					strings.Join(want[name], "\n"),
				)
			}
		}
		if n, faults, err := Check(
			t.Context(),
			to,
		); err != nil || faults != nil || n.Stories == 0 ||
			n.Shown != n.Stories-1 {
			t.Errorf("copy %d: %+v %q %v", i, n, faults, err)
		}
		if err := Copy(t.Context(), first, to); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("copy %d: a second one over it: %v", i, err)
		}
		from = to
	}
}

// tables lists every table of the schema.
func TestTablesAreAll(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
		if st.path == "" {
			query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
		}
		var got []string
		if err := st.read(t.Context(), func(tx transaction) error {
			return tx.each(t.Context(), func(rows *sql.Rows) error {
				var name string
				err := rows.Scan(&name)
				if name != schemaTable {
					got = append(got, name)
				}
				return err
			}, query)
		}); err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		if want := slices.Sorted(slices.Values(tables)); !slices.Equal(got, want) {
			t.Errorf("the schema has %q, tables are %q", got, want)
		}
	})
}

// Check finds broken rules, and files that are damaged, cut or not a database.
func TestCheckFindsFaults(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st := opened(t, address)
		fillAll(t, st)
		for _, q := range []string{
			"UPDATE stories SET lead = 0 WHERE number = (SELECT MIN(number) FROM stories)",
			"DELETE FROM texts WHERE item = (SELECT MAX(item) FROM texts)",
		} {
			if _, err := st.w.ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		_, faults, err := Check(t.Context(), address)
		if want := []string{
			"1 stories without a lead",
			"1 items without their text",
		}; err != nil ||
			!slices.Equal(faults, want) {
			t.Errorf("%q, %v", faults, err)
		}
	})
	dir := t.TempDir()
	if _, _, err := Check(t.Context(), filepath.Join(dir, "absent.db")); err == nil {
		t.Error("a store that is not there has no faults")
	} else if _, err := os.Stat(filepath.Join(dir, "absent.db")); err == nil {
		t.Error("checking made a store")
	}
	path := filepath.Join(dir, "hurt.db")
	st := opened(t, path)
	fillAll(t, st)
	st.Close()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(text) / 2; i < len(text)*3/4; i++ {
		text[i] = byte(i)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, faults, err := Check(t.Context(), path); err == nil && len(faults) == 0 {
		t.Error("a damaged file has no faults")
	}
	_ = os.Remove(path + "-wal")
	if err := os.WriteFile(path, []byte("no database at all, but long enough to look at"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Check(t.Context(), path); err == nil || !strings.Contains(err.Error(), "hurt.db is damaged") {
		t.Errorf("%v", err)
	}
}
