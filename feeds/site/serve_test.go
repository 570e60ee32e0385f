package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/words"
)

// library is a Reader of stories in memory.
type library struct {
	stories []feeds.Story
	digests []feeds.Bulletin
	web     feeds.Web
	mu      sync.Mutex
	asked   int
	err     error
	wait    chan struct{} // if set, Channel waits until it is closed
}

func (l *library) count() (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	return l.asked, l.err
}

func (l *library) where() feeds.Site {
	where := place
	where.Web = l.web
	return where
}

func (l *library) Channel(_ context.Context, ch feeds.Channel, _ feeds.Edition) (feeds.Site, []feeds.Listed, error) {
	_, err := l.count()
	if l.wait != nil {
		<-l.wait
	}
	var out []feeds.Story
	for _, s := range newestFirst(l.stories) {
		if len(ch.Sources) == 0 || slices.Contains(ch.Sources, s.Items[0].SourceID) {
			out = append(out, s)
		}
	}
	return l.where(), listed(out), err
}

func (l *library) Digests(context.Context, feeds.Channel) (feeds.Site, []feeds.Bulletin, error) {
	return l.where(), l.digests, l.err
}

func (l *library) Events(context.Context, feeds.EventQuery, ...feeds.Channel) ([]feeds.Event, error) {
	return nil, l.err
}

func (l *library) Each(_ context.Context, _ feeds.Site, list []feeds.Listed, do func(feeds.Story) error) error {
	for _, x := range list {
		for _, s := range newestFirst(l.stories) {
			if s.ID != x.ID {
				continue
			}
			if err := do(s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *library) Beside(_ context.Context, _ feeds.Site, id string) (Beside, error) {
	return aroundOf(newestFirst(l.stories), id), nil
}

func (l *library) Find(_ context.Context, q feeds.Query) (feeds.Site, []feeds.Story, error) {
	_, err := l.count()
	var out []feeds.Story
	for _, s := range newestFirst(l.stories) {
		after := q.Before == feeds.Cursor{} || s.Published.Before(q.Before.Published) ||
			s.Published.Equal(q.Before.Published) && s.ID > q.Before.ID
		wanted := !s.Published.Before(q.From) && len(q.IDs) == 0 || slices.Contains(q.IDs, s.ID)
		if len(out) < q.Limit && after && wanted && strings.Contains(s.Title+s.Translation.Title, q.Words) {
			out = append(out, s)
		}
	}
	return l.where(), out, err
}

func (l *library) Search(ctx context.Context, q feeds.Query) (feeds.Site, feeds.Found, error) {
	found := feeds.Found{Words: words.Parse(q.Words).String()}
	limit := q.Limit
	q.Limit++
	where, list, err := l.Find(ctx, q)
	if limit > 0 && len(list) > limit {
		list = list[:limit]
		found.Next = feeds.Cursor{Published: list[limit-1].Published, ID: list[limit-1].ID}
	}
	found.Stories, found.Count = list, len(list)
	return where, found, err
}

// published returns a Server of a folder that has the shelf's published files.
func published(t testing.TB, change func(o *Options)) (*Server, *library) {
	t.Helper()
	lib := &library{stories: shelf()}
	o := Options{Dir: t.TempDir(), Reader: lib, Channels: []feeds.Channel{tech},
		URL: "https://feeds.example/nashra/", Hub: "https://hub.example/",
		Tags: tags, Views: []feeds.Channel{{ID: "sources/tiqani", Sources: []string{"tiqani"}, Limit: 100}}}
	if change != nil {
		change(&o)
	}
	all, err := bookOf{place, o.Channels, lib.stories}.Files()
	if err != nil {
		t.Fatal(err)
	}
	maker := NewServer(Options{Reader: &library{stories: shelf()}, Channels: []feeds.Channel{tech}})
	for name, f := range maker.feeds {
		if all[name], _, err = maker.feed(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	all[".secret"], all["feed.txt"] = []byte("secret"), []byte("secret")
	for name, body := range all {
		name = filepath.Join(o.Dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, body, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return NewServer(o), lib
}

func ask(s http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// Folders are answered as file servers do. The address that they lead to keeps the prefix that a proxy cut
// off, and the token.
func TestFoldersLeadToTheirIndex(t *testing.T) {
	s, _ := published(t, nil)
	for target, want := range map[string]string{"/ar": "ar/", "/days": "days/", "/en/sources?t=x&a": "sources/?t=x&a",
		"/nashra/tags": "tags/"} {
		w := ask(s, "GET", target)
		if got := w.Header().Get("Location"); w.Code != http.StatusMovedPermanently || got != want {
			t.Errorf("%s: %d to %q, want %q", target, w.Code, got, want)
		}
	}
	for _, target := range []string{"/stories", "/stories/", "/nowhere/", "/ar/stories"} {
		if w := ask(s, "GET", target); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

func TestServerAnswers(t *testing.T) {
	s, _ := published(t, nil)
	file := func(name string) string {
		b, err := os.ReadFile(filepath.Join(s.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, c := range []struct {
		method, target string
		status         int
		typ, body      string // body: a part of it
	}{
		{"GET", "/feed.atom", 200, "application/atom+xml; charset=utf-8", file("feed.atom")},
		{"GET", "/feed.en.rss", 200, "application/rss+xml; charset=utf-8", file("feed.en.rss")},
		{"GET", "/feed.ar.json", 200, "application/feed+json; charset=utf-8", file("feed.ar.json")},
		{"GET", "/nashra/feed.atom", 200, "application/atom+xml; charset=utf-8", file("feed.atom")},
		{"GET", "/", 200, "text/html; charset=utf-8", `<form role="search" action="search">`},
		{"GET", "/index.html", 200, "text/html; charset=utf-8", `<form role="search" action="search">`},
		{"GET", "/nashra/", 200, "text/html; charset=utf-8", "DeepSeek"},
		{"GET", "/stories/00000000000000a1.html", 200, "text/html; charset=utf-8", `action="../search"`},
		{"GET", "/days/2025-01-26.html", 200, "text/html; charset=utf-8", "Apple launches a phone"},
		{"GET", "/ar/", 200, "text/html; charset=utf-8", "الأحدث"},
		{"GET", "/en/days/2025-01-26.html", 200, "text/html; charset=utf-8", `/days/2025-01-25.html"`},
		{"GET", "/en/days/", 200, "text/html; charset=utf-8", "Sunday 26 January 2025"},
		{"GET", "/ar/days/2025-01-26.html", 200, "text/html; charset=utf-8", "آبل تطلق هاتفًا"},
		{"GET", "/tags/index.html", 200, "text/html; charset=utf-8", "Tags"},
		{"GET", "/en/sources/tiqani.html", 200, "text/html; charset=utf-8", "Apple launches a phone"},
		{"GET", "/channels/feed.html", 200, "text/html; charset=utf-8", "Apple launches a phone"},
		{"GET", "/channels/none.html", 404, "text/html; charset=utf-8", "There is no such page"},
		{"GET", "/fr/index.html", 404, "text/html; charset=utf-8", "There is no such page"},
		{"GET", "/en/stories/00000000000000a1.html", 404, "text/html; charset=utf-8", "There is no such page"},
		{"GET", "/sources.opml", 200, "text/x-opml; charset=utf-8", "<opml"},
		{"GET", "/icon.png", 200, "image/png", "PNG"},
		{"GET", "/sources/tiqani.atom", 200, "application/atom+xml; charset=utf-8", "تقني"},
		{"GET", "/sources/tiqani.en.json", 200, "application/feed+json; charset=utf-8", `"language": "en"`},
		{"GET", "/search?q=DeepSeek", 200, "text/html; charset=utf-8", "<q><bdi>DeepSeek</bdi></q>: one story"},
		{"GET", "/search", 200, "text/html; charset=utf-8", "What are you looking for?"},
		{"GET", "/search?q=" + strings.Repeat("x", 201), 400, "text/html; charset=utf-8", "at most 200 letters"},
		{"GET", "/search?q=x&before=1-../..", 400, "text/html; charset=utf-8", "cannot be read"},
		{"GET", "/nashra", 301, "", ""},
		{"GET", "/feed.txt", 404, "text/html; charset=utf-8", "no such page"},
		{"GET", "/.secret", 404, "text/html; charset=utf-8", "no such page"},
		{"GET", "/stories/", 404, "text/html; charset=utf-8", "no such page"},
		{"GET", "/stories/../.secret", 404, "text/html; charset=utf-8", "no such page"},
		{"GET", "/..%2f..%2fetc%2fpasswd", 404, "text/html; charset=utf-8", "no such page"},
		{"GET", "/feed.atom%00.html", 404, "text/html; charset=utf-8", "no such page"},
		{"GET", "/stories/00000000000000ff.html", 404, "text/html; charset=utf-8", "no such page"},
		{"GET", "/days/2025-13-45.html", 404, "text/html; charset=utf-8", "no such page"},
		{"GET", "/sources/evil.atom", 404, "text/html; charset=utf-8", "no such page"},
		{"GET", "/" + strings.Repeat("a", 600), 414, "text/html; charset=utf-8", "too long"},
		{"POST", "/feed.atom", 405, "text/html; charset=utf-8", "can only be read"},
		{"DELETE", "/", 405, "text/html; charset=utf-8", "can only be read"},
		{"BREW", "/x", 405, "text/html; charset=utf-8", "can only be read"},
	} {
		w := ask(s, c.method, c.target)
		h := w.Header()
		typ := h.Get("Content-Type")
		if w.Code != c.status || c.typ != "" && typ != c.typ || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s %.60s: %d %q\n%.300s", c.method, c.target, w.Code, typ, w.Body)
		}
		if c.status == 405 && h.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: Allow %q", c.method, h.Get("Allow"))
		}
		policy := h.Get("Content-Security-Policy")
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" ||
			c.typ != "" && !strings.HasPrefix(policy, "default-src 'none'") {
			t.Errorf("%s %.60s: %v", c.method, c.target, h)
		}
		if c.method == "GET" && c.status == 200 {
			head := ask(s, "HEAD", c.target)
			length, want := head.Header().Get("Content-Length"), fmt.Sprint(w.Body.Len())
			if head.Code != 200 || head.Body.Len() != 0 || length != want {
				t.Errorf("HEAD %s: %d, %d bytes, length %s of %s", c.target, head.Code, head.Body.Len(), length, want)
			}
		}
	}
}

// A client that has the document, in whichever encoding, gets a 304, and one that asks for a range
// gets it.
func TestServerAnswersConditions(t *testing.T) {
	s, _ := published(t, nil)
	plain := ask(s, "GET", "/feed.atom")
	zipped := ask(s, "GET", "/feed.atom", "Accept-Encoding", "br;q=1, gzip;q=0.5")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != plain.Body.String() {
		t.Errorf("the gzip is another text: %v", err)
	}
	etag, ztag, since := plain.Header().Get("ETag"), zipped.Header().Get("ETag"), plain.Header().Get("Last-Modified")
	if etag == ztag || etag == "" || since == "" || zipped.Header().Get("Content-Encoding") != "gzip" ||
		zipped.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("%v\n%v", plain.Header(), zipped.Header())
	}
	for _, c := range []struct {
		header []string
		status int
	}{
		{[]string{"If-None-Match", etag}, 304},
		{[]string{"If-None-Match", ztag}, 304},
		{[]string{"If-None-Match", ztag, "Accept-Encoding", "gzip"}, 304},
		{[]string{"If-None-Match", `"other", W/` + etag}, 304},
		{[]string{"If-None-Match", "*"}, 304},
		{[]string{"If-None-Match", `"other"`}, 200},
		{[]string{"If-None-Match", `"other"`, "If-Modified-Since", since}, 200}, // the tag decides
		{[]string{"If-Modified-Since", since}, 304},
		{[]string{"If-Modified-Since", "Mon, 02 Jan 2006 15:04:05 GMT"}, 200},
		{[]string{"If-Modified-Since", "yesterday"}, 200},
		{[]string{"Range", "bytes=0-99"}, 206},
		{[]string{"Range", "bytes=0-99", "Accept-Encoding", "gzip"}, 206},
		{[]string{"Range", "bytes=0-99", "If-Range", `"other"`}, 200},
		{[]string{"Range", "bytes=99999999-"}, 416},
		{[]string{"Accept-Encoding", "gzip;q=0"}, 200},
		{[]string{"If-Match", etag, "Accept-Encoding", "gzip"}, 200},
		{[]string{"If-Match", `"other"`, "Accept-Encoding", "gzip"}, 412},
	} {
		w := ask(s, "GET", "/feed.atom", c.header...)
		if w.Code != c.status {
			t.Errorf("%q: %d, want %d", c.header, w.Code, c.status)
		}
		switch w.Code {
		case 304:
			if w.Body.Len() != 0 || w.Header().Get("ETag") == "" || w.Header().Get("Cache-Control") == "" {
				t.Errorf("%q: %d bytes, %v", c.header, w.Body.Len(), w.Header())
			}
		case 206:
			if w.Body.String() != plain.Body.String()[:100] || w.Header().Get("Content-Encoding") != "" {
				t.Errorf("%q: %q", c.header, w.Body)
			}
		case 200:
			if w.Body.String() != plain.Body.String() {
				t.Errorf("%q: %d bytes", c.header, w.Body.Len())
			}
		}
	}
	links := []string{`<https://hub.example/>; rel="hub"`, `<https://feeds.example/nashra/feed.atom>; rel="self"`}
	if link := plain.Header()["Link"]; !slices.Equal(link, links) {
		t.Errorf("Link %q", link)
	}
}

// A new file is served within a second, with a new ETag.
func TestServerSeesNewFiles(t *testing.T) {
	s, _ := published(t, nil)
	name := filepath.Join(s.Dir, "feed.atom")
	was := ask(s, "GET", "/feed.atom")
	if err := os.WriteFile(name, []byte("<feed/>"), 0o644); err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(10 * time.Second)
	for ask(s, "GET", "/feed.atom").Body.String() != "<feed/>" {
		if time.Now().After(end) {
			t.Fatal("the old file is served still")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if tag := ask(s, "GET", "/feed.atom").Header().Get("ETag"); tag == was.Header().Get("ETag") {
		t.Error("the tag is the old one")
	}
}

// A document without a file is made once, however many clients wait for it. If making it fails
// later, the last one is served.
func TestServerMakesOnce(t *testing.T) {
	s, lib := published(t, nil)
	lib.wait = make(chan struct{})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			w := ask(s, "GET", "/sources/tiqani.atom")
			if w.Code != 200 || strings.Count(w.Body.String(), "<entry") != 2 {
				t.Errorf("%d %.200s", w.Code, w.Body)
			}
		})
	}
	time.Sleep(50 * time.Millisecond) // all of them wait
	close(lib.wait)
	wg.Wait()
	if lib.asked != 1 {
		t.Errorf("%d times made", lib.asked)
	}
	s.cache.docs["sources/tiqani.atom"] = cached{document: s.cache.docs["sources/tiqani.atom"].document}
	lib.err = errors.New("the store is gone")
	if w := ask(s, "GET", "/sources/tiqani.atom"); w.Code != 200 {
		t.Errorf("the old one is not served: %d", w.Code)
	}
	if w := ask(s, "GET", "/sources/tiqani.rss"); w.Code != 503 || strings.Contains(w.Body.String(), "store") {
		t.Errorf("%d %.300s", w.Code, w.Body)
	}
}

// A page without a file, such as one of a story that has left its channel, is made from the store.
func TestServerMakesMissingFiles(t *testing.T) {
	s, _ := published(t, nil)
	if err := os.RemoveAll(s.Dir); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{"/": "DeepSeek", "/feed.ar.atom": "تقني",
		"/stories/00000000000000a2.html": "أتاحت الشركة", "/days/2025-01-25.html": "Chips are scarce",
		"/sources.opml": "<opml", "/logo.png": "PNG"} {
		if w := ask(s, "GET", target); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %.300s", target, w.Code, w.Body)
		}
	}
	if w := ask(s, "GET", "/days/2025-01-24.html"); w.Code != 404 {
		t.Errorf("a day without stories: %d", w.Code)
	}
}

// Answer and log have the id that a proxy gave the request, or a new one if a log cannot hold that.
func TestRequestsHaveIDs(t *testing.T) {
	var log bytes.Buffer
	s, _ := published(t, func(o *Options) { o.Log = slog.New(slog.NewJSONHandler(&log, nil)) })
	seen := map[string]bool{}
	for _, given := range []string{"", "", "7f3c-a.B_9", "a\tb", "q\"}{", strings.Repeat("x", 65)} {
		log.Reset()
		id := ask(s, "GET", "/feed.atom", "X-Request-Id", given).Header().Get("X-Request-Id")
		var line struct{ Msg, Request, Path string }
		err := json.Unmarshal(log.Bytes(), &line)
		if err != nil || line.Request != id || line.Msg != "served" || line.Path != "/feed.atom" {
			t.Errorf("given %q: id %q, %v, log %s", given, id, err, log.Bytes())
		}
		if taken := given == "7f3c-a.B_9"; id == "" || seen[id] || (id == given) != taken {
			t.Errorf("given %q: id %q", given, id)
		}
		seen[id] = true
	}
}

// The pages of a search lead to all results, and the question is escaped wherever it is repeated.
func TestSearchPages(t *testing.T) {
	s, lib := published(t, nil)
	for i := range 45 {
		x := lib.stories[0]
		x.ID = fmt.Sprintf("%016x", 0xb00+i)
		x.Title, x.Translation.Title = "needle <script>", ""
		x.Published = utc(20, 0).Add(time.Duration(i) * time.Minute)
		lib.stories = append(lib.stories, x)
	}
	next := regexp.MustCompile(`<a href="([^"]*)" rel="next">`)
	target, articles, rounds := "/search?q=needle+%3Cscript%3E", 0, 0
	for ; target != "" && rounds < 10; rounds++ {
		w := ask(s, "GET", target)
		if w.Code != 200 || strings.Contains(w.Body.String(), "<script>") ||
			w.Header().Get("Cache-Control") != "no-cache" {
			t.Fatalf("%s: %d\n%.500s", target, w.Code, w.Body)
		}
		articles += strings.Count(w.Body.String(), "<article")
		m := next.FindStringSubmatch(w.Body.String())
		if target = ""; m != nil {
			target = "/" + html.UnescapeString(m[1])
		}
	}
	if articles != 45 || rounds != 3 {
		t.Errorf("%d stories on %d pages", articles, rounds)
	}
}

// serving has srv serve at a local address until the test ends, and returns that address.
func serving(t testing.TB, srv *http.Server) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

// send opens a connection to a server and sends a request, or a part of one.
func send(t *testing.T, address, request string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(c, request) // a server may refuse it before it is all there
	return c
}

// 200 clients that do not finish their request, and 200 that read nothing of a large answer, do not
// slow the next.
func TestHalfOpenClientsSlowNobody(t *testing.T) {
	s, _ := published(t, func(o *Options) { o.Dir = t.TempDir() })
	if err := os.WriteFile(filepath.Join(s.Dir, "feed.json"), bytes.Repeat([]byte("x"), 20<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	address := serving(t, HTTP(s, nil))
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	fastest := func() time.Duration {
		best := time.Minute
		for range 20 {
			begun := time.Now()
			res, err := client.Get("http://" + address + "/feed.atom")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			best = min(best, time.Since(begun))
		}
		return best
	}
	alone := fastest()
	for range 200 {
		send(t, address, "GET /feed.json HTTP/1.1\r\nHost: x\r\n")
		send(t, address, "GET /feed.json HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	time.Sleep(100 * time.Millisecond)
	if beside := fastest(); beside > 10*alone+20*time.Millisecond {
		t.Errorf("%v alone, %v beside 400 half-open clients", alone, beside)
	}
}

// A header that never ends is refused, and a client that never finishes one loses its connection.
func TestServerLimitsHeaders(t *testing.T) {
	s, _ := published(t, nil)
	srv := HTTP(s, slog.New(slog.DiscardHandler))
	srv.ReadHeaderTimeout = 200 * time.Millisecond
	address := serving(t, srv)
	begin := "GET / HTTP/1.1\r\nHost: x\r\nX: "
	for request, want := range map[string]string{begin + strings.Repeat("y", 64<<10) + "\r\n\r\n": "431", begin: ""} {
		answer, err := io.ReadAll(send(t, address, request))
		if !strings.Contains(string(answer), want) || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%.50q: answered %.100q, %v", request, answer, err)
		}
	}
}

// A connection on which no further request comes is closed.
func TestServerClosesIdleConnections(t *testing.T) {
	s, _ := published(t, nil)
	srv := HTTP(s, nil)
	srv.IdleTimeout = 200 * time.Millisecond
	answer, err := io.ReadAll(send(t, serving(t, srv), "GET /feed.atom HTTP/1.1\r\nHost: x\r\n\r\n"))
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 200")) || err != nil {
		t.Errorf("answered %.100q, %v", answer, err)
	}
}

// A client that reads nothing of its answer loses its connection.
func TestServerLetsSlowClientsGo(t *testing.T) {
	seen := make(chan Seen, 1)
	s, _ := published(t, func(o *Options) { o.Seen = func(s Seen) { seen <- s } })
	const size = 32 << 20 // more than the buffers of two sockets hold
	if err := os.WriteFile(filepath.Join(s.Dir, "feed.json"), bytes.Repeat([]byte("x"), size), 0o644); err != nil {
		t.Fatal(err)
	}
	srv := HTTP(s, nil)
	srv.WriteTimeout = 300 * time.Millisecond
	send(t, serving(t, srv), "GET /feed.json HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case got := <-seen:
		if got.Bytes >= size {
			t.Errorf("%d bytes were sent", got.Bytes)
		}
	case <-time.After(30 * time.Second):
		t.Error("the answer still waits to be read")
	}
}

// slowReader is a Reader whose Find waits until its context is cancelled.
type slowReader struct {
	library
	begun, stopped chan struct{}
}

func (r *slowReader) Search(ctx context.Context, q feeds.Query) (feeds.Site, feeds.Found, error) {
	where, _, err := r.Find(ctx, q)
	return where, feeds.Found{}, err
}

func (r *slowReader) Find(ctx context.Context, _ feeds.Query) (feeds.Site, []feeds.Story, error) {
	r.begun <- struct{}{}
	<-ctx.Done()
	r.stopped <- struct{}{}
	return feeds.Site{}, nil, ctx.Err()
}

// A search whose client has disconnected stops, and leaves its slot to the next.
func TestAbandonedSearchStops(t *testing.T) {
	reader := &slowReader{begun: make(chan struct{}), stopped: make(chan struct{})}
	s := NewServer(Options{Dir: t.TempDir(), Reader: reader})
	address := serving(t, HTTP(s, nil))
	for i := range 3 * maxMakers {
		c := send(t, address, "GET /search?q=x HTTP/1.1\r\nHost: x\r\n\r\n")
		for _, step := range []chan struct{}{reader.begun, reader.stopped} {
			select {
			case <-step:
			case <-time.After(10 * time.Second): // well below loadTimeout
				t.Fatalf("search %d has not begun, or has not stopped", i)
			}
			c.Close()
		}
	}
}
