package aggregator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// listPage is a page with the items numbered from first down to last, each in an element with that class.
func listPage(class string, first, last int) string {
	var b strings.Builder
	b.WriteString(`<html lang="ar"><title>صفحة</title><nav><a href="/about">من نحن وكيف نعمل هنا</a></nav><main>`)
	for n := first; n >= last; n-- {
		fmt.Fprintf(&b, `<div class="%s"><h2><a href="/news/%d">خبر رقم %d عن شركة جديدة في السوق</a></h2>`+
			`<p>%s</p></div>`, class, n, n, firstText)
	}
	return b.String() + "</main></html>"
}

// movePageIn adds a page as a source. Its path says how it answers.
func (tw *town) movePageIn(path string, page feeds.Page,
	way func(w http.ResponseWriter, r *http.Request, age time.Duration)) {
	tw.moveIn(path, way)
	s := &tw.opt.Sources[len(tw.opt.Sources)-1]
	s.Page, s.Schedule = page, "@every 10m"
}

func TestPageIsAskedOnceAnHourAndRobotsTxtOnceADay(t *testing.T) {
	tw := newTown(t)
	tw.ways["/robots.txt"] = func(w http.ResponseWriter, _ *http.Request, _ time.Duration) {
		fmt.Fprint(w, "User-agent: *\nDisallow: /secret")
	}
	item := feeds.Page{Item: "div.post", Summary: "p"}
	changing := func(w http.ResponseWriter, _ *http.Request, age time.Duration) {
		hours := int(age / time.Hour)
		fmt.Fprint(w, listPage("post", 10+hours, 1+hours))
	}
	tw.movePageIn("/news", item, changing)
	tw.movePageIn("/secret", item, changing)
	tw.movePageIn("/old", item, func(w http.ResponseWriter, r *http.Request, _ time.Duration) {
		http.Redirect(w, r, "/secret", http.StatusMovedPermanently)
	})
	tw.moveIn("/feed", plainly(newsFeed))
	tw.live(2*day, true)
	if n := len(tw.asked["/news"]); n != 48 {
		t.Errorf("with --now every ten minutes, a page was asked for %d times in two days", n)
	}
	for _, gap := range tw.gaps("/news") {
		if gap < 59*time.Minute {
			t.Errorf("a page was asked for after %s", gap)
		}
	}
	if n := tw.arrived["news"]; n.New != 10+47 || n.Changed != 0 {
		t.Errorf("%+v items arrived", n)
	}
	if got := tw.asked["/news"][1].header.Get("Accept"); !strings.HasPrefix(got, "text/html") {
		t.Errorf("a page was asked for with Accept: %s", got)
	}
	if n := len(tw.asked["/secret"]); n > 0 {
		t.Errorf("what robots.txt forbids was asked for %d times", n)
	}
	for _, id := range []string{"secret", "old"} {
		if !strings.Contains(tw.failed[id], "robots.txt does not allow it") {
			t.Errorf("%s: %s", id, tw.failed[id])
		}
	}
	if n := len(tw.asked["/robots.txt"]); n < 2 || n > 4 {
		t.Errorf("robots.txt was asked for %d times in two days", n)
	}
	if n := len(tw.asked["/feed"]); n < 100 {
		t.Errorf("with --now, a feed was asked for %d times only", n)
	}
}

func TestLayoutChangeSaysSoAndProposesSelectors(t *testing.T) {
	tw := newTown(t)
	posts := feeds.Page{Item: "div.post"}
	tw.movePageIn("/news", posts, func(w http.ResponseWriter, _ *http.Request, age time.Duration) {
		class, first := "post", 10
		switch {
		case age >= 20*time.Hour && age < 32*time.Hour:
			class = "card"
		case age >= 32*time.Hour: // back, with one more
			first = 11
		}
		fmt.Fprint(w, listPage(class, first, first-9))
	})
	tw.live(day, false)
	st, err := tw.st.States(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := st["news"]
	for _, want := range []string{
		`item "div.post" finds nothing: the layout of the page may have changed`,
		`page: {item: "div.card", summary: "p"}`, "would find 10 items",
	} {
		if !strings.Contains(got.Error, want) {
			t.Errorf("four hours after a change of layout the source says %q", got.Error)
		}
	}
	if got.Failures < 1 || got.Class != "format" {
		t.Errorf("%d failures, %s", got.Failures, got.Class)
	}
	tw.live(2*day, false)
	if st, err = tw.st.States(t.Context()); err != nil || st["news"].Error != "" || st["news"].Failures != 0 {
		t.Errorf("after the layout is back: %+v, %v", st["news"], err)
	}
	if n := tw.arrived["news"]; n.New != 11 || n.Changed != 0 {
		t.Errorf("%+v items arrived", n)
	}
}

// The date of an item that only says how long ago it was stays as first seen, and makes no change.
func TestRelativeDatesStayAsFirstSeen(t *testing.T) {
	tw := newTown(t)
	dated := feeds.Page{Item: "li", Date: "span"}
	tw.movePageIn("/news", dated, func(w http.ResponseWriter, _ *http.Request, age time.Duration) {
		fmt.Fprintf(w, "<title>%s</title>", age) // so that each document is new
		for n := range 3 {
			fmt.Fprintf(w, "<li><a href=/n/%d>خبر رقم %d عن هاتف جديد</a> <span>منذ يومين</span></li>", n, n)
		}
	})
	published := func() (out []time.Time) {
		stories, err := tw.st.Ungrouped(t.Context(), 10)
		if err != nil || len(stories) != 3 {
			t.Fatalf("%d items, %v", len(stories), err)
		}
		for _, s := range stories {
			out = append(out, s.When)
		}
		return out
	}
	tw.live(time.Hour, false)
	first := published()
	tw.live(12*time.Hour, false)
	if n := tw.arrived["news"]; n.New != 3 || n.Changed != 0 {
		t.Errorf("%+v", n)
	}
	for i, at := range published() {
		if !at.Equal(first[i]) {
			t.Errorf("item %d was published at %s, then at %s", i, first[i], at)
		}
	}
}
