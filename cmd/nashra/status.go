package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// status is how things stand. The names of its JSON are fixed.
type status struct {
	At      time.Time      `json:"at"`
	Sources []sourceStatus `json:"sources"`
	Waiting int            `json:"waiting"` // stories that are shown and have still to be translated
	Since   time.Time      `json:"waiting_since,omitzero"`
	Engines []engineStatus `json:"engines"`
	Budgets []budgetStatus `json:"budgets"`
	Members []fleet.Member `json:"members,omitempty"` // that share the store
}

type sourceStatus struct {
	ID       string    `json:"id"`
	URL      string    `json:"url"` // without secrets
	Success  time.Time `json:"last_success,omitzero"`
	Polled   time.Time `json:"last_poll,omitzero"`
	Due      time.Time `json:"next_due,omitzero"` // zero: now, or never where Why says so
	Why      string    `json:"why,omitempty"`     // it is not asked now
	Failures int       `json:"failures,omitempty"`
	Class    string    `json:"error_class,omitempty"`
	Error    string    `json:"error,omitempty"`
	PerDay   float64   `json:"items_a_day"` // of the last seven days
}

type engineStatus struct {
	Name    string    `json:"name"`
	Free    bool      `json:"free"`
	Resting string    `json:"resting,omitempty"` // why it is not asked now; only a daemon knows
	Until   time.Time `json:"until,omitzero"`
}

type budgetStatus struct {
	Engine    string         `json:"engine,omitempty"` // empty: all paid ones together
	Period    string         `json:"period"`           // day | month
	Limit     translate.Cost `json:"limit"`
	Used      translate.Cost `json:"used"`
	Projected translate.Cost `json:"projected"` // of the whole period, at this pace
}

// rateWindow is what items a day are counted over: a week has its quiet days in it.
const rateWindow = 7 * 24 * time.Hour

func statusCmd(opt *options) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status", Short: "How each source, the backlog, the engines and the budget stand", Args: cobra.NoArgs, Example: "  nashra status\n  nashra status --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, cfg, err := readConfig(opt)
			if err != nil {
				return err
			}
			s, err := readStatus(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(s)
			}
			return s.print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it for machines")
	return cmd
}

// readStatus reads the store, and of a daemon that runs here, which engines rest.
func readStatus(ctx context.Context, cfg *config.Config) (status, error) {
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return status{}, err
	}
	defer w.client.CloseIdle()
	st, err := store.Open(ctx, cfg.Store)
	if err != nil {
		return status{}, err
	}
	defer st.Close()
	a, err := w.aggregator(ctx, st)
	if err != nil {
		return status{}, err
	}
	s, err := w.status(ctx, st, a)
	if err != nil {
		return s, err
	}
	for i, e := range w.daemonEngines(ctx) {
		if i < len(s.Engines) && s.Engines[i].Name == e.Name {
			s.Engines[i] = e
		}
	}
	return s, nil
}

// status is how the store and this process's engines stand.
func (w *wire) status(ctx context.Context, st *store.Store, a *aggregator.Aggregator) (s status, err error) {
	s.At = time.Now().UTC().Truncate(time.Second)
	memos, err := st.Memos(ctx)
	if err != nil {
		return s, err
	}
	_, later, err := a.Due(ctx, false)
	if err != nil {
		return s, err
	}
	arrived, err := st.Arrivals(ctx, s.At.Add(-rateWindow))
	if err != nil {
		return s, err
	}
	for _, src := range w.cfg.Sources {
		m, why := memos[src.ID], later[src.ID]
		if !src.On() {
			why.Why = "switched off"
		}
		s.Sources = append(s.Sources, sourceStatus{ID: src.ID, URL: feeds.Redact(src.URL), Success: m.Succeeded, Polled: m.Polled, Due: why.Until, Why: why.Why,
			Failures: m.Failures, Class: m.Class, Error: m.Error, PerDay: float64(arrived[src.ID]) / rateWindow.Hours() * 24})
	}
	if s.Waiting, s.Since, err = a.Backlog(ctx); err != nil {
		return s, err
	}
	if a.Translator != nil {
		resting := a.Translator.Resting()
		for _, name := range slices.Sorted(maps.Keys(w.made)) {
			e := engineStatus{Name: name, Free: w.made[name].Limits().Free}
			if why := resting[name]; why != nil {
				e.Resting, e.Until = why.Error(), s.At.Add(why.RetryAfter)
			}
			s.Engines = append(s.Engines, e)
		}
	}
	if s.Budgets, err = w.budgets(ctx, st, s.At); err != nil || !st.Shared() {
		return s, err
	}
	pool, err := fleet.Open(ctx, w.cfg.Store)
	if err != nil {
		return s, err
	}
	defer pool.Close()
	s.Members, err = fleet.Members(ctx, pool)
	return s, err
}

func (w *wire) budgets(ctx context.Context, st *store.Store, at time.Time) (out []budgetStatus, err error) {
	zone, err := time.LoadLocation(w.cfg.Timezone)
	if err != nil {
		return nil, usageError{fmt.Errorf("timezone: %w", err)}
	}
	at = at.In(zone)
	limits := w.limits()
	used, err := st.Used(ctx, limits, at)
	if err != nil {
		return nil, err
	}
	for i, l := range limits {
		b := budgetStatus{Engine: l.Engine, Period: "month", Limit: translate.Cost{Chars: l.Chars, Micros: l.Micros}, Used: used[i]}
		begun := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, zone)
		ends := begun.AddDate(0, 1, 0)
		if l.Day {
			b.Period = "day"
			begun = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)
			ends = begun.AddDate(0, 0, 1)
		}
		part := max(0.01, at.Sub(begun).Hours()/ends.Sub(begun).Hours()) // the first minutes say little
		b.Projected = translate.Cost{Chars: int64(float64(b.Used.Chars) / part), Micros: int64(float64(b.Used.Micros) / part)}
		out = append(out, b)
	}
	return out, nil
}

// daemonEngines asks the daemon that the config describes; none where it does not run.
func (w *wire) daemonEngines(ctx context.Context) []engineStatus {
	if w.cfg.Serve.Metrics == "" {
		return nil
	}
	address := "http://" + w.cfg.Serve.Metrics
	hc, err := w.client.Engine(address)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second) // it is this machine
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/status", nil)
	if err != nil {
		return nil
	}
	resp, err := hc.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	var s status
	if json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&s) != nil {
		return nil
	}
	return s.Engines
}

func (s status) print(out io.Writer) error {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "SOURCE\tLAST SUCCESS\tNEXT\tA DAY\tSTATE")
	for _, src := range s.Sources {
		next, state := "now", "ok"
		switch {
		case !src.Due.IsZero():
			next = stamp(src.Due)
		case src.Why != "":
			next = "never"
		}
		switch {
		case src.Error != "":
			state = fmt.Sprintf("%s, %d in a row: %s", src.Class, src.Failures, src.Error)
		case src.Polled.IsZero():
			state = "never asked"
		}
		if src.Why != "" {
			state += "; " + src.Why
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%.1f\t%s\n", src.ID, cmp.Or(stamp(src.Success), "never"), next, src.PerDay, state)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if s.Waiting > 0 {
		fmt.Fprintf(out, "\n%d stories wait for their translation, the first since %s\n", s.Waiting, stamp(s.Since))
	} else {
		fmt.Fprintln(out, "\nno story waits for its translation")
	}
	for _, e := range s.Engines {
		state := "ready"
		if e.Resting != "" {
			state = fmt.Sprintf("rests until %s: %s", stamp(e.Until), e.Resting)
		}
		fmt.Fprintf(out, "engine %s: %s\n", e.Name, state)
	}
	for _, m := range s.Members {
		state := "at work"
		if m.Leader {
			state = "at work, leading"
		}
		fmt.Fprintf(out, "member %s: %s since %s\n", m.ID, state, stamp(m.Since))
	}
	for _, b := range s.Budgets {
		fmt.Fprintf(out, "budget of %s: %s used of %s this %s, %s at this pace\n", cmp.Or(b.Engine, "all engines"), amount(b.Used, b.Limit), amount(b.Limit, b.Limit), b.Period, amount(b.Projected, b.Limit))
	}
	return nil
}

// amount is a cost in the unit that a limit is in.
func amount(c, limit translate.Cost) string {
	if limit.Micros > 0 {
		return fmt.Sprintf("$%.2f", dollars(c))
	}
	return fmt.Sprintf("%d characters", c.Chars)
}

// stamp is a time for people; empty where it is not known.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}
