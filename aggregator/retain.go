package aggregator

import (
	"context"
	"fmt"
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
