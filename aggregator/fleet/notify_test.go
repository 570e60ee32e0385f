package fleet_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
)

// press is a publisher whose feed grows, and a webhook.
type press struct {
	*httptest.Server
	mu    sync.Mutex
	shown int            // of stuckNews
	told  map[string]int // messages by id
}

func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Method == http.MethodPost {
		p.told[r.Header.Get("webhook-id")]++
		return
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%d"`, p.shown)) // without one it would be asked hourly
	if r.Header.Get("If-None-Match") == w.Header().Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	var items strings.Builder
	for i := range p.shown {
		fmt.Fprintf(&items, "<item><title>%s</title><link>http://%s/a/%d</link></item>", stuckNews[fmt.Sprint(i)],
			r.Host, i)
	}
	fmt.Fprintf(w, "<rss><channel><title>مصدر</title>%s</channel></rss>", items.String())
}

// Three members publish each story, and one of them tells of it, also after another was killed.
func TestOneMemberSends(t *testing.T) {
	t.Parallel()
	address := storetest.Postgres(t)
	st, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	st.Close()
	p := &press{shown: 1, told: map[string]int{}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	s := spec{Store: address, Farms: []string{p.URL}, Feeds: 1, Concurrency: 2, PerHost: 1, Schedule: "@every 2s",
		Hook: p.URL + "/hook", Tick: time.Second}
	show := func(n int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.shown = n
	}
	told := func(n int) func() bool {
		return func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return len(p.told) == n
		}
	}
	db := database(t, address)
	s.Name, s.Dir = "one", t.TempDir()
	first := s.start(t)
	for _, name := range []string{"two", "three"} {
		s.Name, s.Dir = name, t.TempDir()
		s.start(t)
	}
	until(t, "the target is seen and the first story published", func() bool {
		return number(t, db, "SELECT COUNT(*) FROM targets") == 1 &&
			number(t, db, "SELECT COUNT(*) FROM outbox WHERE state = 'done'") == 1
	})
	show(3)
	until(t, "two stories are told", told(2))
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	show(6)
	until(t, "the others are told", told(5))
	time.Sleep(3 * time.Second) // another member would tell of them now
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, n := range p.told {
		if n > 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
}
