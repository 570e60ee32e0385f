package operator

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

const (
	shownDays = 14 // days that items are counted by: two of each weekday, to compare
	rateDays  = 7  // the days that items a day are averaged over: quiet weekends count
)

// Process is what a Status is read from: a store, and the parts of this process that work on it.
type Process struct {
	Config     *config.Config
	Store      *store.Store
	Aggregator *aggregator.Aggregator
	Engines    map[string]translate.Engine // by name
	Ready      map[string]Ready            // by name
	Limits     []translate.Limit           // the budgets
	Calls      *Calls
	Zone       *time.Location // of days and budgets
	Version    string
	Started    time.Time // zero: this process is not a daemon
}

// Ready returns what keeps an engine from working, as far as it can be known, and what to do about it.
type Ready func() (remedy string, lacks error)

// Status reads the store and the engines' state.
func (p *Process) Status(ctx context.Context) (s Status, err error) {
	now := time.Now().Truncate(time.Second).In(p.Zone)
	s.At, s.Serving = now.UTC(), p.Started.UTC().Truncate(time.Second)
	s.Version, s.Zone = p.Version, p.Zone.String()
	states, later, err := p.Aggregator.States(ctx)
	if err != nil {
		return s, err
	}
	if s.Sources, err = p.sources(ctx, now, states, later); err != nil {
		return s, err
	}
	s.Lists = p.lists(states, later)
	if s.Ungrouped, s.Loose, err = p.Store.Loose(ctx); err != nil {
		return s, err
	}
	backlog, err := p.Aggregator.Catalog.Backlog(ctx)
	if err != nil {
		return s, err
	}
	s.setWaiting(backlog.Since)
	s.Untouched, s.Beyond = backlog.Untouched, backlog.Beyond
	s.Held, s.HeldSince = backlog.Held, backlog.HeldSince
	if s.Engines, err = p.engines(ctx, s.At); err != nil {
		return s, err
	}
	if s.Budgets, err = p.budgets(ctx, now); err != nil {
		return s, err
	}
	if s.Spent, err = p.Store.Spending(ctx, now); err != nil {
		return s, err
	}
	if s.Notify, err = p.targets(ctx); err != nil {
		return s, err
	}
	if s.Members, err = p.members(ctx); err != nil {
		return s, err
	}
	if s.unpublished, err = p.Aggregator.Unpublished(ctx); err != nil {
		return s, err
	}
	s.Judge()
	return s, nil
}

func (p *Process) members(ctx context.Context) ([]fleet.Member, error) {
	if !p.Store.Shared() {
		return nil, nil
	}
	pool, err := fleet.Open(ctx, p.Config.Store)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	return fleet.Members(ctx, pool)
}

func (p *Process) sources(ctx context.Context, now time.Time, states map[string]polite.State,
	later map[string]polite.Later) (out []Source, err error) {
	arrived, err := p.Store.Arrivals(ctx, midnight(now).AddDate(0, 0, 1-shownDays), now)
	if err != nil {
		return nil, err
	}
	leftOut, err := p.Store.LeftOut(ctx)
	if err != nil {
		return nil, err
	}
	for _, src := range p.Config.Feeds() {
		m, why := states[src.ID], later[src.ID]
		s := Source{
			ID: src.ID, URL: src.Shown(feeds.Redact(src.URL)),
			Title:   src.Title.Or(feeds.NewTitle(m.Title)).In(feeds.Bilingual),
			Off:     !src.On() || p.Aggregator.Catalog.Twins[src.ID] != "",
			Success: m.Succeeded, Polled: m.Polled, Due: why.Until, Why: why.Why, Held: why.Held,
			Failures: m.Failures, Class: m.Class, Error: src.Shown(m.Error), Note: src.Shown(m.Note),
			Days: arrived[src.ID], LeftOut: leftOut[src.ID],
		}
		if to := m.MovedTo(src); to != "" {
			s.Moved = src.Shown(feeds.Redact(to))
		}
		switch {
		case !src.On() && src.Via != "":
			s.Why = "not polled: it left the list " + src.Via + ", stands beyond its max, or is in the config file"
		case !src.On():
			s.Why = "switched off"
		case !s.Off:
			s.Late = p.Aggregator.Late(src, m, p.Started)
		}
		for _, n := range s.Days[max(0, len(s.Days)-rateDays):] {
			s.PerDay += float64(n) / rateDays
		}
		out = append(out, s)
	}
	return out, nil
}

func (p *Process) engines(ctx context.Context, at time.Time) (out []Engine, err error) {
	if p.Aggregator.Translator == nil {
		return nil, nil
	}
	troubles, err := p.Store.Troubles(ctx)
	if err != nil {
		return nil, err
	}
	resting := p.Aggregator.Translator.Resting()
	for _, name := range slices.Sorted(maps.Keys(p.Engines)) {
		e := Engine{Name: name, Free: p.Engines[name].Limits().Free, EngineCalls: p.Calls.engine(name)}
		if why := resting[name]; why != nil {
			e.Resting, e.Until = why.Error(), at.Add(why.RetryAfter)
		}
		if ready := p.Ready[name]; ready != nil {
			if remedy, err := ready(); err != nil {
				e.Lacks, e.Remedy = err.Error(), remedy
			}
		}
		for _, t := range troubles {
			if t.Engine == name && !t.Over(at) {
				e.Troubles = append(e.Troubles, Trouble{t.Kind, t.Cause, t.Todo(), t.Left, t.Count, t.Since, t.Last})
			}
		}
		out = append(out, e)
	}
	return out, nil
}

func (p *Process) budgets(ctx context.Context, now time.Time) (out []Budget, err error) {
	used, err := p.Store.Used(ctx, p.Limits, now)
	if err != nil {
		return nil, err
	}
	for i, l := range p.Limits {
		b := Budget{Engine: l.Engine, Limit: translate.Cost{Chars: l.Chars, Micros: l.Micros}, Used: used[i]}
		period, begin := "month", midnight(now).AddDate(0, 0, 1-now.Day())
		end := begin.AddDate(0, 1, 0)
		if l.Day {
			period, begin, end = "day", midnight(now), midnight(now).AddDate(0, 0, 1)
		}
		b.Period, b.Begun = period, begin.UTC()
		// A limit is in one unit; in the other it is zero, and so is what is left of it.
		b.Left = translate.Cost{Chars: max(0, l.Chars-used[i].Chars), Micros: max(0, l.Micros-used[i].Micros)}
		// At least 1 %: the first minutes of a period say little about the whole.
		part := max(0.01, now.Sub(begin).Hours()/end.Sub(begin).Hours())
		b.Projected = translate.Cost{Chars: int64(float64(b.Used.Chars) / part),
			Micros: int64(float64(b.Used.Micros) / part)}
		out = append(out, b)
	}
	return out, nil
}

// midnight is the beginning of t's day, in t's location.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

const (
	// readTimeout bounds reading a status: Prometheus waits ten seconds by default.
	readTimeout = 10 * time.Second
	// maxStatusBytes bounds a daemon's answer: the status of ten thousand sources is 4 MB.
	maxStatusBytes = 64 << 20
)

// Ask returns the status of the daemon whose pages are at address; the zero status if none answers.
func Ask(ctx context.Context, client *http.Client, address string) (s Status) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/status", nil)
	if err != nil {
		return Status{}
	}
	resp, err := client.Do(req)
	if err != nil {
		return Status{}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(resp.Body, maxStatusBytes)).Decode(
		&s) != nil {
		return Status{}
	}
	return s
}
