package polite

import (
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nashra/nashra/feeds"
)

func TestLate(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 30, 0, 0, time.UTC)
	hourly, err := cron.ParseStandard("@hourly")
	if err != nil {
		t.Fatal(err)
	}
	p := &Pace{Schedule: hourly, Now: func() time.Time { return now }}
	s := feeds.Source{ID: "s", URL: "https://example.org/feed"}
	hours := func(n float64) time.Time { return now.Add(-time.Duration(n * float64(time.Hour))) }
	for _, c := range []struct {
		name  string
		state State
		since time.Time
		late  bool
	}{
		{"never asked, by nobody", State{}, time.Time{}, false},
		{"never asked, just started", State{}, hours(.1), false},
		{"never asked for hours", State{}, hours(4), true},
		{"succeeds", State{Succeeded: hours(.5), Due: hours(-.5)}, hours(100), false},
		{"failed twice", State{Succeeded: hours(2), Failures: 2, Due: hours(-1)}, hours(100), false},
		{"fails since long", State{Succeeded: hours(4), Failures: 3, Due: hours(-1)}, hours(100), true},
		{"failed before a start", State{Succeeded: hours(400), Failures: 30, Due: hours(-1)}, hours(1), false},
		{"fresh by its publisher's word", State{Succeeded: hours(20), Due: hours(-4)}, hours(100), false},
		{"was to be asked, and is not", State{Succeeded: hours(20), Due: hours(4)}, hours(100), true},
		{"gone", State{Succeeded: hours(1), Gone: true}, hours(100), true},
	} {
		c.state.Address = s.URL
		if got := p.Late(s, c.state, c.since); got != c.late {
			t.Errorf("%s: late is %v", c.name, got)
		}
	}
}
