package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nashra/nashra/feeds"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const doc = "<rss><channel><title>نشرة</title></channel></rss>"

// client makes a Client that may ask the tests' servers on loopback.
func client(t *testing.T, o Options) *Client {
	t.Helper()
	o.AllowPrivate = true
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func get(t *testing.T, c *Client, address string) (feeds.Document, error) {
	t.Helper()
	return c.Get(t.Context(), address, nil, feeds.Validators{})
}

func TestFirstRequestIsBareAndTheSecondConditional(t *testing.T) {
	for name, v := range map[string]feeds.Validators{
		"both":            {ETag: `"abc"`, LastModified: "Tue, 24 Nov 2026 10:00:00 GMT"},
		"weak":            {ETag: `W/"abc--gzip"`},
		"no quotes":       {ETag: `abc`},
		"quotes inside":   {ETag: `"a\"b,"c"`},
		"letters":         {ETag: "\"\u0646\u0634\""},
		"odd date":        {LastModified: "Tue, 24-Nov-26 10:00 +0300"},
		"date in seconds": {LastModified: "1795514400"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []http.Header
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.Header.Clone())
				if v.ETag != "" {
					w.Header().Set("ETag", v.ETag)
				}
				if v.LastModified != "" {
					w.Header().Set("Last-Modified", v.LastModified)
				}
				if len(asked) > 1 {
					w.WriteHeader(http.StatusNotModified)
					return
				}
				fmt.Fprint(w, doc)
			})
			c := client(t, Options{Version: "1.2", UserAgent: "ops@example.org"})
			first, err := get(t, c, address)
			if err != nil || string(first.Body) != doc || first.Validators != v || first.Unchanged || first.Cut ||
				first.URL != address {
				t.Fatalf("first: %+v, %v", first, err)
			}
			second, err := c.Get(t.Context(), address, nil, first.Validators)
			if err != nil || !second.Unchanged || len(second.Body) != 0 || second.Validators != v {
				t.Fatalf("second: %+v, %v", second, err)
			}
			for _, h := range []string{"If-None-Match", "If-Modified-Since", "Cookie", "Referer"} {
				if asked[0].Get(h) != "" {
					t.Errorf("first request has %s: %s", h, asked[0].Get(h))
				}
			}
			etag, modified := asked[1].Get("If-None-Match"), asked[1].Get("If-Modified-Since")
			if got := (feeds.Validators{ETag: etag, LastModified: modified}); got != v || len(asked) != 2 {
				t.Errorf("%d requests; the second brought %+v, want %+v", len(asked), got, v)
			}
			want := "nashra/1.2 (+https://github.com/nashra/nashra; ops@example.org)"
			if ua := asked[0].Get("User-Agent"); ua != want {
				t.Errorf("User-Agent: %s", ua)
			}
		})
	}
}

// With a date from the future a server may report for ever that nothing changed, as with one that
// every document has.
func TestIncredibleValidatorsAreNotKept(t *testing.T) {
	const (
		date  = "Tue, 24 Nov 2026 10:00:00 GMT"
		ahead = "Sat, 16 Nov 2041 18:11:00 GMT"
		early = "Tue, 01 Jan 1980 00:00:01 GMT"
	)
	for _, tc := range []struct{ etag, modified, wantETag, wantModified string }{
		{`"a"`, ahead, `"a"`, ""},
		{`W/"` + ahead + `"`, ahead, "", ""}, // also the date as ETag
		{`"a"`, early, `"a"`, ""},
		{"", "Tue, 24 Nov 2026 11:00:00 GMT", "", ""}, // an hour after the answer's own date, whatever our clock says
		{`"a"`, "Tue, 24 Nov 2026 10:00:05 GMT", `"a"`, "Tue, 24 Nov 2026 10:00:05 GMT"}, // two machines' clocks
		{"", date, "", date},
	} {
		var asked http.Header
		address := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked = r.Header
			w.Header().Set("Date", date)
			w.Header().Set("ETag", tc.etag)
			w.Header().Set("Last-Modified", tc.modified)
			fmt.Fprint(w, doc)
		})
		got, err := get(t, client(t, Options{}), address)
		if want := (feeds.Validators{ETag: tc.wantETag, LastModified: tc.wantModified}); err != nil ||
			got.Validators != want {
			t.Errorf("%+v: kept %+v, %v", tc, got.Validators, err)
		}
		stored := feeds.Validators{ETag: `"` + ahead + `"`, LastModified: ahead} // by an earlier version
		if _, err := client(t, Options{}).Get(t.Context(), address, nil, stored); err != nil ||
			asked.Get("If-Modified-Since")+asked.Get("If-None-Match") != "" {
			t.Errorf("asked with %v, %v", asked, err)
		}
	}
}

func TestUnchangedUpdatesValidators(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"new"`)
		w.WriteHeader(http.StatusNotModified)
	})
	c := client(t, Options{})
	got, err := c.Get(t.Context(), address, nil, feeds.Validators{ETag: `"old"`, LastModified: "then"})
	if want := (feeds.Validators{ETag: `"new"`, LastModified: "then"}); err != nil || got.Validators != want {
		t.Errorf("%+v, %v; want %+v", got.Validators, err, want)
	}
	var status *StatusError
	if _, err := get(t, c, address); !errors.As(err, &status) || status.Code != http.StatusNotModified {
		t.Errorf("304 to an unconditional request: %v", err)
	}
}

func TestRedirects(t *testing.T) {
	var asked atomic.Int32
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Referer") != "" || r.Header.Get("Cookie") != "" {
			t.Errorf("%s asked with Referer %q, Cookie %q", r.URL, r.Header.Get("Referer"), r.Header.Get("Cookie"))
		}
		w.Header().Set("Set-Cookie", "a=b")
		var code, n int
		switch r.URL.Path {
		case "/feed":
			fmt.Fprint(w, doc)
			return
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusMovedPermanently)
		case "/file":
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		case "/nowhere":
			w.WriteHeader(http.StatusFound)
		case "/arabic":
			w.Header()["Location"] = []string{"/feed?q=أخبار التقنية"}
			w.WriteHeader(http.StatusFound)
		case "/repaired":
			w.Header()["Location"] = []string{"http:\\\\" + r.Host + "\\feed?q=a b%"}
			w.WriteHeader(http.StatusFound)
		case "/odd":
			w.Header()["Location"] = []string{"http://[oops/?key=secret"}
			w.WriteHeader(http.StatusFound)
		default: // /301/302: the statuses of the next responses
			if k, _ := fmt.Sscanf(r.URL.Path, "/hops/%d", &n); k == 1 {
				http.Redirect(w, r, fmt.Sprintf("/hops/%d", n+1), http.StatusFound)
				return
			}
			rest := r.URL.Path[4:]
			fmt.Sscanf(r.URL.Path[1:4], "%d", &code)
			if rest == "" {
				rest = "/feed"
			}
			http.Redirect(w, r, rest, code)
		}
	})
	c := client(t, Options{})
	for path, remembered := range map[string]string{
		"/feed": "/feed", "/301": "/feed", "/308/301": "/feed", "/302": "/302", "/303": "/303", "/307": "/307",
		"/301/302": "/302", "/301/302/301": "/302/301", "/302/301": "/302/301", "/arabic": "/arabic",
		"/repaired": "/repaired",
	} {
		d, err := get(t, c, base+path)
		if err != nil || d.URL != base+remembered || string(d.Body) != doc || !strings.HasPrefix(d.Base, base+"/feed") {
			t.Errorf("%s: remembered %s, base %s, %v; want %s", path, d.URL, d.Base, err, remembered)
		}
	}
	for path, says := range map[string]string{
		"/loop": "loop", "/hops/1": "more than 10", "/file": `scheme`, "/odd": "unreadable", "/nowhere": "302",
	} {
		asked.Store(0)
		_, err := get(t, c, base+path)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v; want an error on %s", path, err, says)
		}
		if class := Class(err); (class == "redirects") != (path == "/loop" || path == "/hops/1") {
			t.Errorf("%s: its class is %q", path, class)
		}
		if asked.Load() > maxRedirects+1 {
			t.Errorf("%s: %d requests", path, asked.Load())
		}
	}
}

func TestHeadersStayWithTheirOrigin(t *testing.T) {
	leaked := func(r *http.Request) string {
		return r.Header.Get("Authorization") + r.Header.Get("X-Key") + r.Header.Get("Cookie")
	}
	var back string
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if s := leaked(r); s != "" {
			t.Errorf("another host was given %q", s)
		}
		if r.URL.Path == "/back" {
			http.Redirect(w, r, back, http.StatusFound)
			return
		}
		fmt.Fprint(w, doc)
	})
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch user, password, _ := r.BasicAuth(); {
		case r.URL.Path == "/returned":
			if s := leaked(r); s != "" {
				t.Errorf("given again after another host sent us here: %q", s)
			}
		case user != "user" || password != "pa ss" || r.Header.Get("X-Key") != "k" || r.Header.Get("Cookie") != "c=1":
			t.Errorf("%s: %s %s %v", r.URL, user, password, r.Header)
		}
		switch r.URL.Path {
		case "/away", "/back":
			http.Redirect(w, r, other+r.URL.Path, http.StatusMovedPermanently)
		case "/here":
			http.Redirect(w, r, "/feed", http.StatusMovedPermanently)
		default:
			fmt.Fprint(w, doc)
		}
	})
	back = base + "/returned"
	c := client(t, Options{})
	h := http.Header{"X-Key": {"k"}, "cookie": {"c=1"}}
	own := strings.Replace(base, "://", "://user:pa%20ss@", 1)
	for path, remembered := range map[string]string{
		"/feed": own + "/feed", "/here": own + "/feed", "/away": own + "/away", "/back": own + "/back",
	} {
		d, err := c.Get(t.Context(), own+path, h, feeds.Validators{})
		if err != nil || d.URL != remembered || strings.Contains(d.Base, "@") {
			t.Errorf("%s: remembered %s, base %s, %v", path, d.URL, d.Base, err)
		}
	}
	if d, err := get(t, c, strings.Replace(other, "127.0.0.1", "localhost", 1)); err != nil || len(h) != 2 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestUpgradeKeepsTheOwner(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"http://x.org/f", "https://x.org/g", true},
		{"http://X.org/f", "http://x.org:80/g", true},
		{"https://x.org/f", "http://x.org/f", false}, // in the clear
		{"http://x.org:8080/f", "https://x.org/f", false},
		{"https://x.org/f", "https://x.org:8443/f", false},
		{"https://x.org/f", "https://evil.org/f", false},
		{"https://x.org/f", "https://x.org.evil.org/f", false},
	} {
		a, _ := url.Parse(tc.a)
		b, _ := url.Parse(tc.b)
		if got := sameOwner(a, b); got != tc.want {
			t.Errorf("%s to %s: %v", tc.a, tc.b, got)
		}
	}
}

func TestSecretsStayOutOfErrors(t *testing.T) {
	echoes := map[string]string{ // of a broken server that repeats what it received
		"/status": "%s",
		"/header": "HTTP/1.1 200 OK\r\n%s\r\n\r\n",
		"/code":   "HTTP/1.1 %s\r\n\r\n",
		"/length": "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
		"/chunks": "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
		"/404":    "HTTP/1.1 404 %s\r\n\r\n",
		"/close":  "%.0s",
		"/to":     "HTTP/1.1 302 Found\r\nLocation: %s://x\r\n\r\n",
	}
	echo := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, password, _ := r.BasicAuth()
		said := r.URL.RawQuery + password + r.Header.Get("X-Key")
		fmt.Fprintf(rw, echoes[r.URL.Path], said)
		rw.Flush()
	})
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	c := client(t, Options{})
	addresses := []string{closed.URL, "http://no-such-name.invalid/", "gopher://x/", "http://[oops/"}
	for path := range echoes {
		addresses = append(addresses, echo+path)
	}
	for _, base := range addresses {
		address := strings.Replace(base, "://", "://user:secret@", 1) + "?key=secret"
		_, err := c.Get(t.Context(), address, http.Header{"X-Key": {"secret"}}, feeds.Validators{})
		if err == nil || strings.Contains(err.Error(), "secret") || !strings.HasPrefix(err.Error(), "fetch ") {
			t.Errorf("%s: %v", base, err)
		}
	}
	_, err := c.Get(t.Context(), echo, http.Header{"X-Key": {"secret\n"}}, feeds.Validators{})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("bad header: %v", err)
	}
}

func TestHugeHeaderIsRefused(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 2*maxHeader))
	})
	if _, err := get(t, client(t, Options{}), address); err == nil {
		t.Error("was read")
	}
}

func TestStatusErrors(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var code int
		fmt.Sscanf(r.URL.Path, "/%d", &code)
		w.Header().Set("Retry-After", r.URL.Query().Get("after"))
		w.WriteHeader(code)
	})
	c := client(t, Options{})
	for _, code := range []int{204, 206, 400, 401, 403, 404, 410, 429, 500, 502, 503} {
		_, err := get(t, c, fmt.Sprintf("%s/%d?after=120", address, code))
		var status *StatusError
		if !errors.As(err, &status) || status.Code != code || status.RetryAfter != 2*time.Minute ||
			strings.Contains(err.Error(), "after=") {
			t.Errorf("%d: %v", code, err)
		}
	}
}
