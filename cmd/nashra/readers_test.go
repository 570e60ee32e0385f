package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/demo"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/tmx"
)

// newsroom is the demo's publishers, who may publish more, with a server of what nashra publishes
// of them.
type newsroom struct {
	base string // address of the published files
	cfg  *config.Config
	now  func() time.Time // nil: the clock

	mu   sync.Mutex
	more bool
}

// ServeHTTP serves the samples. If more is set, one has a new item and changed titles.
func (n *newsroom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	r.Header.Del("If-None-Match")
	demo.Handler().ServeHTTP(rec, r)
	body := rec.Body.String()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.more && strings.Contains(body, "</channel>") && strings.Contains(r.URL.Path, "tiqani") {
		body = strings.Replace(body, "</channel>", `<item>
			<title>خبر جديد &lt;b&gt; من OpenAI</title>
			<link>https://tiqani.example/جديد/</link><guid isPermaLink="false">new-1</guid>
			<pubDate>Tue, 01 Apr 2025 05:00:00 GMT</pubDate>
			<description>&lt;p&gt;نص الخبر الجديد كله، وهو قصير.&lt;/p&gt;</description></item></channel>`, 1)
		title := regexp.MustCompile(`(?s)(<item>.*?<title>)(.*?)(</title>)`)
		body = title.ReplaceAllStringFunc(body, func(m string) string {
			if strings.Contains(m, "خبر جديد") {
				return m
			}
			return strings.Replace(m, "</title>", " (محدث)</title>", 1)
		})
	}
	w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
	_, _ = io.WriteString(w, body)
}

func (n *newsroom) pass(t *testing.T) {
	t.Helper()
	w, err := newWire(n.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer w.client.CloseIdle()
	w.now = n.now
	st, err := store.Open(t.Context(), n.cfg.Store)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, _, err := importMemory(t.Context(), st, w.pair(), demo.Memory(), tmx.Everyones); err != nil {
		t.Fatal(err)
	}
	if _, _, err := pass(t.Context(), w, st, fetchFlags{now: true}, io.Discard); err != nil {
		t.Fatal(err)
	}
}

// openNewsroom runs a pass and serves its result.
func openNewsroom(t *testing.T) *newsroom {
	t.Helper()
	if testing.Short() { // for the race detector, which has nothing to find in it
		t.Skip("another program reads")
	}
	n := &newsroom{}
	publishers := httptest.NewServer(n)
	t.Cleanup(publishers.Close)
	public := httptest.NewUnstartedServer(nil)
	n.base = "http://" + public.Listener.Addr().String()
	var err error
	if n.cfg, err = demoConfig(t.TempDir(), publishers.URL); err != nil {
		t.Fatal(err)
	}
	n.cfg.Publish.URL = n.base + "/"
	n.pass(t)
	n.serve(t, public)
	return n
}

// serve serves what is published.
func (n *newsroom) serve(t *testing.T, public *httptest.Server) {
	t.Helper()
	w, err := newWire(n.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), n.cfg.Store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	a, err := w.aggregator(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	public.Config.Handler = w.site(a, nil)
	public.Start()
	t.Cleanup(public.Close)
}

// publishedDemo serves what the demo publishes, and returns the address and the items of the
// bilingual JSON feed.
func publishedDemo(t *testing.T) (base string, items []publishedItem) {
	t.Helper()
	n := openNewsroom(t)
	return n.base, n.items(t, feeds.Bilingual)
}

// items returns the items of a published JSON feed.
func (n *newsroom) items(t *testing.T, e feeds.Edition) []publishedItem {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(n.cfg.Publish.Dir, feeds.Path("feed", e, feeds.JSON)))
	if err != nil {
		t.Fatal(err)
	}
	var feed struct{ Items []publishedItem }
	if err := json.Unmarshal(text, &feed); err != nil || len(feed.Items) < 30 {
		t.Fatalf("%d items, %v", len(feed.Items), err)
	}
	return feed.Items
}

type publishedItem struct {
	ID        string
	URL       string
	Title     string
	Published time.Time `json:"date_published"`
}

// need skips the test if a program is missing, or fails if CI=true: .ci/run installs its package.
func need(t *testing.T, program, pkg string) string {
	t.Helper()
	at, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: apt-get install %s", program, pkg)
		}
		t.Skipf("no %s: apt-get install %s", program, pkg)
	}
	return at
}

// command runs a program with a time limit and returns what it printed.
func command(t *testing.T, env []string, name string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, out, stderr.Bytes())
	}
	return out
}

// compare checks that a reader shows every published id, title, link and date once.
func compare(t *testing.T, reader string, got, want []publishedItem) {
	t.Helper()
	type key struct {
		id, title, url string
		at             int64
	}
	of := func(it publishedItem) key {
		// RSS: see feeds.unlike
		return key{it.ID, strings.ReplaceAll(it.Title, "\u2060", ""), it.URL, it.Published.Unix()}
	}
	shown := map[key]int{}
	for _, it := range got {
		shown[of(it)]++
	}
	for _, it := range want {
		if shown[of(it)] != 1 {
			t.Errorf("%s shows %d times %+v", reader, shown[of(it)], it)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s shows %d items of %d", reader, len(got), len(want))
	}
}

const feedparserScript = `
import calendar, feedparser, html, json, sys
f = feedparser.parse(sys.argv[1])
if f.bozo: sys.exit("not well-formed: %s" % f.bozo_exception)
again = feedparser.parse(sys.argv[1], etag=f.etag)
if again.status != 304: sys.exit("asked again with its tag, it is %d" % again.status)
text = lambda d: html.unescape(d.value) if d.type == "text/html" else d.value
print(json.dumps([{"ID": e.id, "URL": e.get("link", ""), "Title": text(e.title_detail),
    "At": calendar.timegm(e.published_parsed)} for e in f.entries]))
`

// feedparser reads every edition as Atom and RSS, and again after more was published.
func TestFeedparserReadsWhatIsPublished(t *testing.T) {
	t.Parallel()
	python := "/usr/bin/python3" // the Debian packages are installed for this one
	if err := exec.Command(python, "-c", "import feedparser").Run(); err != nil {
		python = need(t, "python3-feedparser", "python3-feedparser")
	}
	n := openNewsroom(t)
	for round := range 2 {
		for _, e := range feeds.Editions {
			for _, f := range []feeds.Format{feeds.Atom, feeds.RSS} {
				path := feeds.Path("feed", e, f)
				got := parsed(t, python, n.base+"/"+path)
				compare(t, fmt.Sprintf("feedparser, round %d, %s", round+1, path), got, n.items(t, e))
			}
		}
		n.goOn(t)
	}
}

// parsed returns the items that feedparser finds.
func parsed(t *testing.T, python, address string) (got []publishedItem) {
	t.Helper()
	var rows []struct {
		publishedItem
		At int64
	}
	out := command(t, nil, python, "-c", feedparserScript, address)
	if err := json.Unmarshal(out, &rows); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, r := range rows {
		r.Published = time.Unix(r.At, 0)
		got = append(got, r.publishedItem)
	}
	return got
}

// goOn publishes more and runs a pass.
func (n *newsroom) goOn(t *testing.T) {
	t.Helper()
	before := n.items(t, feeds.Bilingual)
	n.mu.Lock()
	n.more = true
	n.mu.Unlock()
	n.pass(t)
	time.Sleep(1100 * time.Millisecond) // the server checks files once a second
	if after := n.items(t, feeds.Bilingual); !slices.ContainsFunc(after,
		func(it publishedItem) bool { return strings.Contains(it.Title, "خبر جديد <b> من OpenAI") }) ||
		len(after) != len(before) && len(after) != len(before)+1 {
		t.Fatalf("%d items, then %d: nothing new was published", len(before), len(after))
	}
}

// newsboat reads three feeds, whose ids must not collide, and again after more was published.
func TestNewsboatReadsWhatIsPublished(t *testing.T) {
	t.Parallel()
	newsboat := need(t, "newsboat", "newsboat")
	n := openNewsroom(t)
	dir := t.TempDir()
	urls, cache, conf := filepath.Join(dir, "urls"), filepath.Join(dir, "cache.db"), filepath.Join(dir, "config")
	paths := map[string]feeds.Edition{feeds.Path("feed", feeds.Bilingual, feeds.Atom): feeds.Bilingual,
		feeds.Path("feed", feeds.English, feeds.RSS): feeds.English,
		feeds.Path("feed", feeds.Arabic, feeds.RSS):  feeds.Arabic}
	var list string
	for path := range paths {
		list += n.base + "/" + path + "\n"
	}
	for name, text := range map[string]string{urls: list, conf: ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 2 {
		command(t, []string{"HOME=" + dir, "LANG=C.UTF-8"}, newsboat, "-q", "-u", urls, "-c", cache, "-C", conf, "-x",
			"reload")
		for path, e := range paths {
			compare(t, fmt.Sprintf("newsboat, round %d, %s", round+1, path), newsboatItems(t, cache, n.base+"/"+path),
				n.items(t, e))
		}
		n.goOn(t)
	}
}

func newsboatItems(t *testing.T, cache, feed string) (out []publishedItem) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+cache)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT guid, url, title, pubDate FROM rss_item WHERE feedurl = $1", feed)
	if err != nil {
		t.Fatal(fmt.Errorf("newsboat's cache: %w", err))
	}
	defer rows.Close()
	for rows.Next() {
		var it publishedItem
		var at int64
		if err := rows.Scan(&it.ID, &it.URL, &it.Title, &at); err != nil {
			t.Fatal(err)
		}
		it.Published = time.Unix(at, 0)
		out = append(out, it)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
