package aggregator_test

import (
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

// linked stores an hourly item as a story that is linked with that of another one.
func (r *rig) linked(t *testing.T, hours, with int) {
	t.Helper()
	it := hourly(hours)
	s := aggregator.Signed{Item: it}
	poll := aggregator.Poll{State: polite.State{ID: "one", Title: "One", Polled: r.time, Succeeded: r.time},
		Items: []aggregator.Signed{s}}
	if _, err := r.st.Polled(t.Context(), r.time, poll); err != nil {
		t.Fatal(err)
	}
	err := r.st.Grouped(t.Context(), r.time, []aggregator.Placement{{Pending: s.Pending(), Born: true, Kind: feeds.Lead,
		Story: aggregator.StoryID(it), Links: []dedupe.Link{{Story: aggregator.StoryID(hourly(with)), Why: "event"}}}})
	if err != nil {
		t.Fatal(err)
	}
}

// A new story makes its own page, that of its neighbour and those of the stories that it is linked with,
// and no other. One that is hidden leaves all of them.
func TestANewStoryMakesFewPages(t *testing.T) {
	r := shelf(t, 30, 40)
	r.linked(t, -1, 20)
	var pages []string
	for _, name := range r.publish(t).Written {
		if strings.HasPrefix(name, "stories/") {
			pages = append(pages, name)
		}
	}
	own, other := page(hourly(-1)), page(hourly(20))
	sameNames(t, "a new story", pages, withFeeds(own), []string{page(hourly(0))}, withFeeds(other))
	if p := r.publish(t); len(p.Written)+len(p.Removed) > 0 {
		t.Errorf("without a change: %+v", p)
	}
	card := `<a href="../` + own + `#ar">`
	feed := strings.TrimSuffix(other, ".html") + ".atom"
	before := r.files(t)
	if !strings.Contains(before[other], card) || !strings.Contains(before[feed], "https://news.example/-1") {
		t.Errorf("the linked story is not named: %s", before[other])
	}
	if err := r.st.Hide(t.Context(), aggregator.StoryID(hourly(-1))); err != nil {
		t.Fatal(err)
	}
	sameNames(t, "a hidden story", r.publish(t).Removed, withFeeds(own))
	after := r.files(t)
	for _, name := range []string{other, feed, page(hourly(0))} {
		if strings.Contains(after[name], "https://news.example/-1") || strings.Contains(after[name], own) {
			t.Errorf("%s still names the hidden story", name)
		}
	}
}

// differing returns the lines of got that are not in want, and those of want that are not in got.
func differing(got, want string) (out []string) {
	for line := range strings.Lines(got) {
		if !strings.Contains(want, line) {
			out = append(out, line)
		}
	}
	for line := range strings.Lines(want) {
		if !strings.Contains(got, line) {
			out = append(out, "want "+line)
		}
	}
	return out
}

// A server that has no files makes indexes, and the pages and feeds of stories, as they are published.
func TestStoriesAreServedAsTheyArePublished(t *testing.T) {
	r := shelf(t, 5, 5)
	r.linked(t, -1, 2)
	r.publish(t)
	a := r.over(r.st)
	s := site.NewServer(site.Options{Dir: t.TempDir(), Reader: a.Catalog, Channels: r.opt.Channels, URL: r.opt.URL})
	names := 0
	for name := range r.files(t) {
		switch {
		case strings.HasPrefix(name, "stories/"):
			names++
		case path.Base(name) != "index.html":
			continue
		}
		want, err := os.ReadFile(filepath.Join(r.opt.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/"+name, nil))
		got := w.Body.String()
		if at := strings.Index(got, `<form role="search"`); at >= 0 { // only a server can search
			got = got[:at] + "<!--search-->" + got[at+strings.Index(got[at:], "</form>")+len("</form>"):]
			at = strings.Index(got, `<link rel="search"`)
			got = got[:at] + got[at+strings.Index(got[at:], "\n")+1:]
		}
		if got != string(want) {
			t.Errorf("%s is served otherwise: %q", name, differing(got, string(want)))
		}
	}
	if names != 15 && names != 18 {
		t.Errorf("%d files of stories", names)
	}
}
