package aggregator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
)

// Months of news, two items a day in a feed of six: the store stays as large as retention asks, what is published never shrinks, also
// when the source falls silent, and the oldest item of all, back in the feed, stays gone.
func TestRetentionKeepsTheStoreFlat(t *testing.T) {
	r := newRig(t, map[string]string{"/one": ""})
	r.opt.Retention = 30 * 24 * time.Hour
	r.opt.Channels[0].Limit = 8
	news := func(n int) string {
		text := article(fmt.Sprint(n), fmt.Sprintf("خبر رقم %d عن شركة", n), fmt.Sprintf("قالت الشركة رقم %d إنها باعت %d جهازا في يوم واحد.", n, n*7), lastText)
		return strings.Replace(text, "Tue, 24 Nov 2026 08:00:00 GMT", noon.Add(time.Duration(n)*12*time.Hour).Format(time.RFC1123), 1)
	}
	held := func() int64 {
		n, faults, err := store.Check(t.Context(), r.opt.Dir+"/../nashra.db")
		if err != nil || faults != nil {
			t.Fatal(faults, err)
		}
		return n.Stories
	}
	var sizes []int64
	for day := range 90 {
		r.time = noon.Add(time.Duration(day) * 24 * time.Hour)
		var items []string
		for n := max(0, 2*day-4); n < 2*day+2; n++ {
			items = append(items, news(n))
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
	r.status["/one"] = 500 // for two hundred days
	shown := strings.Count(r.files(t)["feed.atom"], "<entry")
	r.time = r.time.Add(200 * 24 * time.Hour)
	if rep := r.pass(t); rep.Expired == 0 {
		t.Error("nothing expired")
	}
	if now := strings.Count(r.files(t)["feed.atom"], "<entry"); now != shown || held() != int64(shown) {
		t.Errorf("%d entries are published of %d, %d stories are held", now, shown, held())
	}
	r.status["/one"] = 0
	r.pages["/one"] = rss(news(0), news(1))
	if rep := r.pass(t); rep.Polled.New != 0 {
		t.Errorf("%d items came back", rep.Polled.New)
	}
	if list, err := r.st.Stories(t.Context(), feeds.Query{Limit: 100}); err != nil || len(list) != shown {
		t.Errorf("%d stories, %v", len(list), err)
	}
}
