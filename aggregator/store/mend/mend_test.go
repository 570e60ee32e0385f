package mend

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func opened(t *testing.T, path string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// worn makes a store with items, paid translations and one pass, and returns its path and bytes.
func worn(t *testing.T) (path string, whole []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "nashra.db")
	st := opened(t, path)
	release, err := st.Pass(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	p := aggregator.Poll{State: polite.State{ID: "s"}, Whole: true}
	for i := range 300 {
		guid := fmt.Sprint("g", i)
		p.Items = append(p.Items, aggregator.Signed{Item: feeds.Item{
			SourceID: "s", GUID: guid, Seen: noon,
			Text:       feeds.Text{Title: guid, Body: strings.Repeat("خبر ", 300+10*(i%50))},
			Enclosures: []feeds.Enclosure{{URL: fmt.Sprint("https://example.com/", i), Type: "audio/mpeg"}},
		}})
	}
	if _, err := st.Polled(t.Context(), noon, p); err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		ticket, _, err := st.Reserve(
			t.Context(),
			translate.Order{Engine: "mt", Cost: translate.Cost{Chars: 10}, At: noon},
		)
		if err != nil {
			t.Fatal(err)
		}
		row := translate.Row{
			Key:    translate.Key{byte(i), byte(i >> 8)},
			Engine: "mt",
			Source: strings.Repeat("خبر ", 20),
			Target: strings.Repeat("news ", 20),
			At:     noon,
		}
		if err := st.Settle(t.Context(), ticket, translate.Cost{Chars: 10}, []translate.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	st.Close()
	if whole, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return path, whole
}

// Mending keeps what can be read of a damaged store and the damaged file itself. It leaves alone
// what is not damaged or not a store.
func TestMend(t *testing.T) {
	path, whole := worn(t)
	spoiled := func(at, n int) []byte {
		return append(append(bytes.Clone(whole[:at]), make([]byte, n)...), whole[at+n:]...)
	}
	mend := func() (string, store.Counts, error) { return Store(t.Context(), path, 0, noon) }
	for _, c := range []struct {
		name          string
		now           []byte
		items, memory int64 // at least
	}{
		{
			"whole", whole, 300, 200}, {"its head is lost", spoiled(0, 100), 300, 200}, {"its first page is lost",
			spoiled(0, 4096), 300, 200,
		},
		{
			"a page in the middle is lost", spoiled(len(whole)/2/4096*4096, 4096), 200, 150}, {"cut by a tenth",
			whole[:len(whole)*9/10], 100, 0,
		},
		{"no database", []byte(strings.Repeat("text\n", 2000)), 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{path + "-wal", path + "-shm"} {
				_ = os.Remove(name)
			}
			if err := os.WriteFile(path, c.now, 0o644); err != nil {
				t.Fatal(err)
			}
			aside, n, err := mend()
			if err != nil || (aside == "") != (c.name == "whole") {
				t.Fatalf("set aside as %q, %v", aside, err)
			}
			if n.Items < c.items || n.Memory < c.memory {
				t.Errorf("%+v are kept, want %d items and %d translations at least", n, c.items, c.memory)
			}
			if aside != "" {
				if b, err := os.ReadFile(aside); err != nil || !bytes.Equal(b, c.now) {
					t.Errorf("what is set aside is not what was there: %v", err)
				}
				_ = os.Remove(aside)
			}
			_, faults, err := store.Check(t.Context(), path)
			if err != nil || len(faults) > 0 {
				t.Errorf("the new store: %v %v", faults, err)
			}
			left, _ := filepath.Glob(path + ".mending*")
			if len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			st := opened(t, path)
			limit := translate.Limit{Chars: 1 << 40}
			used, err := st.Used(t.Context(), []translate.Limit{limit}, noon)
			if err != nil || c.memory == 200 && used[0].Chars != 2000 {
				t.Errorf("%v characters count as spent, 2000 were; %v", used, err)
			}
			if memos, err := st.States(t.Context()); err != nil || aside != "" && !memos["one"].Due.Equal(time.Time{}) {
				t.Errorf("its sources are not due: %+v, %v", memos, err)
			}
			st.Close()
		})
	}

	st := opened(t, path)
	stop, err := st.Serving()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:5000], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := mend(); err == nil || !strings.Contains(err.Error(), "another nashra serves") {
		t.Errorf("beside a daemon: %v", err)
	}
	stop()
	st.Close()

	notes := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notes, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Store(t.Context(), notes, 0, noon); err == nil || !strings.Contains(err.Error(), notes) {
		t.Errorf("a file that was never a store: %v", err)
	}
	if b, err := os.ReadFile(notes); err != nil || string(b) != "mine" {
		t.Errorf("it was touched: %q, %v", b, err)
	}
}

// Whichever page is lost, a text is read as it was stored, or not at all.
func TestMendPages(t *testing.T) {
	path, whole := worn(t)
	texts := func() map[string]bool {
		t.Helper()
		out := map[string]bool{}
		db, err := store.OpenDamaged(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.QueryContext(
			t.Context(),
			"SELECT concat(url, title, body, enclosures, published) FROM texts "+
				"UNION ALL SELECT concat(source, target) FROM memory",
		)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				t.Error(err)
			}
			out[text] = true
		}
		if err := rows.Err(); err != nil {
			t.Error(err)
		}
		return out
	}
	stored, damaged, step := texts(), 0, 11
	if os.Getenv("NASHRA_TEST_CRASHES") != "" {
		step = 1
	}
	for at := 4096; at < len(whole); at += 4096 * step {
		for _, name := range []string{path + "-wal", path + "-shm"} {
			_ = os.Remove(name)
		}
		if err := os.WriteFile(
			path,
			slices.Concat(whole[:at], make([]byte, 4096), whole[at+4096:]),
			0o644,
		); err != nil {
			t.Fatal(err)
		}
		aside, _, err := Store(t.Context(), path, 0, noon)
		if err != nil {
			t.Fatalf("page %d: %v", at/4096, err)
		}
		if aside != "" {
			damaged++
			_ = os.Remove(aside)
		}
		now := texts()
		for text := range now {
			if !stored[text] {
				t.Fatalf("page %d: %.80q… was never stored", at/4096, text)
			}
		}
		if aside == "" && len(now) < len(stored) {
			t.Errorf("page %d: %d texts of %d, and nothing is said", at/4096, len(now), len(stored))
		}
	}
	t.Logf("%d pages; %d harms noticed", len(whole)/4096, damaged)
}

// A damaged store of an earlier layout is read into a new one with what it holds.
func TestStoreOfEarlierLayout(t *testing.T) {
	files, err := filepath.Glob("../testdata/layouts/*.db.gz")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range []string{files[0], files[5], files[9], files[20]} {
		b := storetest.Unzipped(t, file)
		const indexLeaf = 10
		for at := pageSize; at < len(b); at += pageSize {
			page := b[at : at+pageSize]
			if page[0] == indexLeaf && bytes.Contains(page, []byte("khabartech\x00kt-79555")) { // a key of an item
				clear(page)
			}
		}
		path := filepath.Join(t.TempDir(), "nashra.db")
		for name, data := range map[string][]byte{path: b, path + ".pass": nil} {
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		aside, n, err := Store(t.Context(), path, 0, noon)
		if err != nil || aside == "" || n.Schema < 3 || n.Sources != 4 || n.Items != 12 || n.Stories != 11 ||
			n.Memory < 55 {
			t.Errorf("%s: set aside as %q, %+v, %v", file, aside, n, err)
		}
		valid := 0 // of translations under any glossary
		if err := opened(t, path).Remembered(t.Context(), func(r translate.Row) error {
			if r.Glossary == translate.UnknownGlossary {
				valid++
			}
			return nil
		}); err != nil || valid > 0 != (file == files[0] || file == files[5]) {
			t.Errorf("%s: %d translations are valid under any glossary, %v", file, valid, err)
		}
	}
}

// A store that lost a column that earlier layouts did not have either is read into a new one.
func TestStoreWithoutColumn(t *testing.T) {
	path, _ := worn(t)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("ALTER TABLE sources DROP COLUMN clock"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	aside, n, err := Store(t.Context(), path, 0, noon)
	if err != nil || aside == "" || n.Items != 300 || n.Memory != 200 || n.Sources != 1 {
		t.Errorf("set aside as %q, %+v, %v", aside, n, err)
	}
}

func TestMendedStoreKeepsItsMode(t *testing.T) {
	path, whole := worn(t)
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if aside, _, err := Store(t.Context(), path, time.Second, noon); err != nil || aside == "" {
		t.Fatalf("%q, %v", aside, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
