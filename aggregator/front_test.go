package aggregator_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// The index leads with what several outlets told within a day of the newest story, though the channel
// shows less: the story has a page, and is translated. Tags have files like channels, and only sources
// with stories have pages. Without a change nothing is made.
func TestListPages(t *testing.T) {
	pages := newsPages()
	at := strings.LastIndex(pages["/one"], "08:00:00")
	pages["/one"] = pages["/one"][:at] + "09" + pages["/one"][at+2:] // the newest story is of one outlet
	r := newRig(t, pages)
	r.opt.Channels[0].Limit = 1
	for i := range r.opt.Sources {
		r.opt.Sources[i].Outlet = r.opt.Sources[i].ID
	}
	r.opt.Sources[0].Tags = []string{"news"}
	r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: "silent", URL: r.URL + "/none", Tags: []string{"quiet"}})
	for _, tag := range []string{"news", "quiet"} {
		r.opt.Tags = append(r.opt.Tags, feeds.Channel{ID: "tags/" + tag, Tags: []string{tag}, Limit: 100,
			Title: map[string]string{"en": tag}})
	}
	if p := r.pass(t).Published; p.Stories != 2 || p.Waiting != 0 {
		t.Errorf("%d of %d stories wait to be translated", p.Waiting, p.Stories)
	}
	files := r.files(t)
	for name, want := range map[string]string{"index.html": "2 outlets, one text",
		"en/index.html": "2 outlets, one text",
		"ar/index.html": "منفذان، نص واحد"} {
		covered, _, _ := strings.Cut(files[name], "</section>")
		_, link, found := strings.Cut(covered, `"`+strings.Repeat("../", strings.Count(name, "/"))+"stories/")
		page, _, _ := strings.Cut(link, ".html")
		if !strings.Contains(covered, want) || !found || files["stories/"+page+".html"] == "" {
			t.Errorf("%s lacks %q, or there is no page %s: %s", name, want, page, covered)
		}
	}
	names := slices.Concat(
		feedFiles("tags/news"),
		feedFiles("tags/quiet"),
		inEditions("tags/index.html", "tags/news.html",
			"tags/quiet.html", "sources/index.html", "sources/one.html", "channels/feed.html", "days/index.html"),
	)
	for _, name := range names {
		if files[name] == "" {
			t.Errorf("no file %s", name)
		}
	}
	if files["sources/silent.html"] != "" || strings.Contains(files["sources/index.html"], "silent") {
		t.Error("a source without stories has a page")
	}
	if got := strings.Count(files["tags/news.atom"], "<entry"); got != 2 {
		t.Errorf("the feed of a tag has %d entries, want 2", got)
	}
	if p := r.publish(t); len(p.Written)+len(p.Removed) > 0 {
		t.Errorf("without a change: %+v", p)
	}
	r.opt.Channels[0].Exclude = []string{"OpenAI"}
	if r.publish(t); strings.Contains(r.files(t)["index.html"], "2 outlets") {
		t.Error("the index shows what no channel allows")
	}
}
