package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// unreserved reports whether no body has a reservation.
func unreserved(c *Client) bool {
	return c.budget.shared.TryAcquire(maxInFlight-defaultMaxBody) && c.budget.single.TryAcquire(1)
}

// The time that a large body waits for its turn does not count as the server's.
func TestLargeBodiesGoOneByOneAndSmallOnesDoNotWait(t *testing.T) {
	const timeout = 1500 * time.Millisecond
	large, small := bytes.Repeat([]byte("x"), 3<<20), bytes.Repeat([]byte("y"), 300<<10)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/large" {
			w.Write(large)
			return
		}
		w.Write(small)
	})
	c := client(t, Options{Timeout: timeout, PerHost: 64})
	doc, free, err := c.Hold(t.Context(), address+"/large", nil, feeds.Validators{}, nil)
	if err != nil || len(doc.Body) != len(large) {
		t.Fatal(len(doc.Body), err)
	}
	var waiting, held atomic.Int32
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			waiting.Add(1)
			doc, free, err := c.Hold(t.Context(), address+"/large", nil, feeds.Validators{}, nil)
			waiting.Add(-1)
			if err != nil || doc.Cut || len(doc.Body) != len(large) {
				t.Errorf("%d bytes, cut by %q, %v", len(doc.Body), doc.CutBy, err)
			}
			if n := held.Add(1); n > 1 {
				t.Errorf("%d large bodies at once", n)
			}
			time.Sleep(20 * time.Millisecond)
			held.Add(-1)
			free()
		})
	}
	time.Sleep(timeout * 3 / 2) // longer than any of them may take
	for range 12 {
		wg.Go(func() {
			if doc, err := get(t, c, address+"/small"); err != nil || len(doc.Body) != len(small) {
				t.Errorf("beside large ones: %d bytes, %v", len(doc.Body), err)
			}
		})
	}
	time.Sleep(timeout / 2)
	if n := waiting.Load(); n != 5 {
		t.Errorf("%d of 5 wait", n)
	}
	free()
	wg.Wait()
	if !unreserved(c) {
		t.Error("memory is still reserved")
	}
}

func TestFailuresReleaseTheirMemory(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/cut":
			w.Header().Set("Content-Length", "3000000")
			w.Write(make([]byte, 2_000_000))
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(coded(t, "gzip", make([]byte, 20<<20)))
		case "/rubbish":
			w.Header().Set("Content-Encoding", "zstd")
			w.Write(make([]byte, 1<<20))
		case "/announced":
			w.Header().Set("Content-Length", "9000000000")
		case "/drip":
			for r.Context().Err() == nil {
				w.Write(make([]byte, 100_000))
				w.(http.Flusher).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		}
	})
	c := client(t, Options{Timeout: 300 * time.Millisecond})
	for range 3 {
		for _, path := range []string{"/cut", "/bomb", "/rubbish", "/announced", "/drip"} {
			_, _ = get(t, c, address+path)
		}
	}
	if !unreserved(c) || len(c.hosts.hosts) > 0 {
		t.Errorf("memory is still reserved, or one of the hosts %v", c.hosts.hosts)
	}
}

// The limit holds for redirects too, and a slow host delays no other.
func TestPerHostLimitsRequestsAtOnce(t *testing.T) {
	var now, most atomic.Int32
	target := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(100 * time.Millisecond)
		now.Add(-1)
		fmt.Fprint(w, doc)
	})
	c := client(t, Options{PerHost: 2, Timeout: 700 * time.Millisecond})
	var wg sync.WaitGroup
	for range 4 {
		from := httptest.NewServer(http.RedirectHandler(target, http.StatusFound))
		defer from.Close()
		for range 5 {
			wg.Go(func() {
				// 20 requests of 100 ms, two at a time, take longer than the timeout of each.
				if _, err := get(t, c, from.URL); err != nil {
					t.Error(err)
				}
			})
		}
	}
	fast := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, doc) })
	start := time.Now()
	if _, err := get(t, c, fast); err != nil || time.Since(start) > 700*time.Millisecond {
		t.Errorf("another host: %v after %v", err, time.Since(start))
	}
	wg.Wait()
	if most.Load() > 2 {
		t.Errorf("%d at once", most.Load())
	}
}

// Each request, redirects included, releases its host before the next acquires one. The wait does
// not count as the server's time. Without the host no request is made.
func TestLimitHostsBy(t *testing.T) {
	target := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, doc) })
	from := serve(t, http.RedirectHandler(target, http.StatusFound).ServeHTTP)
	var log []string
	var refuse error
	c := client(t, Options{Timeout: 200 * time.Millisecond})
	c.LimitHostsBy(func(_ context.Context, host string) (func(), error) {
		if refuse != nil {
			return nil, refuse
		}
		time.Sleep(150 * time.Millisecond)
		log = append(log, "acquire http://"+host)
		return func() { log = append(log, "release http://"+host) }, nil
	})
	for range 2 {
		if _, err := get(t, c, from); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"acquire " + from, "release " + from, "acquire " + target, "release " + target}
	if want = slices.Concat(want, want); !slices.Equal(log, want) {
		t.Errorf("got\n%q, want\n%q", log, want)
	}
	refuse = errors.New("the database is away")
	if _, err := get(t, c, from); !errors.Is(err, refuse) || len(c.hosts.hosts) > 0 {
		t.Errorf("without the host: %v; hosts %v", err, c.hosts.hosts)
	}
}

func TestCutByNamesTheReason(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/line":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, doc)
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			b := coded(t, "gzip", []byte(strings.Repeat(doc, 100)))
			w.Write(b[:len(b)-12])
		case "/time":
			fmt.Fprint(w, doc)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
	})
	c := client(t, Options{Timeout: 200 * time.Millisecond})
	for path, says := range map[string]string{
		"/line": "ended early",
		"/gzip": "gzip body: ended early",
		"/time": "no whole answer within 200ms (fetch.timeout)",
	} {
		if d, err := get(t, c, address+path); err != nil || !d.Cut || d.CutBy != says {
			t.Errorf("%s: cut %v by %q, %v; want %q", path, d.Cut, d.CutBy, err, says)
		}
	}
}

func TestStatusAfterTemporaryRedirectIsAway(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/302":
			http.Redirect(w, r, "/gone", http.StatusFound)
		case "/301":
			http.Redirect(w, r, "/gone", http.StatusMovedPermanently)
		default:
			w.WriteHeader(http.StatusGone)
		}
	})
	for path, away := range map[string]bool{"/gone": false, "/301": false, "/302": true} {
		_, err := get(t, client(t, Options{}), strings.Replace(address, "http://", "http://u:p@", 1)+path)
		var s *StatusError
		if !errors.As(err, &s) || s.Code != http.StatusGone || s.Away != away {
			t.Errorf("%s: %+v", path, err)
		}
	}
}
