package polite

import (
	"context"
	"errors"
	"testing"
	"time"
)

// answer is what a host answers to a source or a page, minutes after noon.
type answer struct {
	minute     int
	who        string
	code       int
	retryAfter time.Duration
}

func TestHostsThatAskToWait(t *testing.T) {
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		answers []answer
		want    time.Duration // after the last answer; zero: the host may be asked
		again   time.Duration // the same in a forced round
	}{
		"429 with Retry-After":    {[]answer{{0, "source a", 429, time.Hour}}, time.Hour, time.Hour},
		"429 with one of a month": {[]answer{{0, "source a", 429, 720 * time.Hour}}, 24 * time.Hour, 24 * time.Hour},
		"429 without":             {[]answer{{0, "source a", 429, 0}}, FirstBackoff, 0},
		"429 to a page":           {[]answer{{0, "a page", 429, time.Hour}}, time.Hour, time.Hour},
		"429 again":               {[]answer{{0, "source a", 429, 0}, {16, "source b", 429, 0}}, 2 * FirstBackoff, 0},
		"429 again, after a document": {[]answer{{0, "source a", 429, 0}, {16, "source b", 200, 0},
			{16, "source c", 429, 0}}, FirstBackoff, 0},
		"two requests in flight": {[]answer{{0, "source a", 429, 0}, {0, "source b", 429, 0}}, FirstBackoff, 0},
		"the longer of two waits": {[]answer{{0, "source a", 429, time.Hour}, {0, "source b", 429, time.Minute}},
			time.Hour, time.Hour},
		"503 to one source":        {[]answer{{0, "source a", 503, time.Hour}}, 0, 0},
		"503 to one source, twice": {[]answer{{0, "source a", 503, time.Hour}, {9, "source a", 503, time.Hour}}, 0, 0},
		"503 to two sources": {[]answer{{0, "source a", 503, 0}, {9, "source c", 404, 0}, {9, "source b", 503,
			time.Hour}}, time.Hour, time.Hour},
		"503 to two sources, and a document between": {[]answer{{0, "source a", 503, 0}, {9, "source c", 304, 0},
			{9, "source b", 503, time.Hour}}, 0, 0},
		"503 to two sources, without Retry-After": {[]answer{{0, "source a", 503, time.Hour}, {9, "source b", 503, 0}},
			FirstBackoff, 0},
		"503 to a source and to a page": {[]answer{{0, "source a", 503, 0}, {0, "a page", 503, 0}}, FirstBackoff, 0},
		"other failures": {[]answer{{0, "source a", 500, time.Hour}, {0, "source b", 403, time.Hour},
			{0, "source c", 502, 0}}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			stored, now := map[string]Wait{}, noon
			clock := func() time.Time { return now }
			load := func(context.Context) (all []Wait, _ error) {
				for _, w := range stored {
					all = append(all, w)
				}
				return all, nil
			}
			save := func(_ context.Context, w Wait) { stored[w.Host] = w }
			for _, a := range c.answers {
				now = noon.Add(time.Duration(a.minute) * time.Minute)
				wait, changed := stored["host.example"].after(a.who, a.code, a.retryAfter, now)
				if wait.Host = "host.example"; changed {
					save(t.Context(), wait)
				}
			}
			w := NewWaits(clock, load, save) // after a restart
			now = now.Add(time.Second)
			for _, round := range []struct {
				forced time.Time
				want   time.Duration
			}{{time.Time{}, c.want}, {now, c.again}} {
				var want time.Time
				if round.want > 0 {
					want = now.Add(round.want - time.Second)
				}
				_, err := w.Turn("source z", round.forced)(t.Context(), "HOST.example:443")
				var held *WaitError
				errors.As(err, &held)
				all := w.All(t.Context(), round.forced)["host.example"]
				if !all.Until.Equal(want) || (held != nil) != (round.want > 0) || held != nil && held.Later != all {
					t.Errorf("forced %v: until %v, %v, want %v", !round.forced.IsZero(), all.Until, err, want)
				}
			}
			if _, err := w.Turn("source z", time.Time{})(t.Context(), "other.example:80"); err != nil {
				t.Errorf("another host: %v", err)
			}
		})
	}
}
