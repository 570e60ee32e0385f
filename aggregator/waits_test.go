package aggregator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
)

// total returns the number of requests so far.
func (p *publisher) total() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, asked := range p.asked {
		n += asked
	}
	return n
}

// Twelve sources of one host: no more requests follow its word than are in flight, across restarts.
func TestAHostThatAsksToWaitIsLeftAlone(t *testing.T) {
	for name, c := range map[string]struct {
		code       int
		retryAfter string
		first      int // requests at most in the first round
		forced     int // requests at most in a forced round ten minutes later
		wait       time.Duration
	}{
		"429 in seconds":       {429, "3600", 4, 0, time.Hour},
		"429 by a date":        {429, "Tue, 24 Nov 2026 13:00:00 GMT", 4, 0, time.Hour},
		"429 for a month":      {429, "2592000", 4, 0, 24 * time.Hour},
		"429 without":          {429, "", 4, 4, 25 * time.Minute}, // told again ten minutes later
		"429 of a past date":   {429, "Tue, 24 Nov 2020 13:00:00 GMT", 4, 4, 25 * time.Minute},
		"503, as a second has": {503, "3600", 5, 0, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			pages := map[string]string{}
			for i := range 12 {
				title := fmt.Sprint("خبر رقم ", i)
				pages[fmt.Sprintf("/s%d", i)] = rss(article(fmt.Sprint(i), title, firstText, secondText))
			}
			r := newRig(t, pages)
			for path := range pages {
				r.status[path], r.header[path] = c.code, http.Header{"Retry-After": {c.retryAfter}}
			}
			r.clock = func() time.Time { return r.time }
			rep := r.pass(t)
			if n := r.total(); n > c.first || rep.Polled.Failed != n || rep.Polled.Asked != n ||
				len(rep.Polled.Later) != 12-n {
				t.Errorf("first round: %d requests, %+v", n, rep.Polled)
			}
			for id, later := range rep.Polled.Later {
				want := "held by host " + strings.TrimPrefix(r.URL, "http://") + ", which answered status "
				if !strings.HasPrefix(later.Why, want) || !later.Held {
					t.Errorf("%s: %+v", id, later)
				}
			}
			before := r.total()
			r.time = noon.Add(10 * time.Minute)
			if r.pass(t); r.total()-before > c.forced {
				t.Errorf("a forced round: %d requests", r.total()-before)
			}
			clear(r.status)
			for r.time = noon.Add(20 * time.Minute); ; r.time = r.time.Add(5 * time.Minute) {
				a := r.over(r.st)
				ids, _, err := a.Due(t.Context(), false)
				if err != nil {
					t.Fatal(err)
				}
				if len(ids) > 0 {
					break
				}
				if r.time.After(noon.Add(48 * time.Hour)) {
					t.Fatal("no source is due for two days")
				}
			}
			if wait := r.time.Sub(noon); wait < c.wait || wait > c.wait+5*time.Minute {
				t.Errorf("due after %v, want %v", wait, c.wait)
			}
			r.time = r.time.Add(time.Minute)
			if rep := r.pass(t); rep.Polled.Failed > 0 || len(rep.Polled.Later) > 0 {
				t.Errorf("afterwards: %+v", rep.Polled)
			}
		})
	}
}

// One source that is unavailable holds no other, however often it is asked.
func TestOneUnavailableSourceHoldsNoOther(t *testing.T) {
	r := newRig(t, newsPages())
	r.status["/two"], r.header["/two"] = 503, http.Header{"Retry-After": {"60"}}
	for range 3 {
		if rep := r.pass(t); rep.Polled.Asked != 2 || rep.Polled.Failed != 1 {
			t.Fatalf("%+v", rep.Polled)
		}
		r.time = r.time.Add(time.Hour)
	}
}

// Articles and robots.txt wait with the sources of their host, and the sources with the articles.
func TestArticlesWaitWithTheirHost(t *testing.T) {
	t.Run("a source is told", func(t *testing.T) {
		r := newRig(t, map[string]string{})
		r.inShort("x", "always", 3)
		r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: "busy", URL: r.URL + "/busy"})
		r.opt.PerHost = 1
		r.status["/busy"], r.pages["/busy"] = 429, ""
		r.header["/busy"] = http.Header{"Retry-After": {"3600"}}
		rep := r.pass(t)
		if n := r.requests("/robots.txt") + r.requests("/x/1"); n > 0 || rep.Fetched.Next.Before(noon.Add(time.Hour)) {
			t.Errorf("%d requests for articles, %+v", n, rep.Fetched)
		}
		r.status["/busy"] = 404
		if r.time = noon.Add(61 * time.Minute); r.pass(t).Fetched.Read != 3 {
			t.Error("the articles are not read afterwards")
		}
	})
	for path, left := range map[string]int{"/x/1": 2, "/robots.txt": 3} {
		t.Run(path+" is told", func(t *testing.T) {
			r := newRig(t, map[string]string{})
			r.inShort("x", "always", 3)
			r.pages["/robots.txt"] = ""
			for _, p := range []string{"/x/1", "/x/2", "/x/3"} { // whichever comes first
				if left == 2 {
					r.status[p], r.header[p] = 429, http.Header{"Retry-After": {"3600"}}
				}
			}
			if left == 3 {
				r.status[path], r.header[path] = 429, http.Header{"Retry-After": {"3600"}}
			}
			r.pass(t)
			before := r.total()
			r.time = noon.Add(59 * time.Minute)
			rep := r.pass(t)
			if n := r.total() - before; n != 0 || len(rep.Polled.Later) != 1 {
				t.Errorf("%d requests within the hour, %+v", n, rep.Polled)
			}
			clear(r.status)
			if r.time = noon.Add(2 * time.Hour); r.pass(t).Fetched.Read != 3 {
				t.Error("the articles are not read afterwards")
			}
		})
	}
}

// A source whose temporary redirect leads to a host that asks to wait is not asked again and again.
func TestRedirectsToAHostThatAsksToWait(t *testing.T) {
	r := newRig(t, map[string]string{"/busy": ""})
	other := publish(t, map[string]string{"/feed": ""})
	other.status["/feed"], other.header["/feed"] = http.StatusFound, http.Header{"Location": {r.URL + "/feed"}}
	r.status["/busy"], r.header["/busy"] = 429, http.Header{"Retry-After": {"3600"}}
	r.pass(t)
	r.opt.Sources = append(r.opt.Sources, feeds.Source{ID: "moved", URL: other.URL + "/feed"})
	for range 3 {
		a := r.over(r.st)
		ids, _, err := a.Due(t.Context(), false)
		if err == nil {
			_, err = a.Poll(t.Context(), nil, false, ids...)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	states, err := r.st.States(t.Context())
	if st := states["moved"]; err != nil || other.total() != 1 || r.requests("/feed") != 0 || st.Failures != 0 ||
		!st.Due.Equal(noon.Add(time.Hour)) {
		t.Errorf("%d requests, %+v, %v", other.total(), st, err)
	}
}

// What is odd about a source is news once, and again when it changes.
func TestOddSourcesAreNewsOnce(t *testing.T) {
	const half = "%s\xd8"
	r := newRig(t, map[string]string{"/one": ""})
	r.header["/one"] = http.Header{"ETag": {""}}
	item := func(title string) string { return rss(article("1", title, firstText, secondText)) }
	var told []string
	for _, page := range []string{item("خبر"), item("خبر") + half, item("خبر آخر") + half, item("خبر"),
		item("خبر آخر") + half} {
		r.pages["/one"] = page
		r.time = r.time.Add(2 * time.Hour)
		told = append(told, r.pass(t).Polled.Notes["one"])
	}
	if told[0]+told[2]+told[3] != "" || told[1] == "" || told[4] != told[1] {
		t.Errorf("%q", told)
	}
}

// A host that allows one request a minute does not starve the last of its sources.
func TestEachSourceOfALimitedHostHasItsTurn(t *testing.T) {
	pages := map[string]string{}
	for i := range 5 {
		pages[fmt.Sprintf("/s%d", i)] = rss(article(fmt.Sprint(i), fmt.Sprint("خبر رقم ", i), firstText, secondText))
	}
	r := newRig(t, pages)
	limited := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if left := r.total(); left%2 == 1 { // each second one is refused
			r.publisher.mu.Lock()
			r.asked["refused"]++
			r.publisher.mu.Unlock()
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		r.ServeHTTP(w, q)
	}))
	t.Cleanup(limited.Close)
	for i, s := range r.opt.Sources {
		r.opt.Sources[i].URL = limited.URL + "/" + s.ID
	}
	r.opt.PerHost = 1
	for range 12 {
		r.pass(t)
		r.time = r.time.Add(time.Hour)
	}
	for path := range pages {
		if r.requests(path) == 0 {
			t.Errorf("%s was never read: %v", path, r.asked)
		}
	}
}

// Two sources that are unavailable for ever delay the others of their host by a quarter of an hour.
func TestUnavailableSourcesDoNotStarveTheOthers(t *testing.T) {
	r := newRig(t, map[string]string{"/a": "", "/b": "", "/c": rss(article("1", "خبر", firstText, secondText))})
	r.status["/a"], r.status["/b"], r.opt.PerHost = 503, 503, 1
	for end := noon.Add(24 * time.Hour); r.time.Before(end); r.time = r.time.Add(5 * time.Minute) {
		if _, err := r.over(r.st).Pass(t.Context(), false, nil, aggregator.Watch{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.requests("/c"); n < 20 {
		t.Errorf("the third was asked %d times in a day", n)
	}
}

// A source with a password that moves to another host is read there without it, and its operator is
// told once.
func TestASourceWithAPasswordThatMovesIsTold(t *testing.T) {
	r := newRig(t, map[string]string{"/new": rss(article("1", "خبر", firstText, secondText))})
	old := publish(t, map[string]string{"/old": ""})
	old.status["/old"], old.header["/old"] = http.StatusMovedPermanently, http.Header{"Location": {r.URL + "/new"}}
	r.opt.Sources = []feeds.Source{{ID: "s", URL: strings.Replace(old.URL, "//", "//user:hush@", 1) + "/old"}}
	for i := range 3 {
		note := r.pass(t).Polled.Notes["s"]
		if told := strings.Contains(note, "moved for good to "+r.URL+"/new,"); told != (i == 0) ||
			strings.Contains(note, "hush") {
			t.Errorf("pass %d says %q", i+1, note)
		}
		r.time = r.time.Add(time.Hour)
	}
	states, err := r.st.States(t.Context())
	if err != nil || states["s"].URL != "" || !strings.Contains(states["s"].Note, r.URL+"/new") {
		t.Errorf("%+v, %v", states["s"], err)
	}
}
