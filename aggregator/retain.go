package aggregator

import (
	"context"
	"fmt"
	"time"
)

// sameDay is the largest error of a clock that deleting by days tolerates, and the oldest Date
// header that is trusted.
const sameDay = 24 * time.Hour

// Retained reports the outcome of one Retain call.
type Retained struct {
	Stories int // deleted
	// look again soon: one call deletes only so many stories, or no source has confirmed our clock
	// yet
	More bool
	// why nothing was deleted, for people; empty: there is no doubt
	Doubt string
	told  bool // the previous call had the same doubt
}

// Retain deletes stories that left their feeds longer than Retention ago, except those that
// channels show. It deletes nothing if the clock is ahead of the clocks of the sources.
func (a *Aggregator) Retain(ctx context.Context) (Retained, error) {
	if a.Retention <= 0 {
		return Retained{}, nil
	}
	now := a.now()
	ahead, known, err := a.clockAhead(ctx, now)
	if err != nil {
		return Retained{}, err
	}
	told := a.doubted.Swap(known && ahead > sameDay)
	switch {
	case !known:
		return Retained{More: true}, nil
	case ahead > sameDay:
		doubt := fmt.Sprintf("the clock here (%s) is %.0f days ahead of the sources': "+
			"nothing old is deleted until it is set", now.Format(time.DateTime), ahead.Hours()/24)
		return Retained{More: true, Doubt: doubt, told: told}, nil
	}
	before := now.Add(-a.Retention)
	if err := a.forget(ctx, before); err != nil {
		return Retained{}, err
	}
	old, err := a.Store.Expiring(ctx, before)
	if err != nil {
		return Retained{}, fmt.Errorf("look for old stories: %w", err)
	}
	var keep []string
	if old {
		shown, err := a.Catalog.Listed(ctx)
		if err != nil {
			return Retained{}, err
		}
		for _, s := range shown {
			keep = append(keep, s.ID)
		}
	}
	n, err := a.Store.Expire(ctx, before, keep)
	if err != nil {
		return Retained{Stories: n}, fmt.Errorf("delete old stories: %w", err)
	}
	return Retained{Stories: n, More: n > 0}, nil
}

// forget deletes what channels wrote, and what targets were told, that left the config before a time.
func (a *Aggregator) forget(ctx context.Context, before time.Time) error {
	var keep []string
	for _, ch := range a.Channels {
		keep = append(keep, ch.ID)
	}
	if err := a.Store.ForgetDigests(ctx, before, keep); err != nil {
		return fmt.Errorf("forget old digests: %w", err)
	}
	return a.Store.ForgetTargets(ctx, before, a.notifier.IDs())
}

// clockAhead returns how far our clock is ahead of those of the sources that answered within a day:
// the median, as a few clocks are always wrong. If no source answered, known is false.
func (a *Aggregator) clockAhead(ctx context.Context, now time.Time) (ahead time.Duration, known bool, err error) {
	all, err := a.Store.Ahead(ctx, now.Add(-sameDay), now.Add(sameDay))
	if err != nil || len(all) == 0 {
		return 0, false, err
	}
	return all[len(all)/2], true, nil
}
