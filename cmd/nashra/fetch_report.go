package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/offline"
)

// report prints what a pass did: warnings to stderr, a summary to stdout.
func (f fetchFlags) report(rep aggregator.Report, cfg *config.Config, stdout, stderr io.Writer) error {
	for _, id := range slices.Sorted(maps.Keys(rep.Polled.Errors)) {
		fmt.Fprintf(stderr, "warning: source %s: %v\n", id, rep.Polled.Errors[id])
	}
	for _, id := range slices.Sorted(maps.Keys(rep.Polled.Notes)) {
		fmt.Fprintf(stderr, "warning: source %s: %s\n", id, rep.Polled.Notes[id])
	}
	warnings := failureTexts(rep.Translated.Failures)
	if d := rep.Retained.Doubt; d != "" {
		warnings = append(warnings, d)
	}
	for _, text := range warnings {
		fmt.Fprintf(stderr, "warning: %s\n", text)
	}
	missing := func(err *translate.Error) bool { return errors.As(err, new(*offline.MissingError)) }
	if slices.ContainsFunc(rep.Translated.Failures, missing) {
		fmt.Fprintln(stderr, "hint:", offlineHint)
	}
	if f.json {
		return json.NewEncoder(stdout).Encode(f.machine(rep))
	}
	return f.summarize(rep, cfg, stdout)
}

func (f fetchFlags) summarize(rep aggregator.Report, cfg *config.Config, out io.Writer) error {
	p, t := rep.Polled, rep.Translated
	fmt.Fprintf(out, "polled %d sources: %d new items, %d changed; %d sources unchanged, %d failed%s\n",
		p.Asked, p.New, p.Changed, p.Unchanged, p.Failed, notPolled(p.Later))
	fmt.Fprintf(out, "grouped: %d new stories, %d items joined others\n", rep.Grouped.Born, rep.Grouped.Joined)
	if line := articles(rep.Fetched); line != "" {
		fmt.Fprintln(out, line)
	}
	if f.dryRun {
		_, err := fmt.Fprintf(out, "would translate %d segments, %d of them remembered: %d characters billed, $%.4f\n",
			t.Segments, t.Hits, t.Cost.Chars, t.Cost.Dollars())
		return err
	}
	if len(cfg.Translate.Engines) > 0 {
		fmt.Fprintf(out, "translated: %d segments bought, %d remembered; %d characters billed, $%.4f\n",
			t.Bought, t.Hits, t.Cost.Chars, t.Cost.Dollars())
	}
	if ids := rep.Published.Awaited; len(ids) > 0 {
		_, err := fmt.Fprintf(out, "published: nothing; the store is new, so the files in %s stay until these "+
			"sources are read: %s\n",
			cfg.Publish.Dir, strings.Join(ids, ", "))
		return err
	}
	changed := len(rep.Published.Written) + len(rep.Published.Removed)
	fmt.Fprintf(out, "published: %d stories, %d files changed in %s\n", rep.Published.Stories, changed, cfg.Publish.Dir)
	if n := rep.Published.Waiting; n > 0 {
		fmt.Fprintf(out, "%d stories wait for their translation; a later pass fills them in\n", n)
	}
	if n := rep.Published.Beyond; n > 0 {
		fmt.Fprintln(out, operator.BeyondLimit(n))
	}
	return nil
}

// articles summarizes the articles that were looked for; empty if there were none.
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
		text += "; only the feed's text for: " + strings.Join(left, ", ")
	}
	return text
}

// namedSources is how many sources are named for one reason before the rest is only counted.
const namedSources = 7

// notPolled lists the sources that were not polled, by reason, with the earliest time that one of
// them may be.
func notPolled(why map[string]polite.Later) string {
	if len(why) == 0 {
		return ""
	}
	byReason := map[string][]string{}
	for _, id := range slices.Sorted(maps.Keys(why)) {
		byReason[why[id].Why] = append(byReason[why[id].Why], id)
	}
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		ids := byReason[reason]
		first := why[slices.MinFunc(ids, func(a, b string) int { return why[a].Until.Compare(why[b].Until) })]
		text := strings.Join(ids[:min(len(ids), namedSources)], ", ")
		if len(ids) > namedSources {
			text += fmt.Sprintf(" and %d more", len(ids)-namedSources)
		}
		parts = append(parts, text+" "+first.String())
	}
	return "; not polled: " + strings.Join(parts, "; ")
}

// machine is the report of --json. Its field names are fixed.
func (f fetchFlags) machine(rep aggregator.Report) any {
	failed := map[string]string{}
	for id, err := range rep.Polled.Errors {
		failed[id] = err.Error()
	}
	waits := map[string]string{}
	for id, l := range rep.Polled.Later {
		waits[id] = l.String()
	}
	type counts map[string]any
	polled, t, published := rep.Polled, rep.Translated, rep.Published
	return counts{
		"dry_run": f.dryRun,
		"polled": counts{"sources": polled.Asked, "new": polled.New, "changed": polled.Changed,
			"unchanged": polled.Unchanged, "failed": failed, "notes": polled.Notes, "later": waits},
		"grouped":  counts{"stories": rep.Grouped.Born, "joined": rep.Grouped.Joined},
		"articles": counts{"read": rep.Fetched.Read, "left": rep.Fetched.Left},
		"translated": counts{"segments": t.Segments, "remembered": t.Hits, "bought": t.Bought, "calls": t.Calls,
			"withheld": t.Withheld, "characters": t.Cost.Chars, "dollars": t.Cost.Dollars(),
			"failures": failureTexts(t.Failures)},
		"published": counts{"stories": published.Stories, "waiting": published.Waiting,
			"beyond_limit": published.Beyond, "awaited": published.Awaited, "written": published.Written,
			"removed": published.Removed},
	}
}
