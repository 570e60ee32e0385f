//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds/site/sitetest"
)

// slowly makes the farm's engine slow, so that a test can act while it is called.
var slowly = []string{"-tr-latency", "400ms", "-tr-per-kchar", "0"}

// translating starts a pass and returns once the engine is called.
func (p *plant) translating(t *testing.T) (*exec.Cmd, *lockedBuffer) {
	t.Helper()
	before := p.bought(t)
	cmd, out := p.command("fetch", "--now")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for end := time.Now().Add(time.Minute); p.bought(t) == before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the engine is not asked\n%s", out.String())
		}
	}
	return cmd, out
}

// settled fails if more was bought twice than was in flight, or more was billed than is recorded.
func (p *plant) settled(t *testing.T) (again int64) {
	t.Helper()
	chars, _, again := p.paid(t)
	reserved, spent := p.number(t, "SELECT COALESCE(SUM(chars), 0) FROM reservations"), p.number(t,
		"SELECT COALESCE(SUM(chars), 0) FROM spent")
	if again > reserved || chars > reserved+spent {
		t.Fatalf("%d characters were billed, %d of them again; %d are counted as spent and %d as reserved", chars,
			again, spent, reserved)
	}
	return again
}

// TestTerminated: a pass stops within ten seconds of SIGTERM and keeps what it has done.
func TestTerminated(t *testing.T) {
	t.Parallel()
	for step, flags := range map[string][]string{"translating": slowly, "polling": {"-rtt", "2s"}} {
		t.Run(step, func(t *testing.T) {
			p := newPlant(t, "", flags...)
			cmd, out := p.command("fetch", "--now")
			if step == "translating" {
				cmd, out = p.translating(t)
				time.Sleep(time.Second) // some calls are answered, some are in flight
			} else if err := cmd.Start(); err != nil {
				t.Fatal(err)
			} else {
				time.Sleep(time.Second)
			}
			told := time.Now()
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			took := time.Since(told)
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != exitFailed ||
				!strings.Contains(out.String(), "what was done is kept") || took > 10*time.Second {
				t.Errorf("it ended after %v with %v\n%s", took, err, out.String())
			}
			if _, err := published(p.path("public")); err != nil && !os.IsNotExist(err) {
				t.Error(err)
			}
			kept := p.number(t, "SELECT COUNT(*) FROM memory")
			p.fetch(t)
			p.sound(t)
			if step == "translating" && kept == 0 {
				t.Error("nothing that was bought is kept")
			}
			if again := p.settled(t); again > 0 {
				t.Errorf("%d characters were bought again: the calls in flight had time to be answered", again)
			}
			t.Logf("it ended after %v; %d translations were kept", took.Round(time.Millisecond), kept)
		})
	}
}

// TestTwoPasses: the second of two passes waits for the first. Nothing is bought twice, and a
// killed pass does not block the next.
func TestTwoPasses(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "", slowly...)
	for _, kill := range []bool{false, true} {
		first, said := p.translating(t)
		second, out := p.command("fetch", "--now")
		if err := second.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = second.Process.Kill() })
		if kill {
			time.Sleep(200 * time.Millisecond)
			_ = first.Process.Kill()
		}
		ferr := first.Wait()
		if killed := signalled(first, syscall.SIGKILL); killed != kill || !kill && ferr != nil {
			t.Fatalf("the first pass: %v\n%s", ferr, said.String())
		}
		begun := time.Now()
		if err := second.Wait(); err != nil {
			t.Fatalf("the second pass: %v\n%s", err, out.String())
		}
		p.sound(t)
		if _, err := published(p.path("public")); err != nil {
			t.Error(err)
		}
		again := p.settled(t)
		if !kill && (again > 0 || !strings.Contains(out.String(), " 0 segments bought")) {
			t.Errorf("%d characters were paid twice; the second pass said\n%s", again, out.String())
		}
		t.Logf("first killed: %v; the second pass ended %v after it; %d characters bought again", kill,
			time.Since(begun).Round(time.Millisecond), again)
		p.turn(t)
	}
}

// TestReadersSeeWholeFiles: whoever reads the published files all the time, from the disk or the
// daemon, sees only whole files and loses no entry.
func TestReadersSeeWholeFiles(t *testing.T) {
	t.Parallel()
	readersSeeWholeFiles(t, 3)
}

func TestReadersSeeWholeFilesLong(t *testing.T) {
	long(t)
	t.Parallel()
	readersSeeWholeFiles(t, 20)
}

func readersSeeWholeFiles(t *testing.T, rounds int) {
	t.Helper()
	p := newPlant(t, "schedule: \"@every 1s\"\nserve: {listen: 127.0.0.1:0, metrics: \"\"}\n", "-tr-latency", "5ms",
		"-tr-per-kchar", "0")
	p.fetch(t)
	cmd, out := p.command("serve")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	address := ""
	for end := time.Now().Add(time.Minute); address == ""; time.Sleep(20 * time.Millisecond) {
		if _, rest, ok := strings.Cut(out.String(), "serving "); ok && strings.Contains(rest, "\n") {
			address, _, _ = strings.Cut(rest, "\n")
		} else if time.Now().After(end) {
			t.Fatalf("it does not serve\n%s", out.String())
		}
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	read := func(what string, look func() (string, []shown, error)) {
		readers.Go(func() {
			var was []shown
			looks, versions, last := 0, 0, ""
			for ; ; looks++ {
				version, now, err := look()
				if gone := missing(was, now); err != nil || len(gone) > 0 {
					t.Errorf("%s: %v; gone: %v", what, err, gone)
					return
				}
				if was = now; version != last {
					last, versions = version, versions+1
				}
				select {
				case <-done:
					t.Logf("%s: %d looks, %d versions of the feed", what, looks, versions)
					if versions < 2 {
						t.Errorf("%s: nothing changed meanwhile", what)
					}
					return
				default:
				}
			}
		})
	}
	read("files", func() (string, []shown, error) {
		now, err := published(p.path("public"))
		return fmt.Sprint(now), now, err
	})
	read("HTTP", func() (string, []shown, error) {
		for _, path := range []string{"feed.atom", "feed.en.rss", "feed.ar.json", "index.html", "sources.opml",
			"feed.json"} {
			status, body := sitetest.Get(t, address+path)
			if status != http.StatusOK {
				return "", nil, fmt.Errorf("%s: status %d", path, status)
			}
			if err := whole(path, []byte(body)); err != nil {
				return "", nil, err
			}
			if path == "feed.json" {
				now, err := entries([]byte(body))
				return body, now, err
			}
		}
		return "", nil, nil
	})
	for range times(t, rounds) {
		p.turn(t)
		time.Sleep(700 * time.Millisecond)
	}
	for end := time.Now().Add(time.Minute); int(
		p.number(t, "SELECT COUNT(*) FROM items WHERE story IS NOT NULL")) < len(p.ever) && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(3 * time.Second) // time to publish what was grouped last
	close(done)
	readers.Wait()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// TestHangingSourcesLong: a twentieth of 200 sources hang. The others are published meanwhile, and
// the pass takes at most one timeout longer.
func TestHangingSourcesLong(t *testing.T) {
	long(t)
	const sources, timeout = 200, 15 * time.Second
	bin := build(t)
	pass := func(flags ...string) (first, whole time.Duration, r farmRun) {
		farm := startFarm(t, filepath.Join(bin, "feedfarm"), sources, flags...)
		config := farmConfig(t, farm, sources, "translate: {engines: []}\n")
		text, err := os.ReadFile(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(config, []byte(strings.Replace(string(text), "min_interval: 0s",
			fmt.Sprintf("min_interval: 0s, timeout: %v", timeout), 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		out := &lockedBuffer{}
		cmd := exec.Command(filepath.Join(bin, "nashra"), "fetch", "--now", "--json", "-c", config)
		cmd.Stdout = out
		begun := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for {
			select {
			case err := <-ended:
				if err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal([]byte(out.String()), &r); err != nil {
					t.Fatal(err)
				}
				return first, time.Since(begun), r
			case <-time.After(10 * time.Millisecond):
				if _, err := os.Stat(filepath.Join(filepath.Dir(config), "public", "feed.json")); err == nil &&
					first == 0 {
					first = time.Since(begun)
				}
			}
		}
	}
	_, healthy, _ := pass()
	first, took, r := pass("-broken", "0.05", "-broken-kinds", "hang")
	t.Logf("%d sources: a pass takes %v; with %d that hang %v, and the others are published after %v; time-out %v",
		sources, healthy.Round(10*time.Millisecond), len(r.Polled.Failed), took.Round(10*time.Millisecond),
		first.Round(10*time.Millisecond), timeout)
	if len(r.Polled.Failed) == 0 || first == 0 || took-first < timeout/4 {
		t.Errorf("the healthy were not published before the hanging gave up")
	}
	if took > healthy+timeout+timeout/2 { // half a timeout of slack for a busy machine
		t.Errorf("the hanging hold the pass up by %v", took-healthy)
	}
}
