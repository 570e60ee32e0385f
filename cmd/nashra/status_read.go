package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

const (
	shownDays = 14 // days that items are counted by: two weeks, so that each weekday has one to compare it with
	rateDays  = 7  // of these, the last that items a day are told from: a week has its quiet days in it
)

// facts reads how things stand, once for all who ask within factsAge.
type facts struct {
	read func(ctx context.Context) (status, error)

	mu    sync.Mutex
	last  status
	until time.Time // last is given again
}

const (
	// how old an answer may be at least: a scrape, a probe and a page that is looked at come together
	factsAge = 2 * time.Second
	// how old, as a multiple of what reading took, so that who asks all the time takes a twentieth of it: ten thousand sources take half a second
	factsShare = 20
	// how long reading may take: what Prometheus waits by default
	factsTime = 10 * time.Second
)

func (f *facts) status(ctx context.Context) (status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	begun := time.Now()
	if begun.Before(f.until) {
		return f.last, nil
	}
	s, err := f.read(ctx)
	if err == nil {
		f.last, f.until = s, time.Now().Add(max(factsAge, factsShare*time.Since(begun)))
	}
	return s, err
}

// status is how the store and this process's engines stand. started is when the daemon did; zero: this is none.
func (w *wire) status(ctx context.Context, st *store.Store, a *aggregator.Aggregator, started time.Time) (s status, err error) {
	zone, err := w.zone()
	if err != nil {
		return s, err
	}
	s.At, s.Serving, s.Version, s.Zone = time.Now().UTC().Truncate(time.Second), started.UTC().Truncate(time.Second), version(), zone.String()
	if s.Sources, err = w.sources(ctx, st, a, s.At.In(zone), started); err != nil {
		return s, err
	}
	if s.Ungrouped, s.Loose, err = st.Loose(ctx); err != nil {
		return s, err
	}
	waiting, err := a.Backlog(ctx)
	if err != nil {
		return s, err
	}
	s.wait(waiting)
	if a.Translator != nil {
		s.Engines = w.engineStatus(a.Translator.Resting(), s.At)
	}
	if s.Budgets, err = w.budgets(ctx, st, s.At.In(zone)); err != nil {
		return s, err
	}
	if s.Spent, err = st.Spending(ctx, s.At.In(zone)); err != nil || !st.Shared() {
		return s, err
	}
	s.Members, err = w.members(ctx)
	return s, err
}

// members are the processes that share the store.
func (w *wire) members(ctx context.Context) ([]fleet.Member, error) {
	pool, err := fleet.Open(ctx, w.cfg.Store)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	return fleet.Members(ctx, pool)
}

// sources is how each source of the config stands.
func (w *wire) sources(ctx context.Context, st *store.Store, a *aggregator.Aggregator, at, started time.Time) (out []sourceStatus, err error) {
	memos, err := st.Memos(ctx)
	if err != nil {
		return nil, err
	}
	_, later, err := a.Due(ctx, false)
	if err != nil {
		return nil, err
	}
	arrived, err := st.Arrivals(ctx, midnight(at).AddDate(0, 0, 1-shownDays), at)
	if err != nil {
		return nil, err
	}
	for _, src := range w.cfg.Sources {
		m, why := memos[src.ID], later[src.ID]
		s := sourceStatus{ID: src.ID, Title: cmp.Or(src.Title, m.Title), URL: feeds.Redact(src.URL), Off: !src.On(), Success: m.Succeeded, Polled: m.Polled,
			Due: why.Until, Why: why.Why, Failures: m.Failures, Class: m.Class, Error: m.Error, Days: arrived[src.ID]}
		if s.Off {
			s.Why = "switched off"
		} else {
			s.Late = a.Late(src, m, started)
		}
		for _, n := range s.Days[max(0, len(s.Days)-rateDays):] {
			s.PerDay += float64(n) / rateDays
		}
		out = append(out, s)
	}
	return out, nil
}

// wait notes the stories that wait, by when they were first seen.
func (s *status) wait(since []time.Time) {
	s.Waiting, s.Waits = len(since), make([]int, len(waitBounds)+1)
	for i, t := range since {
		if i == 0 {
			s.Since = t
		}
		at, _ := slices.BinarySearch(waitBounds, s.At.Sub(t))
		s.Waits[at]++
	}
}

func (w *wire) engineStatus(resting map[string]*translate.Error, at time.Time) (out []engineStatus) {
	for _, name := range slices.Sorted(maps.Keys(w.made)) {
		e := engineStatus{Name: name, Free: w.made[name].Limits().Free, engineCalls: w.calls.of(name)}
		if why := resting[name]; why != nil {
			e.Resting, e.Until = why.Error(), at.Add(why.RetryAfter)
		}
		out = append(out, e)
	}
	return out
}

// budgets is how each limit stands at a time in the budgets' zone.
func (w *wire) budgets(ctx context.Context, st *store.Store, at time.Time) (out []budgetStatus, err error) {
	limits := w.limits()
	used, err := st.Used(ctx, limits, at)
	if err != nil {
		return nil, err
	}
	for i, l := range limits {
		b := budgetStatus{Engine: l.Engine, Period: "month", Limit: translate.Cost{Chars: l.Chars, Micros: l.Micros}, Used: used[i]}
		begun := midnight(at).AddDate(0, 0, 1-at.Day())
		ends := begun.AddDate(0, 1, 0)
		if l.Day {
			b.Period, begun, ends = "day", midnight(at), midnight(at).AddDate(0, 0, 1)
		}
		if l.Chars > 0 {
			b.Left.Chars = max(0, l.Chars-b.Used.Chars)
		}
		if l.Micros > 0 {
			b.Left.Micros = max(0, l.Micros-b.Used.Micros)
		}
		part := max(0.01, at.Sub(begun).Hours()/ends.Sub(begun).Hours()) // the first minutes say little
		b.Projected = translate.Cost{Chars: int64(float64(b.Used.Chars) / part), Micros: int64(float64(b.Used.Micros) / part)}
		out = append(out, b)
	}
	return out, nil
}

// midnight is when the day of t begins where t is.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// zone is that of days and budgets.
func (w *wire) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(w.cfg.Timezone)
	if err != nil {
		return nil, usageError{fmt.Errorf("timezone: %w", err)}
	}
	return zone, nil
}

// maxStatusBytes bounds what a daemon's status is read of: ten thousand sources come to 4 MB.
const maxStatusBytes = 64 << 20

// askDaemon is the status that the daemon tells which the config describes; the zero status where none runs.
func (w *wire) askDaemon(ctx context.Context) (s status) {
	if w.cfg.Serve.Metrics == "" {
		return s
	}
	address := "http://" + w.cfg.Serve.Metrics
	hc, err := w.client.Engine(address)
	if err != nil {
		return s
	}
	ctx, cancel := context.WithTimeout(ctx, factsTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/status", nil)
	if err != nil {
		return s
	}
	resp, err := hc.Do(req)
	if err != nil {
		return s
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(resp.Body, maxStatusBytes)).Decode(&s) != nil {
		return status{}
	}
	return s
}
