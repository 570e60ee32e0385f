package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// An edit of a landed migration gives new stores another layout under the same number.
func TestFirstMigrationIsFrozen(t *testing.T) {
	const frozen = "b69482993b4843c98b79cc961bca75d0c1d43d30c0f2eb18bbde67e62905f658"
	if sum := sha256.Sum256([]byte(begin)); hex.EncodeToString(sum[:]) != frozen {
		t.Error("migrations/0001_begin.sql was edited: a change of the schema is a migration of its own")
	}
}

// layoutFiles returns a store of each earlier layout, twenty of them of schema 1: see
// testdata/layouts/README.md.
func layoutFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/layouts/*.db.gz")
	if err != nil || len(files) != 29 {
		t.Fatalf("%d stores of old builds, %v; want 29", len(files), err)
	}
	return files
}

// unpacked returns the path of a copy of a packed store.
func unpacked(t *testing.T, file string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nashra.db")
	if err := os.WriteFile(path, storetest.Unzipped(t, file), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// inPostgres returns the address of a PostgreSQL store with the layout and rows of the SQLite store
// at path.
func inPostgres(t *testing.T, path string) string {
	t.Helper()
	ctx := t.Context()
	from, err := openAsIs(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	address := databases["PostgreSQL"](t)
	to, err := openAsIs(address)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	schema, names := "-- +goose Up\n", []string(nil)
	err = from.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var kind, name, text string
			err := rows.Scan(&kind, &name, &text)
			if schema += text + ";\n"; kind == "table" {
				names = append(names, name)
			}
			return err
		}, `SELECT type, name, sql FROM sqlite_master WHERE sql <> '' AND name NOT IN ($1, 'sqlite_sequence')
			ORDER BY rowid`, schemaTable)
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	done := fstest.MapFS{}
	for _, name := range files[1:] {
		done[name] = &fstest.MapFile{Data: []byte("-- +goose Up\nSELECT 1;")}
	}
	done[files[0]] = &fstest.MapFile{Data: []byte(schema)} // with what came later
	p, newest, err := to.provider(done)
	if err != nil {
		t.Fatal(err)
	}
	have, err := from.schema(ctx, newest)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, have); err != nil {
		t.Fatal(err)
	}
	err = from.read(ctx, func(rows transaction) error {
		return to.write(ctx, func(into transaction) error {
			for _, name := range names {
				if err := copyTable(ctx, name, rows, into); err != nil {
					return fmt.Errorf("copy %s: %w", name, err)
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// lines returns the rows of a query as text, sorted.
func lines(t *testing.T, st *Store, question string) (out []string) {
	t.Helper()
	err := st.read(t.Context(), func(tx transaction) error {
		return tx.each(t.Context(), func(rows *sql.Rows) error {
			row, _, err := scanAny(rows)
			var b strings.Builder
			for _, v := range row {
				if data, ok := v.([]byte); ok {
					v = hex.EncodeToString(data)
				}
				fmt.Fprintf(&b, "%v|", v)
			}
			out = append(out, b.String())
			return err
		}, question)
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// heldIn returns all rows of a store of any layout that are not derived from others.
func heldIn(t *testing.T, address string) (out []string) {
	t.Helper()
	st, err := openAsIs(address)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for _, question := range []string{
		"SELECT number, id, published, updated, lead, hidden FROM stories",
		"SELECT id, key, source, guid, filed, seen, last_seen, sum, COALESCE(story, 0), kind, why FROM items",
		`SELECT item, url, lang, title, summary, body, authors, categories, enclosures, images, rights, published,
			updated FROM texts`,
		"SELECT story, lang, title, summary, body, state, engine, model, at, source FROM translations",
		"SELECT key, engine, model, revision, human, lang_from, lang_to, role, source, target, at FROM memory",
		`SELECT id, address, url, title, site, lang, due, held, gone, polled, succeeded, failures, error, whole
			FROM sources`,
		"SELECT path, sum FROM outputs",
		"SELECT engine, day, month, chars, micros FROM spent",
		"SELECT ticket, engine, chars, micros FROM reservations",
	} {
		_, table, _ := strings.Cut(question, " FROM ")
		for _, l := range lines(t, st, question) {
			out = append(out, table+": "+l)
		}
	}
	return out
}

// definitions returns the whole definitions of a store's tables, indexes and constraints.
func definitions(t *testing.T, st *Store) []string {
	t.Helper()
	if st.path != "" {
		return lines(t, st, "SELECT name, sql FROM sqlite_master WHERE sql <> ''")
	}
	in := quoted(append(slices.Clone(tables), "leads", "bands"))
	return slices.Concat(
		lines(t, st, `SELECT table_name, ordinal_position, column_name, data_type, is_nullable,
				COALESCE(column_default, '')
			FROM information_schema.columns WHERE table_schema = current_schema() AND table_name IN `+in),
		lines(t, st, `SELECT indexname, replace(indexdef, schemaname, '') FROM pg_indexes
			WHERE schemaname = current_schema() AND tablename IN `+in),
		lines(t, st, `SELECT t.relname, conname, replace(pg_get_constraintdef(c.oid), current_schema(), '')
			FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
			WHERE c.connamespace = current_schema()::regnamespace AND t.relname IN `+in))
}

// same reports the lines that only one of two lists has.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("%s: %s is not wanted", what, line)
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("%s: %s is missing", what, line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d lines, want %d", what, len(got), len(want))
	}
}

// everyLayout runs a test on a store of each layout, in each database.
func everyLayout(t *testing.T, test func(t *testing.T, layout, address string)) {
	for _, file := range layoutFiles(t) {
		layout, _, _ := strings.Cut(filepath.Base(file), ".")
		for name := range databases {
			t.Run(layout+"/"+name, func(t *testing.T) {
				t.Parallel()
				address := unpacked(t, file)
				if name == "PostgreSQL" {
					address = inPostgres(t, address)
				}
				test(t, layout, address)
			})
		}
	}
}

func TestEveryLayoutIsBroughtForward(t *testing.T) {
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("it runs in one goroutine")
	}
	fresh := map[bool][]string{} // definitions of a new store, by whether it is a file
	for _, address := range databases {
		st := opened(t, address(t))
		fresh[st.path != ""] = definitions(t, st)
	}
	everyLayout(t, func(t *testing.T, layout, address string) {
		n, faults, err := Check(t.Context(), address)
		had, items, next := int64(1), int64(12), newest
		switch {
		case layout > "29":
			had, items = 12, 19
		case layout > "28":
			had, items = 11, 19
		case layout > "27":
			had, items = 10, 19
		case layout > "26":
			had, items = 9, 19
		case layout > "25":
			had, items = 8, 19
		case layout > "24":
			had, items = 6, 19
		case layout > "23":
			had, items = 5, 19
		case layout > "22":
			had = 3
		case layout > "21":
			had = 2
		}
		if had == newest {
			next = 0
		}
		if err != nil || faults != nil || n.Schema != had || n.Next != next || n.Items != items || n.Memory < 55 {
			t.Errorf("check before: %+v, %v, %v", n, faults, err)
		}
		was := heldIn(t, address)
		st := opened(t, address)
		same(t, "held", heldIn(t, address), was)
		n, faults, err = Check(t.Context(), address)
		if err != nil || faults != nil || n.Schema != newest || n.Next != 0 {
			t.Errorf("check after: %+v, %v, %v", n, faults, err)
		}
		same(t, "defined", definitions(t, st), fresh[st.path != ""])
		titled(t, st)
		known(t, st)
		if st.path == "" || had == newest {
			return
		}
		if _, err = os.Stat(before(address)); err != nil {
			t.Fatal("no copy:", err)
		}
		same(t, "held by the copy", heldIn(t, before(address)), was)
	})
}

// titled tests that st says since when the headlines of earlier layouts have been translated.
func titled(t *testing.T, st *Store) {
	t.Helper()
	list, err := st.List(t.Context(), feeds.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	stories, err := st.Stories(t.Context(), feeds.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range stories {
		want := time.Time{}
		if s.Translation.Title != "" {
			want = s.Translation.At
		}
		if l := list[i]; !l.Titled.Equal(want) || !l.Held.IsZero() || !l.Entered().Equal(s.Published) {
			t.Errorf("story %s: titled %v, held %v; want %v and never", s.ID, l.Titled, l.Held, want)
		}
	}
}

// known tests that st recognises its own items when their source brings them again, and their texts
// when another source does.
func known(t *testing.T, st *Store) {
	t.Helper()
	var items []aggregator.Signed
	stories := map[string]string{} // GUID to story
	err := st.read(t.Context(), func(tx transaction) error {
		return tx.each(t.Context(), func(rows *sql.Rows) error {
			var story string
			it, err := scanItem(rows, &story)
			items = append(items, aggregator.Signed{Item: it, Signature: dedupe.Sign(it, arabic.Lexicon{})})
			stories[it.GUID] = story
			return err
		}, "SELECT "+itemColumns+`, s.id FROM items i JOIN texts t ON t.item = i.id
			JOIN stories s ON s.number = i.story ORDER BY i.id`)
	})
	if err != nil {
		t.Fatal(err)
	}
	fed := slices.DeleteFunc(slices.Clone(items), func(it aggregator.Signed) bool {
		return it.SourceID == "pages" // its text is the article's, not the feed's
	})
	n, err := st.Polled(t.Context(), time.Now(), aggregator.Poll{State: polite.State{ID: "s"}, Items: fed})
	if err != nil || n != (aggregator.Arrived{}) {
		t.Errorf("polled again: %+v, %v, want nothing new", n, err)
	}
	var copies []aggregator.Pending
	for _, it := range items {
		it.SourceID, it.URL = "another", "https://another.example/"+it.GUID
		it.Signature = dedupe.Sign(it.Item, arabic.Lexicon{})
		copies = append(copies, it.Pending())
	}
	shelf, err := st.Near(t.Context(), copies)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i, it := range copies {
		if d := dedupe.Decide(it.Printing, shelf.Near(i)); d.Story == stories[it.GUID] {
			found++
		}
	}
	if found < 10 {
		t.Errorf("the stories of %d of %d texts are found by them", found, len(copies))
	}
}

// Stories keep their items and links though today's rules would decide otherwise, and new items join them.
func TestStoriesOfEarlierRulesGoOn(t *testing.T) {
	for name := range databases {
		t.Run(name, func(t *testing.T) {
			address := unpacked(t, layoutFiles(t)[22])
			if name == "PostgreSQL" {
				address = inPostgres(t, address)
			}
			st := opened(t, address)
			was := told(t, st)
			list, err := st.Stories(t.Context(), feeds.Query{Limit: 100})
			if err != nil || len(list) != 15 { // one is hidden
				t.Fatalf("%d stories, %v", len(list), err)
			}
			var poll aggregator.Poll
			poll.State.ID = "late"
			for _, s := range list {
				it := s.Items[0].Item
				it.SourceID, it.URL = "late", "https://late.example/"+s.ID
				it.Seen, it.GUID = it.Seen.Add(time.Hour), s.ID
				poll.Items = append(poll.Items, aggregator.Signed{Item: it,
					Signature: dedupe.Sign(it, arabic.Lexicon{})})
			}
			if _, err := st.Polled(t.Context(), time.Now(), poll); err != nil {
				t.Fatal(err)
			}
			groupAll(t, st)
			now := told(t, st)
			for id, lines := range was {
				for _, line := range lines {
					if !slices.Contains(now[id], line) {
						t.Errorf("%s: %s is missing: %v", id, line, now[id])
					}
				}
				if !slices.ContainsFunc(now[id], func(line string) bool {
					return strings.HasPrefix(line,
						"copylate"+id)
				}) {
					t.Errorf("%s: its text is not found: %v", id, now[id])
				}
			}
		})
	}
}

// Items of one source that an earlier build folded for their page or words are grouped anew, but for the one that
// the story began with.
func TestFoldedItemsAreGroupedAnew(t *testing.T) {
	for name := range databases {
		t.Run(name, func(t *testing.T) {
			address := unpacked(t, layoutFiles(t)[20])
			if name == "PostgreSQL" {
				address = inPostgres(t, address)
			}
			old, err := openAsIs(address)
			if err != nil {
				t.Fatal(err)
			}
			var first, last int64
			err = old.write(t.Context(), func(tx transaction) error {
				err := tx.QueryRowContext(t.Context(), `SELECT MIN(s.number), MAX(s.number) FROM stories s
					JOIN items i ON i.id = s.lead WHERE s.lead = s.number AND i.source = 'tiqani'`).Scan(&first, &last)
				for _, q := range []string{
					"DELETE FROM identities WHERE story = $2 AND $1 <> $2",
					"UPDATE items SET story = $1 WHERE story = $2",
					"UPDATE items SET kind = 'update', why = 'identity: same address' WHERE id = $1 AND $1 <> $2",
					"UPDATE stories SET lead = $2 WHERE number = $1",
					"DELETE FROM stories WHERE number = $2 AND $1 <> $2",
				} {
					if err == nil {
						err = tx.run(t.Context(), q, first, last)
					}
				}
				return err
			})
			old.Close()
			if err != nil || first == last {
				t.Fatal(first, last, err)
			}
			st := opened(t, address)
			if n, faults, err := Check(t.Context(), address); err != nil || faults != nil || n.Items != 12 {
				t.Errorf("%+v, %v, %v", n, faults, err)
			}
			same(t, "items", lines(t, st, fmt.Sprintf(`SELECT i.id, COALESCE(i.story, 0), i.kind, COALESCE(s.lead, 0)
				FROM items i LEFT JOIN stories s ON s.number = i.story WHERE i.id IN (%d, %d)`, first, last)),
				[]string{fmt.Sprintf("%[1]d|%[1]d|lead|%[1]d|", first), fmt.Sprintf("%d|0||0|", last)})
		})
	}
}
