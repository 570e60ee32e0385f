package storetest

import (
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
)

// untold tests that the store keeps when a story was first held back, and when its headline was first translated.
func untold(t *testing.T, st Store) {
	held, late, other := entry("a", "1", "خبر أول"), entry("a", "2", "خبر ثان"), entry("b", "1", "خبر آخر")
	late.Published, other.Published = noon.Add(-time.Hour), noon.Add(-2*time.Hour)
	began(t, st, held, late, other)
	hold := func(at time.Time, items ...feeds.Item) {
		t.Helper()
		var ids []string
		for _, it := range items {
			ids = append(ids, aggregator.StoryID(it))
		}
		if err := st.Held(t.Context(), at, append(ids, "ffffffffffffffff")...); err != nil {
			t.Fatal(err)
		}
	}
	tell := func(at time.Time, it feeds.Item, title string, state feeds.State) {
		t.Helper()
		tr := feeds.Translation{Text: feeds.Text{Lang: "en", Title: title, Body: at.String()}, State: state, At: at,
			Engine: "mt"}
		err := st.Translated(t.Context(), at, map[string]feeds.Translation{aggregator.StoryID(it): tr})
		if err != nil {
			t.Fatal(err)
		}
	}
	expect := func(when string, q feeds.Query, want ...feeds.Item) []feeds.Listed {
		t.Helper()
		q.Limit = 10
		list, err := st.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var got, ids []string
		for _, l := range feeds.LatestFirst(list) {
			got = append(got, l.ID)
		}
		for _, it := range want {
			ids = append(ids, aggregator.StoryID(it))
		}
		equal(t, when, got, ids)
		return list
	}
	if err := st.Held(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	hold(noon, held, late)
	hold(noon.Add(time.Hour), held, late)
	expect("held", feeds.Query{Untold: true}, held, late)
	expect("late, before any headline", feeds.Query{Late: true})
	hold(time.Time{}, held)
	expect("no longer held", feeds.Query{Untold: true}, late)
	hold(noon, held)
	tell(noon.Add(time.Minute), late, "", feeds.Partial) // its body alone
	expect("held, with a body", feeds.Query{Untold: true}, held, late)
	tell(noon.Add(2*time.Minute), other, "Another", feeds.Done)
	tell(noon.Add(3*time.Minute), late, "The second", feeds.Partial)
	tell(noon.Add(4*time.Minute), late, "The second piece", feeds.Done)
	expect("still held", feeds.Query{Untold: true, Sources: []string{"a"}}, held)
	expect("late", feeds.Query{Late: true}, late)
	hold(time.Time{}, late) // too late
	expect("late for ever", feeds.Query{Late: true}, late)
	expect("late, of others", feeds.Query{Late: true, Sources: []string{"b"}})
	tell(noon.Add(5*time.Minute), held, "", feeds.Done) // a story without a headline
	expect("all are told", feeds.Query{Untold: true})
	list := expect("as the English edition has them", feeds.Query{}, held, late, other)
	for _, l := range list {
		want := map[string][2]time.Time{
			aggregator.StoryID(held):  {noon, noon.Add(5 * time.Minute)},
			aggregator.StoryID(late):  {noon, noon.Add(3 * time.Minute)},
			aggregator.StoryID(other): {{}, noon.Add(2 * time.Minute)},
		}[l.ID]
		if !l.Held.Equal(want[0]) || !l.Titled.Equal(want[1]) {
			t.Errorf("story of %v: held %v, titled %v; want %v", l.Published, l.Held, l.Titled, want)
		}
	}
	if last, err := st.List(t.Context(), feeds.Query{Late: true, Limit: 1}); err != nil || len(last) != 1 ||
		last[0].ID != aggregator.StoryID(held) {
		t.Errorf("the last that came late: %+v, %v", last, err)
	}
}
