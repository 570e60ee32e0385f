package fleet_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
)

// round is farms of feeds, and members that share a store.
type round struct {
	farms   []string
	entries int
	db      *sql.DB
	spec    spec // of all members, without name and directory
	dirs    map[string]string
}

// newRound starts three farms, the first of which translates too.
func newRound(t testing.TB, feedsEach int, farmArgs ...string) *round {
	t.Helper()
	return roundAt(t, storetest.Postgres(t), feedsEach, farmArgs...)
}

func roundAt(t testing.TB, address string, feedsEach int, farmArgs ...string) *round {
	t.Helper()
	st, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	st.Close()
	r := &round{dirs: map[string]string{}, db: database(t, address)}
	for i := range 3 {
		f := startFarm(t, feedsEach, append([]string{"-seed", fmt.Sprint(i + 1), "-items-min", "5", "-items-max",
			"9"}, farmArgs...)...)
		var truth []any
		get(t, f+"/ctl/truth", &truth)
		r.farms, r.entries = append(r.farms, f), r.entries+len(truth)
	}
	r.spec = spec{Store: address, Farms: r.farms, Feeds: feedsEach, Concurrency: 8, PerHost: 2, Engine: r.farms[0],
		Tick: time.Second}
	return r
}

func (r *round) member(t testing.TB, name string) spec {
	s := r.spec
	s.Name, s.Dir = name, t.TempDir()
	r.dirs[name] = s.Dir
	return s
}

// ends waits until nothing is left to do and the members have published the same.
func (r *round) ends(t *testing.T, members ...string) {
	t.Helper()
	sources := len(r.farms) * r.spec.Feeds
	until(t, "all is polled", func() bool {
		return number(t, r.db, "SELECT COUNT(*) FROM sources WHERE succeeded > 0") == sources
	})
	until(t, "all is grouped", func() bool {
		return number(t, r.db,
			"SELECT COUNT(*) FROM items WHERE story IS NULL") == 0
	})
	until(t, "the newest are translated", func() bool { // stories of one moment are shown in the order of their ids
		return number(t, r.db, fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT number FROM stories
			ORDER BY published DESC, id LIMIT %d) s
			LEFT JOIN translations t ON t.story = s.number WHERE t.state IS DISTINCT FROM 'done'`, shown)) == 0
	})
	until(t, "the members' files are the same, and no story of the channel waits in them", func() bool {
		first := files(t, r.dirs[members[0]])
		for _, m := range members[1:] {
			if !same(first, files(t, r.dirs[m])) {
				return false
			}
		}
		return number(t, r.db, fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT id FROM stories
			ORDER BY published DESC, id LIMIT %d) s
			JOIN outputs o ON o.path = 'stories/' || s.id || '.html' AND o.place = '%s' AND NOT o.waiting`,
			shown, members[0])) == shown
	})
	if n := number(t, r.db, "SELECT COUNT(*) FROM items"); n != r.entries {
		t.Errorf("%d items are stored, %d entries were served", n, r.entries)
	}
}

func (r *round) politeness(t *testing.T) {
	t.Helper()
	for _, f := range r.farms {
		var c counters
		get(t, f+"/ctl/stats", &c)
		if got := c.of("max_in_flight"); got < 1 || got > r.spec.PerHost {
			t.Errorf("%d requests at once to one host by all members, at most %d are allowed", got, r.spec.PerHost)
		}
	}
}

// bought returns how many segments the farm was asked to translate, and how many of them again.
func (r *round) bought(t *testing.T) (segments, again int) {
	t.Helper()
	var c counters
	get(t, r.farms[0]+"/ctl/stats", &c)
	api := c.Translation.ByAPI["libretranslate"]
	return api["segments"], api["segments_billed_again"]
}

// boughtOnce checks that every segment was bought once and every call settled.
func (r *round) boughtOnce(t *testing.T) {
	t.Helper()
	if n, again := r.bought(t); n == 0 || again > 0 {
		t.Errorf("%d segments were bought, %d of them again", n, again)
	}
	if n := number(t, r.db, "SELECT COUNT(*) FROM reservations"); n != 0 {
		t.Errorf("%d calls are reserved and not settled", n)
	}
}

// TestQueueEmptied: three members poll every source once and buy every segment once although the
// queue is emptied again and again.
func TestQueueEmptied(t *testing.T) {
	t.Parallel()
	r := newRound(t, 60, "-rtt", "30ms", "-tr-latency", "20ms")
	for _, name := range []string{"one", "two", "three"} {
		r.member(t, name).start(t)
	}
	sources := len(r.farms) * r.spec.Feeds
	for done, emptied := 0, 0; done < sources || emptied < 5; emptied++ {
		until(t, "polling goes on", func() bool {
			n := asked(t, r.farms, "feed_requests")
			again := n > done || n == sources
			done = n
			return again
		})
		_, _ = r.db.Exec("DELETE FROM river_job") // ignore the error: the table may not exist yet
		time.Sleep(200 * time.Millisecond)
	}
	r.ends(t, "one", "two", "three")
	if n := asked(t, r.farms, "feed_requests"); n != sources {
		t.Errorf("%d requests for %d sources in one slot", n, sources)
	}
	r.boughtOnce(t)
	r.politeness(t)
}

// TestKilledLong: one of three members is killed in the middle of a round and one starts late; the
// others take over.
func TestKilledLong(t *testing.T) {
	long(t)
	t.Parallel()
	r := newRound(t, 60, "-rtt", "30ms", "-tr-latency", "20ms")
	first := r.member(t, "first").start(t)
	r.member(t, "second").start(t)
	sources := len(r.farms) * r.spec.Feeds
	until(t, "a third is polled", func() bool { return number(t, r.db, "SELECT COUNT(*) FROM items") > r.entries/3 })
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	r.member(t, "late").start(t)
	r.ends(t, "second", "late")
	t.Logf("all is done %v after the kill", time.Since(killed).Round(time.Second))
	again := asked(t, r.farms, "feed_requests") - sources
	// in flight, or answered and waiting to be stored
	if most := len(r.farms) * r.spec.PerHost * 7; again < 0 || again > most {
		t.Errorf("%d sources were asked again, at most %d can have been on their way", again, most)
	}
	r.politeness(t)
}

// TestKilledTranslatingLong: a kill loses only the calls in flight. Another member buys the rest.
func TestKilledTranslatingLong(t *testing.T) {
	long(t)
	t.Parallel()
	r := newRound(t, 25, "-tr-latency", "200ms")
	one := r.member(t, "one").start(t)
	lim := hasty{}.Limits()
	inFlight := lim.Parallel * lim.Segments
	until(t, "much is bought", func() bool { n, _ := r.bought(t); return n > 2*inFlight })
	if err := one.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	before, _ := r.bought(t)
	r.member(t, "two").start(t)
	r.ends(t, "two")
	n, again := r.bought(t)
	t.Logf("%d segments were bought before the kill, %d in all, %d of them again", before, n, again)
	if again > inFlight {
		t.Errorf("%d of %d segments were bought again, at most %d can have been in flight", again, n, inFlight)
	}
}

// TestStopped: a member stops within ten seconds, and nothing it was doing is asked for or bought
// again.
func TestStopped(t *testing.T) {
	t.Parallel()
	feeds := 60
	if testing.Short() { // under the race detector, more take longer than a member that stops may
		feeds = 15
	}
	r := newRound(t, feeds, "-rtt", "30ms", "-tr-latency", "20ms")
	one := r.member(t, "one").start(t)
	sources := len(r.farms) * r.spec.Feeds
	until(t, "a third is polled", func() bool { return number(t, r.db, "SELECT COUNT(*) FROM items") > r.entries/3 })
	begun := time.Now()
	if err := one.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := one.Wait(); err != nil {
		t.Errorf("the member ended with %v", err)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("ending took %v", took)
	}
	r.member(t, "two").start(t)
	r.ends(t, "two")
	if n := asked(t, r.farms, "feed_requests"); n != sources {
		t.Errorf("%d requests for %d sources in one slot", n, sources)
	}
	r.boughtOnce(t)
	r.unchanged(t)
}

// unchanged checks a round without news: one request a source, conditional if possible, no row of
// an item written and no segment bought.
func (r *round) unchanged(t *testing.T) {
	t.Helper()
	const rows = `SELECT COUNT(*) || ' ' || MAX(i.xmin::text::bigint) || ' ' ||
		MAX(t.xmin::text::bigint) || ' ' || MAX(s.xmin::text::bigint)
		FROM items i JOIN texts t ON t.item = i.id JOIN signatures s ON s.item = i.id`
	sources := len(r.farms) * r.spec.Feeds
	was, wasAsked := text(t, r.db, rows), asked(t, r.farms, "feed_requests")
	wasBought, _ := r.bought(t)
	execute(t, r.db, "UPDATE sources SET due = 0, polled = 0")
	until(t, "all is polled once more", func() bool {
		return number(t, r.db,
			"SELECT COUNT(*) FROM sources WHERE polled > 0") == sources
	})
	if n := asked(t, r.farms, "feed_requests") - wasAsked; n != sources {
		t.Errorf("%d requests for %d sources in an unchanged round", n, sources)
	}
	// one in twenty-five of the farm's feeds sends no validators
	if n := asked(t, r.farms, "feed_304"); n < sources*9/10 {
		t.Errorf("%d of %d sources answered that nothing is new", n, sources)
	}
	if now := text(t, r.db, rows); now != was {
		t.Errorf("rows of entries (how many, their newest transactions) were %s, and are %s", was, now)
	}
	if n, _ := r.bought(t); n != wasBought {
		t.Errorf("%d segments were bought in an unchanged round", n-wasBought)
	}
}

// TestOneHostsLimit: all members together send a host no more requests at once than one may,
// including redirects.
func TestOneHostsLimit(t *testing.T) {
	t.Parallel()
	const sources, articles = 4, 8
	var now, most, pages atomic.Int64
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(30 * time.Millisecond)
		kind, name, _ := strings.Cut(r.URL.Path[1:], "/")
		switch kind {
		case "f": // a host without validators would get one request
			if w.Header().Set("ETag", `"1"`); r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprint(w, "<rss><channel><title>مصدر</title>")
			for i := range articles {
				fmt.Fprintf(w, "<item><title>خبر رقم %[1]d من %[2]s</title><link>http://%[3]s/a/%[2]s-%[1]d</link>"+
					"<description>ملخص %[1]d من %[2]s</description></item>", i, name, r.Host)
			}
			fmt.Fprint(w, "</channel></rss>")
		case "a":
			pages.Add(1)
			fmt.Fprintf(w, "<html lang=ar><body><article><h1>خبر</h1>%s</article>",
				strings.Repeat("<p>خبر رقم من المصدر "+name+"، وفيه من التفاصيل ما ليس في الملخص القصير الذي "+
					"سبقه.</p>", 8))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(host.Close)
	mover := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, host.URL+r.URL.Path+"-moved", http.StatusFound)
	}))
	t.Cleanup(mover.Close)
	address := storetest.Postgres(t)
	st, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	st.Close()
	db := database(t, address)
	for i := range 3 {
		spec{Name: fmt.Sprint("member", i+1), Store: address, Dir: t.TempDir(), Farms: []string{host.URL, mover.URL},
			Feeds: sources, Concurrency: 8, PerHost: 1,
			Schedule: "@every 1s", FullText: "always", Tick: time.Second}.start(t)
	}
	const want = 2 * sources * articles
	until(t, "every article was looked for", func() bool {
		return number(t, db,
			"SELECT COUNT(*) FROM articles WHERE again = 0") == want
	})
	if pages.Load() != want || most.Load() != 1 {
		t.Errorf("%d pages were asked for, want %d; %d requests at once to one host, one is allowed", pages.Load(),
			want, most.Load())
	}
}

// TestHostThatAsksToWait: a 429 to one member holds the host for all, at their next look or next
// request.
func TestHostThatAsksToWait(t *testing.T) {
	t.Parallel()
	const members, perHost = 3, 2
	var requests atomic.Int64
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	t.Cleanup(host.Close)
	address := storetest.Postgres(t)
	st, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	st.Close()
	for i := range members {
		spec{Name: fmt.Sprint("member", i+1), Store: address, Dir: t.TempDir(), Farms: []string{host.URL}, Feeds: 20,
			Concurrency: 8, PerHost: perHost, Schedule: "@every 1s", Tick: 100 * time.Millisecond}.start(t)
	}
	db := database(t, address)
	until(t, "the wait is stored", func() bool {
		return number(t, db, "SELECT COUNT(*) FROM hosts WHERE held > 0") == 1
	})
	time.Sleep(5 * time.Second)
	if n := requests.Load(); n > members+perHost {
		t.Errorf("%d requests to a host that asks to wait", n)
	}
}

func TestTriggerIsNotLostBehindRunningJobs(t *testing.T) {
	t.Parallel()
	address := storetest.Postgres(t)
	db := database(t, address)
	for running := range 4 {
		for range 2 { // the second finds one that waits
			if err := fleet.Trigger(t.Context(), address, "translate"); err != nil {
				t.Fatal(err)
			}
		}
		if n := number(t, db, "SELECT COUNT(*) FROM river_job WHERE state <> 'running'"); n != 1 {
			t.Errorf("beside %d running jobs %d wait, want 1", running, n)
		}
		execute(t, db, "UPDATE river_job SET state = 'running', attempted_at = now()")
	}
}

// A poll that takes long gives its worker back; it is not enqueued again while it lasts.
func TestSlowPollIsEnqueuedOnce(t *testing.T) {
	t.Parallel()
	address, asked := storetest.Postgres(t), make(chan struct{}, 100)
	site := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(site.Close)
	spec{Name: "one", Store: address, Dir: t.TempDir(), Farms: []string{site.URL}, Feeds: 1, Concurrency: 2, PerHost: 1,
		Schedule: "@every 1s", Tick: 100 * time.Millisecond}.start(t)
	<-asked
	db := database(t, address)
	until(t, "the worker is free", func() bool {
		return number(t, db, "SELECT COUNT(*) FROM river_job WHERE kind = 'poll' AND state = 'completed'") > 0
	})
	time.Sleep(2 * time.Second) // twenty ticks
	if n := number(t, db, "SELECT COUNT(*) FROM river_job WHERE kind = 'poll'"); n > 1 {
		t.Errorf("%d jobs poll one source", n)
	}
}
