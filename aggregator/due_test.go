package aggregator_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
)

// rowCounter counts the rows of sources that are read.
type rowCounter struct {
	*store.Store
	rows int
}

func (c *rowCounter) States(ctx context.Context, ids ...string) (map[string]polite.State, error) {
	states, err := c.Store.States(ctx, ids...)
	c.rows += len(states)
	return states, err
}

func (c *rowCounter) Due(ctx context.Context, at time.Time, also ...string) (map[string]polite.State, time.Time,
	error) {
	states, next, err := c.Store.Due(ctx, at, also...)
	c.rows += len(states)
	return states, next, err
}

// A daemon reads all rows of sources once, and then only those of sources that are due, of new ones
// and of those that have another address.
func TestDaemonReadsDueRowsOnly(t *testing.T) {
	r := newRig(t, nil)
	off := false
	r.opt.Sources = []feeds.Source{{ID: "off", URL: r.URL + "/off", Enabled: &off}, {ID: "new", URL: r.URL + "/new"},
		{ID: "moved", URL: r.URL + "/moved"}, {ID: "twin", URL: r.URL + "/new"}}
	polls := []aggregator.Poll{{State: polite.State{ID: "moved", Address: r.URL + "/old", Due: noon.Add(time.Hour),
		Why: "later"}}}
	for i := range 100 {
		s := feeds.Source{ID: fmt.Sprint("f", i), URL: fmt.Sprint(r.URL, "/", i)}
		r.opt.Sources = append(r.opt.Sources, s)
		polls = append(polls, aggregator.Poll{State: polite.State{ID: s.ID, Address: s.URL,
			Polled: noon.Add(-2 * time.Hour),
			Due:    noon.Add(time.Duration(i+1) * time.Minute), Why: "later"}})
	}
	if _, err := r.st.Polled(t.Context(), noon, polls...); err != nil {
		t.Fatal(err)
	}
	counter := &rowCounter{Store: r.st}
	a := r.over(counter)
	for _, c := range []struct {
		after  time.Duration
		stored []polite.State // before
		want   string
		rows   int
		next   time.Duration
	}{
		{0, nil, "moved new", 101, time.Minute},
		{0, nil, "moved new", 1, time.Minute}, // the row of "moved"
		{time.Minute, nil, "f0 moved new", 2, 2 * time.Minute},
		{time.Minute, []polite.State{{ID: "moved", Address: r.URL + "/moved", Due: noon.Add(time.Hour), Why: "later"},
			{ID: "new", Address: r.URL + "/new", Due: noon.Add(time.Hour), Why: "later"},
			{ID: "f0", Address: r.URL + "/0", Due: noon.Add(time.Hour), Why: "later"}}, "", 2, 2 * time.Minute},
		{time.Minute, nil, "", 0, 2 * time.Minute},
		{3 * time.Minute, nil, "f1 f2", 2, 4 * time.Minute},
		{-time.Hour, nil, "", 102, 2 * time.Minute}, // the clock was set back
	} {
		r.time, counter.rows = noon.Add(c.after), 0
		for _, st := range c.stored {
			if _, err := r.st.Polled(t.Context(), noon, aggregator.Poll{State: st}); err != nil {
				t.Fatal(err)
			}
		}
		due, next, err := a.DueNow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(slices.Sorted(maps.Keys(due)))
		if got != "["+c.want+"]" || counter.rows != c.rows || !next.Equal(noon.Add(c.next)) {
			t.Errorf("%v after noon: %s, %d rows, next at %s; want %s, %d, %v", c.after, got, counter.rows, next,
				c.want, c.rows, c.next)
		}
	}
}
