package storetest

import (
	"reflect"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// article is what is remembered of the article of it.
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
	// in vain, then found
	vain := was
	vain.At, vain.Tries, vain.Again, vain.Error = noon, 1, noon.Add(time.Hour), "status 503"
	later := noon.Add(time.Minute)
	for _, step := range []struct {
		art  aggregator.Article
		body string
		want string
	}{{vain, "", "<p>خبر</p>"}, {aggregator.Article{SourceID: "s", GUID: "1", Sum: was.Sum, At: later}, "<p>الخبر كله</p>", "<p>الخبر كله</p>"}} {
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
	// they count for their source, a day at a time
	if n, next := article(t, st, noon, other).Today, article(t, st, noon.Add(24*time.Hour), other).Today; n != 2 || next != 0 {
		t.Errorf("%d pages on the day, %d on the next", n, next)
	}
	// a feed that says the same again changes nothing, an edit makes it void
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
	// what was asked before the edit came too late
	if err := st.Fetched(t.Context(), later, aggregator.Article{SourceID: "s", GUID: "1", Sum: was.Sum, At: later}, "<p>قديم</p>"); err != nil {
		t.Fatal(err)
	}
	if s, art := one(t, st, it), article(t, st, noon, it); s.Body != "" || !art.At.IsZero() || art.Today != 3 {
		t.Errorf("what came too late: %q, %+v", s.Body, art)
	}
}

func hosts(t *testing.T, st Store) {
	const origin = "https://s.example:8443"
	if h, err := st.Host(t.Context(), origin); err != nil || h != (polite.Host{}) {
		t.Errorf("one that was never asked: %+v, %v", h, err)
	}
	want := polite.Host{Origin: origin, Rules: "useragent: *\ndisallow: /وسم\n", Until: noon.Add(time.Hour), Asked: noon, Held: noon.Add(time.Minute), Failures: 3}
	for _, h := range []polite.Host{{Origin: origin}, want, {Origin: "http://other.example", Held: noon}} {
		if err := st.Fetched(t.Context(), noon, aggregator.Article{SourceID: "s", GUID: "gone"}, "<p>x</p>", h); err != nil {
			t.Fatal(err)
		}
	}
	if h, err := st.Host(t.Context(), origin); err != nil || h != want {
		t.Errorf("%+v, %v, want %+v", h, err, want)
	}
	if h, err := st.Host(t.Context(), "http://other.example"); err != nil || !h.Held.Equal(noon) {
		t.Errorf("one whose robots.txt was not to be had: %+v, %v", h, err)
	}
	if err := st.Fetched(t.Context(), noon.Add(60*24*time.Hour), aggregator.Article{}, "", polite.Host{Origin: "http://third.example", Until: noon.Add(61 * 24 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if h, err := st.Host(t.Context(), origin); err != nil || h != (polite.Host{}) {
		t.Errorf("one that nobody asked for months: %+v, %v", h, err)
	}
}
