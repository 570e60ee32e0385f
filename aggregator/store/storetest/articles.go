package storetest

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// article returns what the store remembers of the article of an item.
func article(t *testing.T, st Store, at time.Time, it feeds.Item) aggregator.Article {
	t.Helper()
	id := aggregator.StoryID(it)
	all, err := st.Articles(t.Context(), at, []string{id, "0123456789abcdef"})
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v: want that of one story", all, err)
	}
	return all[id]
}

func articles(t *testing.T, st Store) {
	it, other := entry("s", "1", "خبر"), entry("s", "2", "خبر ثان")
	began(t, st, it, other)
	was := article(t, st, noon, it)
	if len(was.Sum) == 0 || !reflect.DeepEqual(was, aggregator.Article{SourceID: "s", GUID: "1", Sum: was.Sum}) {
		t.Fatalf("before it was asked for: %+v", was)
	}
	failed := was
	failed.At, failed.Tries, failed.Again, failed.Error = noon, 1, noon.Add(time.Hour), "status 503"
	later := noon.Add(time.Minute)
	fetched := aggregator.Article{SourceID: "s", GUID: "1", Sum: was.Sum, At: later}
	for _, step := range []struct {
		art  aggregator.Article
		body string
		want string
	}{
		{failed, "", "<p>خبر</p>"},
		{fetched, "<p>الخبر كله</p>", "<p>الخبر كله</p>"},
	} {
		if err := st.Fetched(t.Context(), step.art.At, step.art, step.body); err != nil {
			t.Fatal(err)
		}
		got := article(t, st, noon, it)
		step.art.Today = got.Today
		if !reflect.DeepEqual(got, step.art) {
			t.Errorf("%+v, want %+v", got, step.art)
		}
		if s := one(t, st, it); s.Main() != step.want || s.Summary != "<p>خبر</p>" {
			t.Errorf("the story says %q, its summary %q", s.Main(), s.Summary)
		}
	}
	if s := one(t, st, it); !s.Updated.Equal(later) {
		t.Errorf("changed at %v, want %v", s.Updated, later)
	}
	// Fetched pages count for their source, by day.
	n, next := article(t, st, noon, other).Today, article(t, st, noon.Add(24*time.Hour), other).Today
	if n != 2 || next != 0 {
		t.Errorf("%d pages on the day, %d on the next", n, next)
	}
	// The same items again change nothing, an edit makes the article void.
	if n := polled(t, st, later, it, other); n != (aggregator.Arrived{}) || one(t, st, it).Body == "" {
		t.Errorf("the same again: %+v, %q", n, one(t, st, it).Body)
	}
	edited := it
	edited.Summary = "<p>خبر مصحح</p>"
	polled(t, st, later, edited)
	now := article(t, st, noon, it)
	if s := one(t, st, it); s.Body != "" || !now.At.IsZero() || reflect.DeepEqual(now.Sum, was.Sum) {
		t.Errorf("after an edit: %+v, %q", now, s.Body)
	}
	// A page that was requested before the edit is out of date.
	if err := st.Fetched(t.Context(), later, fetched, "<p>قديم</p>"); err != nil {
		t.Fatal(err)
	}
	if s, art := one(t, st, it), article(t, st, noon, it); s.Body != "" || !art.At.IsZero() || art.Today != 3 {
		t.Errorf("a page that came too late: %q, %+v", s.Body, art)
	}
}

func hosts(t *testing.T, st Store) {
	const origin = "https://s.example:8443"
	if h, err := st.Host(t.Context(), origin); err != nil || h != (polite.Host{}) {
		t.Errorf("a host that was never asked: %+v, %v", h, err)
	}
	want := polite.Host{
		Origin: origin, Rules: "useragent: *\ndisallow: /وسم\n", Until: noon.Add(time.Hour),
		Asked: noon, Held: noon.Add(time.Minute), Failures: 3,
	}
	for _, h := range []polite.Host{{Origin: origin}, want, {Origin: "http://other.example", Held: noon}} {
		gone := aggregator.Article{SourceID: "s", GUID: "gone"}
		if err := st.Fetched(t.Context(), noon, gone, "<p>x</p>", h); err != nil {
			t.Fatal(err)
		}
	}
	if h, err := st.Host(t.Context(), origin); err != nil || h != want {
		t.Errorf("%+v, %v, want %+v", h, err, want)
	}
	if h, err := st.Host(t.Context(), "http://other.example"); err != nil || !h.Held.Equal(noon) {
		t.Errorf("a host without a robots.txt: %+v, %v", h, err)
	}
	ofPage := polite.Host{Origin: "https://page.example", Rules: "useragent: *\n", Until: noon.Add(time.Hour),
		Asked: noon}
	poll := aggregator.Poll{State: polite.State{ID: "p", Address: "https://page.example/"},
		Hosts: []polite.Host{ofPage}}
	if _, err := st.Polled(t.Context(), noon, poll); err != nil {
		t.Fatal(err)
	}
	if h, err := st.Host(t.Context(), ofPage.Origin); err != nil || h != ofPage {
		t.Errorf("the host of a page that is a source: %+v, %v", h, err)
	}
	wait := polite.Wait{Host: "s.example:8443", Said: "status 429 to source s", At: noon, Held: noon.Add(time.Hour),
		Due: noon.Add(time.Minute), Times: 2}
	first := polite.Wait{Host: "other.example", Said: "status 503 to source o", At: noon}
	for _, w := range []polite.Wait{{Host: wait.Host}, first, wait} {
		if err := st.SetWait(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	waits, err := st.Waits(t.Context())
	slices.SortFunc(waits, func(x, y polite.Wait) int { return strings.Compare(x.Host, y.Host) })
	if want := []polite.Wait{first, wait}; err != nil || !slices.Equal(waits, want) {
		t.Errorf("hosts that ask to wait: %+v, %v, want %+v", waits, err, want)
	}
	third := polite.Host{Origin: "http://third.example", Until: days(61)}
	if err := st.Fetched(t.Context(), days(60), aggregator.Article{}, "", third); err != nil {
		t.Fatal(err)
	}
	if h, err := st.Host(t.Context(), origin); err != nil || h != (polite.Host{}) {
		t.Errorf("a host that was not asked for two months: %+v, %v", h, err)
	}
	if waits, err := st.Waits(t.Context()); err != nil || len(waits) > 0 {
		t.Errorf("what hosts said two months ago: %+v, %v", waits, err)
	}
}
