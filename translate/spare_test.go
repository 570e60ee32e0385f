package translate

import (
	"testing"
	"time"
)

// A limit so far is the part of it for the part of its period that is over, and never unlimited.
func TestLimitSoFar(t *testing.T) {
	riyadh := time.FixedZone("Riyadh", 3*60*60)
	month, day := Limit{Chars: 3000, Micros: 600}, Limit{Day: true, Chars: 2400}
	for _, c := range []struct {
		limit Limit
		at    time.Time
		want  Limit
	}{
		{month, time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC), Limit{Chars: 1500, Micros: 300}},
		{month, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Limit{Chars: 1, Micros: 1}},
		{month, time.Date(2026, 10, 31, 21, 0, 0, 0, time.UTC).In(riyadh), Limit{Chars: 1, Micros: 1}},
		{day, time.Date(2026, 11, 16, 6, 0, 0, 0, riyadh), Limit{Day: true, Chars: 600}},
		{day, time.Date(2026, 11, 15, 21, 0, 0, 0, time.UTC), Limit{Day: true, Chars: 2100}},
		{Limit{Engine: "x", Micros: 10}, time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC), Limit{Engine: "x", Micros: 5}},
	} {
		if got := c.limit.soFar(c.at); got != c.want {
			t.Errorf("%+v at %v: %+v, want %+v", c.limit, c.at, got, c.want)
		}
	}
}
