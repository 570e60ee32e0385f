package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"code.dny.dev/ssrf"
	"github.com/nashra/nashra/feeds"
	"golang.org/x/net/dns/dnsmessage"
)

func TestPrivateAddressesAreRefused(t *testing.T) {
	c, err := New(Options{Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdle()
	address := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("was asked") })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	for _, host := range []string{
		"127.0.0.1", "127.1.2.3", "localhost", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
		"0.0.0.0", "192.0.0.8", "198.18.0.1", "224.0.0.1", "255.255.255.255",
		"[::]", "[::1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]",
		"[2001:0:7f00:1::]", "[2002:7f00:1::]", "[fc00::1]", "[fd00::1]", "[fe80::1]", "[fec0::1]",
	} {
		_, err := get(t, c, "http://"+host+":"+port+"/")
		if !errors.Is(err, ssrf.ErrProhibitedIP) || !strings.Contains(err.Error(), "fetch.allow_private") {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, bad := range []string{
		"file:///etc/passwd", "gopher://x/", "ftp://x/", "http://", "/feed", "http://[oops", "javascript:alert(1)",
	} {
		if _, err := get(t, c, bad); err == nil {
			t.Errorf("%s was fetched", bad)
		}
	}
}

func TestRedirectToPrivateAddressIsRefused(t *testing.T) {
	var target string
	address := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) })
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	// the guard takes the server's one address for a public one
	loopback := netip.MustParsePrefix("127.0.0.1/32")
	c.transport = newTransport(ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(loopback)))
	defer c.CloseIdle()
	for _, target = range []string{
		"http://127.0.0.2/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://10.0.0.1/",
		"//192.168.0.1/",
	} {
		if _, err := get(t, c, address); !errors.Is(err, ssrf.ErrProhibitedIP) {
			t.Errorf("to %s: %v", target, err)
		}
		_, free, err := c.Page(t.Context(), address, nil, feeds.Validators{}, nil, nil)
		if free(); !errors.Is(err, ssrf.ErrProhibitedIP) {
			t.Errorf("a page, to %s: %v", target, err)
		}
	}
}

// The name server gives a public address first, and a private one afterwards.
func TestRebindingIsRefused(t *testing.T) {
	names, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var inside atomic.Bool
	served := make(chan struct{})
	go func() {
		defer close(served)
		for buf := make([]byte, 1500); ; {
			n, from, err := names.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if q.Type == dnsmessage.TypeA {
				a := dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}
				if inside.Load() {
					a.A[3] = 2
				}
				head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
				m.Answers = []dnsmessage.Resource{{Header: head, Body: &a}}
			}
			if answer, err := m.Pack(); err == nil {
				_, _ = names.WriteTo(answer, from)
			}
		}
	}()
	usual := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", names.LocalAddr().String())
	}}
	defer func() { net.DefaultResolver = usual; names.Close(); <-served }()
	var asked atomic.Int64
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); fmt.Fprint(w, doc) })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	// the guard takes the server's one address for a public one
	c.guard = ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(netip.MustParsePrefix("127.0.0.1/32")))
	c.transport = newTransport(c.guard)
	defer c.CloseIdle()
	for range 2 {
		if _, err := get(t, c, "http://rebound.example:"+port+"/"); err != nil {
			t.Fatal(err)
		}
	}
	inside.Store(true)
	c.CloseIdle()
	if _, err := get(t, c, "http://rebound.example:"+port+"/"); !errors.Is(err, ssrf.ErrProhibitedIP) {
		t.Errorf("%v", err)
	}
	c.proxy = &url.URL{} // the proxy would resolve the name again, so it must not be asked
	if _, err := get(t, c, "http://rebound.example:"+port+"/"); !errors.Is(err, ssrf.ErrProhibitedIP) {
		t.Errorf("by proxy: %v", err)
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

func TestProxy(t *testing.T) {
	var asked []string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		fmt.Fprint(w, doc)
	})
	c, err := New(Options{Proxy: proxy})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdle()
	if d, err := get(t, c, "http://8.8.8.8/feed"); err != nil || string(d.Body) != doc {
		t.Errorf("by proxy: %+v, %v", d, err)
	}
	for _, private := range []string{
		"http://127.0.0.1/", "http://localhost/", "http://10.0.0.1/", "http://[::1]/", "http://no-such-name.invalid/",
	} {
		if _, err := get(t, c, private); err == nil {
			t.Errorf("%s was asked for", private)
		}
	}
	if len(asked) != 1 || asked[0] != "http://8.8.8.8/feed" {
		t.Errorf("the proxy was asked for %q", asked)
	}
	for _, bad := range []string{"ftp://user:secret@x", "http://user:secret@%zz", "http:///x"} {
		if _, err := New(Options{Proxy: bad}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := New(Options{UserAgent: "a\r\nX: y"}); err == nil {
		t.Error("a contact with a line break was taken")
	}
}

func TestEngineMayBePrivateAndNothingElse(t *testing.T) {
	other := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("another private host was asked") })
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/inside":
			http.Redirect(w, r, "/ok", http.StatusTemporaryRedirect)
		case "/outside":
			http.Redirect(w, r, other, http.StatusTemporaryRedirect)
		case "/public":
			http.Redirect(w, r, "https://example.org/", http.StatusTemporaryRedirect)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		default:
			fmt.Fprint(w, "ok")
		}
	})
	t.Setenv("HTTP_PROXY", other)
	c, err := New(Options{Proxy: other})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdle()
	hc, err := c.Engine(base + "/v1")
	if err != nil {
		t.Fatal(err)
	}
	for path, refused := range map[string]string{
		"/ok": "", "/inside": "", "/outside": "away", "/public": "away", "/loop": "redirects",
	} {
		resp, err := hc.Post(base+path, "text/plain", strings.NewReader("نص"))
		if err == nil {
			resp.Body.Close()
		}
		if refused == "" && err != nil || refused != "" && (err == nil || !strings.Contains(err.Error(), refused)) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := hc.Get(other); !errors.Is(err, ssrf.ErrProhibitedIP) {
		t.Errorf("another private host: %v", err)
	}
	for _, bad := range []string{"", "localhost:5000", "file:///x", "http://"} {
		if _, err := c.Engine(bad); err == nil {
			t.Errorf("%q was taken for an address", bad)
		}
	}
}
