package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
)

// shelf serves lists and feeds by path, with an ETag, and counts the requests.
type shelf struct {
	*httptest.Server
	mu    sync.Mutex
	pages map[string]string
	codes map[string]int
	asked map[string]int
}

func newShelf(t testing.TB) *shelf {
	s := &shelf{pages: map[string]string{}, codes: map[string]int{}, asked: map[string]int{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[r.URL.Path]++
	page, ok := s.pages[r.URL.Path]
	if code := s.codes[r.URL.Path]; code != 0 || !ok {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(max(code, map[bool]int{false: http.StatusNotFound}[ok]))
		return
	}
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(page)))
	if w.Header().Set("ETag", tag); r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = io.WriteString(w, page)
}

// put serves a list of the feeds /NAME, each with one item.
func (s *shelf) put(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := "<opml version='2.0'><body>"
	for _, name := range names {
		list += fmt.Sprintf("<outline text='قناة %s' xmlUrl='%s/%s'/>", name, s.URL, name)
		s.pages["/"+name] = opening + strings.ReplaceAll(entry(int(name[0]), "<p>"+name+"</p>"), "رقم", name) +
			"</channel></rss>"
	}
	s.pages["/list.opml"] = list + "</body></opml>"
}

// requests returns how often a path was asked for since the last call.
func (s *shelf) requests(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer delete(s.asked, path)
	return s.asked[path]
}

// id returns the id of the source that the list brings of the feed /NAME.
func (s *shelf) id(name string) string { return feeds.EntryID(s.URL + "/" + name) }

// subscriber runs passes at chosen times.
type subscriber struct {
	dir, more string
	list      string // address
	st        *store.Store
	now       time.Time
}

func subscribe(t testing.TB, list, more string) *subscriber {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(t.Context(), filepath.Join(dir, "nashra.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return &subscriber{dir, more, list, st, time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)}
}

func (s *subscriber) wire(t testing.TB) *wire {
	t.Helper()
	text := fmt.Sprintf("store: %s\npublish: {dir: %s}\nfetch: {allow_private: true, min_interval: 0s}\ntranslate: "+
		"{engines: []}\nsources:\n  - {opml: %q, id: readers, tags: [shared]}\n%s", filepath.Join(s.dir, "nashra.db"),
		filepath.Join(s.dir, "public"), s.list, s.more)
	w := wireOf(t, s.dir, text)
	w.now = func() time.Time { return s.now }
	return w
}

// pass runs a pass, and returns its report and the ids of the sources that are polled.
func (s *subscriber) pass(t testing.TB, now bool) (aggregator.Report, *config.Config, string) {
	t.Helper()
	w := s.wire(t)
	_, rep, err := pass(t.Context(), w, s.st, fetchFlags{now: now}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, src := range w.cfg.Feeds() {
		if src.On() {
			ids = append(ids, src.ID)
		}
	}
	slices.Sort(ids)
	return rep, w.cfg, strings.Join(ids, " ")
}

func (s *subscriber) published(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "public", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func inOrder(ids ...string) string {
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

// What leaves a list twice in a row, also by an unchanged document, is no longer polled. Its stories stay
// published under its title, and what comes back has its id and its stories.
func TestListIsFollowed(t *testing.T) {
	shelf := newShelf(t)
	shelf.put("a", "b")
	s := subscribe(t, shelf.URL+"/list.opml", "channels: [{id: mine, tags: [shared]}]\n")
	both := inOrder(shelf.id("a"), shelf.id("b"))
	rep, _, ids := s.pass(t, false)
	if rep.Listed.Asked != 1 || rep.Polled.Asked != 2 || rep.Polled.New != 2 || ids != both {
		t.Fatalf("the first pass: %+v, sources %s", rep, ids)
	}
	day := func(n int) { s.now = s.now.Add(24*time.Hour - 5*time.Minute + time.Duration(n)*time.Second) }
	shelf.put("a", "c")
	if rep, _, ids = s.pass(t, true); rep.Listed.Asked != 0 || ids != both || shelf.requests("/list.opml") != 1 {
		t.Errorf("--now on the same day: %+v, sources %s", rep.Listed, ids)
	}
	day(1)
	shelf.requests("/b")
	three := inOrder(shelf.id("a"), shelf.id("b"), shelf.id("c"))
	if _, _, ids = s.pass(t, true); ids != three || shelf.requests("/b") != 1 {
		t.Errorf("missed once: sources %s, want %s", ids, three)
	}
	day(2)
	rep, cfg, ids := s.pass(t, true)
	if ids != inOrder(shelf.id("a"), shelf.id("c")) || shelf.requests("/b") != 0 || rep.Listed.Unchanged != 1 {
		t.Errorf("missed twice, by a document that did not change: sources %s, %+v", ids, rep.Listed)
	}
	if n := cfg.Listings["readers"]; n != (config.Listing{Named: 2, Polled: 2, Left: 1}) {
		t.Errorf("%+v", n)
	}
	if feed := s.published(t, "mine.json"); !strings.Contains(feed, "خبر b") || !strings.Contains(feed, "قناة b") {
		t.Errorf("the story of what left the list is gone, or its title: %s", feed)
	}
	if list := s.published(t, "sources.opml"); strings.Contains(list, "/b\"") || !strings.Contains(list, "/c\"") {
		t.Errorf("the published list of sources: %s", list)
	}
	shelf.put("c", "b", "a")
	day(3)
	if rep, _, ids = s.pass(t, true); ids != three || rep.Grouped.Born != 0 || shelf.requests("/b") != 1 {
		t.Errorf("back again: sources %s, %+v", ids, rep.Grouped)
	}
}

// A list that names nothing, is broken, cut or no list at all, keeps its sources until it can be read and names
// nothing for the second time.
func TestABrokenListKeepsItsSources(t *testing.T) {
	shelf := newShelf(t)
	shelf.put("a", "b")
	s := subscribe(t, shelf.URL+"/list.opml", "")
	both := inOrder(shelf.id("a"), shelf.id("b"))
	s.pass(t, false)
	whole := shelf.pages["/list.opml"]
	const empty = "<opml version='2.0'><body></body></opml>"
	for i, c := range []struct {
		page, says string
		code       int
		want       string
	}{
		{page: "", says: "it is empty, or no XML", want: both},
		{page: "الخدمة متوقفة", says: "it is empty, or no XML", want: both},
		{page: "<!doctype html><html><body>عذرا", says: "this is no list of feeds", want: both},
		{page: strings.TrimSuffix(whole, "</body></opml>"), says: "unexpected EOF", want: both},
		{page: opening + "</channel></rss>", says: "it begins with <rss>", want: both},
		{page: "<opml>" + strings.Repeat("<outline text='x'>", 40), says: "more than 32 deep", want: both},
		{page: "<opml>" + strings.Repeat("<outline xmlUrl='http://x.example/'/>", 20_002), says: "more than 10000",
			want: both},
		{page: empty, want: both},
		{code: http.StatusInternalServerError, says: "status 500", want: both},
		{page: whole, want: both}, // empty once is not twice
		{page: empty, want: both},
		{page: empty, want: ""},
		{page: whole, want: both},
	} {
		shelf.mu.Lock()
		shelf.pages["/list.opml"], shelf.codes["/list.opml"] = c.page, c.code
		shelf.mu.Unlock()
		s.now = s.now.Add(25 * time.Hour)
		rep, _, ids := s.pass(t, false)
		said := fmt.Sprint(rep.Listed.Errors)
		if ids != c.want || rep.Listed.Asked != 1 || (c.says == "") != (rep.Listed.Failed == 0) ||
			!strings.Contains(said, c.says) {
			t.Errorf("%d: sources %q, want %q; %s", i, ids, c.want, said)
		}
	}
}

// A failed list is left alone as a failed source is, and --now asks it again unless its server asked to wait.
func TestAFailedListBacksOff(t *testing.T) {
	shelf := newShelf(t)
	s := subscribe(t, shelf.URL+"/list.opml", "")
	asks := func(now bool, want int) {
		t.Helper()
		s.pass(t, now)
		if n := shelf.requests("/list.opml"); n != want {
			t.Errorf("at %s: %d requests, want %d", s.now, n, want)
		}
	}
	shelf.codes["/list.opml"] = http.StatusTooManyRequests
	asks(false, 1)
	s.now = s.now.Add(time.Hour)
	asks(true, 0) // Retry-After: two hours
	s.now = s.now.Add(time.Hour)
	shelf.codes["/list.opml"] = http.StatusNotFound
	shelf.put()
	delete(shelf.pages, "/list.opml")
	s.now = s.now.Add(24 * time.Hour)
	asks(false, 1)
	asks(false, 0)
}

// A store that lost what a list named reads the list whole at the second reading.
func TestALostListIsReadWhole(t *testing.T) {
	shelf := newShelf(t)
	shelf.put("a")
	s := subscribe(t, shelf.URL+"/list.opml", "")
	s.pass(t, false)
	states, err := s.st.States(t.Context(), feeds.ListID("readers"))
	if err != nil {
		t.Fatal(err)
	}
	fresh := subscribe(t, s.list, "") // with the state of the list, and without its entries
	if _, err := fresh.st.Polled(t.Context(), s.now, aggregator.Poll{State: states["opml:readers"]}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"", shelf.id("a")} {
		fresh.now = fresh.now.Add(25 * time.Hour)
		if rep, _, ids := fresh.pass(t, false); ids != want || rep.Listed.Asked != 1 {
			t.Errorf("sources %q, want %q; %+v", ids, want, rep.Listed)
		}
	}
}

// Entries with private addresses, in any notation, and with other schemes reach nothing inside.
func TestNoListReachesInside(t *testing.T) {
	in := newInside(t)
	var list bytes.Buffer
	list.WriteString("<opml version='2.0'><body>")
	for n, address := range in.addresses {
		fmt.Fprintf(&list, "<outline text=\"s%d &lt;script>\u202e\" htmlUrl='javascript:alert(1)' "+
			"language='\"&gt;&lt;b&gt;' xmlUrl=%q/>", n, address)
	}
	list.WriteString("</body></opml>")
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "8.8.8.8" {
			t.Errorf("the proxy was asked for %s", r.URL)
		}
		_, _ = w.Write(list.Bytes())
	}))
	t.Cleanup(proxy.Close)
	code, said := nashra(t, fmt.Sprintf("}\nfetch: {proxy: %q, min_interval: 0s}\ntranslate: {engines: []}\nsources: "+
		"[{opml: 'http://8.8.8.8/list.opml', id: l}]\n", proxy.URL), "fetch")
	if n := strings.Count(said, "fetch.allow_private would let it through"); n < 25 || code != exitFailed {
		t.Errorf("exit code %d; %d of %d were refused as private: %s", code, n, len(in.addresses), said)
	}
	if n := in.visits.Load(); n != 0 || strings.Contains(said, "سر من الداخل") || strings.Contains(said, "<script>") {
		t.Errorf("%d requests came inside: %s", n, said)
	}
}

// BenchmarkList reads a list of ten thousand feeds and compares it with what is stored: what the list costs on
// a day on which ten of its feeds changed.
func BenchmarkList(b *testing.B) {
	shelf := newShelf(b)
	s := subscribe(b, shelf.URL+"/list.opml", "")
	w := s.wire(b)
	w.cfg.Sources[0].Max = 10_000
	read := func() {
		s.now = s.now.Add(25 * time.Hour)
		a, err := w.aggregator(b.Context(), s.st)
		if err != nil {
			b.Fatal(err)
		}
		if p, err := a.ReadLists(b.Context(), false); err != nil || p.Asked != 1 || p.Failed != 0 {
			b.Fatalf("%+v, %v", p, err)
		}
	}
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		shelf.mu.Lock()
		var list strings.Builder
		list.WriteString("<opml version='2.0'><body>")
		for i := range 10_000 {
			if i%1000 == n%1000 {
				i += 10_000 * (n + 1)
			}
			fmt.Fprintf(&list, "<outline type='rss' text='قناة الأخبار رقم %d' title='News %d' "+
				"xmlUrl='https://news%d.example/category/tech/feed/' htmlUrl='https://news%d.example/'/>\n", i, i, i, i)
		}
		shelf.pages["/list.opml"] = list.String() + "</body></opml>"
		shelf.mu.Unlock()
		if n == 0 {
			read() // the first reading stores all
		}
		b.StartTimer()
		if n > 0 {
			read()
		}
	}
}
