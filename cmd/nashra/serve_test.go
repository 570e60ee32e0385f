package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
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

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
	"github.com/nashra/nashra/feeds/site/sitetest"
	"github.com/nashra/nashra/translate/enginetest"
)

// serving runs serve and returns its addresses. end stops it and returns its log.
func serving(t *testing.T, cfg *config.Config) (public, own string, end func() string) {
	t.Helper()
	cfg.Serve.Listen, cfg.Serve.Metrics = "127.0.0.1:0", "127.0.0.1:0"
	ctx, cancel := context.WithCancel(t.Context())
	in, out := io.Pipe()
	log := &lockedBuffer{}
	done := make(chan error, 1)
	go func() {
		done <- serve(ctx, cfg, func() (*config.Config, error) { return cfg, nil },
			slog.New(slog.NewTextHandler(log, nil)), out)
		out.Close()
	}()
	address := regexp.MustCompile(`http://[^/]+/`)
	lines := bufio.NewScanner(in)
	for _, to := range []*string{&public, &own} {
		if !lines.Scan() {
			t.Fatal("serve says nothing: ", <-done)
		}
		*to = strings.TrimSuffix(address.FindString(lines.Text()), "/")
	}
	return public, own, func() string {
		begun := time.Now()
		cancel()
		if err := <-done; err != nil || time.Since(begun) > 10*time.Second {
			t.Errorf("serve ended after %v with %v", time.Since(begun), err)
		}
		return log.String()
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// The result of the demo is served with tags, sources and search; metrics and health are at another
// address; the server stops gracefully.
func TestServe(t *testing.T) {
	cfg, err := runDemo(t.Context(), t.TempDir(), io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Serve.Token, cfg.Warnings = "s3cret", config.Errors{{Message: "a warning of the config"}}
	public, own, end := serving(t, cfg)
	var found string
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) { // until it is indexed
		_, found = sitetest.Get(t, public+"/search?t=s3cret&q=%D8%A3%D9%86%D9%81%D9%8A%D8%AF%D9%8A%D8%A7+nvidia")
		if strings.Contains(found, "<article") || time.Now().After(deadline) {
			break
		}
	}
	for path, want := range map[string]string{"/feed.atom": "<feed", "/": "<!doctype html>",
		"/tags/news.atom": "<entry", "/sources/tiqani.en.rss": "<item>", "/sources/tiqani.json": `"_nashra"`} {
		if status, body := sitetest.Get(t, public+path+"?t=s3cret"); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.300s", path, status, body)
		}
		if status, _ := sitetest.Get(t, public+path); status != 401 {
			t.Errorf("%s without token: %d", path, status)
		}
	}
	if !strings.Contains(found, "<article") {
		t.Errorf("a search finds nothing: %.600s", found)
	}
	for path, want := range map[string]string{"/healthz": "healthy\n", "/readyz": "ok", "/": "<h2>Sources</h2>",
		"/status": `"serving_since":"20`, "/metrics": `nashra_http_requests_total{code="401",kind="none"}`} {
		if status, body := sitetest.Get(t, own+path); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.300s", path, status, body)
		}
	}
	rebound, err := http.NewRequest(http.MethodGet, own+"/status", nil)
	if err != nil {
		t.Fatal(err)
	}
	rebound.Host = "rebound.example"
	if res, err := http.DefaultClient.Do(rebound); err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("the status at a foreign name: %v %v", res, err)
	} else {
		res.Body.Close()
	}
	if status, _ := sitetest.Get(t, public+"/metrics?t=s3cret"); status != 404 {
		t.Errorf("metrics are public: %d", status)
	}
	if log := end(); strings.Contains(log, "s3cret") || !strings.Contains(log, "path=/feed.atom status=200") ||
		!strings.Contains(log, "a warning of the config") {
		t.Errorf("the log:\n%s", log)
	}
}

// A hidden story is in no file after the next pass, and does not come back.
func TestAHiddenStoryIsGone(t *testing.T) {
	n := openNewsroom(t)
	var id string
	for _, it := range demoItems(t, filepath.Dir(n.cfg.Publish.Dir), feeds.Bilingual) {
		if strings.Contains(it.Title, "DeepSeek") {
			id = it.Nashra.Story
		}
	}
	file := filepath.Join(t.TempDir(), "nashra.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, "store: %s\n", n.cfg.Store), 0o600); err != nil {
		t.Fatal(err)
	}
	var said, wrong bytes.Buffer
	if code := run([]string{"-c", file, "stories", "hide", id}, &said, &wrong); code != exitDone ||
		!strings.Contains(said.String(), "hidden") {
		t.Fatalf("exit %d: %s%s", code, said.String(), wrong.String())
	}
	n.pass(t)
	n.pass(t)
	err := filepath.WalkDir(n.cfg.Publish.Dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(name)
		if bytes.Contains(body, []byte(id)) || strings.Contains(name, id) {
			t.Errorf("%s has it still", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if code := run([]string{"-c", file, "stories", "hide", "0123456789abcdef"}, &said, &wrong); code != exitFailed ||
		!strings.Contains(wrong.String(), "no story has this id") || !strings.Contains(wrong.String(), "hint: ") {
		t.Errorf("exit %d: %s", code, wrong.String())
	}
}

// An address in use is reported at once.
func TestServeOnATakenAddress(t *testing.T) {
	ln, err := listen("x", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	cfg, err := configReader().Read("")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Store, cfg.Serve.Listen = filepath.Join(t.TempDir(), "nashra.db"), ln.Addr().String()
	if err := serve(t.Context(), cfg, nil, slog.New(slog.DiscardHandler), io.Discard); err == nil ||
		!strings.HasPrefix(err.Error(), "serve.listen: ") {
		t.Error(err)
	}
}

// A stopping server accepts no new connection and finishes requests in flight.
func TestTheEndLetsAnswersFinish(t *testing.T) {
	ln, err := listen("x", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked, more := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-more
		_, _ = io.WriteString(w, "all of it")
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended, answered := make(chan error, 1), make(chan string, 1)
	go func() { ended <- serveUntil(ctx, ln, site.HTTP(slow, nil)) }()
	go func() {
		res, err := http.Get("http://" + ln.Addr().String())
		if err != nil {
			answered <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		answered <- string(body)
	}()
	<-asked
	cancel()
	for {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			break
		}
		conn.Close()
	}
	close(more)
	if got := <-answered; got != "all of it" {
		t.Errorf("answered %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// What the feeds of sources and tags show beyond the channels is translated without being asked for,
// and requests buy nothing.
func TestServeTranslatesSourceFeeds(t *testing.T) {
	t.Parallel()
	dir, libre := t.TempDir(), enginetest.NewLibre(t)
	srv := httptest.NewServer(&origin{dir: filepath.Join("demo", "samples")})
	t.Cleanup(srv.Close)
	file := filepath.Join(dir, "nashra.yaml")
	text := fmt.Sprintf("store: %q\npublish: {dir: %q}\nfetch: {allow_private: true}\ntranslate: {engines: [libre]}\n"+
		"engines: {libre: {type: libretranslate, url: %q, key: %q}}\nchannels: [{id: feed, limit: 1}]\n"+
		"sources: [{id: souq, url: %q, tags: [phones]}]\n", filepath.Join(dir, "nashra.db"),
		filepath.Join(dir, "public"), libre.URL, libre.Key, srv.URL+"/souqphone-windows1256.xml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := configReader().Read(file)
	if err != nil {
		t.Fatal(err)
	}
	public, own, end := serving(t, cfg)
	defer end()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		st, err := store.Open(t.Context(), cfg.Store)
		if err != nil {
			t.Fatal(err)
		}
		list, err := st.List(t.Context(), feeds.Query{Limit: 100})
		st.Close()
		if err != nil {
			t.Fatal(err)
		}
		open := slices.DeleteFunc(slices.Clone(list), func(l feeds.Listed) bool {
			return l.State == feeds.Done || l.State == feeds.Partial
		})
		if len(list) > 0 && len(open) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not translated: %+v", open)
		}
	}
	billed := int64(-1)
	for was := int64(0); was != billed; time.Sleep(time.Second) { // bodies follow headlines
		was, billed = billed, libre.Billed()
	}
	for _, path := range []string{"/sources/souq.json", "/tags/phones.json"} {
		n := -1
		for deadline := time.Now().Add(30 * time.Second); n != 5; time.Sleep(100 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %d stories are translated, want 5", path, n)
			}
			_, body := sitetest.Get(t, public+path) // the tag's is a file, written by the next publishing
			n = strings.Count(body, `"state": "done"`) + strings.Count(body, `"state": "partial"`)
		}
	}
	if _, body := sitetest.Get(t, own+"/status"); !strings.Contains(body, `"beyond_limit":4,`) {
		t.Errorf("status: %s", body)
	}
	if now := libre.Billed(); now != billed {
		t.Errorf("requests bought %d characters", now-billed)
	}
}
