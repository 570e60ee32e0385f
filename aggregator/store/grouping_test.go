package store

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// labelled returns the items of the labelled set in the order of grouping. All are seen at noon or,
// if live, each when it was published.
func labelled(t *testing.T, live bool) (out []aggregator.Signed) {
	t.Helper()
	f, err := os.Open("../dedupe/testdata/labelled.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var l struct {
			Source, GUID, URL, Lang, Title, Body string
			When                                 time.Time
		}
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		it := feeds.Item{
			SourceID:  l.Source,
			GUID:      l.GUID,
			URL:       l.URL,
			Text:      feeds.Text{Lang: l.Lang, Title: l.Title, Body: l.Body},
			Published: l.When,
			Seen:      noon,
		}
		if live {
			it.Seen = l.When
		}
		out = append(out, aggregator.Signed{Item: it, Signature: dedupe.Sign(it, arabic.Lexicon{})})
	}
	slices.SortFunc(out, func(x, y aggregator.Signed) int {
		return cmp.Or(
			x.Seen.Compare(y.Seen),
			x.When().Compare(y.When()),
			cmp.Compare(x.SourceID, y.SourceID),
			cmp.Compare(x.GUID, y.GUID),
		)
	})
	return out
}

// bring stores items in the order given, with one poll of each source.
func bring(t *testing.T, st *Store, items []aggregator.Signed) {
	t.Helper()
	var polls []aggregator.Poll
	for _, it := range items {
		i := slices.IndexFunc(polls, func(p aggregator.Poll) bool { return p.State.ID == it.SourceID })
		if i < 0 {
			i = len(polls)
			polls = append(polls, aggregator.Poll{State: polite.State{ID: it.SourceID}})
		}
		polls[i].Items = append(polls[i].Items, it)
	}
	for _, p := range polls { // each in a transaction of its own, as polls end
		if _, err := st.Polled(t.Context(), noon, p); err != nil {
			t.Fatal(err)
		}
	}
}

func groupAll(t *testing.T, st *Store) {
	t.Helper()
	if _, err := aggregator.New(aggregator.Options{Store: st}).Group(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// told returns all that grouping says of each story, by id.
func told(t *testing.T, st *Store) map[string][]string {
	t.Helper()
	list, err := st.Stories(t.Context(), feeds.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, s := range list {
		for _, m := range slices.Concat(s.Items, s.Related) {
			out[s.ID] = append(out[s.ID], fmt.Sprint(m.Kind, m.SourceID, m.GUID, m.Story, m.Why))
		}
	}
	return out
}

// Polls in any order, at once or one by one with restarts between, give the same stories on each
// database.
func TestSameItemsMakeSameStories(t *testing.T) {
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("it runs in one goroutine")
	}
	for _, live := range []bool{false, true} {
		items := labelled(t, live)
		var want map[string][]string
		same := func(t *testing.T, how string, st *Store) {
			t.Helper()
			got := told(t, st)
			if want == nil {
				want = got
				joined := 0
				for _, s := range got {
					joined += len(s) - 1
				}
				if len(got) < 150 || joined < 150 {
					t.Fatalf("%d stories, %d members and links beside their leads: nothing is tested", len(got), joined)
				}
				return
			}
			differ := 0
			for id, s := range want {
				if !slices.Equal(s, got[id]) {
					if differ++; differ < 4 {
						t.Errorf("%s: %v, want %v", how, got[id], s)
					}
				}
			}
			if len(got) != len(want) || differ > 0 {
				t.Errorf("%s: %d stories, want %d; %d differ", how, len(got), len(want), differ)
			}
		}
		for _, name := range []string{"SQLite", "PostgreSQL"} {
			t.Run(fmt.Sprintf("%s, live %v", name, live), func(t *testing.T) {
				fresh, dice := databases[name], rand.New(rand.NewPCG(1, 2))
				st := opened(t, fresh(t))
				bring(t, st, items)
				groupAll(t, st)
				same(t, "at once", st)

				st = opened(t, fresh(t))
				shuffled := slices.Clone(items)
				dice.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				bring(t, st, shuffled)
				groupAll(t, st)
				same(t, "shuffled", st)

				address := fresh(t)
				st = opened(t, address)
				few := 1
				if name == "PostgreSQL" {
					few = 20 // a poll takes longer there
				}
				for some := range slices.Chunk(items, few) {
					if dice.IntN(100) < few {
						if err := st.Close(); err != nil {
							t.Fatal(err)
						}
						st = opened(t, address)
					}
					bring(t, st, some)
					groupAll(t, st)
				}
				same(t, "by and by, with restarts", st)
			})
		}
	}
}
