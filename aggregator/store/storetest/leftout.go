package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// counter counts what was left out.
type counter interface {
	LeftOut(ctx context.Context) (map[string]int, error)
}

// leftOut tests that items which rules leave out are stored as seen, and never grouped.
func leftOut(t *testing.T, st Store) {
	ctx := t.Context()
	poll := func(at time.Time, whole bool, items ...aggregator.Signed) aggregator.Arrived {
		t.Helper()
		n, err := st.Polled(ctx, at, aggregator.Poll{Whole: whole, Items: items,
			State: polite.State{ID: "s", Polled: at, Succeeded: at, Recipe: "r"}})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	count := func() int {
		t.Helper()
		n, err := st.(counter).LeftOut(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n["s"]
	}
	story, ad := sign(entry("s", "1", "خبر")), sign(entry("s", "2", "إعلان"))
	ad.LeftOut = "exclude: إعلان"
	if n := poll(noon, true, story, ad); n != (aggregator.Arrived{New: 2, LeftOut: 1}) || count() != 1 {
		t.Errorf("arrived: %+v, counted %d", n, count())
	}
	if got := names(ungrouped(t, st)); !slices.Equal(got, []string{"s/1"}) {
		t.Errorf("waiting for a story: %v", got)
	}
	grouped(t, st, noon, born(story.Item))
	if states, err := st.States(ctx, "s"); err != nil || states["s"].Recipe != "r" {
		t.Errorf("state: %+v, %v", states["s"], err)
	}

	later := noon.Add(time.Hour)
	for title, same := range map[string]bool{"إعلان": true, "خبر آخر": false} {
		it := sign(entry("s", "2", title)) // rules that changed since would allow it
		some, err := st.Unstored(ctx, later, []aggregator.Signed{it})
		if err != nil || same != (len(some) == 0) || !same && some[0].New {
			t.Errorf("%s: unstored %+v, %v", title, some, err)
		}
	}
	edited := sign(entry("s", "2", "خبر آخر"))
	n := poll(later, true, edited)
	if n != (aggregator.Arrived{Changed: 1}) || len(ungrouped(t, st)) != 0 || count() != 1 {
		t.Errorf("an edit: %+v, waiting %v, counted %d", n, names(ungrouped(t, st)), count())
	}
	kin, err := st.Kin(ctx, []aggregator.Signed{edited}, false)
	if err != nil || !slices.ContainsFunc(kin, func(it feeds.Item) bool { return it.GUID == "2" }) {
		t.Errorf("kin: %v, %v", kin, err)
	}

	expire := func(before time.Time) {
		t.Helper()
		some, err := st.Expiring(ctx, before)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := st.Expire(ctx, before, nil); err != nil || !some {
			t.Fatal(some, err)
		}
	}
	in := days(20)
	poll(in, false) // unchanged: what the last whole document had is there still
	if expire(days(10)); count() != 1 {
		t.Error("what is left out expired in its feed")
	}
	poll(days(30), true, sign(entry("s", "3", "جديد")))
	if expire(days(25)); count() != 0 {
		t.Error("what is left out stays when its feed is without it")
	}
	if n := poll(days(31), true, sign(entry("s", "2", "إعلان"))); n != (aggregator.Arrived{}) {
		t.Errorf("what was left out came back: %+v", n)
	}
}
