package aggregator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
)

const (
	channelName = "UCabcdefghijklmnopqrstuv"

	telegramPage = `<!DOCTYPE html><html><body><section class="tgme_channel_history">
<div class="tgme_widget_message" data-post="qalam_tech/7"><div class="tgme_widget_message_text" dir="auto">` +
		`متصفح جديد يحجب الإعلانات<br><br>أطلقت شركة ناشئة متصفحا يحجب الإعلانات تلقائيا ويحفظ البطارية.</div>` +
		`<a class="tgme_widget_message_photo_wrap" style="background-image:url('https://cdn4.telesco.pe/file/` +
		`day1.jpg')"></a><span class="tgme_widget_message_views">1.2K</span>` +
		`<time datetime="2026-11-24T08:00:00+00:00">08:00</time></div></section></body></html>`
	newsMap = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" ` +
		`xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>http://site.example/n/1</loc>` +
		`<news:news><news:publication_date>2026-11-24T09:00:00Z</news:publication_date><news:title>` +
		`مدينة تشغل حافلات ذاتية القيادة</news:title></news:news></url></urlset>`
	handlePage = `<!DOCTYPE html><html><head><link rel="canonical" href="https://www.youtube.com/channel/` +
		channelName + `"></head></html>`
)

// videos is the feed of a channel of YouTube.
func videos(title string) string {
	return `<feed xmlns="http://www.w3.org/2005/Atom"><title>قلم المرئي</title><entry><id>yt:video:a</id><title>` +
		title + `</title><link rel="alternate" href="https://www.youtube.com/watch?v=a"/><published>` +
		`2026-11-24T07:00:00Z</published></entry></feed>`
}

// proxied makes the rig's client ask the publisher for every host.
func (r *rig) proxied(t *testing.T, address string, sources ...feeds.Source) {
	t.Helper()
	client, err := fetch.New(fetch.Options{Proxy: address, AllowPrivate: true, PerHost: 4,
		Now: func() time.Time { return r.time }})
	if err != nil {
		t.Fatal(err)
	}
	r.opt.Client, r.opt.Sources = client, sources
}

func TestEachKindGoesThroughAPass(t *testing.T) {
	r := newRig(t, map[string]string{"/s/qalam_tech": telegramPage, "/news.xml": newsMap, "/@qalam": handlePage,
		"/feeds/videos.xml": videos("شرح المعالجات في عشر دقائق")})
	r.proxied(t, r.URL, feeds.Source{ID: "channel", URL: "http://t.me/qalam_tech"},
		feeds.Source{ID: "map", URL: "http://site.example/news.xml"},
		feeds.Source{ID: "video", URL: "http://www.youtube.com/@qalam"})
	rep := r.pass(t)
	if rep.Polled.New != 3 || len(rep.Polled.Errors)+len(rep.Polled.Notes) != 0 || rep.Published.Stories != 3 {
		t.Fatalf("%+v", rep)
	}
	feed := r.files(t)["feed.ar.atom"]
	for _, want := range []string{"متصفح جديد يحجب الإعلانات", "https://t.me/qalam_tech/7", "يحفظ البطارية",
		"مدينة تشغل حافلات ذاتية القيادة", "http://site.example/n/1", "شرح المعالجات", "watch?v=a"} {
		if !strings.Contains(feed, want) {
			t.Errorf("%s is not published", want)
		}
	}
	r.time = r.time.Add(2 * time.Hour)
	r.pages["/s/qalam_tech"] = strings.NewReplacer("1.2K", "1.3K", "/day1.jpg", "/day2.jpg").Replace(telegramPage)
	if rep = r.pass(t); rep.Polled.New+rep.Polled.Changed != 0 || len(rep.Published.Written) != 0 {
		t.Errorf("an unchanged pass did %+v", rep)
	}
	if r.asked["/@qalam"] != 1 || r.asked["/feeds/videos.xml"] != 2 || r.asked["/qalam_tech"] != 0 {
		t.Errorf("asked %v", r.asked)
	}
}

// The feed is remembered until it fails three times, and then found again.
func TestAFeedIsFoundAgain(t *testing.T) {
	r := newRig(t, map[string]string{"/@qalam": handlePage, "/feeds/videos.xml": videos("أول مقطع في القناة")})
	r.proxied(t, r.URL, feeds.Source{ID: "video", URL: "http://www.youtube.com/@qalam"})
	r.pass(t)
	for i, want := range []int{1, 1, 1, 2} {
		r.status["/feeds/videos.xml"], r.time = http.StatusInternalServerError, r.time.Add(25*time.Hour)
		if rep := r.pass(t); rep.Polled.Failed != 1 {
			t.Fatalf("pass %d: %+v", i, rep.Polled)
		}
		if r.asked["/@qalam"] != want {
			t.Fatalf("after failure %d the page was asked %d times, want %d", i+1, r.asked["/@qalam"], want)
		}
	}
	r.status["/feeds/videos.xml"], r.time = 0, r.time.Add(25*time.Hour)
	r.pages["/feeds/videos.xml"] = strings.NewReplacer("video:a", "video:b", "v=a", "v=b").Replace(
		videos("مقطع ثان بعد العطل"))
	if rep := r.pass(t); rep.Polled.New != 1 || len(rep.Polled.Notes) != 0 {
		t.Errorf("%+v", rep.Polled)
	}
}

// YouTube answers 404 for the feeds of channels for hours; their playlists of uploads are other feeds.
func TestUploadsStandInForAChannel(t *testing.T) {
	var asked []string
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked = append(asked, q.URL.Host+q.URL.RequestURI())
		switch {
		case q.URL.Query().Get("channel_id") != "":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write([]byte(videos("مقطع من القائمة")))
		}
	}))
	defer origin.Close()
	r := newRig(t, nil)
	r.proxied(t, origin.URL, feeds.Source{ID: "video", URL: "http://youtube.com/channel/" + channelName})
	for range 2 {
		if rep := r.pass(t); len(rep.Polled.Errors)+len(rep.Polled.Notes) != 0 {
			t.Fatalf("%+v", rep.Polled)
		}
		r.time = r.time.Add(2 * time.Hour)
	}
	if len(asked) != 3 || !strings.Contains(asked[2], "playlist_id=UU"+channelName[2:]) {
		t.Errorf("asked %q", asked)
	}
}

// A source whose pages show few items is asked hourly, though it sends no validators.
func TestPagesOfPlatformsAreAskedHourly(t *testing.T) {
	r := newRig(t, map[string]string{"/s/qalam_tech": telegramPage})
	r.header["/s/qalam_tech"] = http.Header{"Etag": {" "}, "Cache-Control": {"no-store"}}
	r.proxied(t, r.URL, feeds.Source{ID: "channel", URL: "http://t.me/s/qalam_tech"})
	r.opt.MinInterval, r.opt.Schedule = 0, nil
	r.pass(t)
	states, err := r.st.States(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if due := states["channel"].Due.Sub(noon); due != 59*time.Minute { // an hour, but for what a timer may go off early
		t.Errorf("due after %s: %s", due, states["channel"].Why)
	}
}

// Headers of a source on another host are not sent to YouTube, even if that host leads there.
func TestHeadersAreNotSentToYouTube(t *testing.T) {
	var told []string
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Host == "site.example" {
			http.Redirect(w, q, "http://www.youtube.com/@qalam", http.StatusMovedPermanently)
			return
		}
		told = append(told, q.Header.Get("X-Key"))
		_, _ = w.Write([]byte(handlePage))
	}))
	defer origin.Close()
	r := newRig(t, nil)
	r.proxied(t, origin.URL, feeds.Source{ID: "video", URL: "http://site.example/",
		Headers: map[string]string{"X-Key": "secret"}})
	rep := r.pass(t)
	if len(told) != 1 || told[0] != "" || rep.Polled.Failed != 1 {
		t.Errorf("YouTube was told %q; %+v", told, rep.Polled)
	}
}

// Whatever a page of YouTube names as its feed, only YouTube is asked for it.
func TestAPageOfYouTubeLeadsToItsFeedAlone(t *testing.T) {
	var asked []string
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked = append(asked, q.URL.Host)
		for _, inside := range []string{"http://169.254.169.254/latest/", "http://localhost:22/feeds/videos.xml",
			"http://10.0.0.1/feeds/videos.xml?channel_id=" + channelName, "file:///etc/passwd", "//127.0.0.1/x",
			"http://www.youtube.com@10.0.0.1/channel/" + channelName, "gopher://www.youtube.com/"} {
			_, _ = w.Write([]byte(`<!DOCTYPE html><link rel="alternate" type="application/rss+xml" href="` + inside +
				`"><link rel="canonical" href="` + inside + `"><meta property="og:url" content="` + inside + `">`))
		}
	}))
	defer origin.Close()
	r := newRig(t, nil)
	r.proxied(t, origin.URL, feeds.Source{ID: "video", URL: "http://www.youtube.com/@qalam"})
	r.pass(t)
	for _, host := range asked {
		if host != "www.youtube.com" {
			t.Errorf("%s was asked", host)
		}
	}
	if len(asked) < 2 { // the id in one of the addresses is the channel's for all we know
		t.Errorf("asked %q", asked)
	}
}
