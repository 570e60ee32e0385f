package aggregator

import (
	"context"
	"fmt"
	"time"

	"github.com/nashra/nashra/feeds"
)

// Retain deletes what Retention no longer keeps, and returns how many stories. What channels show stays: a source that is silent for
// long never shrinks what is published.
func (a *Aggregator) Retain(ctx context.Context) (int, error) {
	if a.Retention <= 0 {
		return 0, nil
	}
	shown, err := a.shown(ctx)
	if err != nil {
		return 0, err
	}
	keep := make([]string, len(shown))
	for i, s := range shown {
		keep[i] = s.ID
	}
	n, err := a.Store.Expire(ctx, a.now().Add(-a.Retention), keep)
	if err != nil {
		return n, fmt.Errorf("delete old stories: %w", err)
	}
	return n, nil
}

// Backlog is how many of the stories that channels show have still to be translated, and when the one that waits longest was first seen;
// zero where none waits.
func (a *Aggregator) Backlog(ctx context.Context) (waiting int, since time.Time, err error) {
	shown, err := a.shown(ctx)
	if err != nil {
		return 0, since, err
	}
	for _, s := range shown {
		if st := a.prepared(s).Translation.State; st != feeds.Waiting && st != feeds.Partial && st != feeds.Held {
			continue
		}
		if waiting++; since.IsZero() || firstSeen(s).Before(since) {
			since = firstSeen(s)
		}
	}
	return waiting, since, nil
}
