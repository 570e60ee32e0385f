package storetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// relisted stores a reading of the list "opml:l" at noon, and returns how often the store says it changed since
// the last call.
func relisted(t *testing.T, st Store, l aggregator.Listing) int64 {
	t.Helper()
	before, err := st.Relisted(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	state := polite.State{ID: feeds.ListID("l"), Polled: noon, Succeeded: noon}
	if _, err := st.Polled(t.Context(), noon, aggregator.Poll{State: state, Listing: &l}); err != nil {
		t.Fatal(err)
	}
	after, err := st.Relisted(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return after - before
}

// naming returns a list that names these sources.
func naming(ids ...string) aggregator.Listing {
	var l aggregator.Listing
	for i, id := range ids {
		l.Entries = append(l.Entries, feeds.Entry{List: feeds.ListID("l"), ID: id, Place: i,
			URL: "https://" + id + ".example/", Title: feeds.Title{EN: id, AR: "خبر"}, Lang: "ar",
			Site: "https://" + id + ".example/home"})
	}
	return l
}

func lists(t *testing.T, st Store) {
	named := func(what string, want ...feeds.Entry) {
		t.Helper()
		got, err := st.Entries(t.Context(), feeds.ListID("l"))
		if err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n%+v, want\n%+v", what, err, got, want)
		}
	}
	missed := func(e feeds.Entry, n int, heard bool) feeds.Entry {
		e.Missed, e.Heard = n, heard
		return e
	}
	changes := func(what string, l aggregator.Listing, want int64) {
		t.Helper()
		if got := relisted(t, st, l); got != want {
			t.Errorf("%s: %d changes, want %d", what, got, want)
		}
	}
	all, two := naming("a", "b", "c").Entries, naming("a", "b")
	named("before it is read")
	changes("the first reading", naming("a", "b", "c"), 1)
	named("the first reading", all...)
	changes("the same document", aggregator.Listing{Same: true}, 0)
	changes("the same entries", naming("a", "b", "c"), 0)
	changes("a failure", aggregator.Listing{Failed: true}, 0)
	named("a failure", all...)
	changes("missed once", two, 1)
	named("missed once", all[0], all[1], missed(all[2], 1, false))
	changes("back again", naming("a", "b", "c"), 1)
	named("back again", all...)

	// b has been polled, c has not: only b is known when both have left.
	it := entry("b", "1", "خبر قديم")
	if _, err := st.Polled(t.Context(), noon, aggregator.Poll{Whole: true, Items: []aggregator.Signed{sign(it)},
		State: polite.State{ID: "b", Polled: noon, Succeeded: noon}, Known: []byte{1}}); err != nil {
		t.Fatal(err)
	}
	changes("an empty list", aggregator.Listing{}, 1)
	named("an empty list", missed(all[0], 1, false), missed(all[1], 1, true), missed(all[2], 1, false))
	changes("empty for the second time, by the same document", aggregator.Listing{Same: true}, 1)
	named("empty for the second time", missed(all[1], 2, true))
	changes("empty for the third time", aggregator.Listing{Same: true}, 0)

	// Another list may name the same source: it is forgotten with the last.
	other := naming("b")
	other.Entries[0].List = feeds.ListID("m")
	if _, err := st.Polled(t.Context(), noon, aggregator.Poll{State: polite.State{ID: feeds.ListID("m")},
		Listing: &other}); err != nil {
		t.Fatal(err)
	}
	got, err := st.Entries(t.Context(), feeds.ListID("m"), feeds.ListID("l"))
	if err != nil || len(got) != 2 || got[0].List != "opml:l" || got[1].List != "opml:m" || got[1].Missed != 0 {
		t.Errorf("two lists: %v, %+v", err, got)
	}
	grouped(t, st, noon, born(it))
	if n, err := st.Expire(t.Context(), noon.Add(365*24*time.Hour), nil); err != nil || n != 1 {
		t.Fatalf("%d expired, %v", n, err)
	}
	changes("its last story has expired", aggregator.Listing{Same: true}, 1)
	named("its last story has expired")
	states, err := st.States(t.Context(), "b", feeds.ListID("l"))
	if err != nil || states["b"].ID == "" || states["opml:l"].ID == "" {
		t.Errorf("states: %v, %+v", err, states)
	}
	for range feeds.Departure {
		if _, err := st.Polled(t.Context(), noon, aggregator.Poll{State: polite.State{ID: feeds.ListID("m")},
			Listing: &aggregator.Listing{}}); err != nil {
			t.Fatal(err)
		}
	}
	if states, err = st.States(t.Context(), "b"); err != nil || len(states) != 0 {
		t.Errorf("a source that no list names is remembered: %v, %+v", err, states)
	}
	// Lists are no outlets, and an id that begins alike is no list.
	if _, err := st.Polled(t.Context(), noon, aggregator.Poll{State: polite.State{ID: "opml"}}); err != nil {
		t.Fatal(err)
	}
	outlets, err := st.Outlets(t.Context())
	if err != nil || len(outlets) != 1 || outlets["opml"].ID == "" {
		t.Errorf("outlets: %v, %+v", err, outlets)
	}
}

// longLists: ten thousand entries are stored and compared, and only what changed is written.
func longLists(t *testing.T, st Store) {
	var ids []string
	for i := range 10_000 {
		ids = append(ids, fmt.Sprint("s", i))
	}
	relisted(t, st, naming(ids...))
	if n := relisted(t, st, naming(ids...)); n != 0 {
		t.Errorf("the same list changed %d times", n)
	}
	if n := relisted(t, st, naming(ids[:9_000]...)); n != 1 {
		t.Errorf("a shorter list changed %d times", n)
	}
	got, err := st.Entries(t.Context(), feeds.ListID("l"))
	if err != nil || len(got) != 10_000 || got[9_000].Missed != 1 || got[8_999].Missed != 0 {
		t.Errorf("%d entries, %v", len(got), err)
	}
}
