package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

// web is a proxy behind which any host has the documents of a test, by address without scheme.
type web struct {
	mu    sync.Mutex
	docs  map[string][]byte
	types map[string]string
}

func (w *web) put(address, contentType string, doc []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.docs[address], w.types[address] = doc, contentType
}

func (w *web) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	address := r.Host + r.URL.RequestURI()
	if i := strings.Index(r.URL.RequestURI(), "://"); i >= 0 {
		address = r.URL.RequestURI()[i+3:]
	}
	doc, ok := w.docs[address]
	if !ok {
		http.NotFound(out, r)
		return
	}
	out.Header().Set("Content-Type", w.types[address])
	_, _ = out.Write(doc)
}

// newWeb returns an empty web, and a wire that reaches it.
func newWeb(t *testing.T) (*web, *wire) {
	t.Helper()
	pages := &web{docs: map[string][]byte{}, types: map[string]string{}}
	srv := httptest.NewServer(pages)
	t.Cleanup(srv.Close)
	text := "fetch: {allow_private: true, proxy: \"" + srv.URL + "\"}\nsources: []\n"
	return pages, wireOf(t, t.TempDir(), text)
}

// wireOf returns the wire of a config file with that text, which it writes into dir.
func wireOf(t testing.TB, dir, text string) *wire {
	t.Helper()
	path := filepath.Join(dir, "nashra.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := configReader().Read(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.client.CloseIdle)
	return w
}

// savedPage is what the folder of saved pages says of one.
type savedPage struct {
	URL         string `json:"url"`
	ContentType string `json:"content_type"`
	Feed        string `json:"feed"` // that it declares
	Items       []struct {
		URL string `json:"url"`
	} `json:"items"`
}

// plain returns an address as http, so that the proxy sees the request, and without a scheme.
func plain(address string) (asHTTP, bare string) {
	_, bare, _ = strings.Cut(address, "://")
	return "http://" + bare, bare
}

// rssFeed and the others are feeds of one item.
const (
	rssFeed = `<rss version="2.0"><channel><title>F</title><item><title>خبر</title>` +
		`<link>https://a.example/1</link></item></channel></rss>`
	atomFeed = `<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><id>f</id>` +
		`<entry><id>1</id><title>خبر</title></entry></feed>`
	jsonFeed = `{"version": "https://jsonfeed.org/version/1.1", "title": "F", ` +
		`"items": [{"id": "1", "title": "خبر", "content_text": "نص"}]}`
)

// find tells the kind of every saved page: its feed where it declares one, else selectors, which find all that the
// page has on most.
func TestFindTellsTheKindOfSavedPages(t *testing.T) {
	names, err := filepath.Glob("../../feeds/page/testdata/*.html")
	if err != nil || len(names) < 30 {
		t.Fatal(names, err)
	}
	pages, w := newWeb(t)
	right, whole, guessed := 0, 0, 0
	for _, name := range names {
		var saved savedPage
		text, err := os.ReadFile(strings.TrimSuffix(name, ".html") + ".json")
		if err == nil {
			err = json.Unmarshal(text, &saved)
		}
		doc, rerr := os.ReadFile(name)
		if err != nil || rerr != nil {
			t.Fatal(name, err, rerr)
		}
		asHTTP, bare := plain(saved.URL)
		pages.put(bare, "text/html; charset=utf-8", bytes.ReplaceAll(doc, []byte("https://"), []byte("http://")))
		if saved.ContentType != "" {
			pages.put(bare, saved.ContentType, bytes.ReplaceAll(doc, []byte("https://"), []byte("http://")))
		}
		want := parse.Page
		if saved.Feed != "" {
			host, _, _ := strings.Cut(bare, "/")
			at := host + saved.Feed
			if strings.Contains(saved.Feed, "://") {
				_, at = plain(saved.Feed)
			}
			want = map[string]parse.Kind{"atom.xml": parse.Atom, "feed.json": parse.JSON}[filepath.Base(at)]
			if want == parse.Unknown {
				want = parse.RSS
			}
			pages.put(at, "application/xml", []byte(map[parse.Kind]string{parse.RSS: rssFeed, parse.Atom: atomFeed,
				parse.JSON: jsonFeed}[want]))
		}
		f, err := w.find(t.Context(), feeds.Source{URL: asHTTP})
		if err != nil || f.kind != want || f.guessed != (want == parse.Page) {
			t.Logf("%s: kind %q, guessed %v, want %q: %v", filepath.Base(name), f.kind, f.guessed, want, err)
			continue
		}
		if right++; !f.guessed {
			continue
		}
		guessed++
		has := map[string]bool{}
		for _, it := range f.feed.Items {
			has[it.URL] = true
		}
		missing := 0
		for _, it := range saved.Items {
			if asHTTP, _ := plain(it.URL); !has[asHTTP] {
				missing++
			}
		}
		if missing == 0 && len(f.feed.Items) == len(saved.Items) {
			whole++
		} else {
			t.Logf("%s: %d items of %d, %d missing", filepath.Base(name), len(f.feed.Items), len(saved.Items), missing)
		}
	}
	t.Logf("the kind of %d of %d pages is right; of %d pages without a feed, the items of %d are all found",
		right, len(names), guessed, whole)
	if right < len(names)*9/10 || whole < guessed*8/10 { // what was asked for: 27 of 30, and 20 of 25
		t.Error("too few")
	}
}

// find reads what is no page, on the way that its kind needs.
func TestFindTellsOtherKinds(t *testing.T) {
	pages, w := newWeb(t)
	document := func(name string) []byte { // of a fixture of package parse
		text, err := os.ReadFile(filepath.Join("../../feeds/parse/testdata/in", name))
		_, doc, ok := bytes.Cut(text, []byte(" --\n"))
		if err != nil || !ok {
			t.Fatal(name, err)
		}
		return doc
	}
	const xml, html = "application/xml", "text/html; charset=utf-8"
	list := []byte(`<opml><body><outline text="A" xmlUrl="https://a.example/feed"/></body></opml>`)
	trusted := []byte(strings.Replace(jsonFeed, `"id": "1"`, `"id": "1", "_nashra": {"story": "s"}`, 1))
	index := []byte(`<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
		<sitemap><loc>http://mapped.example/posts.xml</loc></sitemap>
		<sitemap><loc>http://mapped.example/news.xml</loc></sitemap></sitemapindex>`)
	page := []byte(`<!doctype html><title>x</title><p>مرحبا`)
	const channel = "www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrstuv"
	pages.put("a.example/list", xml, list)
	pages.put("a.example/rss", xml, []byte(rssFeed))
	pages.put("a.example/nashra", xml, trusted)
	pages.put("a.example/rdf", xml, []byte(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" `+
		`xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>F</title></channel>`+
		`<item rdf:about="https://a.example/1"><title>خبر</title><link>https://a.example/1</link></item></rdf:RDF>`))
	pages.put("mapped.example/", html, page)
	pages.put("mapped.example/section", html, page)
	pages.put("mapped.example/robots.txt", "text/plain", []byte("User-agent: *\nAllow: /\n"+
		"Sitemap: http://mapped.example/all.xml\n"))
	pages.put("mapped.example/all.xml", xml, index)
	pages.put("mapped.example/news.xml", xml, document("sitemap-news.txt"))
	pages.put("plain.example/sitemap.xml", xml, document("sitemap-plain.txt"))
	pages.put("t.me/s/qalam_tech", html, document("telegram-channel.txt"))
	pages.put("t.me/s/person", html, document("telegram-person.txt"))
	pages.put("www.youtube.com/@qalam", html, []byte(`<!doctype html><link rel="alternate" `+
		`type="application/rss+xml" href="https://`+channel+`"><link rel="canonical" `+
		`href="https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv">`))
	pages.put(channel, xml, document("youtube-feed.txt"))
	for address, want := range map[string]struct {
		kind parse.Kind
		at   string // the source's address; empty: an error
		err  string
	}{
		"a.example/list":                   {parse.OPML, "http://a.example/list", ""},
		"a.example/rss":                    {parse.RSS, "http://a.example/rss", ""},
		"feed://a.example/rdf":             {parse.RDF, "http://a.example/rdf", ""},
		"http://a.example/nashra":          {parse.Nashra, "http://a.example/nashra", ""},
		"http://mapped.example/":           {parse.Sitemap, "http://mapped.example/news.xml", ""},
		"http://mapped.example/all.xml":    {parse.Sitemap, "http://mapped.example/news.xml", ""},
		"http://mapped.example/section":    {parse.Page, "", "no part of the page repeats as news does"},
		"http://plain.example/sitemap.xml": {parse.Sitemap, "", "sitemap"},
		"http://t.me/qalam_tech":           {parse.Telegram, "http://t.me/s/qalam_tech", ""},
		"http://t.me/person":               {parse.Telegram, "", "person"},
		"http://none.example/":             {parse.Unknown, "", "404"},
	} {
		f, err := w.find(t.Context(), feeds.Source{URL: address})
		switch {
		case want.at == "" && (err == nil || !strings.Contains(err.Error(), want.err) ||
			strings.Contains(err.Error(), "\n")):
			t.Errorf("%s: %+v, %v; want an error with %q", address, f.Source, err, want.err)
		case want.at != "" && (err != nil || f.kind != want.kind || f.Address() != want.at || f.guessed):
			t.Errorf("%s: %s at %s, guessed %v, %v; want %s at %s", address, f.kind, f.Address(), f.guessed, err,
				want.kind, want.at)
		}
	}
	// the feed that YouTube's page names is at https, which this proxy does not see: its address is asked itself
	f, err := w.find(t.Context(), feeds.Source{URL: "http://" + channel})
	if err != nil || f.kind != parse.YouTube || len(f.feed.Items) != 1 {
		t.Errorf("YouTube: %s, %d items, %v", f.kind, len(f.feed.Items), err)
	}
}

// What find shows of a hostile page is one line an item, without control characters.
func TestShownItemsAreOneLineEach(t *testing.T) {
	f := found{feed: feeds.Feed{Items: []feeds.Item{
		{Text: feeds.Text{Title: "a\x1b[31m\nb\u202e" + strings.Repeat("ط", 500)},
			URL: "https://a.example/" + strings.Repeat("x", 500)}}}}
	var out bytes.Buffer
	if err := f.show(&out); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(out.String(), "\n"); len(lines) != 3 || len([]rune(lines[1])) > 200 ||
		strings.ContainsAny(out.String(), "\x1b\u202e") {
		t.Errorf("%q", out.String())
	}
}
