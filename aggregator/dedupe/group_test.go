package dedupe_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// placed is where grouping put an item.
type placed struct {
	story  string
	kind   feeds.Kind
	why    string
	linked map[string]string // stories linked to its own ⇒ why
}

func printing(it feeds.Item) dedupe.Printing {
	sig := dedupe.Sign(it, arabic.Lexicon{})
	return dedupe.Printing{Source: it.SourceID, When: it.When(), Seen: it.Seen, Signature: sig}
}

// grouped returns a store with the items in their stories, put there by the program's own hands.
func grouped(t testing.TB, items []feeds.Item) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nashra.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	polls := map[string]aggregator.Poll{}
	for _, it := range items {
		p := polls[it.SourceID]
		p.State.ID, p.Whole = it.SourceID, true
		p.Items = append(p.Items, aggregator.Signed{Item: it, Signature: dedupe.Sign(it, arabic.Lexicon{})})
		polls[it.SourceID] = p
	}
	if _, err := st.Polled(t.Context(), noon, slices.Collect(maps.Values(polls))...); err != nil {
		t.Fatal(err)
	}
	if _, err := aggregator.New(aggregator.Options{Store: st}).Group(t.Context()); err != nil {
		t.Fatal(err)
	}
	return st
}

// group returns the stories that grouping gives items.
func group(t testing.TB, items []feeds.Item) []placed {
	t.Helper()
	list, err := grouped(t, items).Stories(t.Context(), feeds.Query{Limit: len(items)})
	if err != nil {
		t.Fatal(err)
	}
	key := func(it feeds.Item) [2]string { return [2]string{it.SourceID, it.GUID} }
	story := map[[2]string]string{}
	for _, s := range list {
		for _, m := range s.Items {
			story[key(m.Item)] = s.ID
		}
	}
	at := map[[2]string]placed{}
	for _, s := range list {
		linked := map[string]string{}
		for _, m := range s.Related {
			linked[story[key(m.Item)]] = m.Why
		}
		for _, m := range s.Items {
			at[key(m.Item)] = placed{s.ID, m.Kind, m.Why, linked}
		}
	}
	out := make([]placed, len(items))
	for i, it := range items {
		out[i] = at[key(it)]
	}
	return out
}

// tally counts pairs of items.
type tally struct{ right, wrong, missed, whole int }

func (t tally) precision() float64 { return ratio(t.right, t.right+t.wrong) }
func (t tally) recall() float64    { return ratio(t.right, t.right+t.missed) }
func (t tally) f1() float64        { return ratio(2*t.right, 2*t.right+t.wrong+t.missed) }

func (t tally) String() string {
	return fmt.Sprintf("%d pairs; precision %.3f, recall %.3f, F1 %.3f",
		t.right+t.missed, t.precision(), t.recall(), t.f1())
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}
