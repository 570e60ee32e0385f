package polite

import (
	"hash/fnv"
	"math"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/feeds"
)

// Spread gives each source its own Jitter: for a daemon, whose sources would all be asked at the full hour.
func (p *Pace) Spread(sources []feeds.Source) {
	own := map[string]cron.Schedule{}
	var common time.Duration // told once: it takes a look at many rounds
	if p.Schedule != nil {
		common = shortest(p.Schedule)
	}
	for _, s := range sources {
		switch {
		case p.Schedules[s.ID] != nil:
			own[s.ID] = Jitter(p.Schedules[s.ID], s.ID)
		case p.Schedule != nil:
			own[s.ID] = moved(p.Schedule, common, s.ID)
		}
	}
	p.Schedules = own
}

// Jitter moves a schedule by a stable part of its interval, at most a tenth, told from seed: sources that share one are not all asked at once.
func Jitter(s cron.Schedule, seed string) cron.Schedule { return moved(s, shortest(s), seed) }

func moved(s cron.Schedule, interval time.Duration, seed string) cron.Schedule {
	h := fnv.New64a()
	h.Write([]byte(seed))
	return jitter{s, time.Duration(h.Sum64() % uint64(max(1, interval/10))).Truncate(time.Second)}
}

// jitter is a schedule, each of whose rounds comes later by the same time.
type jitter struct {
	cron.Schedule
	by time.Duration
}

// Next implements cron.Schedule.
func (j jitter) Next(t time.Time) time.Time {
	if _, ok := j.Schedule.(cron.ConstantDelaySchedule); ok { // counts from when it is asked: its rounds are nowhere in particular
		return j.Schedule.Next(t).Add(j.by)
	}
	return j.Schedule.Next(t.Add(-j.by)).Add(j.by)
}

// jitterSample is how many rounds the interval is told from: more than a day of an hourly one, a week of a daily one.
const jitterSample = 32

// shortest is the shortest interval of the rounds from a fixed day, so that it is the same whenever it is asked; 0 where the rounds end.
func shortest(s cron.Schedule) time.Duration {
	if c, ok := s.(cron.ConstantDelaySchedule); ok {
		return c.Delay
	}
	least := time.Duration(math.MaxInt64)
	at := s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	for range jitterSample {
		next := s.Next(at)
		if next.IsZero() {
			return 0
		}
		least, at = min(least, next.Sub(at)), next
	}
	return least
}
