//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// stand is a publisher of stories that are all different, and a webhook that counts what it is told.
type stand struct {
	*httptest.Server
	rng *rand.Rand

	mu      sync.Mutex
	items   []string       // the feed, the newest first
	links   []string       // of all items after the first
	told    map[string]int // by link
	ids     map[string]int // by webhook-id
	lines   int            // messages that sum up stories
	reached func(n int)    // is called with the number of a message, before it is answered; nil: nobody is
	n       int            // messages since reached was set
}

const (
	standShown   = 30 // items of the feed
	standWaiting = 12 // stories that wait for their message: of more than 20 a line would sum up some
)

func newStand(t testing.TB, seed uint64) *stand {
	s := &stand{rng: rand.New(rand.NewPCG(seed, 4)), told: map[string]int{}, ids: map[string]int{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	s.add(1)
	s.links = nil
	return s
}

// words returns n words that nobody has used before.
func (s *stand) words(n int) string {
	letters := []rune("ابتثجحخدذرزسشصضطظعغفقكلمنهوي")
	var out []string
	for range n {
		word := make([]rune, 7)
		for i := range word {
			word[i] = letters[s.rng.IntN(len(letters))]
		}
		out = append(out, string(word))
	}
	return strings.Join(out, " ")
}

// add adds n items to the feed.
func (s *stand) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		link := fmt.Sprintf("https://stand.example/%d-%d", len(s.links), s.rng.Uint32())
		s.links = append(s.links, link)
		s.items = slices.Insert(s.items, 0, fmt.Sprintf("<item><title>%s</title><link>%s</link><guid>%[2]s</guid>"+
			"<description>%s.</description></item>", s.words(6), link, s.words(20)))
	}
	s.items = s.items[:min(len(s.items), standShown)]
}

func (s *stand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		s.mu.Lock()
		defer s.mu.Unlock()
		fmt.Fprintf(w, "<rss version='2.0'><channel><title>قناة</title>%s</channel></rss>", strings.Join(s.items, ""))
		return
	}
	var body struct{ Data struct{ URL string } }
	err := json.NewDecoder(r.Body).Decode(&body)
	s.mu.Lock()
	if err != nil || body.Data.URL == "" {
		s.lines++
		s.mu.Unlock()
		return
	}
	s.told[body.Data.URL]++
	s.ids[r.Header.Get("webhook-id")]++
	s.n++
	reached, n := s.reached, s.n
	s.mu.Unlock()
	if reached != nil {
		reached(n)
	}
	w.WriteHeader(http.StatusNoContent)
}

// watch makes the stand call reached from now on.
func (s *stand) watch(reached func(n int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reached, s.n = reached, 0
}

// counted returns how many of the items were told, and how often any was told again.
func (s *stand) counted() (told, again int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.told {
		told, again = told+1, again+n-1
	}
	return told, again
}

// config writes the config file of a program that reads the stand, and returns its path.
func (s *stand) config(t testing.TB, more string) string {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, "nashra.yaml")
	text := fmt.Sprintf("store: %s\npublish: {dir: %s}\nfetch: {allow_private: true, min_interval: 0s}\n"+
		"translate: {engines: []}\nsources: [{id: stand, url: %q}]\n%s",
		filepath.Join(dir, "nashra.db"), filepath.Join(dir, "public"), s.URL+"/feed.xml", more)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// fetch runs a pass that must succeed, and returns how long it took.
func standFetch(t testing.TB, program, config string) time.Duration {
	t.Helper()
	begun := time.Now()
	if out, err := exec.Command(program, "fetch", "--now", "-c", config).CombinedOutput(); err != nil {
		t.Fatalf("nashra fetch: %v\n%s", err, out)
	}
	return time.Since(begun)
}

// TestKilledWhileSending kills passes before, between and after their messages. Every story is told, and each
// kill repeats at most the message that was under way, under the same id.
func TestKilledWhileSending(t *testing.T) {
	t.Parallel()
	killedSending(t, 8)
}

func TestKilledWhileSendingLong(t *testing.T) {
	long(t)
	t.Parallel()
	killedSending(t, 200)
}

func killedSending(t *testing.T, kills int) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	program, s := filepath.Join(build(t), "nashra"), newStand(t, seed)
	config := s.config(t, fmt.Sprintf("notify: [{id: hook, url: %q, channel: feed}]\n", s.URL+"/hook"))
	standFetch(t, program, config) // the target is seen
	usual := standFetch(t, program, config)
	done, inFlight := 0, 0
	for done < kills {
		s.add(1 + s.rng.IntN(6))
		cmd := exec.Command(program, "fetch", "--now", "-c", config)
		at, wait, before := 1+s.rng.IntN(6), time.Duration(s.rng.IntN(4))*time.Millisecond, s.rng.IntN(2) == 0
		kill := sync.OnceFunc(func() { _ = cmd.Process.Kill() })
		s.watch(func(n int) {
			switch {
			case n != at:
			case before:
				kill()
			default:
				time.AfterFunc(wait, kill)
			}
		})
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if s.rng.IntN(5) == 0 {
			time.AfterFunc(time.Duration(s.rng.Int64N(int64(usual))), kill)
		}
		err := cmd.Wait()
		s.watch(nil)
		if err != nil && cmd.ProcessState.ExitCode() >= 0 {
			t.Fatalf("a pass failed by itself: %v", err)
		}
		if err != nil {
			done++
		}
		_, again := s.counted()
		if again > done {
			t.Fatalf("after %d kills %d messages were repeated", done, again)
		}
		if err != nil && before {
			inFlight++
		}
		if told, _ := s.counted(); len(s.links)-told > standWaiting || s.rng.IntN(3) == 0 {
			standFetch(t, program, config)
		}
	}
	standFetch(t, program, config)
	told, again := s.counted()
	for _, link := range s.links {
		if s.told[link] == 0 {
			t.Errorf("%s was never told", link)
		}
	}
	if len(s.ids) != told || again > done || s.lines > 0 {
		t.Errorf("%d stories told under %d ids, %d repeated after %d kills, %d lines", told, len(s.ids), again, done,
			s.lines)
	}
	t.Logf("%d kills, %d of them before an answer; %d of %d stories told, %d of them again", done, inFlight, told,
		len(s.links), again)
}

// BenchmarkDeadTarget compares a pass with 20 messages to a target that nobody answers at with one without
// targets, in turn. It prints the median of the ratios.
func BenchmarkDeadTarget(b *testing.B) {
	const pairs = 10
	program := filepath.Join(build(b), "nashra")
	for b.Loop() {
		var ratios []float64
		for pair := range pairs {
			s := newStand(b, uint64(pair))
			dead := httptest.NewServer(nil)
			dead.Close()
			with := s.config(b, fmt.Sprintf("notify: [{id: dead, url: %q, channel: feed}]\n", dead.URL))
			without := s.config(b, "")
			for _, config := range []string{with, without} {
				standFetch(b, program, config)
			}
			s.add(20)
			took := map[string]time.Duration{}
			order := []string{with, without}
			if pair%2 == 1 {
				slices.Reverse(order)
			}
			for _, config := range order {
				took[config] = standFetch(b, program, config)
			}
			ratios = append(ratios, took[with].Seconds()/took[without].Seconds())
		}
		slices.Sort(ratios)
		b.ReportMetric((ratios[pairs/2-1]+ratios[pairs/2])/2, "x-without")
		fmt.Printf("ratios %.3f\n", ratios)
	}
}
