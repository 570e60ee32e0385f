package digest

import (
	"fmt"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

func clock(t *testing.T, cron, zone string) Clock {
	t.Helper()
	c, err := NewClock(feeds.Schedule{Cron: cron, Timezone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// local parses a time of day in the zone of c.
func local(t *testing.T, c Clock, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, c.zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestPeriodsFollowEachOther(t *testing.T) {
	for _, c := range []struct {
		name, cron, zone string
		last, now        string
		want             []string // ends in local time with offset; the first is the start
	}{
		{"the first run has the last closed period", "0 7 * * *", "UTC", "", "2026-11-29 10:00",
			[]string{"28 07:00 +0000", "29 07:00 +0000"}},
		{"at the moment of a firing its period is closed", "0 7 * * *", "UTC", "", "2026-11-29 07:00",
			[]string{"28 07:00 +0000", "29 07:00 +0000"}},
		{"nothing is due", "0 7 * * *", "UTC", "2026-11-29 07:00", "2026-11-30 06:59", nil},
		{"the clock was set back", "0 7 * * *", "UTC", "2026-11-29 07:00", "2026-11-20 10:00", nil},
		{"one is due", "0 7 * * *", "Asia/Riyadh", "2026-11-29 07:00", "2026-11-30 07:01",
			[]string{"29 07:00 +0300", "30 07:00 +0300"}},
		{"three were missed", "0 7 * * *", "UTC", "2026-11-26 07:00", "2026-11-29 08:00",
			[]string{"26 07:00 +0000", "27 07:00 +0000", "28 07:00 +0000", "29 07:00 +0000"}},
		{"a month was missed: the last seven are written", "0 7 * * *", "UTC", "2026-10-29 07:00", "2026-11-29 08:00",
			[]string{"22 07:00 +0000", "23 07:00 +0000", "24 07:00 +0000", "25 07:00 +0000", "26 07:00 +0000",
				"27 07:00 +0000", "28 07:00 +0000", "29 07:00 +0000"}},
		{"a changed schedule leaves no gap", "0 9 * * *", "UTC", "2026-11-28 07:00", "2026-11-29 09:30",
			[]string{"28 07:00 +0000", "28 09:00 +0000", "29 09:00 +0000"}},
		{"a clock that is set back fires once", "30 1 * * *", "America/New_York",
			"2026-10-31 01:30", "2026-11-02 02:00",
			[]string{"31 01:30 -0400", "01 01:30 -0400", "02 01:30 -0500"}},
		{"an hourly one has two hours then", "0 * * * *", "America/New_York", "2026-11-01 00:00", "2026-11-01 03:00",
			[]string{"01 00:00 -0400", "01 01:00 -0400", "01 02:00 -0500", "01 03:00 -0500"}},
		{"a skipped time of day fires after it", "30 2 * * *", "America/New_York",
			"2026-03-07 02:30", "2026-03-09 03:00",
			[]string{"07 02:30 -0500", "08 03:30 -0400", "09 02:30 -0400"}},
		{"a skipped midnight fires after it", "@daily", "Africa/Cairo", "2026-04-23 00:00", "2026-04-25 01:00",
			[]string{"23 00:00 +0200", "24 01:00 +0300", "25 00:00 +0300"}},
		{"four times of day, two of them skipped, are two moments", "0,30 2-3 8 3 *", "America/New_York",
			"2026-03-08 01:00", "2026-03-08 09:00",
			[]string{"08 01:00 -0500", "08 03:00 -0400", "08 03:30 -0400"}},
		{"what clocks show twice at midnight fires once", "30 23 * * *", "Africa/Cairo",
			"2026-10-28 23:30", "2026-10-30 23:40",
			[]string{"28 23:30 +0300", "29 23:30 +0300", "30 23:30 +0200"}},
		{"weekly", "0 18 * * 5", "Africa/Cairo",
			"", "2026-11-29 10:00", []string{"20 18:00 +0200", "27 18:00 +0200"}},
		{"a leap day", "0 0 29 2 *", "UTC", "", "2026-11-29 10:00", []string{"29 00:00 +0000", "29 00:00 +0000"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := clock(t, c.cron, c.zone)
			var last time.Time
			if c.last != "" {
				last = local(t, clock, c.last)
			}
			var got []string
			show := func(at time.Time) string { return at.In(clock.zone).Format("02 15:04 -0700") }
			for i, p := range clock.Closed(last, local(t, clock, c.now)) {
				if i == 0 {
					got = append(got, show(p.From))
				} else if show(p.From) != got[i] {
					t.Errorf("a gap before %v", p)
				}
				if !p.From.Before(p.To) {
					t.Errorf("%v has no length", p)
				}
				got = append(got, show(p.To))
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// The periods that a run each minute finds are those that a single late run finds.
func TestPeriodsDoNotDependOnWhenTheyAreLookedFor(t *testing.T) {
	for _, cron := range []string{"30 2 * * *", "0 0 * * *", "*/20 * * * *", "15 1,2,3 * * *", "30 1,2 * * 0"} {
		for zone, change := range map[string]string{"America/New_York": "2026-03-08 00:00",
			"Africa/Cairo": "2026-10-29 20:00", "Australia/Lord_Howe": "2026-04-05 00:00",
			"Asia/Beirut": "2026-03-28 22:00"} {
			clock := clock(t, cron, zone)
			begin := local(t, clock, change)
			end := begin.Add(10 * time.Hour)
			var once, often []time.Time
			for at := clock.Next(begin); !at.After(end); at = clock.Next(at) {
				once = append(once, at)
			}
			last := begin
			for now := begin; !now.After(end); now = now.Add(time.Minute) {
				for _, p := range clock.Closed(last, now) {
					last, often = p.To, append(often, p.To)
				}
			}
			if fmt.Sprint(once) != fmt.Sprint(often) {
				t.Errorf("%s in %s:\n%v\n%v", cron, zone, once, often)
			}
		}
	}
}

func TestBadSchedulesAreRefused(t *testing.T) {
	for _, s := range []feeds.Schedule{{Cron: "0 7 * *", Timezone: "UTC"}, {Cron: "@daily", Timezone: "Mars/Olympus"}} {
		if _, err := NewClock(s); err == nil {
			t.Errorf("%v is accepted", s)
		}
	}
}
