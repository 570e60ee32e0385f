package aggregator

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
)

// sameDay is how far our clock and the sources' may be apart, and how old what they said of theirs may be, for what is counted in days.
const sameDay = 24 * time.Hour

// Retained is what deleting came to.
type Retained struct {
	Stories int    // deleted
	More    bool   // it is worth looking again soon: a call deletes only so many, or nothing yet says that our clock is right
	Doubt   string // for people: why nothing is deleted although it may be old; empty: there is no doubt
	told    bool   // Doubt is that of the call before
}

// Retain deletes what Retention no longer keeps. What channels show stays: a source that is silent for long never shrinks what is
// published. Nothing is deleted by a clock that the sources' clocks do not bear out: what is gone does not come back.
func (a *Aggregator) Retain(ctx context.Context) (Retained, error) {
	if a.Retention <= 0 {
		return Retained{}, nil
	}
	states, err := a.states(ctx)
	if err != nil {
		return Retained{}, err
	}
	now := a.now()
	ahead, known := clockAhead(states, now)
	told := a.doubted.Swap(known && ahead > sameDay)
	switch {
	case !known:
		return Retained{More: true}, nil
	case ahead > sameDay:
		return Retained{More: true, told: told, Doubt: fmt.Sprintf("the clock here (%s) is %.0f days ahead of the sources': nothing old is deleted until it is set",
			now.Format(time.DateTime), ahead.Hours()/24)}, nil
	}
	before := now.Add(-a.Retention)
	old, err := a.Store.Expiring(ctx, before)
	if err != nil {
		return Retained{}, fmt.Errorf("look for old stories: %w", err)
	}
	var keep []string
	if old {
		shown, err := a.Catalog.Shown(ctx)
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

// clockAhead is by how much our clock is ahead of the sources' that answered within a day of now: the middle one counts, as a few are
// always wrong. known is false where none did. One that is behind deletes too little, and nobody minds.
func clockAhead(states map[string]polite.State, now time.Time) (ahead time.Duration, known bool) {
	var all []time.Duration
	for _, st := range states {
		if !st.Clock.IsZero() && now.Sub(st.Succeeded).Abs() < sameDay {
			all = append(all, st.Succeeded.Sub(st.Clock))
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	return all[len(all)/2], true
}
