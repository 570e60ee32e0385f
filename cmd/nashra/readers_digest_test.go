package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// bulletins is a newsroom with a digest channel alone, and three days of news.
type bulletins struct {
	*newsroom
	day int // of January 2025
}

// dailyNews are headlines and texts of the days from the 28th on.
var dailyNews = []struct{ title, text string }{
	{"هواة يصلحون حاسوب أتاري من الثمانينيات", "استعان الفريق بمخططات ورقية وطابعة ثلاثية الأبعاد."},
	{"تونس تعتمد الهوية الرقمية في البريد", "يستخدم المواطنون رمزا سريا بدلا من الطوابير لاستلام الطرود."},
	{"سماعات جديدة تترجم المحادثات فورا", "تدعم السماعات أربعين لغة وتعمل دون اتصال وتباع بمئتي دولار."},
}

func openBulletins(t *testing.T) *bulletins {
	t.Helper()
	b := &bulletins{&newsroom{}, 28}
	publisher := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<rss version="2.0"><channel><title>أخبار</title><link>https://n.example/</link>`)
		for i, it := range dailyNews[:b.day-27] {
			_, _ = fmt.Fprintf(w, "<item><title>%s</title><link>https://n.example/%d</link>"+
				"<pubDate>%02d Jan 2025 09:00:00 GMT</pubDate><description>%s</description></item>",
				it.title, i, 28+i, it.text)
		}
		_, _ = io.WriteString(w, "</channel></rss>")
	}))
	t.Cleanup(publisher.Close)
	public := httptest.NewUnstartedServer(nil)
	cfg, err := demoConfig(t.TempDir(), publisher.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Sources = []feeds.Source{{ID: "news", URL: publisher.URL}}
	cfg.Channels = []feeds.Channel{{ID: "daily", Title: map[string]string{"en": "The day"}, Limit: 30,
		Digest: feeds.Schedule{Cron: "0 7 * * *", Timezone: "UTC", Top: 20, MinOutlets: 1}}}
	b.cfg, b.base = cfg, "http://"+public.Listener.Addr().String()
	cfg.Publish.URL = b.base + "/"
	b.next(t)
	b.serve(t, public)
	return b
}

// next polls the news of the next day, and runs a pass on the morning after.
func (b *bulletins) next(t *testing.T) {
	t.Helper()
	for _, hours := range []int{12, 24 + 8} {
		b.now = func() time.Time { return time.Date(2025, 1, b.day, hours, 0, 0, 0, time.UTC) }
		b.pass(t)
	}
	time.Sleep(1100 * time.Millisecond) // the server checks files once a second
	b.day++
}

// published returns the items of an edition of the digest channel.
func (b *bulletins) published(t *testing.T, e feeds.Edition) (items []publishedItem) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.cfg.Publish.Dir, feeds.Path("daily", e, feeds.JSON)))
	if err != nil {
		t.Fatal(err)
	}
	var feed struct{ Items []publishedItem }
	if err := json.Unmarshal(text, &feed); err != nil {
		t.Fatal(err)
	}
	return feed.Items
}

// grown checks that now has the items of before and one more.
func grown(t *testing.T, what string, before, now []publishedItem) {
	t.Helper()
	if len(now) != len(before)+1 {
		t.Errorf("%s: %d entries after %d", what, len(now), len(before))
	}
	for _, it := range before {
		same := func(n publishedItem) bool { return n.ID == it.ID && n.Published.Equal(it.Published) }
		if !slices.ContainsFunc(now, same) {
			t.Errorf("%s: %+v is another one now", what, it)
		}
	}
}

// Each period brings feedparser one new entry of a digest, and no id changes.
func TestFeedparserFollowsADigest(t *testing.T) {
	t.Parallel()
	python := "/usr/bin/python3" // the Debian packages are installed for this one
	if err := exec.Command(python, "-c", "import feedparser").Run(); err != nil {
		python = need(t, "python3-feedparser", "python3-feedparser")
	}
	b := openBulletins(t)
	before := map[string][]publishedItem{}
	for round := range 3 {
		for _, e := range feeds.Editions {
			for _, f := range []feeds.Format{feeds.Atom, feeds.RSS} {
				path := feeds.Path("daily", e, f)
				now := parsed(t, python, b.base+"/"+path)
				what := fmt.Sprintf("feedparser, period %d, %s", round+1, path)
				compare(t, what, now, b.published(t, e))
				grown(t, what, before[path], now)
				before[path] = now
			}
		}
		if round < 2 {
			b.next(t)
		}
	}
}

// Each period brings newsboat one new entry of a digest, and no id changes.
func TestNewsboatFollowsADigest(t *testing.T) {
	t.Parallel()
	newsboat := need(t, "newsboat", "newsboat")
	b := openBulletins(t)
	dir := t.TempDir()
	urls, cache, conf := filepath.Join(dir, "urls"), filepath.Join(dir, "cache.db"), filepath.Join(dir, "config")
	addresses := map[string]feeds.Edition{b.base + "/daily.atom": feeds.Bilingual,
		b.base + "/daily.en.rss": feeds.English, b.base + "/daily.ar.atom": feeds.Arabic}
	list := ""
	for at := range addresses {
		list += at + "\n"
	}
	for name, text := range map[string]string{urls: list, conf: ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := map[string][]publishedItem{}
	for round := range 3 {
		command(t, []string{"HOME=" + dir, "LANG=C.UTF-8"}, newsboat, "-q", "-u", urls, "-c", cache, "-C", conf, "-x",
			"reload")
		for at, e := range addresses {
			now, what := newsboatItems(t, cache, at), fmt.Sprintf("newsboat, period %d, %s", round+1, at)
			compare(t, what, now, b.published(t, e))
			grown(t, what, before[at], now)
			before[at] = now
		}
		if round < 2 {
			b.next(t)
		}
	}
}
