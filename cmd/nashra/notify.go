package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/notify"
	"github.com/nashra/nashra/feeds"
)

func notifyCmd(opt *options) *cobra.Command {
	return group("notify", "Targets that are told of new stories", "  nashra notify test", testNotifyCmd(opt))
}

func testNotifyCmd(opt *options) *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use: "test [ID...]", Short: "Send one message to each target under notify, or to those named",
		Example: "  nashra notify test\n  nashra notify test phone",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
				return w.testTargets(ctx, args, cmd.OutOrStdout(), *asJSON)
			})
		},
		ValidArgsFunction: completeTargets(opt),
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

// checkTarget is config's check of targets.
func checkTarget(t feeds.Target) (key, problem, hint string) {
	if m := notify.Check(t); m != nil {
		return m.Key, m.Problem, m.Hint
	}
	return "", "", ""
}

// targetTestJSON is the outcome of a test of a target, in JSON.
type targetTestJSON struct {
	ID     string `json:"id"`
	Status string `json:"status"` // ok or failed
	Error  string `json:"error,omitempty"`
	Hint   string `json:"hint,omitempty"` // what to do about the error
	Millis int64  `json:"milliseconds"`
}

func (r targetTestJSON) columns() string {
	text := r.ID + "\t" + r.Status + "\t"
	switch {
	case r.Error == "":
		return text + (time.Duration(r.Millis) * time.Millisecond).String()
	case r.Hint != "":
		return text + r.Error + "; " + r.Hint
	}
	return text + r.Error
}

// testTargets sends a message to each target, or to those of the given ids.
func (w *wire) testTargets(ctx context.Context, ids []string, out io.Writer, asJSON bool) error {
	var known []string
	for _, t := range w.cfg.Notify {
		known = append(known, t.ID)
	}
	if len(known) == 0 {
		return mistake("", "the config file has no targets of messages", "write one under notify: docs/notify.md")
	}
	for _, id := range ids {
		if !slices.Contains(known, id) {
			return unknown("", "target", id, known, "nashra config show")
		}
	}
	senders, err := w.senders()
	if err != nil {
		return err
	}
	failed := 0
	l := list[targetTestJSON]{columns: targetTestJSON.columns}
	for _, t := range w.cfg.Notify {
		if len(ids) > 0 && !slices.Contains(ids, t.ID) {
			continue
		}
		begun := time.Now()
		err := senders[t.ID].Send(ctx, notify.Test(t.ID, begun))
		row := targetTestJSON{ID: t.ID, Status: "ok", Millis: time.Since(begun).Milliseconds()}
		if err != nil {
			failed++
			row.Status, row.Error = "failed", err.Error()
			var e *notify.Error
			if errors.As(err, &e) {
				row.Hint = e.Hint
			}
		}
		l.rows = append(l.rows, row)
	}
	if err := l.print(out, asJSON); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %s failed", failed, count(len(l.rows), "target"))
	}
	return nil
}
