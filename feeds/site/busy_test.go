package site

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nashra/nashra/feeds"
)

// stuck is a Reader that does not answer until its context ends.
type stuck struct {
	library
	mu    sync.Mutex
	asked int // questions that have not ended
}

func (r *stuck) hang(ctx context.Context) error {
	r.mu.Lock()
	r.asked++
	r.mu.Unlock()
	<-ctx.Done()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked--
	return ctx.Err()
}

func (r *stuck) Search(ctx context.Context, _ feeds.Query) (feeds.Site, feeds.Found, error) {
	return feeds.Site{}, feeds.Found{}, r.hang(ctx)
}

func (r *stuck) Find(ctx context.Context, _ feeds.Query) (feeds.Site, []feeds.Story, error) {
	return feeds.Site{}, nil, r.hang(ctx)
}

func (r *stuck) Events(ctx context.Context, _ feeds.EventQuery, _ ...feeds.Channel) ([]feeds.Event, error) {
	return nil, r.hang(ctx)
}

func (r *stuck) Digests(ctx context.Context, _ feeds.Channel) (feeds.Site, []feeds.Bulletin, error) {
	return feeds.Site{}, nil, r.hang(ctx)
}

func (r *stuck) Channel(ctx context.Context, _ feeds.Channel, _ feeds.Edition) (feeds.Site, []feeds.Listed, error) {
	return feeds.Site{}, nil, r.hang(ctx)
}

// crowd asks s for many pages that must be made, each of another name, until ctx ends. It returns
// when all of them wait, or were refused, and counts the refused ones.
func crowd(ctx context.Context, t *testing.T, s *Server, n int) (refused int) {
	t.Helper()
	var mu sync.Mutex
	for i := range n {
		go func() {
			r := httptest.NewRequest("GET", fmt.Sprintf("/stories/%016x.html", 0xf00+i), nil)
			if i%2 == 0 {
				r = httptest.NewRequest("GET", fmt.Sprint("/search?q=", i), nil)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r.WithContext(ctx))
			mu.Lock()
			defer mu.Unlock()
			if w.Code == 503 {
				refused++
				if w.Header().Get("Retry-After") == "" {
					t.Errorf("refused without a time: %v", w.Header())
				}
			}
		}()
	}
	synctest.Wait()
	mu.Lock()
	defer mu.Unlock()
	return refused
}

// While all makers are busy, a cached document and a published file are served at once, and no more
// than maxWaiting requests wait for what must be made. Searches have places of their own. When their
// clients leave, nothing goes on.
func TestABusyServerServesWhatItHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := published(t, nil)
		view := ask(s, "GET", "/sources/tiqani.atom").Body.String()
		time.Sleep(2 * viewMaxAge) // it is to be looked at again
		reader := &stuck{}
		s.Reader = reader
		ctx, leave := context.WithCancel(t.Context())
		const n = 200
		if refused := crowd(ctx, t, s, n); refused != n-maxMakers-maxWaiting-maxSearches-maxWaitingSearches ||
			reader.asked != maxMakers+maxSearches {
			t.Errorf("%d refused, the store is asked %d questions", refused, reader.asked)
		}
		for path, want := range map[string]string{"/sources/tiqani.atom": view, "/feed.atom": "<feed", "/": "DeepSeek",
			"/stories/00000000000000a1.html": "<article", "/days/2025-01-26.html": "Apple launches"} {
			begun := time.Now()
			w := ask(s, "GET", path)
			if took := time.Since(begun); w.Code != 200 || !strings.Contains(w.Body.String(), want) || took > 0 {
				t.Errorf("%s: %d after %v", path, w.Code, took)
			}
		}
		synctest.Wait() // for the newer view, which is refused
		leave()
		synctest.Wait()
		if len(s.makers.places)+len(s.finder.places) != 0 || len(s.cache.loads) != 0 || reader.asked != 0 {
			t.Errorf("%d are made still, %d are loaded, the store is asked %d questions", len(s.makers.places),
				len(s.cache.loads), reader.asked)
		}
		time.Sleep(2 * viewMaxAge)
		begun := time.Now()
		if w := ask(s, "GET", "/sources/tiqani.atom"); w.Code != 200 || time.Since(begun) > maxWait {
			t.Errorf("with a store that does not answer: %d after %v", w.Code, time.Since(begun))
		}
		time.Sleep(2 * loadTimeout)
	})
}

// The cache stays below its limit and keeps the documents that were checked last.
func TestCacheDropsTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache()
		const size = maxCacheSize / 100
		for i := range 250 {
			c.replace(fmt.Sprint(i), &document{plain: make([]byte, size)})
			time.Sleep(time.Second)
			if sum := len(c.docs) * size; c.size != sum || sum > maxCacheSize || i > 100 && sum < maxCacheSize/2 {
				t.Fatalf("%d bytes said, %d kept after %d", c.size, sum, i)
			}
		}
		for i := range 250 {
			if kept := c.docs[fmt.Sprint(i)].document != nil; kept != (i >= 250-len(c.docs)) {
				t.Errorf("document %d: %v", i, kept)
			}
		}
	})
}

// A document that several clients wait for is made while one of them stays.
func TestTheLastToLeaveStopsTheMaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := &stuck{}
		s := NewServer(Options{Dir: t.TempDir(), Reader: reader})
		var leave [2]context.CancelFunc
		for i := range leave {
			var ctx context.Context
			ctx, leave[i] = context.WithCancel(t.Context())
			r := httptest.NewRequest("GET", "/days/2025-01-01.html", nil)
			go s.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
		}
		for i, want := range []int{1, 0} {
			synctest.Wait()
			if reader.asked != 1 {
				t.Errorf("%d questions with %d clients", reader.asked, 2-i)
			}
			leave[i]()
			synctest.Wait()
			if reader.asked != want {
				t.Errorf("%d questions after client %d has left", reader.asked, i)
			}
		}
	})
}
