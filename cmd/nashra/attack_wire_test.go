package main

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds/site/sitetest"
	"github.com/nashra/nashra/translate/enginetest"
	"github.com/nashra/nashra/translate/offline/synthetic"
)

// inside is a server in a private network, and the addresses that may lead to it.
type inside struct {
	visits    atomic.Int64
	addresses []string
}

func newInside(t *testing.T) *inside {
	in := &inside{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		in.visits.Add(1)
		fmt.Fprint(w, opening+entry(66, "<p>سر من الداخل</p>")+"</channel></rss>")
	}))
	t.Cleanup(srv.Close)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "127.1.2.3", "localhost", "localhost.", "[::1]", "[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]",
		"[2002:7f00:1::]", "[2001:0:7f00:1::]", "0.0.0.0", "[::]", "10.1.2.3", "172.16.0.1", "172.31.255.255",
		"192.168.1.1", "169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "[fe80::1%25lo]",
		"[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "100.64.0.1", "100.127.255.254", "192.0.0.8", "198.18.0.1",
		"224.0.0.1", "[ff02::1]", "240.0.0.1", "255.255.255.255",
		// numbers that some resolvers accept as addresses
		"2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "①②⑦.⓪.⓪.①"} {
		in.addresses = append(in.addresses, "http://"+host+":"+port+"/")
	}
	in.addresses = append(in.addresses, "file:///etc/passwd", "file://localhost/etc/passwd",
		"gopher://127.0.0.1:"+port+"/", "ftp://127.0.0.1:"+port+"/", "javascript:alert(1)", "data:text/xml,x",
		"unix:///run/x", "http://", "http:///x", "http://user:pass@127.0.0.1:"+port+"/",
		"http://8.8.8.8@127.0.0.1:"+port+"/", "http://127.0.0.1:"+port+"\\@8.8.8.8/")
	return in
}

// nashra runs the command with a config in a new folder, and returns its exit code and output.
func nashra(t *testing.T, config string, args ...string) (int, string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "nashra.yaml")
	text := fmt.Sprintf("store: %s/nashra.db\npublish: {dir: %s/public, url: https://news.example/%s", dir, dir, config)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	code := run(append(args, "-c", file), &out, &out)
	published := ""
	for _, name := range []string{"feed.ar.atom", "sources.opml"} {
		b, err := os.ReadFile(filepath.Join(dir, "public", name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		published += string(b)
	}
	return code, out.String() + published
}

// A source with a private address, in any notation, is not polled, and the reason is reported.
func TestNoSourceReachesInside(t *testing.T) {
	in := newInside(t)
	config := "}\ntranslate: {engines: []}\nsources:\n"
	asked := 0
	for n, address := range in.addresses {
		if code, _ := nashra(t, fmt.Sprintf("}\ntranslate: {engines: []}\nsources: [{id: s, url: %q}]\n", address),
			"config", "check"); code == 0 {
			config += fmt.Sprintf("  - {id: s%d, url: %q}\n", n, address)
			asked++
		}
	}
	code, said := nashra(t, config, "fetch")
	twins := strings.Count(said, "has the address of source ") // in another notation
	if code != exitFailed || strings.Count(said, "warning: source s") != asked-twins || asked < 25 ||
		strings.Contains(said, "سر من الداخل") {
		t.Errorf("%d sources, exit code %d: %s", asked, code, said)
	}
	if n := strings.Count(said, "fetch.allow_private would let it through"); n < 25 {
		t.Errorf("%d of %d were refused as private: %s", n, asked, said)
	}
	if n := in.visits.Load(); n != 0 {
		t.Errorf("%d requests came inside", n)
	}
	// control: with allow_private the address is polled
	if _, said := nashra(t, "}\nfetch: {allow_private: true}\ntranslate: {engines: []}\nsources: [{id: s, "+
		"url: "+in.addresses[0]+"}]\n", "fetch"); in.visits.Load() != 1 || !strings.Contains(said, "سر من الداخل") {
		t.Errorf("with fetch.allow_private: %s", said)
	}
}

// outside is a proxy that knows two public hosts, 8.8.8.8 and 8.8.4.4, whose answers lead to the
// private network.
type outside struct {
	*testing.T
	in    *inside
	mu    sync.Mutex
	asked map[string]int // by path
}

// times is how often a path of a host was requested.
func (o *outside) times(path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[path]
}

func (o *outside) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.asked[r.URL.Host+r.URL.Path]++
	o.mu.Unlock()
	if host := r.URL.Hostname(); host != "8.8.8.8" && host != "8.8.4.4" {
		o.Errorf("the proxy was asked for %s", r.URL)
	}
	var n int
	switch _, err := fmt.Sscanf(r.URL.Path, "/to/%d", &n); {
	case err == nil:
		w.Header().Set("Location", o.in.addresses[n])
		w.WriteHeader([]int{301, 302, 303, 307, 308}[n%5])
	case r.URL.Path == "/robots.txt" && r.URL.Host == "8.8.4.4":
		http.Redirect(w, r, o.in.addresses[0]+"robots.txt", http.StatusFound)
	case r.URL.Path == "/feed":
		fmt.Fprint(w, opening)
		for n, address := range o.in.addresses {
			for i, link := range []string{address, fmt.Sprintf("http://8.8.8.8/to/%d", n)} {
				fmt.Fprint(w, strings.Replace(entry(n*2+i, "<p>ملخص</p>"),
					fmt.Sprintf("https://news.example/%d<", n*2+i), link+"<", 1))
			}
		}
		fmt.Fprint(w, strings.Replace(entry(9999, "<p>ملخص</p>"), "https://news.example/9999", "http://8.8.4.4/article",
			1), "</channel></rss>")
	case r.URL.Path == "/map":
		fmt.Fprint(w, `<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`)
		for n, address := range o.in.addresses {
			fmt.Fprintf(w, "<url><loc>%s</loc><news:news><news:title>%s %d</news:title></news:news></url>",
				html.EscapeString(address), "خبر من خريطة", n)
		}
		fmt.Fprint(w, "</urlset>")
	case r.URL.Path == "/page":
		fmt.Fprint(w, "<html><head>")
		for _, address := range o.in.addresses {
			fmt.Fprintf(w, "<link rel=\"alternate\" type=\"application/rss+xml\" href=%q>", address)
		}
		fmt.Fprint(w, "</head></html>")
	default:
		http.NotFound(w, r)
	}
}

// Redirects, links of feeds and sitemaps to articles, robots.txt and discovered feeds that lead to the private network
// are not followed, through a proxy as without one.
func TestNothingLeadsInside(t *testing.T) {
	in := newInside(t)
	out := &outside{T: t, in: in, asked: map[string]int{}}
	proxy := httptest.NewServer(out)
	t.Cleanup(proxy.Close)
	guarded := fmt.Sprintf("}\nfetch: {proxy: %q, min_interval: 0s, per_host: 64}\ntranslate: {engines: []}\n",
		proxy.URL)
	redirects := guarded + "sources:\n"
	for n := range in.addresses {
		redirects += fmt.Sprintf("  - {id: s%d, url: http://8.8.8.8/to/%d}\n", n, n)
	}
	code, said := nashra(t, redirects, "fetch")
	if n := strings.Count(said, "warning: source s"); code != exitFailed || n != len(in.addresses) {
		t.Errorf("%d of %d redirects are warned of: %s", n, len(in.addresses), said)
	}
	code, said = nashra(t, guarded+"channels: [{id: feed, limit: 200}]\n"+
		"sources: [{id: s, url: http://8.8.8.8/feed, full_text: always}, "+
		"{id: m, url: http://8.8.8.8/map, full_text: always}]\n", "fetch")
	if !strings.Contains(said, "خبر من خريطة 0") {
		t.Errorf("the sitemap is not published: %s", said)
	}
	if code != 0 || !strings.Contains(said, "articles: 0 read in full; ") || out.times("8.8.4.4/robots.txt") != 1 ||
		out.times("8.8.4.4/article") != 0 {
		t.Errorf("articles: %s", said)
	}
	for _, verb := range []string{"check", "add"} {
		if code, said = nashra(t, guarded+"sources: []\n", "sources", verb, "http://8.8.8.8/page"); code == 0 {
			t.Errorf("sources %s: %s", verb, said)
		}
	}
	if n := in.visits.Load(); n != 0 || out.times("8.8.8.8/page") < 2 {
		t.Errorf("%d requests came inside; the page was asked for %d times", n, out.times("8.8.8.8/page"))
	}
}

// Addresses from the config may be private: engines, a hub, the models' registry. They may not
// redirect to other private ones.
func TestWhatIsConfiguredLeadsNowhereElse(t *testing.T) {
	in := newInside(t)
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, opening+entry(1, "<p>خبر</p>")+"</channel></rss>")
	}))
	t.Cleanup(source.Close)
	led := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, in.addresses[0], http.StatusTemporaryRedirect)
	}))
	t.Cleanup(led.Close)
	for _, private := range []bool{false, true} { // allow_private does not allow a hub's redirect
		config := fmt.Sprintf(", hub: %q}\nfetch: {allow_private: %v}\ntranslate: {engines: []}\nsources: [{id: s, "+
			"url: %q}]\n", led.URL+"/hub", private, source.URL)
		want := exitFailed // the only source is private
		if private {
			want = exitDone
		}
		if code, said := nashra(t, config, "fetch"); code != want || private && !strings.Contains(said, "refused") {
			t.Errorf("hub: %d %s", code, said)
		}
		for what, entry := range map[string]string{
			"google": `{type: google, url: %s, key: k}`, "deepl": `{type: deepl, url: %s, key: k}`,
			"azure": `{type: azure, url: %s, key: k, region: r}`,
			"libre": `{type: libretranslate, url: %s, key: k}`, "chat": `{type: chat, url: %s, key: k, model: m}`,
		} {
			config := fmt.Sprintf("}\nfetch: {allow_private: %v}\ntranslate: {engines: [e]}\nengines:\n  "+
				"e: "+entry+"\nsources: []\n", private, led.URL)
			if code, said := nashra(t, config, "engines", "check"); code == 0 {
				t.Errorf("%s: %s", what, said)
			}
		}
	}
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	models := enginetest.NewRegistry(t, synthetic.Speller())
	for what, change := range map[string]func(){
		"a redirect to a file": func() {
			models.Serve = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				http.Redirect(w, r, in.addresses[0], http.StatusFound)
				return true
			}
		},
		"files elsewhere": func() { models.URL = strings.TrimSuffix(in.addresses[0], "/") },
	} {
		mirror := models.Server.URL
		change()
		config := fmt.Sprintf("}\ntranslate: {engines: [offline]}\nengines:\n  offline: {type: offline, mirror: "+
			"%q}\nsources: []\n", mirror)
		if code, said := nashra(t, config, "model", "pull", "--trust"); code == 0 ||
			!strings.Contains(said, "refused") && !strings.Contains(said, "prohibited") {
			t.Errorf("%s: %d %s", what, code, said)
		}
		models.Serve, models.URL = nil, mirror
	}
	if n := in.visits.Load(); n != 0 {
		t.Errorf("%d requests came inside", n)
	}
}

// Malformed requests get an error or a closed connection, never an unpublished file or a list of a
// folder. Slow ones delay no other.
func TestOddRequests(t *testing.T) {
	dir := t.TempDir()
	cfg, err := runDemo(t.Context(), dir, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(cfg.Publish.Dir, ".htpasswd"), []byte("TOPSECRET"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret.html"), []byte("TOPSECRET"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "secret.html"),
		filepath.Join(cfg.Publish.Dir, "stories", "ffffffffffffffff.html")); err != nil {
		t.Fatal(err)
	}
	public, own, end := serving(t, cfg)
	const host = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	requests := map[string][]int{ // accepted statuses by request; none: no answer
		"GET /feed.atom" + host + "X: " + strings.Repeat("y", 64<<10) + "\r\n\r\n": {431},
		"GET /" + strings.Repeat("a", 64<<10) + host +
			"\r\n": {414, 431},
		"GET /feed.atom" + host + strings.Repeat("A: b\r\n", 20_000) + "\r\n": {431},
		"POST /" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n": {400,
			405},
		"POST /search" + host + "Content-Length: 9999999999\r\n\r\n": {405},
		"GET /feed.atom HTTP/9.9\r\nHost: x\r\n\r\n": {400,
			505},
		"GET /feed.atom HTTP/1.1\r\n\r\n":                       {400},
		"GET /feed.atom HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n": {400},
		"GET /feed\x00.atom" + host + "\r\n": {400,
			404},
		"GET  /feed.atom" + host + "\r\n": {400},
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 100) + "\r\n\r\n": {400},
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": {400,
			505, 405},
		"OPTIONS *" + host + "\r\n": {200,
			204, 405},
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "GETT",
		strings.Repeat("M", 5000)} {
		requests[method+" /feed.atom"+host+"\r\n"] = []int{405}
	}
	requests["CONNECT evil.example:443"+host+"\r\n"] = []int{404, 405}
	for _, path := range []string{"/../secret.html", "/stories/../../secret.html", "/..%2fsecret.html",
		"/%2e%2e/secret.html", "/stories/..%5c..%5csecret.html", "/..\\secret.html", "/....//secret.html",
		"/.htpasswd", "/%2ehtpasswd", "/stories/ffffffffffffffff.html", "/nashra.db", "/../nashra.db", "/stories",
		"/stories/", "/.", "/..", "//", "//evil.example/..", "/\\evil.example", "///feed.atom",
		"/feed.atom/", "/feed.atom/../.htpasswd", "/FEED.ATOM", "/feed.atom;x", "/feed.atom%00", "/feed.atom%0d%0aX:y",
		"/%ff%fe", "/stories/%252e%252e/secret.html", "/con", "/index.html::$DATA",
		"http://evil.example/feed.txt", "file:///etc/passwd"} {
		requests["GET "+path+host+"\r\n"] = []int{400, 404, 503} // 503: a link to a file that is not published
	}
	for request, want := range requests {
		c, err := net.Dial("tcp", strings.TrimPrefix(public, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, request) // the server may close before it has read everything
		answer, err := io.ReadAll(c)
		c.Close()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%.60q: the connection stays open", request)
		}
		var code int
		_, _ = fmt.Sscanf(string(answer), "HTTP/1.1 %d", &code)
		if !slices.Contains(want, code) {
			t.Errorf("%.60q: %d, want %v: %.200q", request, code, want, answer)
		}
		if text := string(answer); strings.Contains(text, "TOPSECRET") || strings.Contains(text, "SQLite format") ||
			strings.Contains(text, "Location:") || strings.Contains(text, "<pre>") {
			t.Errorf("%.60q: %.300q", request, answer)
		}
		if code == http.StatusMethodNotAllowed && !strings.Contains(string(answer), "Allow: GET, HEAD\r\n") {
			t.Errorf("%.60q does not say what is allowed: %.300q", request, answer)
		}
	}
	for _, at := range []string{public + "/feed.atom", own + "/metrics"} {
		if code, _ := sitetest.Get(t, at); code != http.StatusOK {
			t.Errorf("%s after all that: %d", at, code)
		}
	}
	for _, path := range []string{"/../secret.html", "/debug/pprof/", "/nashra.db"} {
		if code, text := sitetest.Get(t, own+path); code == http.StatusOK || strings.Contains(text, "TOPSECRET") {
			t.Errorf("%s for the operator: %d", path, code)
		}
	}
	if log := end(); strings.Contains(log, "panic") {
		t.Error(log)
	}
}
