package translate

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// In no minute is more sent than the vendor allows.
func TestPaceNeverExceedsALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker(Limits{Size: 300, PerMinute: 1000, PerSecond: 2}, time.Now)
		type sent struct {
			at    time.Time
			units int64
		}
		var all []sent
		for i := range 40 {
			n := int64(50 + i*13%400) // some larger than the bucket
			if err := b.wait(t.Context(), n); err != nil {
				t.Fatal(err)
			}
			all = append(all, sent{time.Now(), n})
		}
		for i, from := range all {
			units, calls := int64(0), 0
			for _, s := range all[i:] {
				if s.at.Sub(from.at) < time.Minute {
					units += s.units
				}
				if s.at.Sub(from.at) < time.Second {
					calls++
				}
			}
			if units > 1000+400 { // a call larger than the bucket starts when its last part is allowed
				t.Errorf("%d units in the minute from call %d", units, i)
			}
			if calls > 2 {
				t.Errorf("%d calls in the second from call %d", calls, i)
			}
		}
		if took := all[len(all)-1].at.Sub(all[0].at); took > 14*time.Minute {
			t.Errorf("slower than need be: %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.wait(ctx, 300); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait beyond the deadline: %v", err)
		}
	})
}

func TestRest(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		err   *Error
		rests time.Duration
	}{
		"a spent quota":            {&Error{Kind: Quota, Engine: "mt"}, time.Hour},
		"a spent quota, till then": {&Error{Kind: Quota, Engine: "mt", RetryAfter: 5 * time.Hour}, 5 * time.Hour},
		"a wrong key":              {&Error{Kind: Auth, Engine: "mt", Billed: true}, time.Hour},
		"a long Retry-After": {&Error{Kind: Transient, Engine: "mt", RetryAfter: 10 * time.Minute},
			10 * time.Minute},
		"one without end":   {&Error{Kind: Transient, Engine: "mt", RetryAfter: 1e6 * time.Hour}, 24 * time.Hour},
		"failures in a row": {&Error{Kind: Transient, Engine: "mt"}, time.Minute},
		"silence":           {&Error{Kind: Transient, Engine: "mt", Err: errSilent}, 5 * time.Minute},
		"an unknown model":  {&Error{Kind: Unsupported, Engine: "mt"}, 5 * time.Minute},
		"useless answers":   {&Error{Kind: Malformed, Engine: "mt"}, 5 * time.Minute},
	} {
		clock := now
		b := newBreaker(Limits{}, func() time.Time { return clock })
		b.believe(proven)
		b.rest(c.err)
		if e := b.resting(); e == nil || e.Kind != c.err.Kind || e.RetryAfter != c.rests || e.Billed {
			t.Errorf("%s: %+v", name, e)
		}
		clock = now.Add(c.rests)
		if e := b.resting(); e != nil || b.trusted() != doubtful {
			t.Errorf("%s: still resting: %v", name, e)
		}
	}
}
