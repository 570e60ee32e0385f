package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/offline"
)

// lockWait is how long fetch waits for another pass to end.
const lockWait = time.Minute

type fetchFlags struct {
	now, dryRun, json, strict bool
	only                      []string
}

func fetchCmd(opt *options) *cobra.Command {
	var f fetchFlags
	cmd := &cobra.Command{
		Use: "fetch", Short: "One pass: poll what is due, group, translate within budget, write the feeds", Args: cobra.NoArgs,
		Example: "  nashra fetch\n  nashra fetch --now --only aitnews,tech-wd\n  nashra fetch --dry-run",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, cfg, err := readConfig(opt)
			if err != nil {
				return err
			}
			return fetchOnce(cmd.Context(), cfg, f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&f.now, "now", false, "ask every source, whatever our schedule and its freshness say; its Retry-After is still obeyed")
	cmd.Flags().StringSliceVar(&f.only, "only", nil, "poll only these sources")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "poll, write nothing, call no engine: print what would be billed")
	cmd.Flags().BoolVar(&f.json, "json", false, "print a machine-readable report")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "exit 1 if any source or story failed")
	return cmd
}

func fetchOnce(ctx context.Context, cfg *config.Config, f fetchFlags, stdout, stderr io.Writer) error {
	for _, id := range f.only {
		if !slices.ContainsFunc(cfg.Sources, func(s source) bool { return s.ID == id }) {
			return usageError{fmt.Errorf("--only: no source has the id %q", id)}
		}
	}
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer w.client.CloseIdle()
	if f.dryRun {
		return dryRun(ctx, w, f, stdout, stderr)
	}
	return mending(ctx, cfg.Store, func(text string) { fmt.Fprintln(stderr, "warning:", text) }, func() error { return passAndReport(ctx, w, f, stdout, stderr) })
}

// passAndReport has the pass to itself, runs it and prints what came of it.
func passAndReport(ctx context.Context, w *wire, f fetchFlags, stdout, stderr io.Writer) error {
	cfg := w.cfg
	st, err := store.Open(ctx, cfg.Store)
	if err != nil {
		return err
	}
	defer st.Close()
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
	if err := f.report(rep, cfg, stdout, stderr); err != nil {
		return err
	}
	if err := a.Publisher.Pinged(); err != nil { // the hub, which the pass did not wait for
		fmt.Fprintf(stderr, "warning: %v\n", err)
	}
	if bad := len(rep.Polled.Errors) + len(rep.Translated.Failures); f.strict && bad > 0 {
		return fmt.Errorf("--strict: %d failures", bad)
	}
	return nil
}

// pass runs one with the progress that stderr can show, and returns what ran it.
func pass(ctx context.Context, w *wire, st *store.Store, f fetchFlags, stderr io.Writer) (*aggregator.Aggregator, aggregator.Report, error) {
	bar := &bar{out: stderr}
	w.shown = bar
	a, err := w.aggregator(ctx, st)
	if err != nil {
		return nil, aggregator.Report{}, err
	}
	defer bar.end()
	watch := aggregator.Watch{
		Polling: func(total int) { bar.begin("polling", total) },
		Polled:  func(aggregator.Poll, error) { bar.step() },
		Translating: func(expected translate.Report) {
			bar.end()
			if line := w.announce(expected.Cost); line != "" {
				fmt.Fprintln(stderr, line)
			}
			bar.begin("translating", -1)
		},
	}
	rep, err := a.Pass(ctx, f.now, f.only, watch)
	if errors.Is(err, context.Canceled) {
		err = errors.New("stopped; what was done is kept")
	}
	return a, rep, err
}

// dryRun runs a pass on a copy of the store that is thrown away, up to the translation.
func dryRun(ctx context.Context, w *wire, f fetchFlags, stdout, stderr io.Writer) error {
	dir, err := os.MkdirTemp("", "nashra-dry-run-")
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
	var rep aggregator.Report
	ids, later, err := a.Due(ctx, f.now, f.only...)
	if err != nil {
		return err
	}
	rep.Later = later
	if rep.Polled, err = a.Poll(ctx, nil, ids...); err != nil {
		return err
	}
	if rep.Grouped, err = a.Group(ctx); err != nil {
		return err
	}
	if rep.Fetched, err = a.Article(ctx); err != nil { // what it would cost is not known without them
		return err
	}
	if rep.Translated.Report, err = a.Estimate(ctx); err != nil {
		return err
	}
	return f.report(rep, w.cfg, stdout, stderr)
}

// report prints what a pass did: warnings to stderr, the sum to stdout.
func (f fetchFlags) report(rep aggregator.Report, cfg *config.Config, stdout, stderr io.Writer) error {
	for _, id := range slices.Sorted(maps.Keys(rep.Polled.Errors)) {
		fmt.Fprintf(stderr, "warning: source %s: %v\n", id, rep.Polled.Errors[id])
	}
	for _, id := range slices.Sorted(maps.Keys(rep.Polled.Notes)) {
		fmt.Fprintf(stderr, "warning: source %s: %s\n", id, rep.Polled.Notes[id])
	}
	for _, err := range distinct(rep.Translated.Failures) {
		fmt.Fprintf(stderr, "warning: %s\n", err)
	}
	if d := rep.Retained.Doubt; d != "" {
		fmt.Fprintf(stderr, "warning: %s\n", d)
	}
	if slices.ContainsFunc(rep.Translated.Failures, func(err error) bool { return errors.As(err, new(*offline.MissingError)) }) {
		fmt.Fprintln(stderr, "hint:", offlineHint)
	}
	if f.json {
		return json.NewEncoder(stdout).Encode(f.machine(rep))
	}
	p, t := rep.Polled, rep.Translated
	fmt.Fprintf(stdout, "polled %d sources: %d new items, %d changed; %d sources unchanged, %d failed%s\n", p.Asked, p.New, p.Changed, p.Unchanged, p.Failed, later(rep.Later))
	fmt.Fprintf(stdout, "grouped: %d new stories, %d items joined others\n", rep.Grouped.Born, rep.Grouped.Joined)
	if line := articles(rep.Fetched); line != "" {
		fmt.Fprintln(stdout, line)
	}
	if f.dryRun {
		_, err := fmt.Fprintf(stdout, "would translate %d segments, %d of them remembered: %d characters billed, $%.4f\n", t.Segments, t.Hits, t.Cost.Chars, t.Cost.Dollars())
		return err
	}
	if len(cfg.Translate.Engines) > 0 {
		fmt.Fprintf(stdout, "translated: %d segments bought, %d remembered; %d characters billed, $%.4f\n", t.Bought, t.Hits, t.Cost.Chars, t.Cost.Dollars())
	}
	if n := rep.Published.Awaited; len(n) > 0 {
		_, err := fmt.Fprintf(stdout, "published: nothing; what is in %s stays as it is until the store, begun anew, has heard %s\n", cfg.Publish.Dir, strings.Join(n, ", "))
		return err
	}
	fmt.Fprintf(stdout, "published: %d stories, %d files changed in %s\n", rep.Published.Stories, len(rep.Published.Written)+len(rep.Published.Removed), cfg.Publish.Dir)
	if n := rep.Published.Waiting; n > 0 {
		fmt.Fprintf(stdout, "%d stories wait for their translation; a later pass fills them in\n", n)
	}
	return nil
}

// articles is one line on the articles that were looked for; empty where none was.
func articles(f aggregator.Fetched) string {
	if f.Read+len(f.Left) == 0 {
		return ""
	}
	var left []string
	for _, reason := range slices.Sorted(maps.Keys(f.Left)) {
		left = append(left, fmt.Sprintf("%d (%s)", f.Left[reason], reason))
	}
	text := fmt.Sprintf("articles: %d read in full", f.Read)
	if len(left) > 0 {
		text += "; as their feeds have them: " + strings.Join(left, ", ")
	}
	return text
}

// later is one line on the sources that were not asked, the same reasons together, with the time when the first of them may be.
func later(why map[string]polite.Later) string {
	if len(why) == 0 {
		return ""
	}
	byReason := map[string][]string{}
	for id, l := range why {
		byReason[l.Why] = append(byReason[l.Why], id)
	}
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		ids := byReason[reason]
		slices.Sort(ids)
		first := why[slices.MinFunc(ids, func(a, b string) int { return why[a].Until.Compare(why[b].Until) })]
		text := strings.Join(ids, ", ")
		if len(ids) > namedSources {
			text = fmt.Sprintf("%s and %d more", strings.Join(ids[:namedSources], ", "), len(ids)-namedSources)
		}
		parts = append(parts, text+" "+first.String())
	}
	return "; not asked: " + strings.Join(parts, "; ")
}

// sources named in one line before the rest is only counted
const namedSources = 7

func distinct(errs []error) (out []string) {
	for _, err := range errs {
		if s := err.Error(); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// machine is the report of --json. Its field names are fixed.
func (f fetchFlags) machine(rep aggregator.Report) any {
	failed := map[string]string{}
	for id, err := range rep.Polled.Errors {
		failed[id] = err.Error()
	}
	waits := map[string]string{}
	for id, l := range rep.Later {
		waits[id] = l.String()
	}
	type counts map[string]any
	t := rep.Translated
	return counts{
		"dry_run":  f.dryRun,
		"polled":   counts{"sources": rep.Polled.Asked, "new": rep.Polled.New, "changed": rep.Polled.Changed, "unchanged": rep.Polled.Unchanged, "failed": failed, "notes": rep.Polled.Notes, "later": waits},
		"grouped":  counts{"stories": rep.Grouped.Born, "joined": rep.Grouped.Joined},
		"articles": counts{"read": rep.Fetched.Read, "left": rep.Fetched.Left},
		"translated": counts{"segments": t.Segments, "remembered": t.Hits, "bought": t.Bought, "calls": t.Calls, "withheld": t.Withheld,
			"characters": t.Cost.Chars, "dollars": t.Cost.Dollars(), "failures": distinct(t.Failures)},
		"published": counts{"stories": rep.Published.Stories, "waiting": rep.Published.Waiting, "awaited": rep.Published.Awaited, "written": rep.Published.Written, "removed": rep.Published.Removed},
	}
}
