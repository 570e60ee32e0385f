package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate/offline"
)

func statusCmd(opt *options) *cobra.Command {
	var asJSON, probe bool
	cmd := &cobra.Command{
		Use: "status", Short: "Show the state of sources, backlog, engines and budgets", Args: cobra.NoArgs,
		Example: "  nashra status\n  nashra status --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if probe {
				return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
					return w.probe(ctx, cmd.OutOrStdout())
				})
			}
			_, cfg, err := readConfig(opt)
			if err != nil {
				return err
			}
			s, err := readStatus(cmd.Context(), cfg)
			if errors.As(err, new(usageError)) {
				return err
			}
			if err != nil {
				s = operator.NoStore(err.Error())
			}
			switch {
			case asJSON:
				s.Sources = append([]operator.Source{}, s.Sources...)
				s.Engines = append([]operator.Engine{}, s.Engines...)
				s.Notify = append([]operator.Target{}, s.Notify...)
				s.Budgets, s.Spent = append([]operator.Budget{}, s.Budgets...), append([]store.Spent{}, s.Spent...)
				return cmp.Or(err, writeJSON(cmd.OutOrStdout(), s))
			case err != nil:
				fmt.Fprint(cmd.OutOrStdout(), s.Health)
				return err
			}
			return s.Print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&probe, "probe", false, "only ask the running daemon whether it is healthy; exit 1 if not")
	return cmd
}

// readStatus reads the status from the store. A running daemon adds what only it knows: its start
// and its engines' state.
func readStatus(ctx context.Context, cfg *config.Config) (s operator.Status, err error) {
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return s, err
	}
	defer w.client.CloseIdle()
	st, err := store.OpenExisting(ctx, cfg.Store)
	if err != nil {
		return s, err
	}
	defer st.Close()
	a, err := w.aggregator(ctx, st)
	if err != nil {
		return s, err
	}
	var daemon operator.Status
	if at := cfg.Serve.Metrics; at != "" {
		if hc, err := w.client.Engine(operatorURL(at)); err == nil {
			daemon = operator.Ask(ctx, hc, operatorURL(at))
		}
	}
	p, err := w.process(st, a, daemon.Serving)
	if err != nil {
		return s, err
	}
	s, err = p.Status(ctx)
	for i, e := range s.Engines {
		at := slices.IndexFunc(daemon.Engines, func(o operator.Engine) bool { return o.Name == e.Name })
		if at >= 0 {
			s.Engines[i] = daemon.Engines[at]
		}
	}
	s.Judge()
	return s, err
}

// process describes this process to package operator; started is zero unless it is a daemon.
func (w *wire) process(st *store.Store, a *aggregator.Aggregator, started time.Time) (*operator.Process, error) {
	zone, err := w.zone()
	return &operator.Process{Config: w.cfg, Store: st, Aggregator: a, Engines: w.made, Ready: w.ready(),
		Limits: w.limits(), Calls: w.calls, Zone: zone, Version: version(), Started: started}, err
}

// ready returns, by name of an engine, what tells whether it lacks something.
func (w *wire) ready() map[string]operator.Ready {
	out := map[string]operator.Ready{}
	for name := range w.made {
		entry := w.cfg.Engines[name]
		ready := engineTypes(w.models, nil).Of(entry.Type).Ready
		if ready == nil {
			continue
		}
		out[name] = func() (remedy string, err error) {
			err = ready(entry.Settings(name))
			if errors.As(err, new(*offline.MissingError)) {
				return offlineHint, err
			}
			return "nashra model pull replaces it, or name another engine under translate.engines", err
		}
	}
	return out
}
