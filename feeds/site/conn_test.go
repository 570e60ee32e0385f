package site

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// serving serves h at an address of ours until the test ends.
func serving(t *testing.T, h http.Handler) net.Listener {
	t.Helper()
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := HTTP(h, nil)
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	return ln
}

// exchange sends request over one connection and returns all that comes until the server closes it, without the clock's line.
func exchange(t *testing.T, ln net.Listener, request string) []byte {
	t.Helper()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("the answer does not end: %d bytes", len(answer))
	}
	return regexp.MustCompile(`(?m)^Date: .*\r\n`).ReplaceAll(answer, nil)
}

const lastRequest = "GET /feed.atom HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

// Many requests on a connection are answered with the bytes that net/http alone sends.
func TestConnSendsTheSameBytes(t *testing.T) {
	s, _ := published(t, nil)
	names := []string{"feed.atom", "feed.en.rss", "feed.ar.json"}
	for i, size := range []int{0, 1, 2047, 2048, 2049, 3500, 4096, joined - 1, joined, joined + 1, 200 << 10, 3 << 20} {
		names = append(names, fmt.Sprintf("stories/%016x.html", i))
		if err := os.WriteFile(filepath.Join(s.Dir, names[len(names)-1]), bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var request strings.Builder
	for _, name := range names {
		for _, header := range []string{"", "Accept-Encoding: gzip\r\n", "If-None-Match: *\r\n", "Range: bytes=0-9999\r\n", "X: " + strings.Repeat("y", 9000) + "\r\n"} {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				fmt.Fprintf(&request, "%s /%s HTTP/1.1\r\nHost: x\r\n%s\r\n", method, name, header)
			}
		}
	}
	request.WriteString(lastRequest)
	theirs, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := HTTP(s, nil)
	go srv.Serve(theirs)
	defer srv.Close()
	got, want := exchange(t, serving(t, s), request.String()), exchange(t, theirs, request.String())
	if answers := bytes.Count(want, []byte("HTTP/1.1 ")); answers != 15*len(names)+1 || !bytes.Equal(got, want) {
		t.Errorf("%d answers; %d bytes, net/http alone sends %d", answers, len(got), len(want))
	}
}

// oddly writes something else than what it is told to.
type oddly struct {
	http.ResponseWriter
	write func(w http.ResponseWriter, body []byte)
}

func (o oddly) Write(body []byte) (int, error) {
	o.write(o.ResponseWriter, body)
	return len(body), nil
}

// Nothing waits for a write that does not come: it goes out as it would have, and the next answer on the connection has nothing of it.
func TestConnKeepsNothing(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 4<<10)
	for name, write := range map[string]func(w http.ResponseWriter, body []byte){
		"nothing":          func(http.ResponseWriter, []byte) {},
		"a little":         func(w http.ResponseWriter, body []byte) { w.Write(body[:10]) },
		"one write":        func(w http.ResponseWriter, body []byte) { w.Write(body[:5<<10]) },
		"three writes":     func(w http.ResponseWriter, body []byte) { w.Write(body[:9<<10]); w.Write(body[:9<<10]) },
		"flushed":          func(w http.ResponseWriter, body []byte) { w.Write(body[:10]); w.(http.Flusher).Flush() },
		"no body":          func(w http.ResponseWriter, body []byte) { w.WriteHeader(http.StatusNotModified); w.Write(body) },
		"more than stated": func(w http.ResponseWriter, body []byte) { w.Header().Set("Content-Length", "5"); w.Write(body) },
	} {
		handler := func(direct bool) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if direct {
					write(w, body)
				} else {
					writeBody(oddly{w, write}, r, body)
				}
			})
		}
		request := strings.Repeat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 3) + lastRequest
		got, want := exchange(t, serving(t, handler(false)), request), exchange(t, serving(t, handler(true)), request)
		if !bytes.Equal(got, want) || len(got) == 0 {
			t.Errorf("%s: %d bytes, written directly %d\n%.300s", name, len(got), len(want), got)
		}
	}
	ln := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeBody(oddly{w, func(w http.ResponseWriter, body []byte) { w.Write(body); panic(http.ErrAbortHandler) }}, r, body)
	}))
	if got := exchange(t, ln, lastRequest+lastRequest); bytes.Count(got, []byte("HTTP/1.1 ")) != 1 {
		t.Errorf("after a panic: %.300q", got)
	}
}

// A connection that is not ours serves all the same.
func TestConnBehindTLS(t *testing.T) {
	s, _ := published(t, nil)
	theirs := httptest.NewUnstartedServer(s)
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	theirs.Listener.Close()
	theirs.Listener, theirs.Config.ConnContext = ln, withConn
	theirs.StartTLS()
	defer theirs.Close()
	for range 3 {
		res, err := theirs.Client().Get(theirs.URL + "/feed.atom")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		res.Body.Close()
		if want := ask(s, "GET", "/feed.atom").Body.Bytes(); err != nil || res.TLS.Version < tls.VersionTLS12 || !bytes.Equal(got, want) {
			t.Errorf("%d bytes, %v; want %d", len(got), err, len(want))
		}
	}
}
