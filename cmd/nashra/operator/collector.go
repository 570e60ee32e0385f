package operator

import (
	"cmp"
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/nashra/nashra/translate"
)

// collector turns the status into metrics. Times are Unix seconds; an unknown time has no metric.
type collector struct {
	cache *cache

	readable, health, reason, members                              *prometheus.Desc
	success, due, held, odd, failures, failing, late, perDay, left *prometheus.Desc
	listSources, listSuccess, listFailures, listLate               *prometheus.Desc
	ungrouped, ungroupedSince, waiting, waitingSince, untold       *prometheus.Desc
	ready, resting, trouble, troubleSince, calls, failed           *prometheus.Desc
	budgetLimit, budgetUsed, budgetExpected                        *prometheus.Desc
	sent, unsent, givenUp, unreached                               *prometheus.Desc
}

func newCollector(c *cache) *collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("nashra_"+name, help, labels, nil)
	}
	return &collector{cache: c,
		readable: desc("status_readable", "1 if the status can be read from the store; 0: the metrics below are "+
			"missing."),
		health: desc("health", "1 for the state that /healthz reports, 0 for the others.", "state"),
		reason: desc("health_reason_since_timestamp_seconds", "Since when there is a reason for the state; 0: "+
			"unknown.", "what", "name", "cause", "remedy"),
		members: desc("fleet_members", "Processes that share the store; missing if the store is not shared."),

		success: desc("source_last_success_timestamp_seconds", "When a source last returned a readable feed.",
			"source"),
		due: desc("source_next_poll_timestamp_seconds", "When a source is polled next.", "source"),
		held: desc("source_held_timestamp_seconds", "Until when a source's publisher or host asks to wait; missing "+
			"for others.", "source"),
		odd: desc("source_odd", "1 if a source can be read and is odd, as its status says; missing for others.",
			"source"),
		failures: desc("source_failures", "Failed polls of a source since its last success.", "source"),
		failing: desc("source_failing", "1, with the error class of a failing source; missing for others.", "source",
			"class"),
		late:   desc("source_late", "1 if a source has not succeeded within three rounds of its schedule.", "source"),
		perDay: desc("source_items_per_day", "New items of a source a day, over the last seven days.", "source"),

		listSources:  desc("list_sources", "Sources that a list of sources brings and that are polled.", "list"),
		listSuccess:  desc("list_last_success_timestamp_seconds", "When a list of sources was last read.", "list"),
		listFailures: desc("list_failures", "Failed readings of a list of sources since the last success.", "list"),
		listLate:     desc("list_late", "1 if a list of sources has not been read for three rounds.", "list"),
		left: desc("source_items_left_out", "Stored items of a source that its rules keep out of stories; missing for "+
			"sources without any.", "source"),

		ungrouped: desc("items_ungrouped", "Stored items that are in no story yet."),
		ungroupedSince: desc("items_ungrouped_oldest_timestamp_seconds",
			"When the oldest ungrouped item was first seen."),
		waiting: desc("stories_waiting", "Published stories that are not translated yet."),
		untold:  desc("stories_held", "Stories that English editions hold back until their headline is translated."),
		waitingSince: desc("stories_waiting_oldest_timestamp_seconds",
			"When the oldest waiting story was first seen."),

		ready: desc("engine_ready", "1 unless an engine is paused, failed when it was last asked, or lacks its model.",
			"engine"),
		trouble: desc("engine_trouble", "How often an engine was left, or how many texts failed, since the time "+
			"below; missing for engines without trouble.", "engine", "kind", "cause", "todo"),
		troubleSince: desc("engine_trouble_since_timestamp_seconds", "Since when an engine has the trouble.",
			"engine", "kind"),
		resting: desc("engine_resting", "1 while an engine's circuit breaker is open.", "engine"),
		calls:   desc("engine_call_seconds", "How long calls to an engine took, failed ones included.", "engine"),
		failed:  desc("engine_failures_total", "Failed calls to an engine, by kind of error.", "engine", "kind"),

		budgetLimit: desc("budget_limit", "The limit for the period; engine all: all paid engines together.",
			"engine", "period", "unit"),
		budgetUsed: desc("budget_used", "What was spent or is reserved in the period so far.",
			"engine", "period", "unit"),
		budgetExpected: desc("budget_projected", "What will be spent in the whole period at the current pace.",
			"engine", "period", "unit"),

		sent:   desc("messages_sent_total", "Messages that a target took.", "target"),
		unsent: desc("messages_waiting", "Messages that wait for a target.", "target"),
		givenUp: desc("messages_given_up_total", "Messages that a target refused, or did not take for a day.",
			"target"),
		unreached: desc("target_failing_timestamp_seconds", "Since when a target fails; missing for others.",
			"target"),
	}
}

// Describe implements prometheus.Collector. It describes nothing: the metrics depend on the sources
// and engines.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	s, err := c.cache.status(ctx)
	gauge(c.readable, number(err == nil))
	for _, state := range states {
		gauge(c.health, number(s.Health.State == state), string(state))
	}
	for _, r := range s.Health.Reasons {
		gauge(c.reason, float64(max(0, r.Since.Unix())), r.What, r.Name, r.Cause, r.Remedy)
	}
	if err != nil {
		return
	}
	if len(s.Members) > 0 {
		gauge(c.members, float64(len(s.Members)))
	}
	for _, src := range s.Sources {
		if !src.Off {
			c.source(src, gauge)
		}
	}
	for _, l := range s.Lists {
		if !l.Off {
			c.list(l, gauge)
		}
	}
	gauge(c.ungrouped, float64(s.Ungrouped))
	if s.Ungrouped > 0 {
		gauge(c.ungroupedSince, float64(s.Loose.Unix()))
	}
	gauge(c.waiting, float64(s.Waiting))
	gauge(c.untold, float64(s.Held))
	if s.Waiting > 0 {
		gauge(c.waitingSince, float64(s.Since.Unix()))
	}
	for _, e := range s.Engines {
		gauge(c.ready, number(e.Tone() != "bad"), e.Name)
		gauge(c.resting, number(e.Resting != ""), e.Name)
		for _, t := range e.Troubles {
			gauge(c.trouble, float64(t.Count), e.Name, string(t.Kind), t.Cause, t.Todo)
			gauge(c.troubleSince, float64(t.Since.Unix()), e.Name, string(t.Kind))
		}
		c.engineCalls(e, ch)
	}
	for _, b := range s.Budgets {
		c.budget(b, gauge)
	}
	for _, t := range s.Notify {
		c.target(t, ch, gauge)
	}
}

// sendGauge sends a gauge with its value and the values of its labels.
type sendGauge func(d *prometheus.Desc, value float64, labels ...string)

func (c *collector) source(src Source, gauge sendGauge) {
	if !src.Success.IsZero() {
		gauge(c.success, float64(src.Success.Unix()), src.ID)
	}
	if src.LeftOut > 0 {
		gauge(c.left, float64(src.LeftOut), src.ID)
	}
	if !src.Due.IsZero() {
		gauge(c.due, float64(src.Due.Unix()), src.ID)
	}
	if src.Held {
		gauge(c.held, float64(src.Due.Unix()), src.ID)
	}
	if src.Note != "" {
		gauge(c.odd, 1, src.ID)
	}
	if src.Class != "" {
		gauge(c.failing, 1, src.ID, src.Class)
	}
	gauge(c.failures, float64(src.Failures), src.ID)
	gauge(c.late, number(src.Late), src.ID)
	gauge(c.perDay, src.PerDay, src.ID)
}

func (c *collector) engineCalls(e Engine, ch chan<- prometheus.Metric) {
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

func (c *collector) target(t Target, ch chan<- prometheus.Metric, gauge sendGauge) {
	for d, n := range map[*prometheus.Desc]int{c.sent: t.Sent, c.givenUp: t.GivenUp} {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), t.ID)
	}
	gauge(c.unsent, float64(t.Waiting), t.ID)
	if t.Error != "" {
		gauge(c.unreached, float64(t.Since.Unix()), t.ID)
	}
}

func (c *collector) budget(b Budget, gauge sendGauge) {
	units := map[string]func(translate.Cost) float64{
		"characters": func(c translate.Cost) float64 { return float64(c.Chars) },
		"dollars":    translate.Cost.Dollars,
	}
	for unit, in := range units {
		if in(b.Limit) > 0 {
			labels := []string{cmp.Or(b.Engine, "all"), b.Period, unit}
			gauge(c.budgetLimit, in(b.Limit), labels...)
			gauge(c.budgetUsed, in(b.Used), labels...)
			gauge(c.budgetExpected, in(b.Projected), labels...)
		}
	}
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
