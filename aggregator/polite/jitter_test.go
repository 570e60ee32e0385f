package polite

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

func TestJitter(t *testing.T) {
	for spec, interval := range map[string]time.Duration{"@hourly": time.Hour, "*/30 * * * *": 30 * time.Minute,
		"0 7 * * *":    24 * time.Hour,
		"0 0,12 * * 1": 12 * time.Hour, "@every 30m": 30 * time.Minute, "@every 10s": 10 * time.Second} {
		inner, err := cron.ParseStandard(spec)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 11, 24, 12, 34, 56, 0, time.UTC)
		seen := map[time.Duration]bool{}
		for i := range 60 {
			s := Jitter(inner, fmt.Sprint("source", i))
			first := s.Next(at)
			off := first.Sub(inner.Next(at))
			if off < 0 { // an earlier round is still to come
				off = first.Sub(inner.Next(at.Add(-interval)))
			}
			if off < 0 || off > interval/10 {
				t.Errorf("%s: moved by %v", spec, off)
			}
			seen[off] = true
			if again := Jitter(inner, fmt.Sprint("source", i)).Next(at); !again.Equal(first) {
				t.Errorf("%s: %v, then %v", spec, first, again)
			}
			for range 20 {
				next := s.Next(first)
				if gap := next.Sub(first); gap < interval*9/10 {
					t.Fatalf("%s: %v after %v", spec, next, first)
				}
				first = next
			}
		}
		if interval >= 30*time.Minute && len(seen) < 40 {
			t.Errorf("%s: 60 sources at %d times", spec, len(seen))
		}
	}
}
