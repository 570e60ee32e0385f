package store

import (
	"fmt"
	"math"
	"testing"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/words"
)

// formerIndex makes the index of words as it was until November 2026.
var formerIndex = map[string][]string{
	"SQLite": {"CREATE VIRTUAL TABLE search USING fts5 (words, content='', contentless_delete=1, tokenize='ascii')",
		"INSERT INTO search (rowid, words) SELECT place, 'old' FROM indexed"},
	"PostgreSQL": {"CREATE TABLE search (place BIGINT NOT NULL PRIMARY KEY, words TSVECTOR NOT NULL)",
		"CREATE INDEX search_words ON search USING GIN (words)",
		"INSERT INTO search (place, words) SELECT place, to_tsvector('simple', 'old') FROM indexed"},
}

// An index of an earlier form is made anew, once, in batches that can be stopped; until it is whole, a
// search says so.
func TestIndexOfEarlierFormIsMadeAnew(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			address, ctx := fresh(t), t.Context()
			st := opened(t, address)
			const all = storiesIndexed*2 + 50
			p := poll()
			var born []aggregator.Placement
			for i := range all {
				it := signed(feeds.Item{SourceID: "s", GUID: fmt.Sprint(i), Published: noon, Seen: noon,
					Text: feeds.Text{Title: fmt.Sprintf("Nvidia phones %d", i)}})
				p.Items = append(p.Items, it)
				born = append(born, aggregator.Placement{Pending: it.Pending(), Story: aggregator.StoryID(it.Item),
					Born: true, Kind: feeds.Lead})
			}
			if _, err := st.Polled(ctx, noon, p); err != nil {
				t.Fatal(err)
			}
			if err := st.Grouped(ctx, noon, born); err != nil {
				t.Fatal(err)
			}
			err := st.write(ctx, func(tx transaction) error {
				for _, statement := range append([]string{
					"CREATE TABLE indexed (story INTEGER NOT NULL PRIMARY KEY, place BIGINT NOT NULL UNIQUE, " +
						"stamp BIGINT NOT NULL)",
					"INSERT INTO indexed SELECT number, published / 1000 * 2147483648 + number, updated FROM stories",
				}, formerIndex[name]...) {
					if err := tx.run(ctx, statement); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			search := func(want int, building bool) {
				t.Helper()
				found, err := st.Search(ctx, feeds.Query{Words: "phone", Limit: 20})
				if err != nil || found.Count != want || found.Building != building {
					t.Errorf("%d stories, building %v, %v; want %d", found.Count, found.Building, err, want)
				}
			}
			search(0, true)
			err = st.write(ctx, func(tx transaction) error { // one batch, then the process ends
				batch, err := unindexed(ctx, tx, math.MaxInt32, words.NewIndexer())
				if err == nil {
					_, err = st.index(ctx, tx, batch)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			search(storiesIndexed, true)
			if n, err := st.Index(ctx); n != all-storiesIndexed || err != nil {
				t.Errorf("%d stories indexed, %v", n, err)
			}
			search(all, false)
			if n, err := st.Index(ctx); n != 0 || err != nil {
				t.Errorf("%d stories indexed again, %v", n, err)
			}
			for _, table := range former {
				err := st.read(ctx, func(tx transaction) error { return tx.run(ctx, "SELECT 1 FROM "+table) })
				if err == nil {
					t.Errorf("%s is still there", table)
				}
			}
			st = opened(t, address)
			search(all, true) // until this process knows
			if n, err := st.Index(ctx); n != 0 || err != nil {
				t.Errorf("%d stories indexed by another process, %v", n, err)
			}
			search(all, false)
		})
	}
}
