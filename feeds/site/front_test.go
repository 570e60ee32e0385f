package site

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// server is what Front and http.Server both are.
type server interface {
	Serve(ln net.Listener) error
	Close() error
}

// serving has srv serve at an address of ours until the test ends.
func serving(t testing.TB, srv server) net.Listener {
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
	return ln
}

// both are h behind a Front and behind net/http alone, with one answering as the other is to.
func both(t testing.TB, h http.Handler) (ours, theirs net.Listener) {
	front := HTTP(h, nil)
	alone := HTTP(h, nil)
	return serving(t, front), serving(t, &alone.Server)
}

// goodbye has a server close the connection, once it has answered all: where a client ends it, net/http stops what it is at for it.
const goodbye = "GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

// exchange sends what is said, each piece once the one before had time to come by itself, and returns the lines of all that comes back
// but Date, in order: a server may send its headers as it likes.
func exchange(t testing.TB, ln net.Listener, said ...string) []string {
	t.Helper()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	for i, s := range said {
		if i > 0 {
			time.Sleep(time.Millisecond)
		}
		if _, err := io.WriteString(c, s); err != nil { // refused already
			break
		}
	}
	if said[len(said)-1] != goodbye {
		_ = c.(*net.TCPConn).CloseWrite()
	}
	answer, err := io.ReadAll(c)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("the answer does not end: %.300q", answer)
	}
	lines := strings.Split(string(answer), "\r\n")
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Date: ") })
	slices.Sort(lines)
	return lines
}

// Whatever is asked is answered as net/http alone answers, one request at a time and in a pipeline.
func TestFrontAnswersAsNetHTTP(t *testing.T) {
	s, _ := published(t, nil)
	names := []string{"", "nashra", "feed.atom", "feed.en.rss", "feed.ar.json", "search?q=x", "none"}
	for i, size := range []int{0, 1, 4096, 200 << 10, 3 << 20} {
		names = append(names, fmt.Sprintf("stories/%016x.html", i))
		if err := os.WriteFile(filepath.Join(s.Dir, names[len(names)-1]), bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var requests []string
	for _, name := range names {
		for _, header := range []string{"", "Accept-Encoding: gzip\r\n", "If-None-Match: *\r\n", "Range: bytes=0-9999\r\n", "Range: bytes=0-1,5-9\r\n", "Connection: keep-alive\r\n"} {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				requests = append(requests, fmt.Sprintf("%s /%s HTTP/1.1\r\nHost: x\r\n%s\r\n", method, name, header))
			}
		}
	}
	ours, theirs := both(t, s)
	boundary := func(lines []string) []string { // of parts of a range, which is drawn
		return slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "--") || strings.Contains(l, "boundary=") })
	}
	for _, said := range append([][]string{requests, {strings.Join(requests, "")}}, slices.Collect(slices.Chunk(requests, 1))...) {
		said = append(said, goodbye)
		got, want := boundary(exchange(t, ours, said...)), boundary(exchange(t, theirs, said...))
		if !slices.Equal(got, want) || len(want) < 3 {
			t.Errorf("%d requests, %.60q: %d lines, net/http has %d", len(said), said[0], len(got), len(want))
		}
	}
}

// echo answers with all that a handler can know of a request.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "text/plain")
	for _, k := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(w, "%s=%q\r\n", k, r.Header[k])
	}
	fmt.Fprintf(w, "%s %q %q %q %q %v %v %q %v", r.Method, r.RequestURI, r.URL, r.Proto, r.Host, r.ContentLength, r.TransferEncoding, body, err)
})

// odd requests: those that Front knows, and such as are nearly so.
var oddRequests = []string{
	"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET /a?b=c#d HTTP/1.1\r\nhost: x:80\r\nAccept-Encoding: gzip\r\nAccept-Encoding: br\r\n\r\n",
	"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET // HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET / HTTP/1.0\r\nHost: x\r\n\r\n",
	"GET / HTTP/1.2\r\nHost: x\r\n\r\n",
	"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
	"GET / HTTP/1.1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost:\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x/y\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade, keep-alive\r\nUpgrade: h2c\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
	"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nTrailer: A\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nA: ي\r\n\r\n",
	"GET / HTTP/1.1\nHost: x\n\nGET / HTTP/1.1\r\nHost: y\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\n\n\r\n\r\n",
	"GET / HTTP/1.1\r\n\r\n\r\n\r\n",
	"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
	"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
	"get / HTTP/1.1\r\nHost: x\r\n\r\n",
	"GET /\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("y", 4<<10) + "\r\n\r\n",
	"\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
	"\r\n\r\n",
	"",
}

func TestFrontReadsAsNetHTTP(t *testing.T) {
	ours, theirs := both(t, echo)
	last := "HEAD /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	for _, odd := range oddRequests {
		for _, said := range [][]string{{odd}, {odd, last}, {odd + last}, {oddRequests[0], odd, last}} {
			if got, want := exchange(t, ours, said...), exchange(t, theirs, said...); !slices.Equal(got, want) {
				t.Errorf("%q: answered\n%.500q, by net/http\n%.500q", said, got, want)
			}
		}
	}
}

func FuzzFront(f *testing.F) {
	for _, odd := range oddRequests {
		f.Add(odd, oddRequests[0])
	}
	f.Add(oddRequests[0], "G")
	ours, theirs := both(f, echo)
	f.Fuzz(func(t *testing.T, first, second string) {
		if got, want := exchange(t, ours, first, second), exchange(t, theirs, first, second); !slices.Equal(got, want) {
			t.Errorf("%q, %q: answered\n%.500q, by net/http\n%.500q", first, second, got, want)
		}
	})
}

// An answer of another length than was told, and one that a panic cuts, are the last on their connection.
func TestFrontEndsWhatIsCut(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"nothing":      func(http.ResponseWriter, *http.Request) {},
		"of no length": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "some"); io.WriteString(w, "thing") },
		"not modified": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotModified)
			io.WriteString(w, "x")
		},
		"two statuses": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			w.WriteHeader(http.StatusOK)
		},
		"too long": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1")
			io.WriteString(w, "ab")
		},
		"too short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, "ab")
		},
		"in two writes": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "4")
			io.WriteString(w, "ab")
			io.WriteString(w, "cd")
		},
		"abort": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x"); panic(http.ErrAbortHandler) },
		"two lines": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("A", "b\r\nC: d")
			w.Header().Set("Content-Length", "0")
		},
	} {
		quiet := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Content-Type"] = []string{"text/plain"}
			h(w, r)
		})
		ours, theirs := both(t, quiet)
		got, want := exchange(t, ours, oddRequests[0], oddRequests[0]), exchange(t, theirs, oddRequests[0], oddRequests[0])
		if name == "too long" { // net/http sends none of it, and no header either
			want = got
			if n := len(got); n > 1 {
				t.Errorf("%s: %q", name, got)
			}
		}
		if name == "not modified" { // net/http takes away what describes no body
			got = slices.DeleteFunc(got, func(l string) bool { return l == "Content-Type: text/plain" })
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: answered %q, by net/http %q", name, got, want)
		}
	}
}

// At the end what is being answered is answered whole, who waits is let go at once, and nobody is attended to any more.
func TestFrontShutsDown(t *testing.T) {
	var asked atomic.Int32
	release := make(chan struct{})
	front := HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1); r.URL.Path == "/slow" {
			<-release
		}
		io.WriteString(w, "answer")
	}), slog.New(slog.DiscardHandler))
	ln := serving(t, front)
	open := func(request string) (net.Conn, *bufio.Reader) {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(20 * time.Second))
		io.WriteString(c, request)
		return c, bufio.NewReader(c)
	}
	_, silent := open("")
	_, waiting := open("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if res, err := http.ReadResponse(waiting, nil); err != nil {
		t.Fatal(err)
	} else {
		io.Copy(io.Discard, res.Body)
	}
	_, slow := open("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
	for asked.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	ended := make(chan error)
	go func() { ended <- front.Shutdown(context.Background()) }()
	for name, r := range map[string]*bufio.Reader{"silent": silent, "waiting": waiting} {
		if b, err := r.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: read %q, %v", name, b, err)
		}
	}
	select {
	case err := <-ended:
		t.Fatalf("ended before the answer: %v", err)
	default:
	}
	close(release)
	if answer, err := io.ReadAll(slow); err != nil || !bytes.HasSuffix(answer, []byte("answer")) {
		t.Errorf("%q, %v", answer, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("tcp", ln.Addr().String()); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}
