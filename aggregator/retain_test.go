package aggregator_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
)

// dated returns the n-th item, two a day.
func dated(n int) string {
	text := article(fmt.Sprint(n), fmt.Sprintf("خبر رقم %d عن شركة", n),
		fmt.Sprintf("قالت الشركة رقم %d إنها باعت %d جهازا في يوم واحد.", n, n*7), lastText)
	return strings.Replace(text, "Tue, 24 Nov 2026 08:00:00 GMT",
		noon.Add(time.Duration(n)*12*time.Hour).Format(time.RFC1123), 1)
}

// held returns how many stories the store has.
func (r *rig) held(t *testing.T) int64 {
	t.Helper()
	n, faults, err := store.Check(t.Context(), r.opt.Dir+"/../nashra.db")
	if err != nil || faults != nil {
		t.Fatal(faults, err)
	}
	return n.Stories
}

// Months of news leave the store as large as retention asks, and what is published never shrinks.
// The oldest item, back in the feed, stays deleted.
func TestRetentionKeepsTheStoreFlat(t *testing.T) {
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("it runs in one goroutine")
	}
	t.Parallel()
	r := newRig(t, map[string]string{"/one": ""})
	r.clock = func() time.Time { return r.time }
	r.opt.Retention = 30 * 24 * time.Hour
	r.opt.Channels[0].Limit = 8
	held := func() int64 { return r.held(t) }
	var sizes []int64
	for day := range 90 {
		r.time = noon.Add(time.Duration(day) * 24 * time.Hour)
		var items []string
		for n := max(0, 2*day-4); n < 2*day+2; n++ {
			items = append(items, dated(n))
		}
		r.pages["/one"] = rss(items...)
		r.pass(t)
		if day%15 == 14 && day > 50 {
			sizes = append(sizes, held())
		}
	}
	for _, n := range sizes {
		if n != sizes[0] || n != 2*31+4 {
			t.Errorf("stories held every fifteen days: %v", sizes)
			break
		}
	}
	r.status["/one"] = 500 // down for two hundred days
	r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: "other", URL: r.URL + "/other"})
	r.pages["/other"] = rss()
	shown := strings.Count(r.files(t)["feed.atom"], "<entry")
	r.time = r.time.Add(200 * 24 * time.Hour)
	if rep := r.pass(t); rep.Retained.Stories == 0 {
		t.Error("nothing expired")
	}
	if now := strings.Count(r.files(t)["feed.atom"], "<entry"); now != shown || held() != int64(shown) {
		t.Errorf("%d entries are published of %d, %d stories are held", now, shown, held())
	}
	r.status["/one"] = 0
	r.pages["/one"] = rss(dated(0), dated(1))
	if rep := r.pass(t); rep.Polled.New != 0 {
		t.Errorf("%d items came back", rep.Polled.New)
	}
	if list, err := r.st.Stories(t.Context(), feeds.Query{Limit: 100}); err != nil || len(list) != shown {
		t.Errorf("%d stories, %v", len(list), err)
	}
}

// With a clock far ahead, set back, or not confirmed by any source, nothing is deleted. Set right,
// old stories are.
func TestRetentionByAWrongClock(t *testing.T) {
	const day = 24 * time.Hour
	for name, wrong := range map[string]time.Time{
		"ahead": noon.Add(2 * 365 * day), "a week ahead": noon.Add(34 * day),
		"back": noon.Add(-2 * 365 * day), "its beginning": time.Unix(1, 0)} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, map[string]string{"/one": rss(dated(0), dated(1), dated(2), dated(3)),
				"/two": rss(dated(100)), "/odd": rss(dated(101))})
			for _, id := range []string{"two", "odd"} {
				r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: id, URL: r.URL + "/" + id})
			}
			var truth time.Time
			r.clock = func() time.Time { return truth }
			// one of three clocks is always wrong
			r.header["/odd"] = http.Header{"Date": {noon.Add(9999 * day).Format(http.TimeFormat)}}
			r.opt.Retention, r.opt.Channels[0].Limit = 28*day, 1
			var log strings.Builder
			r.opt.Log = slog.New(slog.NewTextHandler(&log, nil))
			at := func(after time.Duration, ours time.Time) (told aggregator.Retained) {
				t.Helper()
				truth, r.time = noon.Add(after), ours
				rep := r.pass(t)
				return rep.Retained
			}
			right := func(after time.Duration) aggregator.Retained { t.Helper(); return at(after, noon.Add(after)) }
			right(0)
			r.pages["/one"] = rss(dated(4), dated(5))
			right(2 * day)
			all := r.held(t)
			ahead := wrong.After(noon)

			// before any source was polled by the wrong clock, and then hour by hour
			truth, r.time = noon.Add(3*day), wrong
			a := r.over(r.st)
			if got, err := a.Retain(t.Context()); err != nil || got != (aggregator.Retained{More: true}) {
				t.Errorf("with nobody asked: %+v, %v", got, err)
			}
			for h := range 3 {
				h := time.Duration(h) * time.Hour
				got := at(3*day+h, wrong.Add(h))
				if got.Stories != 0 || (got.Doubt != "") != ahead || ahead &&
					!strings.Contains(got.Doubt, " days ahead of the sources'") {
					t.Errorf("%+v", got)
				}
				again, err := a.Retain(t.Context())
				if err != nil {
					t.Error(err)
				}
				aggregator.Report{Retained: again}.Log(a.Log)
			}
			if n := strings.Count(log.String(), "days ahead"); n != map[bool]int{true: 1}[ahead] {
				t.Errorf("it is told %d times", n)
			}
			if now := r.held(t); now != all {
				t.Errorf("%d stories are held of %d", now, all)
			}

			if got := right(4 * day); got.Stories != 0 || got.Doubt != "" {
				t.Errorf("the clock is right again: %+v", got)
			}
			right(31 * day) // marks the odd source's items, and those in /one
			if now := r.held(t); now != all-4 {
				t.Errorf("%d stories are held in the end, of %d, of which 4 are old", now, all)
			}
		})
	}
}
