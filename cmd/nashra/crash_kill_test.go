//go:build linux

package main

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
)

// TestKilled kills passes at random moments. After each kill all published files are whole, and the
// digests are still there. The next whole pass has every item once and buys again only what was in
// flight. NASHRA_TEST_SEED repeats a run.
func TestKilled(t *testing.T) {
	t.Parallel()
	killed(t, 4)
}

func TestKilledLong(t *testing.T) {
	long(t)
	t.Parallel()
	killed(t, 100)
}

func killed(t *testing.T, kills int) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("NASHRA_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	kills = times(t, kills)
	rng := rand.New(rand.NewPCG(seed, 9))
	t.Logf("seed %d, %d kills", seed, kills)
	p := newPlant(t, "", "-seed", strconv.FormatUint(seed%1000, 10), "-changed", "0.6", "-tr-latency", "80ms",
		"-tr-per-kchar", "5ms", "-rtt", "80ms")
	public := p.path("public")

	p.fetch(t)
	usual := time.Minute // the duration of a pass with news
	for range 3 {
		p.turn(t)
		usual = min(usual, p.fetch(t))
	}
	p.sound(t)
	_, again, _ := p.paid(t)
	if again > 0 {
		t.Fatalf("%d segments were billed again before anything was killed", again)
	}
	was, err := published(public)
	if err != nil {
		t.Fatal(err)
	}
	digests, err := p.digested(t, was[0].Nashra.Story)
	if err != nil || len(digests) == 0 {
		t.Fatalf("%d digests before anything was killed: %v", len(digests), err)
	}
	steps, lost := map[string]int{}, int64(0)
	for done := 0; done < kills; {
		p.turn(t)
		for range 1 + rng.IntN(5) { // the pass after a kill may be killed too
			delay := time.Duration(rng.Int64N(int64(usual)))
			cmd, out := p.command("fetch", "--now")
			begun := time.Now()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(delay)
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if !signalled(cmd, syscall.SIGKILL) {
				if !cmd.ProcessState.Success() {
					t.Fatalf("a pass failed by itself: %s", out.String())
				}
				continue // it had already ended
			}
			step := p.step(t, begun)
			steps[step]++
			done++
			now, err := published(public)
			if err != nil {
				t.Fatalf("kill %d, after %v, while it did %s: %v", done, delay, step, err)
			}
			if gone := missing(was, now); len(gone) > 0 {
				t.Fatalf("kill %d, after %v, while it did %s: gone from the feed: %v", done, delay, step, gone)
			}
			was = now
			if now, err := feed(public, "daily"); err != nil || len(missing(digests, now)) > 0 {
				t.Fatalf("kill %d, after %v, while it did %s: digests %v, were %v; %v", done, delay, step, now,
					digests, err)
			}
		}
		p.fetch(t)
		p.sound(t)
		now, err := published(public)
		if err != nil {
			t.Fatal(err)
		}
		if gone := missing(was, now); len(gone) > 0 || len(now) < min(plantShown, len(was)) {
			t.Fatalf("after kill %d: gone from the feed: %v", done, gone)
		}
		if i := slices.IndexFunc(now, func(s shown) bool { return s.Nashra.Translation.State != "done" }); i >= 0 {
			t.Fatalf("after kill %d: %s is not translated", done, now[i].ID)
		}
		was = now
		lost = p.settled(t)
	}
	for _, name := range []string{"*.new", "*/*.new"} {
		if left, _ := filepath.Glob(filepath.Join(public, name)); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	}
	chars, segments, _ := p.paid(t)
	before := tree(p.dir)
	p.fetch(t)
	if after, _, _ := p.paid(t); after != chars || !maps.Equal(before, tree(p.dir)) {
		t.Errorf("a pass without news billed %d characters, or changed what is published", after-chars)
	}
	if out := p.run(t, "store", "check"); !strings.Contains(out, ": ok, ") {
		t.Errorf("store check: %s", out)
	}
	var told []string
	for _, step := range slices.Sorted(maps.Keys(steps)) {
		told = append(told, fmt.Sprintf("%d %s", steps[step], step))
	}
	t.Logf("%d kills, by what was not done yet: %s; a pass took %v. %d items; %d characters billed, of them again "+
		"%d (%d segments), in flight at the kills and counted as reserved: %d",
		kills, strings.Join(told, ", "), usual.Round(time.Millisecond), len(p.ever), chars, lost, segments,
		p.number(t, "SELECT COALESCE(SUM(chars), 0) FROM reservations"))
}

// digested stores a digest of a story, as the farm's entries are older than the last day, publishes it
// and returns the digests' entries.
func (p *plant) digested(t *testing.T, story string) ([]shown, error) {
	t.Helper()
	st, err := store.Open(t.Context(), p.path("nashra.db"))
	if err != nil {
		return nil, err
	}
	last, err := st.LastDigests(t.Context())
	from := last["daily"].To
	d := feeds.Digest{Channel: "daily", From: from, To: from.Add(time.Minute), At: time.Now(),
		Events: []feeds.Event{{Stories: []string{story}, Outlets: []string{"f0"}, Reports: 1}}}
	if err = errors.Join(err, st.SetDigest(t.Context(), d, 30), st.Close()); err != nil {
		return nil, err
	}
	p.fetch(t)
	return feed(p.path("public"), "daily")
}

// run runs a command that must succeed, and returns its output.
func (p *plant) run(t *testing.T, args ...string) string {
	t.Helper()
	cmd, out := p.command(args...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("nashra %v: %v\n%s", args, err, out.String())
	}
	return out.String()
}

// step returns the step in which a pass was killed, by what it left undone.
func (p *plant) step(t *testing.T, begun time.Time) string {
	t.Helper()
	switch {
	case p.number(t, fmt.Sprintf("SELECT COUNT(*) FROM sources WHERE polled >= %d", begun.UnixMilli())) == 0:
		return "starting"
	case p.number(t, fmt.Sprintf("SELECT COUNT(*) FROM sources WHERE polled >= %d", begun.UnixMilli())) < plantFeeds:
		return "polling"
	case p.number(t, "SELECT COUNT(*) FROM items WHERE story IS NULL") > 0:
		return "grouping"
	case p.number(t, fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT number FROM stories ORDER BY published DESC, id LIMIT %d)
		WHERE number NOT IN (SELECT story FROM translations WHERE state = 'done')`, plantShown)) > 0:
		return "translating"
	case p.number(t, "SELECT COUNT(*) FROM outputs WHERE sum = zeroblob(32)") > 0:
		return "writing files"
	case p.number(t, fmt.Sprintf("SELECT COUNT(*) FROM outputs WHERE at >= %d", begun.UnixMilli())) == 0:
		return "publishing"
	}
	return "ending"
}
