package aggregator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
)

// More sources hang than may be polled at once: the healthy ones are published meanwhile, the late
// ones at the end.
func TestHangingSourcesHoldNobodyUp(t *testing.T) {
	t.Parallel()
	const healthy, hanging, timeout = 30, 8, 60 * time.Second
	published := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		fmt.Sscanf(r.URL.Path, "/%d", &n)
		if n%5 == 0 && n/5 < hanging {
			select {
			case <-published:
			case <-r.Context().Done():
				return
			}
		}
		fmt.Fprint(w, rss(article(fmt.Sprint("id-", n), fmt.Sprintf("خبر عن هاتف %d", n),
			fmt.Sprintf("نص قصير %d", n), "")))
	}))
	defer srv.Close()
	r := newRig(t, nil)
	var err error
	if r.opt.Client, err = fetch.New(fetch.Options{Timeout: timeout, AllowPrivate: true, PerHost: 64}); err != nil {
		t.Fatal(err)
	}
	r.opt.Concurrency, r.opt.PerHost = 4, 64
	for n := range healthy + hanging {
		r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: fmt.Sprint("s", n),
			URL: fmt.Sprintf("%s/%d", srv.URL, n)})
	}
	count := func() int {
		b, _ := os.ReadFile(filepath.Join(r.opt.Dir, "feed.atom"))
		return strings.Count(string(b), "<entry")
	}
	begun := time.Now()
	go func() {
		defer close(published)
		for count() < healthy && time.Since(begun) < timeout/2 {
			time.Sleep(20 * time.Millisecond)
		}
	}()
	rep, err := r.over(r.st).Pass(t.Context(), false, nil, aggregator.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	<-published
	if took := time.Since(begun); took > timeout/2 {
		t.Errorf("the healthy were not published while others hang: the pass took %v", took)
	}
	if rep.Polled.Failed != 0 || count() != healthy+hanging {
		t.Errorf("%d entries in the end, %v", count(), rep.Polled.Errors)
	}
}
