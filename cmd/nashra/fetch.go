package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// lockWait is how long a command waits for a running pass to end.
const lockWait = time.Minute

type fetchFlags struct {
	now, dryRun, json, strict bool
	only                      []string
	config                    string // the config file; empty: built in
}

func fetchCmd(opt *options) *cobra.Command {
	var f fetchFlags
	cmd := &cobra.Command{
		Use: "fetch", Short: "One pass: poll due sources, group, translate within budget, write the feeds",
		Args:    cobra.NoArgs,
		Example: "  nashra fetch\n  nashra fetch --now --only aitnews,tech-wd\n  nashra fetch --dry-run",
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, cfg, err := readConfig(opt)
			if err != nil {
				return err
			}
			f.config = path
			return fetchOnce(cmd.Context(), cfg, f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&f.now, "now", false,
		"poll every source, also if it is not due; a Retry-After of its server is still obeyed")
	cmd.Flags().StringSliceVar(&f.only, "only", nil, "poll only these sources")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false,
		"poll, but write nothing and call no engine: print what would be billed")
	cmd.Flags().BoolVar(&f.json, "json", false, "print a report in JSON")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "exit with 1 if any source or story failed")
	completeFlag(cmd, "only", completeSources(opt))
	return cmd
}

func fetchOnce(ctx context.Context, cfg *config.Config, f fetchFlags, stdout, stderr io.Writer) error {
	if len(f.only) > 0 {
		followStored(ctx, cfg)
	}
	for _, id := range f.only {
		if known := sourceIDs(cfg); !slices.Contains(known, id) {
			return unknown("fetch: --only", "source", id, known, "nashra sources list")
		}
	}
	if err := checkClock(time.Now()); err != nil {
		return err
	}
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer w.client.CloseIdle()
	if !f.json {
		fmt.Fprintf(stdout, "config: %s; store: %s; feeds: %s\n",
			cmp.Or(f.config, "built in, as there is no nashra.yaml (nashra init writes one)"), feeds.Redact(cfg.Store),
			cfg.Publish.Dir)
	}
	if f.dryRun {
		return dryRun(ctx, w, f, stdout, stderr)
	}
	warn := func(text string) { fmt.Fprintln(stderr, "warning:", text) }
	return mending(ctx, cfg.Store, warn, func() error { return passAndReport(ctx, w, f, stdout, stderr) })
}

// passAndReport waits for the lock on passes, runs a pass and prints the result.
func passAndReport(ctx context.Context, w *wire, f fetchFlags, stdout, stderr io.Writer) error {
	st, err := store.Open(ctx, w.cfg.Store)
	if err != nil {
		return err
	}
	defer st.Close()
	if st.Warning != "" {
		fmt.Fprintln(stderr, "warning:", st.Warning)
	}
	if st.Forward != "" {
		fmt.Fprintln(stderr, st.Forward)
	}
	release, err := st.Pass(ctx, lockWait)
	if err != nil {
		return err
	}
	release = sync.OnceFunc(release)
	defer release()
	a, rep, err := pass(ctx, w, st, f, stderr)
	if err != nil {
		return err
	}
	release()
	if rep.Published.Beyond, err = a.Catalog.Beyond(ctx, rep.Published.Stories); err != nil {
		return err
	}
	if err := f.report(ctx, rep, w.cfg, st, stdout, stderr); err != nil {
		return err
	}
	if err := a.Publisher.Pinged(); err != nil { // the pass does not wait for the hub
		fmt.Fprintf(stderr, "warning: %v\n", err)
	}
	if p := rep.Polled; p.Asked > 0 && p.Failed == p.Asked {
		return hinted{fmt.Errorf("no source could be read: %d of %d failed", p.Failed, p.Asked),
			"is this machine online? nashra sources check asks the sources again, and stores nothing"}
	}
	engines := slices.DeleteFunc(rep.Translated.Failures, func(e *translate.Error) bool {
		return e.Kind == translate.Withheld // the engine answered, and a check refused
	})
	if bad := len(rep.Listed.Errors) + len(rep.Polled.Errors) + len(engines); f.strict && bad > 0 {
		return fmt.Errorf("--strict: %s", count(bad, "failure"))
	}
	return nil
}

// pass runs a pass and shows its progress on stderr.
func pass(ctx context.Context, w *wire, st *store.Store, f fetchFlags, stderr io.Writer) (
	*aggregator.Aggregator, aggregator.Report, error,
) {
	bar := &bar{out: stderr}
	w.progress = bar
	a, err := w.aggregator(ctx, st)
	if err != nil {
		return nil, aggregator.Report{}, err
	}
	defer bar.end()
	a, listed, err := w.readLists(ctx, st, a, f)
	if err != nil {
		return nil, aggregator.Report{}, err
	}
	rep, err := a.Pass(ctx, f.now, f.only, aggregator.Watch{
		Translating: func(expected translate.Report) {
			if line := w.announce(expected.Cost); line != "" {
				bar.say(line)
			}
			if n := expected.Segments - expected.Hits; n > 0 {
				bar.step("translating", 0, n)
			}
		},
	})
	if errors.Is(err, context.Canceled) {
		err = errors.New("stopped; what was done is kept")
	}
	rep.Listed = listed
	return a, rep, err
}

// readLists reads the lists of sources that are due, unless only some sources are to be polled, and returns an
// aggregator with what they name now.
func (w *wire) readLists(ctx context.Context, st *store.Store, a *aggregator.Aggregator, f fetchFlags) (
	*aggregator.Aggregator, aggregator.Polled, error,
) {
	if len(f.only) > 0 {
		return a, aggregator.Polled{}, nil
	}
	listed, err := a.ReadLists(ctx, f.now)
	if err != nil || listed.Asked == 0 {
		return a, listed, err
	}
	a, err = w.aggregator(ctx, st)
	return a, listed, err
}

// dryRun runs a pass up to the translation on a temporary copy of the store.
func dryRun(ctx context.Context, w *wire, f fetchFlags, stdout, stderr io.Writer) error {
	dir, err := makeTemp("nashra-dry-run-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "nashra.db")
	if err := store.Copy(ctx, w.cfg.Store, copied); err != nil {
		return err
	}
	st, err := store.Open(ctx, copied)
	if err != nil {
		return err
	}
	defer st.Close()
	a, err := w.aggregator(ctx, st)
	if err != nil {
		return err
	}
	a, listed, err := w.readLists(ctx, st, a, f)
	if err != nil {
		return err
	}
	rep := aggregator.Report{Listed: listed}
	ids, later, err := a.Due(ctx, f.now, f.only...)
	if err != nil {
		return err
	}
	if rep.Polled, err = a.Poll(ctx, nil, f.now, ids...); err != nil {
		return err
	}
	maps.Copy(rep.Polled.Later, later)
	if rep.Grouped, err = a.Group(ctx); err != nil {
		return err
	}
	if rep.Fetched, err = a.Article(ctx); err != nil { // the cost depends on the articles
		return err
	}
	if rep.Translated.Report, err = a.Estimate(ctx); err != nil {
		return err
	}
	return f.report(ctx, rep, w.cfg, st, stdout, stderr)
}
