package main

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/nashra/nashra/translate"
)

// collector has the facts of status as metrics. Times are Unix seconds, and left out where there is none.
type collector struct {
	facts *facts

	readable, healthy, members                                      *prometheus.Desc
	success, due, failures, failing, late, perDay                   *prometheus.Desc
	ungrouped, ungroupedSince, waiting, waitingSince                *prometheus.Desc
	resting, calls, failed, budgetLimit, budgetUsed, budgetExpected *prometheus.Desc
}

func newCollector(f *facts) *collector {
	d := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("nashra_"+name, help, labels, nil)
	}
	return &collector{facts: f,
		readable:       d("status_readable", "1 where the store told how things stand; 0: what follows is left out."),
		healthy:        d("healthy", "1 while a source has succeeded within three rounds of its schedule: what /healthz says."),
		members:        d("fleet_members", "Processes that share the store; left out where it is one's own."),
		success:        d("source_last_success_timestamp_seconds", "When a source last gave a readable feed.", "source"),
		due:            d("source_next_poll_timestamp_seconds", "When a source is asked again.", "source"),
		failures:       d("source_failures", "Attempts of a source that failed in a row.", "source"),
		failing:        d("source_failing", "1, with the class of error that a source fails with; left out of those that do not.", "source", "class"),
		late:           d("source_late", "1 where three rounds of a source's schedule have passed without a success.", "source"),
		perDay:         d("source_items_per_day", "Items a day that a source brought in the last seven days.", "source"),
		ungrouped:      d("items_ungrouped", "Items that are stored and in no story yet."),
		ungroupedSince: d("items_ungrouped_oldest_timestamp_seconds", "When the first of these was first seen."),
		waiting:        d("stories_waiting", "Stories that are shown and have still to be translated."),
		waitingSince:   d("stories_waiting_oldest_timestamp_seconds", "When the first of these was first seen."),
		resting:        d("engine_resting", "1 while an engine's breaker lets no call through.", "engine"),
		calls:          d("engine_call_seconds", "How long calls to an engine took, those that failed with them.", "engine"),
		failed:         d("engine_failures_total", "Calls to an engine that failed, by what was wrong.", "engine", "kind"),
		budgetLimit:    d("budget_limit", "What may be spent in the period; engine all: by all paid ones together.", "engine", "period", "unit"),
		budgetUsed:     d("budget_used", "What was spent or is reserved in the period so far.", "engine", "period", "unit"),
		budgetExpected: d("budget_projected", "What the whole period comes to at this pace.", "engine", "period", "unit"),
	}
}

// Describe implements prometheus.Collector: which metrics there are depends on the sources and engines.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), factsTime)
	defer cancel()
	s, err := c.facts.status(ctx)
	gauge(c.readable, number(err == nil))
	if err != nil {
		return
	}
	gauge(c.healthy, number(s.healthy()))
	if len(s.Members) > 0 {
		gauge(c.members, float64(len(s.Members)))
	}
	for _, src := range s.Sources {
		if src.Off {
			continue
		}
		if !src.Success.IsZero() {
			gauge(c.success, float64(src.Success.Unix()), src.ID)
		}
		if !src.Due.IsZero() {
			gauge(c.due, float64(src.Due.Unix()), src.ID)
		}
		if src.Class != "" {
			gauge(c.failing, 1, src.ID, src.Class)
		}
		gauge(c.failures, float64(src.Failures), src.ID)
		gauge(c.late, number(src.Late), src.ID)
		gauge(c.perDay, src.PerDay, src.ID)
	}
	gauge(c.ungrouped, float64(s.Ungrouped))
	if s.Ungrouped > 0 {
		gauge(c.ungroupedSince, float64(s.Loose.Unix()))
	}
	gauge(c.waiting, float64(s.Waiting))
	if s.Waiting > 0 {
		gauge(c.waitingSince, float64(s.Since.Unix()))
	}
	for _, e := range s.Engines {
		gauge(c.resting, number(e.Resting != ""), e.Name)
		e.collect(ch, c)
	}
	for _, b := range s.Budgets {
		engine := "all"
		if b.Engine != "" {
			engine = b.Engine
		}
		for _, u := range []struct {
			name string
			of   func(translate.Cost) float64
		}{{"characters", func(c translate.Cost) float64 { return float64(c.Chars) }}, {"dollars", dollars}} {
			if u.of(b.Limit) > 0 {
				gauge(c.budgetLimit, u.of(b.Limit), engine, b.Period, u.name)
				gauge(c.budgetUsed, u.of(b.Used), engine, b.Period, u.name)
				gauge(c.budgetExpected, u.of(b.Projected), engine, b.Period, u.name)
			}
		}
	}
}

// collect sends what came of an engine's calls.
func (e engineStatus) collect(ch chan<- prometheus.Metric, c *collector) {
	if e.Calls == 0 {
		return
	}
	below, sum := map[float64]uint64{}, uint64(0)
	for i, bound := range latencyBounds {
		sum += uint64(e.Took[i])
		below[bound] = sum
	}
	ch <- prometheus.MustNewConstHistogram(c.calls, uint64(e.Calls), e.Seconds, below, e.Name)
	for kind, n := range e.Failed {
		ch <- prometheus.MustNewConstMetric(c.failed, prometheus.CounterValue, float64(n), e.Name, string(kind))
	}
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
