package digest

import (
	"fmt"
	"slices"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/feeds"
)

// mostMissed is how many periods a late run writes: a week of days.
const mostMissed = 7

// Period is the time from one firing of a schedule to the next. From is in the period, To is not.
type Period struct{ From, To time.Time }

// Clock tells when the periods of a digest channel end.
type Clock struct {
	cron cron.Schedule
	zone *time.Location
}

// NewClock returns the clock of s.
func NewClock(s feeds.Schedule) (Clock, error) {
	zone, err := time.LoadLocation(s.Timezone)
	if err != nil {
		return Clock{}, fmt.Errorf("timezone: %w", err)
	}
	c, err := cron.ParseStandard(s.Cron)
	if err != nil {
		return Clock{}, fmt.Errorf("schedule: %w", err)
	}
	return Clock{c, zone}, nil
}

// gap is how far clocks are ever set forward at once, rarer changes of the calendar aside.
const gap = 2 * time.Hour

// Next returns the first firing after t; zero: there is none. As with cron(8), a time of day that the
// clocks skip fires when they have skipped it, and one that they show twice fires the first time.
func (c Clock) Next(t time.Time) time.Time {
	for wall := c.wall(t).Add(-gap); ; {
		if wall = c.cron.Next(wall); wall.IsZero() {
			return wall
		}
		if at := c.at(wall); at.After(t) {
			return at
		}
	}
}

// wall returns what clocks show at t, as a time in UTC, whose clocks are never set.
func (c Clock) wall(t time.Time) time.Time {
	t = t.In(c.zone)
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// at returns when clocks show wall for the first time or, if they skip it, would show it unset.
func (c Clock) at(wall time.Time) time.Time {
	y, m, d := wall.Date()
	at := time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), 0, c.zone)
	_, before := at.Add(-gap).Zone()
	first := wall.Add(-time.Duration(before) * time.Second)
	if c.wall(first).Equal(wall) || !c.wall(at).Equal(wall) {
		return first
	}
	return at.UTC()
}

// yearsBack is how far past firings are looked for: a 29 February may be eight years ago.
const yearsBack = 20

// fired returns the newest n firings until now, the oldest first.
func (c Clock) fired(now time.Time, n int) (list []time.Time) {
	for back := gap; len(list) < n && back < yearsBack*365*24*time.Hour; back *= 4 {
		list = nil
		for at := c.Next(now.Add(-back)); !at.IsZero() && !at.After(now); at = c.Next(at) {
			list = append(list, at)
		}
	}
	return list[max(0, len(list)-n):]
}

// Closed returns the periods that ended after last and until now, the oldest first and not more than
// mostMissed. The first begins at last, also if the schedule has changed since. If last is zero, it
// returns the last closed period alone.
func (c Clock) Closed(last, now time.Time) (out []Period) {
	ends := c.fired(now, mostMissed+1)
	if last.IsZero() {
		ends = ends[max(0, len(ends)-2):]
	} else if i := slices.IndexFunc(ends, last.Before); i != 0 { // nothing is missed that is not written now
		if i < 0 {
			return nil
		}
		ends = slices.Insert(ends[i:], 0, last)
	}
	for i := 1; i < len(ends); i++ {
		out = append(out, Period{ends[i-1], ends[i]})
	}
	return out
}
