package dedupe_test

import (
	"path/filepath"
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
	story string
	kind  feeds.Kind
	why   string
}

// group gives the items their stories by the program's own hands, in a store of their own.
func group(t testing.TB, items []feeds.Item) []placed {
	t.Helper()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "nashra.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	polls := map[string]aggregator.Poll{}
	for _, it := range items {
		p := polls[it.SourceID]
		p.Memo.ID, p.Whole = it.SourceID, true
		p.Items = append(p.Items, aggregator.Signed{Item: it, Signature: dedupe.Sign(it, arabic.Lexicon{})})
		polls[it.SourceID] = p
	}
	for _, p := range polls {
		if _, err := st.Polled(t.Context(), noon, p); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := aggregator.New(aggregator.Options{Store: st}).Group(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := st.Stories(t.Context(), feeds.Query{Limit: len(items)})
	if err != nil {
		t.Fatal(err)
	}
	at := map[[2]string]placed{}
	for _, s := range list {
		for _, m := range s.Items {
			at[[2]string{m.SourceID, m.GUID}] = placed{s.ID, m.Kind, m.Why}
		}
	}
	out := make([]placed, len(items))
	for i, it := range items {
		out[i] = at[[2]string{it.SourceID, it.GUID}]
	}
	return out
}

// tally counts pairs of items.
type tally struct{ right, wrong, missed, whole int }

func (t tally) precision() float64 { return ratio(t.right, t.right+t.wrong) }
func (t tally) recall() float64    { return ratio(t.right, t.right+t.missed) }
func (t tally) f1() float64        { return ratio(2*t.right, 2*t.right+t.wrong+t.missed) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}
