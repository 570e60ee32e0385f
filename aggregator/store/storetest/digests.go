package storetest

import (
	"reflect"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// digest returns a digest of the day that ended that many days after noon.
func digest(channel string, days int, events ...feeds.Event) feeds.Digest {
	to := noon.AddDate(0, 0, days)
	return feeds.Digest{Channel: channel, From: to.AddDate(0, 0, -1), To: to, At: to.Add(time.Minute), Events: events}
}

func digests(t *testing.T, st Store) {
	ctx := t.Context()
	one := feeds.Event{Stories: []string{"b", "a"}, Follows: []string{"c"}, Outlets: []string{"y.example", "x"}, Own: 1,
		Reports: 2}
	first := digest("daily", 1, one)
	first.ByPublished = true
	first.Only = []feeds.Event{{Stories: []string{"d"}, Outlets: []string{"z"}, Own: 1, Reports: 1}}
	empty, third, fourth := digest("daily", 2), digest("daily", 3, one), digest("daily", 4, one)
	other := digest("weekly", 1, one)
	set := func(keep int, list ...feeds.Digest) {
		t.Helper()
		for _, d := range list {
			if err := st.SetDigest(ctx, d, keep); err != nil {
				t.Fatal(err)
			}
		}
	}
	stored := func(what string, limit int, last map[string]feeds.Digest, want ...feeds.Digest) {
		t.Helper()
		list, err := st.Digests(ctx, "daily", limit)
		if err != nil || !reflect.DeepEqual(list, want) {
			t.Errorf("%s: %v\n%+v, want\n%+v", what, err, list, want)
		}
		lasts, err := st.LastDigests(ctx)
		if err != nil || !reflect.DeepEqual(lasts, last) {
			t.Errorf("%s: %v\n%+v, want\n%+v", what, err, lasts, last)
		}
	}
	last := func(daily feeds.Digest) map[string]feeds.Digest {
		return map[string]feeds.Digest{"daily": daily, "weekly": other}
	}
	emptied := empty
	emptied.Events, emptied.Only = []feeds.Event{}, []feeds.Event{}
	full := func(d feeds.Digest) feeds.Digest { // as it comes back
		if d.Only == nil {
			d.Only = []feeds.Event{}
		}
		return d
	}
	other = full(other)
	before, err := st.Changes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	set(2, first, empty, other)
	stored("two periods, one without events", 9, last(emptied), first)
	if after, err := st.Changes(ctx); err != nil || after != before+3 {
		t.Errorf("%d changes after %d: %v", after, before, err)
	}
	again := first
	again.Events, again.At = nil, noon.AddDate(1, 0, 0)
	inside := digest("daily", 2, one)
	inside.From = inside.From.Add(time.Hour)
	set(2, again, inside)
	stored("a period is written once", 9, last(emptied), first)
	set(2, third, fourth)
	stored("two with events are kept", 9, last(full(fourth)), full(fourth), full(third))
	stored("the newest come", 1, last(full(fourth)), full(fourth))
	only := digest("daily", 5)
	only.Events, only.Only = []feeds.Event{}, first.Only
	set(2, only)
	stored("events of one outlet are enough", 1, last(only), only)
	after := digest("daily", 6)
	set(1, after)
	emptied.From, emptied.To, emptied.At = after.From, after.To, after.At
	stored("the last period is known though it is empty", 9, last(emptied), only)
	for _, f := range []struct {
		before time.Time
		keep   []string
		gone   bool
	}{{noon, nil, false}, {noon.AddDate(1, 0, 0), []string{"daily", "weekly"}, false},
		{noon.AddDate(1, 0, 0), []string{"weekly"}, true}} {
		if err := st.ForgetDigests(ctx, f.before, f.keep); err != nil {
			t.Fatal(err)
		}
		if list, err := st.Digests(ctx, "daily", 9); err != nil || (len(list) == 0) != f.gone {
			t.Errorf("%v: %v %v", f, list, err)
		}
	}
}
