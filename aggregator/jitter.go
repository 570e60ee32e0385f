package aggregator

import (
	"hash/fnv"
	"math"
	"time"

	"github.com/robfig/cron/v3"
)

// Spread gives each source its own Jitter: for a daemon, whose sources would all be asked at the full hour.
func (a *Aggregator) Spread() {
	own := map[string]cron.Schedule{}
	for _, s := range a.Sources {
		schedule := a.Schedule
		if a.Schedules[s.ID] != nil {
			schedule = a.Schedules[s.ID]
		}
		if schedule != nil {
			own[s.ID] = Jitter(schedule, s.ID)
		}
	}
	a.Schedules = own
}

// Jitter moves a schedule by a stable part of its interval, at most a tenth, told from seed: sources that share one are not all asked at once.
func Jitter(s cron.Schedule, seed string) cron.Schedule {
	h := fnv.New64a()
	h.Write([]byte(seed))
	return jitter{s, h.Sum64()}
}

type jitter struct {
	cron.Schedule
	seed uint64
}

// jitterSample is how many rounds the interval is told from: more than a day of an hourly one, a week of a daily one.
const jitterSample = 32

// Next implements cron.Schedule: the inner one's rounds, each later by the same time.
func (j jitter) Next(t time.Time) time.Time {
	if c, ok := j.Schedule.(cron.ConstantDelaySchedule); ok { // counts from when it is asked: its rounds are nowhere in particular
		return c.Next(t).Add(j.part(c.Delay))
	}
	// the shortest interval of the rounds from a fixed day, so that it is the same whenever it is asked
	shortest := time.Duration(math.MaxInt64)
	at := j.Schedule.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	for range jitterSample {
		next := j.Schedule.Next(at)
		if next.IsZero() {
			return j.Schedule.Next(t)
		}
		shortest, at = min(shortest, next.Sub(at)), next
	}
	off := j.part(shortest)
	return j.Schedule.Next(t.Add(-off)).Add(off)
}

func (j jitter) part(interval time.Duration) time.Duration {
	return time.Duration(j.seed % uint64(max(1, interval/10))).Truncate(time.Second)
}
