//go:build linux

package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// loadSources is how many sources the stories of a loaded program come from.
const loadSources = 20

// stock stores n stories of the last 100 days, in batches of 500.
func stock(t *testing.T, place string, n int) {
	t.Helper()
	st, err := store.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	rng := rand.New(rand.NewPCG(22, 8))
	now := time.Now().UTC().Truncate(time.Millisecond)
	for done := 0; done < n; done += 500 {
		polls := make([]aggregator.Poll, loadSources)
		var born []aggregator.Placement
		for i := done; i < min(n, done+500); i++ {
			text := oldText(rng)
			for range 5 {
				text.Body += oldText(rng).Body
			}
			if i%3 == 0 {
				text.Title += " " + searched
			}
			guid := fmt.Sprint("old:", i)
			at := now.Add(-100 * 24 * time.Hour / time.Duration(n) * time.Duration(n-i)).Truncate(time.Millisecond)
			it := feeds.Item{SourceID: fmt.Sprint("s", i%loadSources), GUID: guid, URL: "https://example.com/" + guid,
				Published: at, Seen: at, Text: text}
			signed := aggregator.Signed{Item: it, Signature: dedupe.Sign(it, arabic.Lexicon{})}
			p := &polls[i%loadSources]
			p.State.ID, p.Items = it.SourceID, append(p.Items, signed)
			born = append(born, aggregator.Placement{Pending: signed.Pending(), Story: aggregator.StoryID(it),
				Born: true, Kind: feeds.Lead, Filed: true})
		}
		if _, err := st.Polled(t.Context(), now, polls...); err != nil {
			t.Fatal(err)
		}
		if err := st.Grouped(t.Context(), now, born); err != nil {
			t.Fatal(err)
		}
	}
}

// loaded is the built program, serving many stories.
type loaded struct {
	address string // host:port
	pid     int
	client  *http.Client
}

// load starts the built program on a store with n stories, and waits until it is idle.
func load(t *testing.T, place string, n int) *loaded {
	t.Helper()
	dir := t.TempDir()
	if place == "" {
		place = filepath.Join(dir, "nashra.db")
	}
	stock(t, place, n)
	var b strings.Builder
	fmt.Fprintf(&b, "store: %q\npublish: {dir: %s}\nserve: {listen: 127.0.0.1:0, metrics: \"\"}\n"+
		"translate: {engines: []}\nsources:\n", place, filepath.Join(dir, "public"))
	for i := range loadSources {
		fmt.Fprintf(&b, "  - {id: s%d, url: \"http://127.0.0.1:1/%d\", enabled: false}\n", i, i)
	}
	file := filepath.Join(dir, "nashra.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, log := &lockedBuffer{}, &lockedBuffer{}
	cmd := exec.Command(filepath.Join(build(t), "nashra"), "serve", "-c", file)
	cmd.Stdout, cmd.Stderr = out, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			said := log.String()
			t.Errorf("%v: %s", err, said[max(0, len(said)-2000):])
		}
	})
	l := &loaded{pid: cmd.Process.Pid, client: &http.Client{Timeout: time.Minute,
		Transport: &http.Transport{MaxIdleConnsPerHost: 200, DisableCompression: true}}}
	t.Cleanup(l.client.CloseIdleConnections)
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		_, rest, _ := strings.Cut(out.String(), "http://")
		l.address, _, _ = strings.Cut(rest, "/")
		if l.address != "" {
			_, feed := l.ask("/feed.ar.atom")
			_, found := l.ask("/search?q=" + searched)
			if strings.Contains(feed, "<entry") && strings.Contains(found, "<article") {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("not ready: %s%.2000s", out.String(), log.String())
		}
	}
	if _, ok := l.calm(time.Minute); !ok {
		t.Fatal("the program never gets idle")
	}
	return l
}

// searched is a word of many stories.
const searched = "حاسوب"

// ask requests a path and returns status and body; status 0 is a failed request.
func (l *loaded) ask(path string) (int, string) {
	res, err := l.client.Get("http://" + l.address + path)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(body)
}

// cpu returns the CPU time that the program has taken.
func (l *loaded) cpu() time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", l.pid))
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond // Linux counts hundredths of a second
}

// memory returns the program's resident memory in bytes, descriptors the number of its open files.
func (l *loaded) memory() int {
	statm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", l.pid))
	pages, _ := strconv.Atoi(strings.Fields(string(statm))[1])
	return pages * os.Getpagesize()
}

func (l *loaded) descriptors() int {
	list, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", l.pid))
	return len(list)
}

// calm waits until the program takes less than a tenth of a core, at most for long, and returns how
// long that took.
func (l *loaded) calm(long time.Duration) (took time.Duration, ok bool) {
	begun := time.Now()
	for was := l.cpu(); time.Since(begun) < long; {
		time.Sleep(300 * time.Millisecond)
		now := l.cpu()
		if now-was <= 30*time.Millisecond {
			return time.Since(begun) - 300*time.Millisecond, true
		}
		was = now
	}
	return long, false
}

// answers collects statuses and times.
type answers struct {
	mu       sync.Mutex
	took     []time.Duration
	statuses map[int]int
}

func (a *answers) add(status int, took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.statuses == nil {
		a.statuses = map[int]int{}
	}
	a.took = append(a.took, took)
	a.statuses[status]++
}

// at returns the time within which a share of the requests was answered.
func (a *answers) at(share float64) time.Duration {
	slices.Sort(a.took)
	return a.took[min(len(a.took)-1, int(share*float64(len(a.took))))].Round(100 * time.Microsecond)
}

func (a *answers) String() string {
	return fmt.Sprintf("%d answers %v: 50%% %v, 99%% %v, all %v", len(a.took), a.statuses, a.at(.5), a.at(.99),
		a.at(1))
}

// trickle requests paths at a steady rate for some time, whether or not the last was answered.
func (l *loaded) trickle(rate int, long time.Duration, path func(i int) string) *answers {
	a := &answers{}
	var wg sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for i := range int(long.Seconds() * float64(rate)) {
		<-tick.C
		wg.Go(func() {
			begun := time.Now()
			status, _ := l.ask(path(i))
			a.add(status, time.Since(begun))
		})
	}
	wg.Wait()
	return a
}

// emptyDay returns the page of a day without stories: later than all of them.
func emptyDay(i int) string {
	return "/days/" + time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format(time.DateOnly) + ".html"
}

func search(i int) string { return fmt.Sprintf("/search?q=%s&x=%d", searched, i) }

func feedPath(int) string { return "/feed.ar.atom" }

// burst opens n connections that send a request each, stays for some time, and resets all. Half of
// them send the beginning of a second request, after which net/http does not see a client leave.
func (l *loaded) burst(t *testing.T, n int, stay time.Duration, path func(i int) string) {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	failed := map[string]int{}
	at := make(chan struct{}, 200)
	conns := make([]net.Conn, n)
	for i := range n {
		at <- struct{}{}
		wg.Go(func() {
			defer func() { <-at }()
			c, err := net.DialTimeout("tcp", l.address, 10*time.Second)
			if err != nil {
				mu.Lock()
				failed[err.Error()]++
				mu.Unlock()
				return
			}
			fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n%s", path(i), []string{"", "G"}[i%2])
			conns[i] = c
		})
	}
	wg.Wait()
	time.Sleep(stay)
	for _, c := range conns {
		if c != nil {
			_ = c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
	}
	if len(failed) > 0 {
		t.Logf("failed connections: %v", failed)
	}
}

// loads are requests that cost the server work, by what they ask for.
var loads = map[string]func(i int) string{
	"empty days":       emptyDay,
	"unknown stories":  func(i int) string { return fmt.Sprintf("/stories/%016x.html", i) },
	"searches":         search,
	"searches in vain": func(i int) string { return fmt.Sprintf("/search?q=none%d", i) },
	"days": func(i int) string {
		return "/days/" + time.Now().UTC().AddDate(0, 0, -i%100).Format(time.DateOnly) + ".html"
	},
	"feeds of sources": func(i int) string { return fmt.Sprintf("/sources/s%d.ar.rss", i%loadSources) },
}

// Limits on a loaded server.
const (
	loadRate     = 50                     // requests a second
	feedLimit    = 50 * time.Millisecond  // for 99 % of the requests for a feed, or ten times what an idle server takes
	emptyLimit   = 5 * time.Millisecond   // CPU time of a request for which there is nothing
	burstSize    = 3000                   // connections
	burstRest    = 500 * time.Millisecond // after a burst, until nobody waits
	burstLimit   = time.Second            // for an answer from then on
	calmLimit    = 4 * time.Second        // from the end of a burst until the program is idle
	closeLimit   = 5 * time.Second        // the same until its descriptors are closed
	memoryFactor = 1.5                    // of the memory before a burst
	memoryMore   = 16 << 20               // bytes besides

	descriptorsMore = 10 // connections to the database that stay open
)

// underLoad checks the limits on a program that serves n stories of a store. What fails is tried
// twice more: other programs may have taken the machine's cores.
func underLoad(t *testing.T, place string, n int, names ...string) {
	l := load(t, place, n)
	idle := l.trickle(loadRate, 2*time.Second, feedPath)
	limit := max(feedLimit, 10*idle.at(.99))
	t.Logf("idle: %v", idle)
	try := func(name string, check func() error) {
		var err error
		for range 3 {
			if err = check(); err == nil {
				return
			}
			t.Logf("%s: %v", name, err)
		}
		t.Errorf("%s: %v", name, err)
	}
	for _, name := range names {
		try(name, func() error { return l.besideLoad(t, name, limit) })
	}
	for _, name := range names {
		for _, stay := range []time.Duration{0, 200 * time.Millisecond} {
			try("burst of "+name, func() error { return l.afterBurst(t, stay, loads[name]) })
		}
	}
}

// besideLoad checks the limits beside the named load.
func (l *loaded) besideLoad(t *testing.T, name string, limit time.Duration) error {
	before := l.cpu()
	var asked *answers
	var wg sync.WaitGroup
	wg.Go(func() { asked = l.trickle(loadRate, 3*time.Second, loads[name]) })
	feed := l.trickle(20, 3*time.Second, feedPath)
	wg.Wait()
	each := (l.cpu() - before) / time.Duration(len(asked.took))
	t.Logf("%d a second, %v of CPU each, of %s: %v; the feed: %v", loadRate, each, name, asked, feed)
	switch {
	case feed.statuses[http.StatusOK] != len(feed.took) || feed.at(.99) > limit:
		return fmt.Errorf("the feed: %v, want 99%% within %v", feed, limit)
	case name == "empty days" && each > emptyLimit:
		return fmt.Errorf("%v of CPU each", each)
	}
	return nil
}

// afterBurst checks the limits after a burst of requests.
func (l *loaded) afterBurst(t *testing.T, stay time.Duration, path func(i int) string) error {
	l.client.CloseIdleConnections()
	if _, ok := l.calm(closeLimit); !ok {
		return errors.New("the program was busy before")
	}
	memory, descriptors, cpu := l.memory(), l.descriptors(), l.cpu()
	l.burst(t, burstSize, stay, path)
	gone := time.Now()
	time.Sleep(burstRest)
	feed := l.trickle(20, time.Second, feedPath)
	_, ok := l.calm(calmLimit - time.Since(gone))
	cpu = l.cpu() - cpu
	l.client.CloseIdleConnections()
	for l.descriptors() > descriptors+descriptorsMore && time.Since(gone) < closeLimit {
		time.Sleep(50 * time.Millisecond)
	}
	t.Logf("burst of %.20s, gone after %v: %v of CPU; the feed: %v; %d and %d MB, %d and %d descriptors", path(0), stay,
		cpu, feed, memory>>20, l.memory()>>20, descriptors, l.descriptors())
	switch {
	case feed.statuses[http.StatusOK] != len(feed.took) || feed.at(1) > burstLimit:
		return fmt.Errorf("the feed: %v", feed)
	case !ok:
		return fmt.Errorf("the program is still busy after %v", calmLimit)
	case l.descriptors() > descriptors+descriptorsMore:
		return fmt.Errorf("%d descriptors are open, %d before", l.descriptors(), descriptors)
	case l.memory() > int(memoryFactor*float64(memory))+memoryMore:
		return fmt.Errorf("memory grew from %d to %d MB", memory>>20, l.memory()>>20)
	}
	return nil
}

// A server answers its feed at once beside 50 requests a second that cost it work, and soon after
// thousands of connections that were reset.
func TestServesUnderLoad(t *testing.T) { underLoad(t, "", 500, "empty days", "searches") }

// The same with 5,000 stories, or NASHRA_TEST_STORIES, and each kind of request, on both databases.
func TestServesUnderLoadLong(t *testing.T) {
	long(t)
	n, _ := strconv.Atoi(os.Getenv("NASHRA_TEST_STORIES"))
	for _, place := range []string{"SQLite", "PostgreSQL"} {
		t.Run(place, func(t *testing.T) {
			address := ""
			if place == "PostgreSQL" {
				address = storetest.Postgres(t)
			}
			underLoad(t, address, cmp.Or(n, 5000), slices.Sorted(maps.Keys(loads))...)
		})
	}
}
