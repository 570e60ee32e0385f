package fetch

import (
	"bufio"
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// greeter is a server that speaks first, as mail servers do. It returns its address.
func greeter(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "220 hello\r\n")
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// tunnels is an HTTP proxy that connects to other servers for a user with a password.
func tunnels(w http.ResponseWriter, r *http.Request) {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("user:hush"))
	if r.Method != http.MethodConnect || r.Header.Get("Proxy-Authorization") != want {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	there, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer there.Close()
	greeting, _ := io.ReadAll(there)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	// in one write: the greeting must not be lost with the header
	conn.Write(append([]byte("HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n"), greeting...))
}

// socks is a SOCKS5 proxy (RFC 1928) without authentication.
func socks(t *testing.T, conn net.Conn) {
	defer conn.Close()
	b := make([]byte, 300)
	io.ReadFull(conn, b[:2])
	io.ReadFull(conn, b[:b[1]])
	conn.Write([]byte{5, 0})
	io.ReadFull(conn, b[:4])
	size, host := 4, ""
	if b[3] == 3 {
		io.ReadFull(conn, b[:1])
		size = int(b[0])
	}
	kind := b[3]
	io.ReadFull(conn, b[:size])
	if host = string(b[:size]); kind == 1 {
		host = net.IP(b[:4]).String()
	}
	io.ReadFull(conn, b[:2])
	there, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(int(b[0])<<8|int(b[1]))))
	if err != nil {
		t.Error(err)
		return
	}
	defer there.Close()
	conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	io.Copy(conn, there)
}

func TestDialGoesThroughTheProxy(t *testing.T) {
	to := greeter(t)
	srv := httptest.NewServer(http.HandlerFunc(tunnels))
	defer srv.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go socks(t, conn)
		}
	}()
	host := strings.TrimPrefix(srv.URL, "http://")
	for proxy, wrong := range map[string]string{
		"":                                   "",
		"http://user:hush@" + host:           "",
		"http://user:other@" + host:          "fetch.proxy: it refuses to connect to " + to + ": status 407",
		"socks5://" + l.Addr().String():      "",
		"http://127.0.0.1:1":                 "fetch.proxy: dial tcp 127.0.0.1:1: connect: connection refused",
		"http://" + to:                       "fetch.proxy: ",
		"https://" + host + "/not-encrypted": "fetch.proxy: tls: first record does not look like a TLS handshake",
	} {
		c, err := New(Options{Proxy: proxy})
		if err != nil {
			t.Fatal(err)
		}
		conn, err := c.Dial(t.Context(), to)
		if wrong != "" {
			if err == nil || !strings.HasPrefix(err.Error(), wrong) {
				t.Errorf("%s: %v", proxy, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", proxy, err)
			continue
		}
		line, err := bufio.NewReader(conn).ReadString('\n')
		if line != "220 hello\r\n" {
			t.Errorf("%s: %q, %v", proxy, line, err)
		}
		conn.Close()
	}
}

// TestDialWaitsNotForEver cancels while a proxy says nothing.
func TestDialWaitsNotForEver(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := New(Options{Proxy: "http://" + l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := c.Dial(ctx, "mail.example:25"); err == nil || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
}

// TestNotifierReachesPrivateAddresses has the client of targets ask a private host, and the proxy.
func TestNotifierReachesPrivateAddresses(t *testing.T) {
	asked := ""
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = r.URL.String() }))
	defer srv.Close()
	for proxy, address := range map[string]string{"": srv.URL + "/hook", srv.URL: "http://far.invalid/hook"} {
		c, err := New(Options{Proxy: proxy})
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.Notifier().Get(address)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		c.CloseIdle()
		if u, err := url.Parse(asked); err != nil || u.Path != "/hook" || (proxy == "") != (u.Host == "") {
			t.Errorf("proxy %q was asked for %q", proxy, asked)
		}
	}
}
