package polite

import (
	"hash/fnv"
	"math"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/feeds"
)

// Spread gives each source a Jitter of its own, so that a daemon does not poll all at the full
// hour.
func (p *Pace) Spread(sources []feeds.Source) {
	own := map[string]cron.Schedule{}
	var common time.Duration // computed once: it takes many rounds
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

// Jitter delays a schedule by up to a tenth of its interval, always the same for one seed.
func Jitter(s cron.Schedule, seed string) cron.Schedule { return moved(s, shortest(s), seed) }

func moved(s cron.Schedule, interval time.Duration, seed string) cron.Schedule {
	h := fnv.New64a()
	h.Write([]byte(seed))
	return jitter{s, time.Duration(h.Sum64() % uint64(max(1, interval/10))).Truncate(time.Second)}
}

// jitter is a schedule whose rounds are all delayed by the same time.
type jitter struct {
	cron.Schedule
	by time.Duration
}

// Next implements cron.Schedule.
func (j jitter) Next(t time.Time) time.Time {
	if _, ok := j.Schedule.(cron.ConstantDelaySchedule); ok { // counts from the time it is asked
		return j.Schedule.Next(t).Add(j.by)
	}
	return j.Schedule.Next(t.Add(-j.by)).Add(j.by)
}

// jitterSample is how many rounds the interval is taken from: more than a day of an hourly
// schedule.
const jitterSample = 32

// shortest returns the shortest interval between rounds from a fixed day, so that it is always the
// same; 0 if the rounds end.
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
