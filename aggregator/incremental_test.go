package aggregator_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// reader counts the stories that are read with their texts.
type reader struct {
	both
	read, listed int
}

func (r *reader) Stories(ctx context.Context, q feeds.Query) ([]feeds.Story, error) {
	list, err := r.both.Stories(ctx, q)
	r.read += len(list)
	return list, err
}

func (r *reader) List(ctx context.Context, q feeds.Query) ([]feeds.Listed, error) {
	list, err := r.both.List(ctx, q)
	r.listed += len(list)
	return list, err
}

// hourly returns an item of the source one, published that many hours before noon.
func hourly(hours int) feeds.Item {
	at := noon.Add(-time.Duration(hours) * time.Hour)
	return feeds.Item{SourceID: "one", GUID: fmt.Sprint(hours), URL: fmt.Sprintf("https://news.example/%d", hours),
		Text:      feeds.Text{Lang: "ar", Title: fmt.Sprintf("خبر رقم %d", hours), Summary: "<p>النص</p>"},
		Published: at, Seen: noon}
}

// stock stores items, each a story of its own.
func (r *rig) stock(t *testing.T, items ...feeds.Item) {
	t.Helper()
	poll := aggregator.Poll{State: polite.State{ID: "one", Title: "One", Polled: r.time, Succeeded: r.time}}
	var placements []aggregator.Placement
	for _, it := range items {
		s := aggregator.Signed{Item: it}
		poll.Items = append(poll.Items, s)
		placements = append(placements, aggregator.Placement{Pending: s.Pending(), Story: aggregator.StoryID(it),
			Born: true, Kind: feeds.Lead})
	}
	if _, err := r.st.Polled(t.Context(), r.time, poll); err != nil {
		t.Fatal(err)
	}
	if err := r.st.Grouped(t.Context(), r.time, placements); err != nil {
		t.Fatal(err)
	}
}

// shelf returns a rig with that many hourly stories, published.
func shelf(t *testing.T, stories, limit int) *rig {
	t.Helper()
	r := newRig(t, map[string]string{"/one": rss()})
	r.broken, r.opt.Channels[0].Limit = true, limit
	var items []feeds.Item
	for i := range stories {
		items = append(items, hourly(i))
	}
	r.stock(t, items...)
	r.publish(t)
	return r
}

func (r *rig) publish(t *testing.T) aggregator.Published {
	t.Helper()
	p, err := r.over(r.st).Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// edited stores the hourly item with another title.
func (r *rig) edited(t *testing.T, hours int) feeds.Item {
	t.Helper()
	it := hourly(hours)
	it.Title += " " + r.time.Add(time.Duration(hours)).String()
	r.stock(t, it)
	return it
}

func page(it feeds.Item) string { return feeds.StoryPath(aggregator.StoryID(it)) }

// withFeeds returns the page of a story with the files of its feed.
func withFeeds(page string) []string {
	name := strings.TrimSuffix(page, ".html")
	return []string{page, name + ".atom", name + ".json"}
}

// beside returns the pages of the hourly stories before and after one, which name it.
func beside(hours int) []string { return []string{page(hourly(hours - 1)), page(hourly(hours + 1))} }

func feedFiles(id string) (names []string) {
	for _, e := range feeds.Editions {
		for _, f := range feeds.Formats {
			names = append(names, feeds.Path(id, e, f))
		}
	}
	return names
}

// inEditions returns the files of list pages in all editions.
func inEditions(pages ...string) (names []string) {
	for _, e := range feeds.Editions {
		for _, page := range pages {
			names = append(names, feeds.PagePath(e, page))
		}
	}
	return names
}

func sameNames(t *testing.T, what string, got []string, want ...[]string) {
	t.Helper()
	all := slices.Concat(want...)
	slices.Sort(all)
	if !slices.Equal(got, all) {
		t.Errorf("%s: %q, want %q", what, got, all)
	}
}

// Of many published stories one changes: its page and feed, those of its neighbours, which name it, its day
// and the channel's feeds are written. For pages the stories of that day are read, and those three with
// their neighbours. Without a change nothing is read or listed.
func TestOnlyWhatShowsAChangeIsMade(t *testing.T) {
	const perDay = 24
	stories := 500
	if os.Getenv("NASHRA_TEST_LONG") != "" {
		stories = 5000
	}
	r := shelf(t, stories, stories)
	r.opt.Channels = append(r.opt.Channels, feeds.Channel{ID: "none", Sources: []string{"two"}, Limit: 10})
	r.publish(t)
	counts := &reader{both: r.st}
	publish := func() aggregator.Published {
		counts.read, counts.listed = 0, 0
		p, err := r.over(counts).Publish(t.Context())
		if err != nil || p.Stories != stories {
			t.Fatalf("%d stories, %v", p.Stories, err)
		}
		return p
	}
	if p := publish(); len(p.Written) > 0 || counts.read+counts.listed > 0 {
		t.Errorf("without a change: %d written, %d read, %d listed", len(p.Written), counts.read, counts.listed)
	}
	for _, c := range []struct {
		hours int
		pages []string // beside its own
		read  int      // for pages
	}{
		{300, []string{feeds.DayPath(noon.Add(-300 * time.Hour))}, perDay + 8},
		{99, []string{feeds.DayPath(noon.Add(-99 * time.Hour)), "index.html", "channels/feed.html", "sources/one.html"},
			100 + perDay + 8},
	} {
		it := r.edited(t, c.hours)
		p := publish()
		what := fmt.Sprintf("story %d changed", c.hours)
		sameNames(t, what, p.Written, feedFiles("feed"), inEditions(c.pages...), withFeeds(page(it)),
			beside(c.hours))
		if read := counts.read - stories; read < perDay || read > c.read {
			t.Errorf("story %d changed: %d stories are read for pages, want at most %d", c.hours, read, c.read)
		}
	}
}

// A story that leaves the newest keeps its page for a while: it is not written again unless its story
// changes, and goes when the time is over, or at once when its story is hidden or filtered.
func TestPagesAreKeptForAWhile(t *testing.T) {
	r := shelf(t, 90, 65)
	r.opt.Keep = 48 * time.Hour
	before := r.files(t)
	r.time = noon.Add(time.Hour)
	left := []string{page(hourly(61)), page(hourly(62)), page(hourly(63)), page(hourly(64))} // all of one day
	day := []string{feeds.DayPath(noon.Add(-61 * time.Hour))}
	r.opt.Channels[0].Limit = 61
	p := r.publish(t)
	for _, name := range left {
		if now := r.files(t)[name]; now != before[name] || slices.Contains(p.Removed, name) {
			t.Errorf("%s is not kept as it was", name)
		}
	}
	if p.Stories != 61 || p.Waiting != 61 || !strings.Contains(r.files(t)[day[0]], left[3]) {
		t.Errorf("kept pages count, or link to a day without them: %+v", p)
	}

	r.time = noon.Add(2 * time.Hour)
	r.edited(t, 62)
	sameNames(t, "a kept story changed", r.publish(t).Written, withFeeds(left[1]),
		beside(62), inEditions(day...))
	if err := r.st.Hide(t.Context(), aggregator.StoryID(hourly(61))); err != nil {
		t.Fatal(err)
	}
	sameNames(t, "a kept story is hidden", r.publish(t).Removed, withFeeds(left[0]))
	if strings.Contains(r.files(t)[day[0]], left[0]) {
		t.Error("a hidden story is on its day's page")
	}
	r.opt.Channels[0].Exclude = []string{"63"}
	sameNames(t, "a kept story is filtered", r.publish(t).Removed, withFeeds(left[2]))

	r.opt.Channels[0].Limit = 62 // one of the kept stories, 62, is shown again
	if p := r.publish(t); p.Stories != 62 || len(p.Removed) > 0 {
		t.Errorf("with the limit raised: %+v", p)
	}
	r.time = noon.Add(49*time.Hour - time.Millisecond)
	if p := r.publish(t); len(p.Removed)+len(p.Written) > 0 {
		t.Errorf("a millisecond before its time: %+v", p)
	}
	r.time = noon.Add(49 * time.Hour)
	sameNames(t, "its time is over", r.publish(t).Removed, withFeeds(left[3]))
	if r.files(t)[left[1]] == "" {
		t.Error("a story that is shown again has lost its page")
	}
}

// After an error at any file, as on a full disk, the next publishing makes what is missing.
func TestErrorAtAnyFileIsMadeGood(t *testing.T) {
	want := shelf(t, 8, 5).files(t)
	for _, name := range slices.Sorted(maps.Keys(want)) {
		r := newRig(t, map[string]string{"/one": rss()})
		r.broken, r.opt.Channels[0].Limit = true, 5
		r.stock(t, hourly(7))
		r.publish(t)
		var items []feeds.Item
		for i := range 8 {
			items = append(items, hourly(i))
		}
		r.stock(t, items...)
		block := filepath.Join(r.opt.Dir, filepath.Dir(name), "."+filepath.Base(name)+".new")
		if err := os.MkdirAll(filepath.Join(block, "full"), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := r.over(r.st).Publish(t.Context()); err == nil && r.files(t)[name] != want[name] {
			t.Errorf("%s cannot be written, and there is no error", name)
		}
		if err := os.RemoveAll(block); err != nil {
			t.Fatal(err)
		}
		r.publish(t)
		if got := r.files(t); !maps.Equal(got, want) {
			t.Errorf("after an error at %s, %d files differ", name, differ(got, want)+differ(want, got))
		}
		if p := r.publish(t); len(p.Written)+len(p.Removed) > 0 {
			t.Errorf("after an error at %s nothing settles: %+v", name, p)
		}
	}
}

// A file that others copied or touched is not written again, and is hashed only once.
func TestTouchedFilesStay(t *testing.T) {
	r := shelf(t, 3, 3)
	if err := os.WriteFile(filepath.Join(r.opt.Dir, "mine.html"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	for name := range r.files(t) {
		if err := os.Chtimes(filepath.Join(r.opt.Dir, name), later, later); err != nil {
			t.Fatal(err)
		}
	}
	if p := r.publish(t); len(p.Written)+len(p.Removed) > 0 || r.files(t)["mine.html"] != "mine" {
		t.Errorf("%+v", p)
	}
	counts := &reader{both: r.st}
	if _, err := r.over(counts).Publish(t.Context()); err != nil || counts.listed > 0 {
		t.Errorf("the new times are not stored: %d stories are listed, %v", counts.listed, err)
	}
}

// A channel's window moves with the clock, also back, without any change of a story.
func TestWindowsFollowTheClock(t *testing.T) {
	r := shelf(t, 40, 40)
	r.opt.Channels[0].Window = 30 * time.Hour
	for _, step := range []struct {
		at      time.Duration
		stories int
	}{{0, 31}, {time.Minute, 30}, {time.Hour, 30}, {time.Hour + time.Minute, 29}, {100 * time.Hour, 20}, {0, 31}} {
		r.time = noon.Add(step.at)
		if p := r.publish(t); p.Stories != step.stories {
			t.Errorf("%v after noon %d stories are shown, want %d", step.at, p.Stories, step.stories)
		}
	}
}

// A story that two channels share is made again in both, and has its page as long as one shows it.
func TestChannelsShareStories(t *testing.T) {
	r := shelf(t, 10, 10)
	r.opt.Keep = time.Hour
	r.opt.Channels = append(r.opt.Channels, feeds.Channel{ID: "long", Limit: 10}, feeds.Channel{ID: "short", Limit: 2})
	r.publish(t)
	it := r.edited(t, 5)
	sameNames(
		t,
		"a shared story changed",
		r.publish(t).Written,
		feedFiles("feed"),
		feedFiles("long"),
		withFeeds(page(it)),
		beside(5),
		inEditions(feeds.DayPath(it.Published), "index.html", "sources/one.html", "channels/feed.html",
			"channels/long.html"),
	)
	r.opt.Channels[0].Limit = 3
	if p := r.publish(t); p.Stories != 10 || len(p.Removed) > 0 {
		t.Errorf("one channel shows less: %+v", p)
	}
	r.time = r.time.Add(2 * time.Hour)
	if r.publish(t); r.files(t)[page(it)] == "" {
		t.Error("the page of a story that one channel shows is gone")
	}
}
