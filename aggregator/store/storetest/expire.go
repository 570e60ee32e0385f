package storetest

import (
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// days returns the time that many days after noon.
func days(n int) time.Time { return noon.Add(time.Duration(n) * 24 * time.Hour) }

func expired(t *testing.T, st Store, before time.Time, keep ...string) int {
	t.Helper()
	n, err := st.Expire(t.Context(), before, keep)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// answered stores that a source answered with an unchanged document.
func answered(t *testing.T, st Store, at time.Time, source string) {
	t.Helper()
	poll := aggregator.Poll{State: polite.State{ID: source, Polled: at, Succeeded: at}}
	if _, err := st.Polled(t.Context(), at, poll); err != nil {
		t.Fatal(err)
	}
}

// expiry tests that stories expire that left their feeds, whatever their date, and never come back.
// Stories in an unchanged feed and those to keep stay.
func expiry(t *testing.T, st Store) {
	long := func(source, guid, title string) feeds.Item {
		it := entry(source, guid, title)
		it.Body = "<p>" + title + ": " + news + "</p>"
		return it
	}
	left, there := long("a", "1", "خبر قديم عن هاتف"), long("b", "1", "خبر باق عن حاسوب")
	kept := long("a", "2", "خبر منشور عن سيارة")
	copied, copyThere := long("a", "3", "خبر منسوخ عن روبوت"), long("b", "3", "خبر منسوخ عن روبوت")
	began(t, st, left, there, kept, copied)
	polled(t, st, noon, copyThere)
	grouped(t, st, noon, joins(copyThere, copied, feeds.Copy))
	polled(t, st, days(10), entry("a", "9", "خبر جديد")) // the feed of a now holds another item
	grouped(t, st, days(10), born(entry("a", "9", "خبر جديد")))
	answered(t, st, days(100), "b") // with 304
	row := translate.Row{
		Key:  translate.KeyOf(translate.Pair{From: "ar", To: "en"}, translate.Title, left.Title),
		Role: translate.Title, Source: left.Title, Target: "Old news", Engine: "mt", At: noon,
	}
	if err := st.Settle(t.Context(), 0, translate.Cost{}, []translate.Row{row}); err != nil {
		t.Fatal(err)
	}

	keep := aggregator.StoryID(kept)
	if n := expired(t, st, noon, keep); n != 0 {
		t.Errorf("%d stories are gone on the day they were last seen", n)
	}
	if n := expired(t, st, days(5), keep); n != 1 {
		t.Errorf("%d stories are gone, want the one that left its feed", n)
	}
	var want []string
	for _, it := range []feeds.Item{there, kept, copied, entry("a", "9", "")} {
		id := aggregator.StoryID(it)
		want = append(want, id)
		if got := stories(t, st, feeds.Query{IDs: []string{id}, Limit: 1}); len(got) != 1 {
			t.Errorf("story %s is gone", id)
		}
	}
	if got := stories(t, st, feeds.Query{Limit: 100}); len(got) != len(want) {
		t.Errorf("%d stories are left, want %d", len(got), len(want))
	}

	renamed := left
	renamed.GUID = "renamed"
	if n := polled(t, st, days(20), left, renamed); n.New != 0 || len(ungrouped(t, st)) != 0 {
		t.Errorf("%d expired items came back", n.New)
	}
	fresh, again := long("a", "10", "خبر آخر عن طائرة"), left
	again.GUID, again.Published = "of today", days(20) // a daily one with the page and the words of one that expired
	if n := polled(t, st, days(20), fresh, again); n.New != 2 {
		t.Errorf("%d new items, want 2: one is taken for an expired one", n.New)
	}
	grouped(t, st, days(20), born(fresh), born(again))
	if n := expired(t, st, days(99)); n != 4 {
		t.Errorf("%d more stories are gone, want four of source a", n)
	}
	if rows, err := st.Recall(t.Context(), []translate.Key{row.Key}); err != nil || len(rows[row.Key]) != 1 {
		t.Errorf("the translation memory did not stay: %v, %v", rows, err)
	}
	if n := expired(t, st, days(200)); n != 2 {
		t.Errorf("%d more stories are gone, want those of source b, which never answered again", n)
	}
}
