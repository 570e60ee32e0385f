//go:build linux

package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
)

// BenchmarkDay runs a daemon's steps on a farm in the shape of Kagi's list for NASHRA_BENCH_HOURS
// (24) of simulated time: the clock jumps while the daemon would sleep, and runs while it works.
// NASHRA_BENCH_FEEDS changes the size, NASHRA_BENCH_STORE the store. With NASHRA_BENCH_CHANNELS each
// category has a channel.
func BenchmarkDay(b *testing.B) {
	hours, err := strconv.Atoi(cmp.Or(os.Getenv("NASHRA_BENCH_HOURS"), "24"))
	if err != nil {
		b.Fatal(err)
	}
	n, err := strconv.Atoi(cmp.Or(os.Getenv("NASHRA_BENCH_FEEDS"), "10104"))
	if err != nil {
		b.Fatal(err)
	}
	debug.SetMemoryLimit(memoryLimit) // as the program does
	farm := startFarm(b, filepath.Join(build(b), "feedfarm"), n, "-kagi", "-n", strconv.Itoa(n))
	for b.Loop() {
		d := newDay(b, farm, n)
		fmt.Println("\n| hour | CPU s | peak MB | store MB | requests | new entries | median | 99 % | late |\n" +
			"| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
		d.run(d.now()) // the first round
		d.report("first")
		start, cpu, requests := d.now(), d.cpu, d.requests
		for h := range hours {
			d.run(start.Add(time.Duration(h+1) * time.Hour))
			d.report(strconv.Itoa(h + 1))
		}
		d.cpu, d.requests = cpu, requests
		d.report("all")
	}
}

// kagiDay is a daemon on simulated time.
type kagiDay struct {
	*aggregator.Aggregator
	b         *testing.B
	farm, db  string
	steps     []aggregator.Step
	wake      map[string]time.Time // by step
	at, since time.Time            // the simulated time since is at
	arrived   map[string][]entryOf // by the last step that knows them
	validated map[string]bool      // sources with validators: they are polled hourly, the others daily
	latencies []time.Duration      // of each entry, from its date to the publishing
	late      int                  // those above the source's interval and a minute
	cpu       time.Duration        // used before this hour
	requests  int                  // sent before this hour
}

// entryOf is a new entry of a source.
type entryOf struct {
	source    string
	published time.Time
}

// dayBegins is the time at which the farm's clock is zero.
var dayBegins = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func newDay(b *testing.B, farm string, n int) *kagiDay {
	d := &kagiDay{b: b, farm: farm, wake: map[string]time.Time{}, arrived: map[string][]entryOf{},
		validated: map[string]bool{}, at: dayBegins, since: time.Now()}
	name := dayConfig(b, farm)
	cfg, err := configReader().Read(name)
	if err != nil || len(cfg.Sources) != n {
		b.Fatalf("%d sources, %v", len(cfg.Sources), err)
	}
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	w.serving = true
	d.db = cfg.Store
	st, err := store.Open(b.Context(), cfg.Store)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { st.Close(); w.client.CloseIdle() })
	if d.Aggregator, err = w.aggregator(b.Context(), st); err != nil {
		b.Fatal(err)
	}
	d.Now = d.now
	d.steps = d.Steps(d.poll)
	for _, s := range d.steps {
		d.wake[s.Name] = d.at.Add(s.Every)
	}
	return d
}

// dayConfig writes a config for a farm in the shape of Kagi's list.
func dayConfig(b *testing.B, farm string) string {
	resp, err := http.Get(farm + "/urls?long=1")
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	dir := b.TempDir()
	var s strings.Builder
	fmt.Fprintf(&s, "store: %q\npublish: {dir: %s}\nfetch: {allow_private: true}\n"+
		"translate: {engines: []}\nchannels:\n",
		cmp.Or(os.Getenv("NASHRA_BENCH_STORE"), filepath.Join(dir, "nashra.db")), filepath.Join(dir, "public"))
	if os.Getenv("NASHRA_BENCH_CHANNELS") == "" {
		s.WriteString("  - {id: feed}\n")
	} else {
		for i := range 197 {
			fmt.Fprintf(&s, "  - {id: t%d, tags: [t%d]}\n", i, i)
		}
	}
	s.WriteString("sources:\n")
	lines := bufio.NewScanner(resp.Body)
	for i := 0; lines.Scan(); i++ {
		f := strings.Split(lines.Text(), "\t")
		fmt.Fprintf(&s, "  - {id: f%d, url: %q, tags: [%s]}\n", i, f[0], f[3])
	}
	name := filepath.Join(dir, "nashra.yaml")
	if err := cmp.Or(lines.Err(), os.WriteFile(name, []byte(s.String()), 0o600)); err != nil {
		b.Fatal(err)
	}
	return name
}

func (d *kagiDay) now() time.Time { return d.at.Add(time.Since(d.since)) }

// run runs the steps that are due until a time, and those that they wake at once.
func (d *kagiDay) run(until time.Time) {
	for {
		s := slices.MinFunc(d.steps, func(x, y aggregator.Step) int { return d.due(x).Compare(d.due(y)) })
		if at := d.due(s); at.After(d.now()) {
			if at.After(until) && d.now().After(until.Add(-time.Second)) || at.After(until.Add(time.Minute)) {
				d.at, d.since = until, time.Now()
				return
			}
			d.at, d.since = at, time.Now()
		}
		d.step(s)
	}
}

// due returns when a step runs next: in a year if nothing wakes it.
func (d *kagiDay) due(s aggregator.Step) time.Time {
	if at := d.wake[s.Name]; !at.IsZero() {
		return at
	}
	return dayBegins.AddDate(1, 0, 0)
}

func (d *kagiDay) step(s aggregator.Step) {
	delete(d.wake, s.Name)
	if s.Every > 0 {
		d.wake[s.Name] = d.now().Add(s.Every)
	}
	grouped := d.arrived["grouped"]
	switch s.Name {
	case "group":
		d.arrived["grouped"], d.arrived["polled"] = append(grouped, d.arrived["polled"]...), nil
	case "publish":
		d.arrived["grouped"] = nil
	}
	again, err := s.Run(d.b.Context(), aggregator.Watch{Done: func(rep aggregator.Report) {
		if rep.News() {
			d.raise(s.Wakes...)
		}
	}})
	if err != nil {
		d.b.Fatal(err)
	}
	if at, ok := d.wake[s.Name]; !again.IsZero() && (!ok || again.Before(at)) {
		d.wake[s.Name] = again
	}
	if s.Name != "publish" {
		return
	}
	for _, it := range grouped {
		if it.published.Before(dayBegins) {
			continue
		}
		took, interval := d.now().Sub(it.published), 24*time.Hour
		if d.validated[it.source] {
			interval = time.Hour
		}
		d.latencies = append(d.latencies, took)
		if took > interval+time.Minute {
			d.late++
		}
	}
}

// raise wakes steps, as a daemon does.
func (d *kagiDay) raise(names ...string) {
	for _, s := range d.steps {
		if at, ok := d.wake[s.Name]; slices.Contains(names, s.Name) && (!ok || at.After(d.now().Add(s.Pause))) {
			d.wake[s.Name] = d.now().Add(s.Pause)
		}
	}
}

func (d *kagiDay) poll(ctx context.Context, _ aggregator.Watch) (time.Time, error) {
	ask(d.b, "POST", fmt.Sprintf("%s/ctl/clock?ms=%d", d.farm, d.now().Sub(dayBegins).Milliseconds()), nil)
	due, next, err := d.DueNow(ctx)
	if err != nil || len(due) == 0 {
		return next, err
	}
	_, err = d.Poll(ctx, func(p aggregator.Poll, _ error) {
		d.validated[p.State.ID] = p.State.Validators != feeds.Validators{}
		for _, it := range p.Items {
			d.arrived["polled"] = append(d.arrived["polled"], entryOf{it.SourceID, it.Published})
		}
		if len(p.Items) > 0 {
			d.raise("group")
		}
	}, false, slices.Sorted(maps.Keys(due))...)
	return d.now(), err
}

// report prints what an hour cost.
func (d *kagiDay) report(name string) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		d.b.Fatal(err)
	}
	cpu := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	size := int64(0)
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(d.db + suffix); err == nil {
			size += info.Size()
		}
	}
	c, _ := counters(d.b, d.farm)
	slices.Sort(d.latencies)
	part := func(of float64) time.Duration {
		if len(d.latencies) == 0 {
			return 0
		}
		return d.latencies[int(of*float64(len(d.latencies)-1))].Truncate(time.Second)
	}
	fmt.Printf("| %s | %.1f | %.0f | %.0f | %d | %d | %s | %s | %d |\n", name, (cpu - d.cpu).Seconds(),
		float64(u.Maxrss)*1024/1e6, float64(size)/1e6, c["requests"]-d.requests, len(d.latencies), part(0.5),
		part(0.99), d.late)
	d.cpu, d.requests = cpu, c["requests"]
}
