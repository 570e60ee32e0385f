package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
)

// status is how things stand: what the command prints, the metrics count, the operator's page shows and /healthz judges. The names of its
// JSON are fixed.
type status struct {
	At        time.Time      `json:"at"`
	Serving   time.Time      `json:"serving_since,omitzero"` // when the daemon that tells this started; zero: none does
	Version   string         `json:"version"`
	Zone      string         `json:"timezone"` // of the days
	Sources   []sourceStatus `json:"sources"`
	Ungrouped int            `json:"ungrouped"` // items that are stored and in no story yet
	Loose     time.Time      `json:"ungrouped_since,omitzero"`
	Waiting   int            `json:"waiting"` // stories that are shown and have still to be translated
	Since     time.Time      `json:"waiting_since,omitzero"`
	Waits     []int          `json:"waiting_by_age"` // these by waitBounds: each counts what waits for less and no bound before has; the last one the rest
	Engines   []engineStatus `json:"engines"`
	Budgets   []budgetStatus `json:"budgets"`
	Spent     []store.Spent  `json:"spent"`             // this month, by day and engine
	Members   []fleet.Member `json:"members,omitempty"` // that share the store
}

type sourceStatus struct {
	ID       string    `json:"id"`
	Title    string    `json:"title,omitempty"`
	URL      string    `json:"url"` // without secrets
	Off      bool      `json:"off,omitempty"`
	Success  time.Time `json:"last_success,omitzero"`
	Polled   time.Time `json:"last_poll,omitzero"`
	Due      time.Time `json:"next_due,omitzero"` // zero: now, or never where Why says so
	Why      string    `json:"why,omitempty"`     // it is not asked now
	Late     bool      `json:"late,omitempty"`    // three rounds of its schedule have passed without a success
	Failures int       `json:"failures,omitempty"`
	Class    string    `json:"error_class,omitempty"`
	Error    string    `json:"error,omitempty"`
	PerDay   float64   `json:"items_a_day"`            // of the last seven days
	Days     []int     `json:"items_by_day,omitempty"` // of the last shownDays, today last; empty: none
}

type engineStatus struct {
	Name    string    `json:"name"`
	Free    bool      `json:"free"`
	Resting string    `json:"resting,omitempty"` // why its breaker lets no call through now; only a daemon knows
	Until   time.Time `json:"until,omitzero"`
	engineCalls
}

type budgetStatus struct {
	Engine    string         `json:"engine,omitempty"` // empty: all paid ones together
	Period    string         `json:"period"`           // day | month
	Limit     translate.Cost `json:"limit"`
	Used      translate.Cost `json:"used"`
	Left      translate.Cost `json:"left"`
	Projected translate.Cost `json:"projected"` // of the whole period, at this pace
}

// waitBounds are the ages that waiting stories are sorted by: as long as a channel waits by default, an engine's rest, and longer.
var waitBounds = []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

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

// readStatus reads the store, and asks a daemon that runs here for what only it knows: of its engines, and since when it runs.
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
	daemon := w.askDaemon(ctx)
	s, err := w.status(ctx, st, a, daemon.Serving)
	for i, e := range s.Engines {
		if at := slices.IndexFunc(daemon.Engines, func(o engineStatus) bool { return o.Name == e.Name }); at >= 0 {
			s.Engines[i] = daemon.Engines[at]
		}
	}
	return s, err
}

func (s status) print(out io.Writer) error {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "SOURCE\tLAST SUCCESS\tNEXT\tA DAY\tSTATE")
	for _, src := range s.Sources {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%.1f\t%s\n", src.ID, cmp.Or(stamp(src.Success), "never"), src.next(), src.PerDay, src.state())
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	if s.Ungrouped > 0 {
		fmt.Fprintf(out, "%d items are in no story yet, the first since %s\n", s.Ungrouped, stamp(s.Loose))
	}
	if s.Waiting > 0 {
		fmt.Fprintf(out, "%d stories wait for their translation, the first since %s\n", s.Waiting, stamp(s.Since))
	} else {
		fmt.Fprintln(out, "no story waits for its translation")
	}
	for _, e := range s.Engines {
		fmt.Fprintf(out, "engine %s: %s\n", e.Name, e.state())
	}
	for _, m := range s.Members {
		state := "at work"
		if m.Leader {
			state = "at work, leading"
		}
		fmt.Fprintf(out, "member %s: %s since %s\n", m.ID, state, stamp(m.Since))
	}
	for _, b := range s.Budgets {
		fmt.Fprintf(out, "budget of %s: %s\n", b.of(), b.state())
	}
	if s.Serving.IsZero() {
		fmt.Fprintln(out, "no daemon answers")
	} else {
		fmt.Fprintf(out, "a daemon serves since %s\n", stamp(s.Serving))
	}
	return nil
}

// next is when a source is asked again.
func (s sourceStatus) next() string {
	switch {
	case !s.Due.IsZero():
		return stamp(s.Due)
	case s.Why != "":
		return "never"
	}
	return "now"
}

// state is how a source stands, and why it is not asked now.
func (s sourceStatus) state() string {
	text := "ok"
	switch {
	case s.Error != "":
		text = fmt.Sprintf("%s, %d in a row: %s", s.Class, s.Failures, s.Error)
	case s.Polled.IsZero():
		text = "never asked"
	}
	if s.Late {
		text = "late; " + text
	}
	if s.Why != "" {
		text += "; " + s.Why
	}
	return text
}

// state is whether an engine is asked, and how it has done.
func (e engineStatus) state() string {
	text := "ready"
	if e.Resting != "" {
		text = fmt.Sprintf("rests until %s: %s", stamp(e.Until), e.Resting)
	}
	if e.Calls == 0 {
		return text
	}
	failed := 0
	for _, n := range e.Failed {
		failed += n
	}
	return fmt.Sprintf("%s; %d calls, %d of them failed, half within %s, nineteen in twenty within %s", text, e.Calls, failed, e.within(.5), e.within(.95))
}

// within is how long a share of the calls took at most, for people.
func (e engineCalls) within(share float64) string {
	if bound := e.under(share); bound > 0 {
		return fmt.Sprintf("%g s", bound)
	}
	return fmt.Sprintf("more than %g s", latencyBounds[len(latencyBounds)-1])
}

func (b budgetStatus) of() string { return cmp.Or(b.Engine, "all engines") }

func (b budgetStatus) state() string {
	return fmt.Sprintf("%s used of %s this %s, %s left, %s at this pace", amount(b.Used, b.Limit), amount(b.Limit, b.Limit), b.Period,
		amount(b.Left, b.Limit), amount(b.Projected, b.Limit))
}

// amount is a cost in the unit that a limit is in.
func amount(c, limit translate.Cost) string {
	if limit.Micros > 0 {
		return fmt.Sprintf("$%.2f", dollars(c))
	}
	return humanize.Comma(c.Chars) + " characters"
}

// stamp is a time for people; empty where it is not known.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}
