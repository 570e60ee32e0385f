package aggregator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// agenda is what is known of the sources without reading all their rows.
type agenda struct {
	mu      sync.Mutex
	read    time.Time       // when due was last looked for; zero: never
	unheard map[string]bool // ids of sources to poll whose rows lack, or have another address
}

// states returns the states of the sources with those ids, or of all sources.
func (a *Aggregator) states(ctx context.Context, ids ...string) (map[string]polite.State, error) {
	states, err := a.Store.States(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("read sources: %w", err)
	}
	return states, nil
}

// polled returns the sources and the lists of sources.
func (a *Aggregator) polled() []feeds.Source { return slices.Concat(a.Sources, a.lists) }

// named returns the sources with those ids.
func (a *Aggregator) named(ids []string) (out []feeds.Source) {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if s, ok := a.source(id); ok {
			out = append(out, s)
		}
	}
	return out
}

// Due returns the ids of the sources to poll now, and why the others are not due: see polite.Pace.
func (a *Aggregator) Due(ctx context.Context, force bool, only ...string) (ids []string, why map[string]polite.Later,
	err error) {
	_, ids, why, err = a.due(ctx, force, only)
	return ids, why, err
}

// States returns the states of all sources and lists, and why those that are not due are not. Lists have
// the ids that feeds.ListID returns.
func (a *Aggregator) States(ctx context.Context) (map[string]polite.State, map[string]polite.Later, error) {
	states, err := a.states(ctx)
	if err != nil {
		return nil, nil, err
	}
	_, why := a.pace.Due(ctx, a.polled(), states, false)
	return states, why, nil
}

// due is Due, and returns the states that it read.
func (a *Aggregator) due(ctx context.Context, force bool, only []string) (states map[string]polite.State, ids []string,
	why map[string]polite.Later, err error) {
	list := a.Sources
	if len(only) > 0 {
		list = a.named(only)
	}
	if states, err = a.states(ctx, only...); err == nil {
		ids, why = a.pace.Due(ctx, list, states, force)
	}
	return states, ids, why, err
}

// DueNow returns the states of the sources to poll now, and when the next one is due; zero: never.
// The first call reads the rows of all sources, later ones only those that are due.
func (a *Aggregator) DueNow(ctx context.Context) (due map[string]polite.State, next time.Time, err error) {
	a.agenda.mu.Lock()
	defer a.agenda.mu.Unlock()
	now := a.now()
	var list []feeds.Source
	all := a.agenda.read.IsZero() || now.Before(a.agenda.read) // or the clock was set back
	if all {
		list = a.polled()
		due, err = a.states(ctx)
	} else {
		unheard := slices.Sorted(maps.Keys(a.agenda.unheard))
		due, next, err = a.Store.Due(ctx, now, unheard...)
		list = a.named(slices.AppendSeq(unheard, maps.Keys(due)))
	}
	if err != nil {
		return nil, next, fmt.Errorf("read what is due: %w", err)
	}
	a.agenda.read = now
	for _, s := range list {
		switch heard := due[s.ID].Address == s.URL; {
		case heard:
			delete(a.agenda.unheard, s.ID)
		case all && s.On() && a.Catalog.Twins[s.ID] == "":
			a.agenda.unheard[s.ID] = true
		}
	}
	ids, later := a.pace.Due(ctx, list, due, false)
	for _, l := range later {
		next = polite.Sooner(next, l.Until)
	}
	states := map[string]polite.State{}
	for _, id := range ids {
		states[id] = due[id]
	}
	return states, next, nil
}

// DueHosts returns the ids of the sources to poll now, by the host (host:port) to be asked.
func (a *Aggregator) DueHosts(ctx context.Context) (map[string][]string, error) {
	states, _, err := a.DueNow(ctx)
	if err != nil {
		return nil, err
	}
	return a.hosts(slices.Sorted(maps.Keys(states)), states), nil
}
