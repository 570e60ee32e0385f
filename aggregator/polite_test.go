package aggregator_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
)

const (
	day  = 24 * time.Hour
	step = 10 * time.Minute // between passes: more frequent ones change nothing
)

// request is one that a town received.
type request struct {
	at     time.Time
	method string
	header http.Header
	query  string
}

// age returns the time since the town's first hour.
func (r request) age() time.Duration { return r.at.Sub(noon) }

// town is many publishers that each answer in a way of their own, over days of simulated time.
type town struct {
	t    *testing.T
	opt  aggregator.Options
	url  string
	file string // of the store
	st   *store.Store

	mu     sync.Mutex
	now    time.Time
	ways   map[string]func(w http.ResponseWriter, r *http.Request, age time.Duration)
	asked  map[string][]request
	inside int // requests being answered
	most   int

	arrived map[string]aggregator.Arrived // by source
	why     map[string][]string           // by source: the reasons not to poll it, each once
	failed  map[string]string             // by source: the last error
}

func newTown(t *testing.T) *town {
	tw := &town{t: t, now: noon, file: filepath.Join(t.TempDir(), "nashra.db"),
		ways:  map[string]func(http.ResponseWriter, *http.Request, time.Duration){},
		asked: map[string][]request{}, arrived: map[string]aggregator.Arrived{},
		why: map[string][]string{}, failed: map[string]string{}}
	srv := httptest.NewServer(tw)
	t.Cleanup(srv.Close)
	tw.url = srv.URL
	t.Cleanup(func() { tw.st.Close() })
	return tw
}

func (tw *town) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tw.mu.Lock()
	age := tw.now.Sub(noon)
	tw.asked[r.URL.Path] = append(tw.asked[r.URL.Path], request{tw.now, r.Method, r.Header.Clone(), r.URL.RawQuery})
	tw.inside++
	tw.most = max(tw.most, tw.inside)
	way := tw.ways[r.URL.Path]
	tw.mu.Unlock()
	w.Header().Set("Date", noon.Add(age).Format(http.TimeFormat))
	if way == nil {
		http.NotFound(w, r)
	} else {
		way(w, r, age)
	}
	tw.mu.Lock()
	tw.inside--
	tw.mu.Unlock()
}

// live runs a pass of a new program at each step of that many days.
func (tw *town) live(days time.Duration, force bool) {
	tw.t.Helper()
	for end := tw.now.Add(days); tw.now.Before(end); {
		tw.pass(force)
		tw.mu.Lock()
		tw.now = tw.now.Add(step)
		tw.mu.Unlock()
	}
}

func (tw *town) pass(force bool) {
	tw.t.Helper()
	// restart: what the program knows is in the file
	if tw.st == nil || tw.now.Sub(noon)%(6*time.Hour) == 0 {
		if tw.st != nil {
			tw.st.Close()
		}
		var err error
		if tw.st, err = store.Open(tw.t.Context(), tw.file); err != nil {
			tw.t.Fatal(err)
		}
	}
	now := func() time.Time { return tw.now }
	client, err := fetch.New(fetch.Options{AllowPrivate: true, Now: now, PerHost: 2})
	if err != nil {
		tw.t.Fatal(err)
	}
	defer client.CloseIdle()
	o := tw.opt
	o.Store, o.Client, o.Now = tw.st, client, now
	a := aggregator.New(o)
	ids, later, err := a.Due(tw.t.Context(), force)
	if err != nil {
		tw.t.Fatal(err)
	}
	for id, l := range later {
		if !slices.Contains(tw.why[id], l.Why) {
			tw.why[id] = append(tw.why[id], l.Why)
		}
	}
	for _, id := range ids {
		p, err := a.Poll(tw.t.Context(), nil, force, id)
		if err != nil {
			tw.t.Fatal(err)
		}
		n := tw.arrived[id]
		tw.arrived[id] = aggregator.Arrived{New: n.New + p.New, Changed: n.Changed + p.Changed}
		if err := p.Errors[id]; err != nil {
			tw.failed[id] = err.Error()
		}
	}
}

// moveIn adds a source at path, and how it answers.
func (tw *town) moveIn(path string, way func(w http.ResponseWriter, r *http.Request, age time.Duration)) {
	tw.ways[path] = way
	tw.opt.Sources = append(tw.opt.Sources, feeds.Source{ID: strings.ReplaceAll(strings.Trim(path, "/"), "/", "-"),
		URL: tw.url + path})
}

// moveAway is moveIn on a host of its own.
func (tw *town) moveAway(path string, way func(w http.ResponseWriter, r *http.Request, age time.Duration)) {
	home := tw.url
	srv := httptest.NewServer(tw)
	tw.t.Cleanup(srv.Close)
	tw.url = srv.URL
	tw.moveIn(path, way)
	tw.url = home
}

// gaps returns the times between requests for a path.
func (tw *town) gaps(path string) (out []time.Duration) {
	for i, r := range tw.asked[path] {
		if i > 0 {
			out = append(out, r.at.Sub(tw.asked[path][i-1].at))
		}
	}
	return out
}

var newsFeed = rss(article("1", "OpenAI تكشف نموذجا جديدا بكلفة أقل", firstText, secondText),
	article("2", "هواوي تكشف هاتفا بثلاث شاشات", otherText, lastText))

func channelWith(elements string) string {
	return strings.Replace(newsFeed, "<link>", elements+"<link>", 1)
}

// answer sends body with its validators, or 304 if the request has them.
func answer(w http.ResponseWriter, r *http.Request, etag, body string) {
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	fmt.Fprint(w, body)
}

func plainly(body string) func(http.ResponseWriter, *http.Request, time.Duration) {
	return func(w http.ResponseWriter, r *http.Request, _ time.Duration) { answer(w, r, `"plain"`, body) }
}

func status(code int, header ...string) func(http.ResponseWriter, *http.Request, time.Duration) {
	return func(w http.ResponseWriter, _ *http.Request, _ time.Duration) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// Over five days, publishers each test one rule of polite polling, with a pass by a new program
// every ten minutes.
func TestFiveDaysOfPoliteness(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	tw := newTown(t)
	hourly, err := cron.ParseStandard("@hourly")
	if err != nil {
		t.Fatal(err)
	}
	tw.opt = aggregator.Options{Schedule: hourly, MinInterval: 5 * time.Minute, Concurrency: 8, PerHost: 2}

	// Validators
	const odd = `W/"a\"b,"c"`
	tw.moveIn("/both", func(w http.ResponseWriter, r *http.Request, age time.Duration) {
		etag, date := odd, "Tue, 24-Nov-26 10:00 +0300"
		if age >= 2*day {
			etag, date = "bare", ""
		}
		if date != "" {
			w.Header().Set("Last-Modified", date)
		}
		answer(w, r, etag, channelWith("<ttl>1</ttl>"))
	})
	tw.moveIn("/withdrawn", func(w http.ResponseWriter, r *http.Request, age time.Duration) {
		if age < day {
			answer(w, r, `"x"`, newsFeed)
			return
		}
		fmt.Fprint(w, channelWith(fmt.Sprintf("<!-- %v -->", age)))
	})
	tw.moveIn("/renewed", func(w http.ResponseWriter, r *http.Request, age time.Duration) {
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, age/time.Hour)) // another one with each 304
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, newsFeed)
	})
	tw.moveIn("/rubbish", func(w http.ResponseWriter, r *http.Request, age time.Duration) {
		switch age / (6 * time.Hour) {
		case 1:
			w.Header().Set("ETag", `"error"`)
			w.WriteHeader(http.StatusInternalServerError)
		case 3:
			w.Header().Set("ETag", `"html"`)
			fmt.Fprint(w, "<!doctype html><title>soon</title>")
		case 5:
			w.Header().Set("ETag", `"cut"`)
			w.Header().Set("Content-Length", "100000")
			fmt.Fprint(w, newsFeed[:len(newsFeed)/2])
		default:
			answer(w, r, `"good"`, newsFeed)
		}
	})
	tw.moveIn("/none", func(w http.ResponseWriter, _ *http.Request, _ time.Duration) { fmt.Fprint(w, newsFeed) })
	// new validators, the same entries
	tw.moveIn("/restless", func(w http.ResponseWriter, r *http.Request, age time.Duration) {
		answer(w, r, fmt.Sprintf(`"%d"`, age), channelWith(fmt.Sprintf("<lastBuildDate>%v</lastBuildDate>",
			noon.Add(age).Format(time.RFC1123Z))))
	})

	// Retry-After and back-off
	tw.moveAway("/patience", status(http.StatusTooManyRequests, "Retry-After", "10800"))
	tw.moveAway("/until", func(w http.ResponseWriter, _ *http.Request, age time.Duration) {
		w.Header().Set("Retry-After", noon.Add(age+5*time.Hour).Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	tw.moveAway("/month", status(http.StatusServiceUnavailable, "Retry-After", "2592000"))
	tw.moveAway("/silent429", status(http.StatusTooManyRequests))
	tw.moveIn("/500", status(http.StatusInternalServerError))
	tw.moveIn("/404", status(http.StatusNotFound))
	tw.moveIn("/410", status(http.StatusGone))
	tw.moveIn("/recovers", func(w http.ResponseWriter, r *http.Request, age time.Duration) {
		if age < day {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		answer(w, r, `"x"`, newsFeed)
	})

	// Freshness
	fresh := func(body string, header ...string) func(http.ResponseWriter, *http.Request, time.Duration) {
		return func(w http.ResponseWriter, r *http.Request, _ time.Duration) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			answer(w, r, `"x"`, body)
		}
	}
	tw.moveIn("/max-age", fresh(newsFeed, "Cache-Control", "public, max-age=14400"))
	tw.moveIn("/forever", fresh(newsFeed, "Cache-Control", "max-age=31536000"))
	tw.moveIn("/expires", func(w http.ResponseWriter, r *http.Request, age time.Duration) {
		w.Header().Set("Expires", noon.Add(age+3*time.Hour).Format(http.TimeFormat))
		answer(w, r, `"x"`, newsFeed)
	})
	tw.moveIn("/ttl", fresh(channelWith("<ttl>180</ttl>"))) // its 304s do not repeat the ttl
	tw.moveIn("/longest", fresh(channelWith("<ttl>120</ttl>"), "Cache-Control", "max-age=21600"))
	tw.moveIn("/sy", fresh(strings.Replace(
		channelWith("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"),
		"<rss ",
		`<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" `, 1)))
	tw.moveIn("/skip-hours", fresh(channelWith("<skipHours><hour>0</hour><hour>1</hour><hour>2</hour><hour>13</hour>"+
		"</skipHours>")))
	tw.moveIn("/skip-days", fresh(channelWith("<skipDays><day>Thursday</day></skipDays>")))
	tw.moveIn("/skip-all", fresh(channelWith("<skipDays><day>Monday</day><day>Tuesday</day><day>Wednesday</day>"+
		"<day>Thursday</day><day>Friday</day><day>Saturday</day><day>Sunday</day></skipDays>")))

	// Moves
	to := func(code int, path string) func(http.ResponseWriter, *http.Request, time.Duration) {
		return func(w http.ResponseWriter, r *http.Request, _ time.Duration) { http.Redirect(w, r, path, code) }
	}
	tw.ways["/new"] = plainly(newsFeed)
	tw.ways["/temporary"] = plainly(newsFeed)
	tw.ways["/page"] = func(w http.ResponseWriter, _ *http.Request, _ time.Duration) {
		fmt.Fprint(w, "<!doctype html><title>home</title>")
	}
	tw.ways["/middle"] = to(http.StatusFound, "/temporary")
	tw.ways["/here"] = to(http.StatusMovedPermanently, "/there")
	tw.ways["/there"] = to(http.StatusMovedPermanently, "/here")
	tw.moveIn("/301", to(http.StatusMovedPermanently, "/new"))
	tw.moveIn("/302", to(http.StatusFound, "/temporary"))
	tw.moveIn("/307", to(http.StatusTemporaryRedirect, "/temporary"))
	tw.moveIn("/chain", to(http.StatusPermanentRedirect, "/middle"))
	tw.moveIn("/home", to(http.StatusMovedPermanently, "/page"))
	tw.moveIn("/loop", to(http.StatusMovedPermanently, "/here"))
	tw.moveIn("/gone-elsewhere", to(http.StatusFound, "/not-our-410"))
	tw.ways["/not-our-410"] = status(http.StatusGone)
	tw.ways["/dies"] = func(w http.ResponseWriter, r *http.Request, age time.Duration) {
		if age >= day {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		plainly(newsFeed)(w, r, age)
	}
	tw.moveIn("/strayed", func(w http.ResponseWriter, r *http.Request, age time.Duration) {
		if age < day {
			http.Redirect(w, r, "/dies", http.StatusMovedPermanently)
			return
		}
		plainly(newsFeed)(w, r, age)
	})

	// Codings
	for coding, packed := range packedFeed(t) {
		tw.moveIn("/"+coding, func(w http.ResponseWriter, r *http.Request, age time.Duration) {
			if !strings.Contains(r.Header.Get("Accept-Encoding"), coding) && coding != "lzma" {
				t.Errorf("%s is not offered: %q", coding, r.Header.Get("Accept-Encoding"))
			}
			w.Header().Set("Content-Encoding", coding)
			answer(w, r, `"x"`, packed)
		})
	}

	tw.live(5*day-step, false)

	count := func(path string, low, high int) {
		t.Helper()
		if n := len(tw.asked[path]); n < low || n > high {
			t.Errorf("%s was asked %d times, want %d to %d", path, n, low, high)
		}
	}
	never := func(path string, shorter time.Duration) {
		t.Helper()
		for i, g := range tw.gaps(path) {
			if g < shorter {
				t.Errorf("%s was asked again after %v, want %v at least (request %d)", path, g, shorter, i+1)
			}
		}
	}
	tag := func(path string, at time.Duration) string { // the validator sent with the last request before at
		var v string
		for _, r := range tw.asked[path] {
			if r.age() < at {
				v = r.header.Get("If-None-Match")
			}
		}
		return v
	}
	says := func(id, why string) {
		t.Helper()
		if !slices.ContainsFunc(tw.why[id], func(s string) bool { return strings.Contains(s, why) }) {
			t.Errorf("%s: said %q, want %q", id, tw.why[id], why)
		}
	}

	for path, list := range tw.asked {
		if tw.ways[path] == nil {
			t.Errorf("nobody lives at %s: asked %d times", path, len(list))
		}
		if h := list[0].header; h.Get("If-None-Match")+h.Get("If-Modified-Since") != "" &&
			!slices.Contains([]string{"/new", "/temporary", "/here", "/there", "/page", "/dies", "/not-our-410"},
				path) {
			t.Errorf("%s: the first request was conditional: %v", path, h)
		}
		for _, r := range list {
			if r.method != http.MethodGet || r.query != "" || r.header.Get("Cookie")+r.header.Get("Referer") != "" ||
				!strings.HasPrefix(r.header.Get("User-Agent"), "nashra/") {
				t.Errorf("%s: %+v", path, r)
			}
		}
	}
	if tw.most > 2 {
		t.Errorf("%d requests at once to one host", tw.most)
	}

	// at most one conditional request an hour, with the validators as they were sent
	count("/both", 119, 120)
	never("/both", time.Hour)
	if got := tw.asked["/both"][5].header; got.Get("If-None-Match") != odd ||
		got.Get("If-Modified-Since") != "Tue, 24-Nov-26 10:00 +0300" {
		t.Errorf("validators: %v", got)
	}
	if got := tw.asked["/both"][60].header; got.Get("If-None-Match") != "bare" || got.Get("If-Modified-Since") != "" {
		t.Errorf("newer validators: %v", got)
	}
	says("both", "not due by schedule")
	// one unconditional request a day
	count("/none", 5, 5)
	never("/none", day)
	says("none", "without validators")
	if n := tw.arrived["none"]; n != (aggregator.Arrived{New: 2}) {
		t.Errorf("the same five times: %+v", n)
	}
	if v := tag("/withdrawn", 5*day); v != "" {
		t.Errorf("a withdrawn validator is still sent: %s", v)
	}
	count("/withdrawn", 28, 30) // hourly for a day, daily from then on
	if got := tag("/renewed", 3*day); got != `"70"` && got != `"71"` {
		t.Errorf("a 304 does not renew: %s", got)
	}
	for _, r := range tw.asked["/rubbish"] {
		if v := r.header.Get("If-None-Match"); v != "" && v != `"good"` {
			t.Errorf("what cannot be read left %s", v)
		}
	}
	if v := tag("/rubbish", 4*day); v != `"good"` {
		t.Errorf("after rubbish: %q", v)
	}
	if n := tw.arrived["restless"]; n != (aggregator.Arrived{New: 2}) {
		t.Errorf("the same content under new validators: %+v", n)
	}

	never("/patience", 3*time.Hour)
	count("/patience", 8, 40)
	says("patience", "asked by its publisher to wait")
	never("/until", 5*time.Hour)
	count("/until", 6, 24)
	never("/month", day)
	count("/month", 5, 5) // capped
	for _, path := range []string{"/silent429", "/500", "/404"} {
		gaps := tw.gaps(path)
		if !slices.IsSorted(gaps) || gaps[0] > 2*time.Hour || gaps[len(gaps)-1] < 23*time.Hour ||
			gaps[len(gaps)-1] > day+step {
			t.Errorf("%s backs off by %v", path, gaps)
		}
		says(path[1:], "failures in a row")
	}
	count("/410", 1, 1)
	says("410", "gone")
	if n := len(tw.asked["/recovers"]); n < 90 || tw.arrived["recovers"].New != 2 {
		t.Errorf("/recovers: %d requests, %+v", n, tw.arrived["recovers"])
	}

	never("/max-age", 4*time.Hour)
	count("/max-age", 30, 30)
	never("/forever", day)
	count("/forever", 5, 5)
	never("/expires", 3*time.Hour)
	count("/expires", 40, 40)
	never("/ttl", 3*time.Hour)
	count("/ttl", 40, 40)
	never("/longest", 6*time.Hour)
	count("/longest", 20, 20)
	never("/sy", 6*time.Hour)
	count("/sy", 20, 20)
	for _, id := range []string{"max-age", "forever", "expires", "ttl", "longest", "sy"} {
		says(id, "fresh by its publisher's word")
	}
	for i, r := range tw.asked["/skip-hours"] {
		if h := r.at.Hour(); i > 0 && (h < 3 || h == 13) {
			t.Errorf("/skip-hours was asked at %v", r.at)
		}
	}
	count("/skip-hours", 95, 102)
	says("skip-hours", "not to be asked at this hour")
	for _, r := range tw.asked["/skip-days"] {
		if r.at.Weekday() == time.Thursday {
			t.Errorf("/skip-days was asked at %v", r.at)
		}
	}
	count("/skip-days", 94, 97)
	count("/skip-all", 119, 120)

	count("/301", 1, 1)
	count("/302", 119, 120)
	count("/307", 119, 120)
	count("/chain", 1, 1)
	count("/middle", 119, 120)
	if len(tw.asked["/home"]) != len(tw.asked["/page"]) || len(tw.asked["/home"]) > 12 {
		t.Errorf("moved to a page: asked %d times, the page %d", len(tw.asked["/home"]), len(tw.asked["/page"]))
	}
	if n, m := len(tw.asked["/loop"]), len(tw.asked["/here"])+len(tw.asked["/there"]); n > 12 || m > 2*n {
		t.Errorf("a loop was walked: %d and %d", n, m)
	}
	if n := len(tw.asked["/gone-elsewhere"]); n < 6 {
		t.Errorf("a 410 where a 302 leads ended polling: %d requests", n)
	}
	if n := len(tw.asked["/strayed"]); n < 60 || len(tw.asked["/dies"]) > 30 {
		t.Errorf("a move to what then died: back home %d times, there %d", n, len(tw.asked["/dies"]))
	}

	for _, id := range []string{"gzip", "br", "zstd"} {
		if tw.arrived[id].New != 2 {
			t.Errorf("%s: %+v, %s", id, tw.arrived[id], tw.failed[id])
		}
	}
	if !strings.Contains(tw.failed["lzma"], "content coding") {
		t.Errorf("an unknown coding: %q", tw.failed["lzma"])
	}

	// --now overrides our own rules and the publishers' freshness, but no Retry-After or 410.
	waits, before := map[string]time.Duration{"/410": 100 * day, "/month": day, "/patience": 3 * time.Hour,
		"/until": 5 * time.Hour}, map[string]int{}
	for path, list := range tw.asked {
		before[path] = len(list)
	}
	tw.live(step, true)
	for _, s := range tw.opt.Sources {
		u, err := url.Parse(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		last := tw.asked[u.Path][before[u.Path]-1]
		held := last.at.Add(waits[u.Path]).After(tw.now.Add(-step)) && waits[u.Path] > 0
		switch more := len(tw.asked[u.Path]) - before[u.Path]; {
		case slices.Contains([]string{"/301", "/chain"}, u.Path): // polled at their new places
		case u.Path == "/month" && !held:
			t.Error("/month may be asked: the test shows nothing")
		case held && more > 0 || !held && more == 0:
			t.Errorf("--now: %s was asked %d times", u.Path, more)
		}
	}
}

// packedFeed returns the feed in each content coding.
func packedFeed(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{"lzma": "?"}
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	zip.Write([]byte(newsFeed))
	zip.Close()
	out["gzip"] = b.String()
	b.Reset()
	br := brotli.NewWriter(&b)
	br.Write([]byte(newsFeed))
	br.Close()
	out["br"] = b.String()
	b.Reset()
	zs, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	zs.Write([]byte(newsFeed))
	zs.Close()
	out["zstd"] = b.String()
	return out
}
