package aggregator

import (
	"context"
	"slices"
	"time"

	"github.com/nashra/nashra/feeds"
)

// Backlog is when each of the stories that channels show and that have still to be translated was first seen, the one that waits longest
// first.
func (a *Aggregator) Backlog(ctx context.Context) (since []time.Time, err error) {
	shown, err := a.shown(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range shown {
		switch a.prepared(s).Translation.State {
		case feeds.Waiting, feeds.Partial, feeds.Held:
			since = append(since, firstSeen(s))
		}
	}
	slices.SortFunc(since, time.Time.Compare)
	return since, nil
}
