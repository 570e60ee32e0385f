package site

import (
	"bytes"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestServerWantsTheToken(t *testing.T) {
	var log bytes.Buffer
	s, _ := published(t, func(o *Options) {
		o.Token = "s3cret"
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	basic := func(password string) []string {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth("anyone", password)
		return []string{"Authorization", r.Header.Get("Authorization")}
	}
	for _, c := range []struct {
		target string
		header []string
		status int
	}{
		{"/feed.atom", nil, 401}, {"/", nil, 401}, {"/nothing", nil, 401}, {"/search?q=x", nil, 401},
		{"/feed.atom?t=", nil, 401}, {"/feed.atom?t=wrong", nil, 401}, {"/feed.atom", basic("wrong"), 401},
		{"/feed.atom?t=s3cret", nil, 200}, {"/feed.atom", basic("s3cret"), 200}, {"/search?q=x&t=s3cret", nil, 200},
		{"/nothing?t=s3cret", nil, 404}, {"/feed.atom", []string{"Cookie", "nashra=s3cret"}, 401},
	} {
		w := ask(s, "GET", c.target, c.header...)
		leaks := w.Header().Get("WWW-Authenticate") == "" || strings.Contains(w.Body.String(), "DeepSeek")
		if w.Code != c.status || c.status == 401 && leaks {
			t.Errorf("%s: %d %v", c.target, w.Code, w.Header())
		}
		if w.Code == 200 && strings.Contains(w.Header().Get("Cache-Control"), "public") {
			t.Errorf("%s: %s", c.target, w.Header().Get("Cache-Control"))
		}
	}
	if said := log.String(); strings.Contains(said, "s3cret") || strings.Contains(said, "q=") ||
		!strings.Contains(said, "status=401") {
		t.Errorf("the log:\n%s", said)
	}
}

// A page that is opened with ?t= sets a cookie, which opens the others. Only the links to subscribe
// carry the token, in the page's head and in its body; no feed does.
func TestAPrivatePageLetsABrowserGoOn(t *testing.T) {
	const token, asked = "kéy & \"more\"", "?t=k%C3%A9y+%26+%22more%22"
	s, _ := published(t, func(o *Options) {
		o.Token = token
		o.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // where httptest's requests come from
	})
	cookie := func(target string, header ...string) *http.Cookie {
		t.Helper()
		list := ask(s, "GET", target, header...).Result().Cookies()
		if len(list) == 0 {
			return nil
		}
		return list[0]
	}
	c := cookie("/" + asked)
	if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Secure ||
		strings.Contains(c.Value, "key") || c.MaxAge <= 0 {
		t.Fatalf("the cookie: %v", c)
	}
	c2 := cookie("/nashra/days/2025-01-26.html"+asked, "X-Forwarded-Proto", "https")
	if c2 == nil || !c2.Secure || c2.Path != "/nashra/" {
		t.Errorf("by https, below a path: %v", c2)
	}
	if c := cookie("/feed.atom" + asked); c != nil {
		t.Errorf("a feed sets a cookie: %v", c)
	}
	if c := cookie("/?t=wrong"); c != nil {
		t.Errorf("a wrong token sets a cookie: %v", c)
	}
	subscribe := regexp.MustCompile(`<link rel="alternate" type=[^>]* href="([^"]*)"|<a href="([^"]*)" type=`)
	for _, path := range []string{"/", "/index.html", "/days/2025-01-26.html", "/stories/00000000000000a1.html",
		"/search?q=DeepSeek", "/feed.atom", "/feed.en.rss", "/feed.ar.json", "/sources/tiqani.atom", "/sources.opml"} {
		w := ask(s, "GET", path, "Cookie", c.Name+"="+c.Value)
		if w.Code != 200 {
			t.Errorf("%s with the cookie: %d", path, w.Code)
		}
		body := html.UnescapeString(w.Body.String())
		for _, m := range subscribe.FindAllStringSubmatch(body, -1) {
			if link := html.UnescapeString(m[1] + m[2]); !strings.HasSuffix(link, asked[1:]) {
				t.Errorf("%s: a link to subscribe to %s", path, link)
			}
		}
		want := 0
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			want = 18 // nine feeds, in the head and in the body
			if strings.Contains(path, "stories/") {
				want += 6 // two of the story, in the head and in both halves
			}
		}
		if n := strings.Count(body, asked[1:]); n != want || strings.Contains(body, token) {
			t.Errorf("%s has the token %d times, want %d", path, n, want)
		}
	}
}

// Thirty wrong tokens in a row from one client are answered with 429 after the tenth, whatever the
// client writes in X-Forwarded-For. The right one is answered all the time, also to that client.
func TestWrongTokensAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewServer(Options{Token: "s3cret", Dir: t.TempDir(), Reader: &library{stories: shelf()}})
		from := func(address, target string, header ...string) int {
			r := httptest.NewRequest("GET", target, nil)
			r.RemoteAddr = address
			for i := 0; i < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code == 429 && (w.Header().Get("Retry-After") == "" || w.Header().Get("WWW-Authenticate") != "") {
				t.Errorf("429 with %v", w.Header())
			}
			return w.Code
		}
		tries := func(address func(i int) string) (got map[int]int) {
			got = map[int]int{}
			for i := range 30 {
				forged := fmt.Sprintf("198.51.100.%d", i)
				got[from(address(i), fmt.Sprintf("/feed.atom?t=%d", i), "X-Forwarded-For", forged)]++
			}
			return got
		}
		at := func(address string) func(int) string { return func(int) string { return address } }
		for _, c := range []struct {
			name    string
			address func(int) string
			refused int
		}{
			{"one client", at("203.0.113.9:1"), 20},
			{"one home", func(i int) string { return fmt.Sprintf("[2001:db8::%x]:1", i+1) }, 20},
			{"thirty clients", func(i int) string { return fmt.Sprintf("203.0.113.%d:1", 100+i) }, 0},
		} {
			if got := tries(c.address); got[429] != c.refused || got[401] != 30-c.refused {
				t.Errorf("%s: %v", c.name, got)
			}
		}
		if got := from("203.0.113.9:1", "/?t=wrong"); got != 429 {
			t.Errorf("one more: %d", got)
		}
		if got := from("203.0.113.9:1", "/"); got != 401 {
			t.Errorf("without a token: %d", got)
		}
		if got := from("203.0.113.9:1", "/?t=s3cret"); got != 200 {
			t.Errorf("the right one from there: %d", got)
		}
		if got := from("203.0.113.9:1", "/?t=wrong"); got != 401 {
			t.Errorf("wrong again after a right one: %d", got)
		}
		tries(at("203.0.113.9:1"))
		time.Sleep(2 * wrongLasts)
		if got := from("203.0.113.9:1", "/?t=wrong"); got != 401 {
			t.Errorf("wrong again two minutes later: %d", got)
		}
		for i := range maxClients + 10 {
			s.wrong.tooMany(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
		}
		if n := len(s.wrong.by); n > maxClients {
			t.Errorf("%d clients are counted", n)
		}
	})
}

// X-Forwarded-For counts only if a trusted proxy sent it, and of it only what that proxy wrote: the
// last address.
func TestFrom(t *testing.T) {
	s := NewServer(Options{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"),
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}})
	for _, c := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"203.0.113.9:1", nil, "203.0.113.9"},
		{"203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"},
		{"127.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"[::1]:1", []string{"evil, 2001:db8::1"}, "2001:db8::1"},
		{"10.0.0.1:1", []string{"198.51.100.1, 10.0.0.7"}, "10.0.0.7"}, // who is near may write what they like, too
		{"10.0.0.1:1", []string{"198.51.100.1", "203.0.113.9"}, "203.0.113.9"},
		{"10.0.0.1:1", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		{"10.0.0.1:1", []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		{"10.0.0.1:1", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"[::ffff:10.0.0.1]:1", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"[fe80::1%eth0]:1", []string{"203.0.113.9"}, "fe80::1"},
		{"10.0.0.1:1", []string{"not an address"}, "10.0.0.1"},
		{"10.0.0.1:1", []string{"203.0.113.9,"}, "10.0.0.1"},
		{"10.0.0.1:1", []string{""}, "10.0.0.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header["X-Forwarded-For"] = c.forwarded
		if got := s.from(r).String(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
