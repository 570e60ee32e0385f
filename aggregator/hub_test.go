package aggregator_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
)

// hub records notices; it answers with status, or not at all.
type hub struct {
	mu     sync.Mutex
	told   []url.Values
	status int
	hang   chan struct{}
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, err := url.ParseQuery(string(body))
	if err != nil || r.Method != http.MethodPost ||
		r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	h.told = append(h.told, form)
	status, hang := h.status, h.hang
	h.mu.Unlock()
	if hang != nil {
		<-hang
	}
	w.WriteHeader(status)
}

// A hub gets one request that names each changed feed, and none without a change. What it refused
// is sent again.
func TestTheHubIsToldOfChanges(t *testing.T) {
	r, h := newRig(t, newsPages()), &hub{status: http.StatusServiceUnavailable}
	srv := httptest.NewServer(h)
	defer srv.Close()
	r.opt.URL, r.opt.Hub, r.opt.HubClient = "https://feeds.example/", srv.URL+"/?secret=1", srv.Client()
	a := r.over(r.st)
	pass := func() error {
		if _, err := a.Pass(t.Context(), true, nil, aggregator.Watch{}); err != nil {
			t.Fatal(err)
		}
		return a.Publisher.Pinged()
	}
	if err := pass(); err == nil || !strings.Contains(err.Error(), "status 503") ||
		strings.Contains(err.Error(), "secret") {
		t.Errorf("a hub that refuses: %v", err)
	}
	h.status = http.StatusNoContent
	r.publisher.mu.Lock()
	r.pages["/one"] = rss(article("7", "خبر جديد كليا", otherText, firstText))
	r.publisher.mu.Unlock()
	r.time = noon.Add(2 * time.Hour)
	if err := pass(); err != nil {
		t.Error(err)
	}
	told := len(h.told)
	last := h.told[told-1]
	var want []string
	for _, e := range feeds.Editions {
		for _, f := range feeds.Formats {
			want = append(want, "https://feeds.example/"+feeds.Path("feed", e, f))
		}
	}
	slices.Sort(want)
	if last.Get("hub.mode") != "publish" || !slices.Equal(last["hub.url"], want) {
		t.Errorf("told %v", last)
	}
	r.time = noon.Add(4 * time.Hour)
	if err := pass(); err != nil || len(h.told) != told {
		t.Errorf("told again of nothing: %v, %v", h.told[told:], err)
	}
}

func TestAHangingHubDelaysNothing(t *testing.T) {
	t.Parallel()
	r, h := newRig(t, newsPages()), &hub{status: http.StatusNoContent, hang: make(chan struct{})}
	srv := httptest.NewServer(h)
	defer srv.Close()
	defer close(h.hang)
	r.opt.URL, r.opt.Hub, r.opt.HubClient = "https://feeds.example/", srv.URL, srv.Client()
	a := r.over(r.st)
	begun := time.Now()
	if _, err := a.Pass(t.Context(), true, nil, aggregator.Watch{}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("the pass took %v", took)
	}
	begun = time.Now()
	if err := a.Publisher.Pinged(); err == nil || !strings.Contains(err.Error(), context.DeadlineExceeded.Error()) ||
		time.Since(begun) > 8*time.Second {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
}
