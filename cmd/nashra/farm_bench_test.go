//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// farmFeeds is the size of the farm; NASHRA_BENCH_FEEDS changes it.
const farmFeeds = 1000

// BenchmarkFarm runs three rounds with the command: an empty store, nothing changed, a twentieth of
// the feeds changed. It prints their cost, also relative to the floor client's.
func BenchmarkFarm(b *testing.B) {
	n := farmFeeds
	if s := os.Getenv("NASHRA_BENCH_FEEDS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	bin := build(b)
	for b.Loop() {
		farmRounds(b, bin, n)
	}
}

func farmRounds(b *testing.B, bin string, n int) {
	farm := startFarm(b, filepath.Join(bin, "feedfarm"), n)
	config := farmConfig(b, farm, n, "translate: {engines: []}\n")
	entries := entriesOf(b, farm)
	var validators []byte
	fmt.Printf("\n%d feeds, %d entries\n\n| round | wall s | CPU s | x floor | peak MB | requests | conditional | "+
		"304 | body MB | entries | changed | chars |\n|%s\n", n, entries, strings.Repeat(" --- |", 12))
	for _, round := range []string{"first", "same", "changed"} {
		want := entries
		var turned struct {
			New int `json:"new_items"`
		}
		if round != "first" {
			want = 0
		}
		if round == "changed" {
			ask(b, "POST", farm+"/ctl/round", &turned)
			want = turned.New
		}
		ask(b, "POST", farm+"/ctl/reset", nil)
		r := runFetch(b, filepath.Join(bin, "nashra"), config, "--now")
		for i := 0; round == "same" && i < 2; i++ { // the best of three, because it is short
			ask(b, "POST", farm+"/ctl/reset", nil)
			if again := runFetch(b, filepath.Join(bin, "nashra"), config, "--now"); again.cpu < r.cpu {
				r = again
			}
		}
		c, chars := counters(b, farm)
		ratio := r.cpu.Seconds() / runFloor(b, filepath.Join(bin, "feedfarm"), farm, &validators).Seconds()
		fmt.Printf("| %s | %.2f | %.2f | %.0f | %.0f | %d | %d | %d | %.1f | %d | %d | %d |\n", round, r.wall.Seconds(),
			r.cpu.Seconds(), ratio, r.peakMB,
			c["requests"], c["conditional"], c["feed_304"], float64(c["body_bytes"])/1e6, r.Polled.New,
			r.Polled.Changed, chars)
		if r.Polled.New != want || len(r.Polled.Failed) > 0 {
			b.Errorf("%s round: %d new entries kept of %d, %d sources failed", round, r.Polled.New, want,
				len(r.Polled.Failed))
		}
		if c["requests"] != n {
			b.Errorf("%s round: %d requests for %d feeds", round, c["requests"], n)
		}
		b.ReportMetric(r.wall.Seconds(), round+"-wall-s")
		b.ReportMetric(r.cpu.Seconds(), round+"-cpu-s")
		b.ReportMetric(ratio, round+"-floor-x")
		b.ReportMetric(r.peakMB, round+"-peak-MB")
	}
}

// BenchmarkNothingDue measures `fetch` with nothing due and nothing to write, as most runs from
// cron are.
func BenchmarkNothingDue(b *testing.B) {
	bin := build(b)
	nashra := filepath.Join(bin, "nashra")
	config := farmConfig(b, startFarm(b, filepath.Join(bin, "feedfarm"), farmFeeds), farmFeeds,
		"translate: {engines: []}\nschedule: \"0 0 1 1 *\"\n")
	runFetch(b, nashra, config, "--now")
	var wall, cpu []time.Duration
	for b.Loop() {
		r := runFetch(b, nashra, config)
		wall, cpu = append(wall, r.wall), append(cpu, r.cpu)
	}
	for unit, took := range map[string][]time.Duration{"wall-ms": wall, "cpu-ms": cpu} {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, unit)
	}
}

// startFarm starts a farm and returns its address once it answers.
func startFarm(b testing.TB, program string, n int, flags ...string) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	cmd := exec.Command(program, append([]string{"serve", "-addr", addr, "-n", strconv.Itoa(n)}, flags...)...)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for range 600 { // a minute: 10,000 feeds take seconds to make
		if resp, err := http.Get("http://" + addr + "/ctl/stats"); err == nil {
			resp.Body.Close()
			return "http://" + addr
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Fatal("the farm does not answer")
	return ""
}

// farmConfig writes a config for the farm's feeds without rate limits, and with more.
func farmConfig(b testing.TB, farm string, n int, more string) string {
	dir := b.TempDir()
	var s strings.Builder
	fmt.Fprintf(&s, "store: %s\npublish: {dir: %s}\nfetch: {allow_private: true, per_host: 64, concurrency: 64, "+
		"min_interval: 0s}\n%ssources:\n",
		filepath.Join(dir, "nashra.db"), filepath.Join(dir, "public"), more)
	for i := range n {
		fmt.Fprintf(&s, "  - {id: f%d, url: %q}\n", i, fmt.Sprintf("%s/f/%d", farm, i))
	}
	name := filepath.Join(dir, "nashra.yaml")
	if err := os.WriteFile(name, []byte(s.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return name
}

// farmRun is the cost and the report of one fetch.
type farmRun struct {
	wall, cpu time.Duration
	peakMB    float64
	Polled    struct {
		New, Changed int
		Failed       map[string]string
	}
}

func runFetch(b testing.TB, program, config string, flags ...string) (r farmRun) {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(program, append([]string{"fetch", "--json", "-c", config}, flags...)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("nashra fetch: %v\n%s", err, stderr.Bytes())
	}
	r.wall = time.Since(start)
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.peakMB = float64(usage.Maxrss) * 1024 / 1e6 // Linux counts in KiB
	}
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		b.Fatalf("report: %v\n%s", err, stdout.Bytes())
	}
	return r
}

// runFloor returns the CPU time of the floor client, the best of five. validators is the file for
// them.
func runFloor(b testing.TB, program, farm string, validators *[]byte) (least time.Duration) {
	file := filepath.Join(b.TempDir(), "validators.json")
	for i := range 5 {
		if len(*validators) > 0 {
			if err := os.WriteFile(file, *validators, 0o600); err != nil {
				b.Fatal(err)
			}
		} else {
			_ = os.Remove(file)
		}
		cmd := exec.Command(program, "floor", "-addr", strings.TrimPrefix(farm, "http://"), "-keep", file)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("floor: %v\n%s", err, out)
		}
		if took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(); i == 0 || took < least {
			least = took
		}
	}
	var err error
	if *validators, err = os.ReadFile(file); err != nil {
		b.Fatal(err)
	}
	return least
}

// counters are the farm's counters for nashra, and the characters its translation services billed.
func counters(b testing.TB, farm string) (map[string]int, int) {
	var stats struct {
		Clients     map[string]map[string]int `json:"clients"`
		Translation struct {
			Chars int `json:"chars_billed"`
		} `json:"translation"`
	}
	ask(b, "GET", farm+"/ctl/stats", &stats)
	for name, c := range stats.Clients {
		if strings.HasPrefix(name, "nashra/") {
			return c, stats.Translation.Chars
		}
	}
	b.Fatalf("the farm was not asked: %v", stats.Clients)
	return nil, 0
}

// entriesOf counts a farm's entries in a stream: the peak memory of a child includes that of its
// parent.
func entriesOf(b testing.TB, farm string) (n int) {
	resp, err := http.Get(farm + "/ctl/truth")
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	list := json.NewDecoder(resp.Body)
	if _, err = list.Token(); err == nil {
		for ; err == nil && list.More(); n++ {
			err = list.Decode(&struct{}{})
		}
	}
	if err != nil {
		b.Fatalf("the farm's entries: %v", err)
	}
	return n
}

func ask(b testing.TB, method, address string, into any) {
	r, err := http.NewRequest(method, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && into != nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatalf("%s %s: %s, %v", method, address, resp.Status, err)
	}
}
