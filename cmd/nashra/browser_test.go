package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
	"github.com/nashra/nashra/feeds/site/sitetest"
)

// A browser can navigate what the demo publishes: at the server, behind a proxy that strips a
// prefix, and at a plain file server.
func TestABrowserReadsWhatIsPublished(t *testing.T) {
	t.Parallel()
	b := sitetest.New(t)
	cfg, err := runDemo(t.Context(), t.TempDir(), io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	public, _, end := serving(t, cfg)
	defer end()
	to, err := url.Parse(public)
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]http.Handler{"served": httputil.NewSingleHostReverseProxy(to),
		"static": http.FileServerFS(os.DirFS(cfg.Publish.Dir))} {
		srv := httptest.NewServer(http.StripPrefix("/news", h))
		defer srv.Close()
		t.Run(name, func(t *testing.T) { wander(t, b, srv.URL+"/news/", name) })
		if name == "served" {
			t.Run("search", func(t *testing.T) { question(t, b, srv.URL+"/news/") })
		}
	}
	for _, e := range b.Errors {
		// the outlets are invented, so are their pictures
		if !strings.Contains(e, "ERR_NAME_NOT_RESOLVED") && !strings.Contains(e, "ERR_INTERNET_DISCONNECTED") {
			t.Error("the browser's log:", e)
		}
	}
}

// wander follows the links from the index to a story, its day and back, and the feeds of the page.
func wander(t *testing.T, b *sitetest.Browser, home, name string) {
	page := func(title string) {
		t.Helper()
		for _, w := range sitetest.Windows() {
			b.Screen(w)
			b.Judge(t, w.Width)
			b.Shoot(t, w, name+"-"+title)
		}
	}
	at := func(want string) {
		t.Helper()
		var got string
		if b.Ask("location.href", &got); !strings.HasPrefix(got, home+want) {
			t.Fatalf("at %s, not at %s%s", got, home, want)
		}
	}
	b.Load(home)
	page("index")
	var box bool
	if b.Ask("!!document.querySelector('[role=search]')", &box); box != (name == "served") {
		t.Errorf("a box to search in: %v", box)
	}
	var links, announced []string
	b.Ask("[...document.querySelectorAll('.subscribe a[type]')].map(a => a.href)", &links)
	b.Ask("[...document.querySelectorAll('link[rel=alternate][type]')].map(a => a.href)", &announced)
	if len(links) != 18 || fmt.Sprint(links) != fmt.Sprint(announced) {
		t.Errorf("subscribe to %q, announced are %q", links, announced)
	}
	for _, link := range links {
		status, body := sitetest.Get(t, link)
		feed, err := parse.Feed(feeds.Source{ID: "x"}, feeds.Document{Base: link, Body: []byte(body), At: time.Now()})
		least := map[bool]int{true: 30, false: 1}[strings.HasPrefix(link, home+"feed.")]
		if status != http.StatusOK || err != nil || len(feed.Items) < least {
			t.Errorf("%s: %d, %d items, %v", link, status, len(feed.Items), err)
		}
	}
	b.Click("article h3 a")
	at("stories/")
	page("story")
	b.Click("nav.around a[href*='days/']")
	at("en/days/") // from the English half
	page("day")
	b.Click(".mast a")
	at("")
}

// question searches in both languages, also from the page of results.
func question(t *testing.T, b *sitetest.Browser, home string) {
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) { // until it is indexed
		if _, found := sitetest.Get(t, home+"search?q=nvidia"); strings.Contains(found, "<article") {
			break
		} else if time.Now().After(deadline) {
			t.Fatal("nothing is indexed")
		}
	}
	b.Load(home)
	for _, c := range []struct{ words, has string }{{"أنفيديا", "nvidia"}, {"Nvidia Wall Street", "nvidia"},
		{"<b>xyzzy</b>", ""}, {"nvid", "nvidia"}, {"أنفيد", "nvidia"}} {
		b.Type("[role=search] input", c.words)
		var found struct {
			Asked, Again, Text string
			Articles           int
		}
		b.Ask("({Again: document.querySelector('[role=search] input').value, Asked: document.querySelector('h1 "+
			"q').textContent, Text: document.querySelector('main').textContent.toLowerCase(), Articles: "+
			"document.querySelectorAll('article').length})", &found)
		if found.Asked != c.words || found.Again != c.words || found.Articles > 0 != (c.has != "") ||
			!strings.Contains(found.Text, c.has) {
			t.Errorf("asked for %q, %d stories for %q", c.words, found.Articles, found.Asked)
		}
		if c.words != "أنفيديا" {
			continue
		}
		for _, w := range sitetest.Windows() {
			b.Screen(w)
			b.Judge(t, w.Width)
			b.Shoot(t, w, "served-search")
		}
	}
}
