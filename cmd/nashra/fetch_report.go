package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/offline"
)

// report prints what a pass did: warnings to stderr, a summary to stdout.
func (f fetchFlags) report(
	ctx context.Context, rep aggregator.Report, cfg *config.Config, st *store.Store, stdout, stderr io.Writer,
) error {
	for _, id := range slices.Sorted(maps.Keys(rep.Listed.Errors)) {
		fmt.Fprintf(stderr, "warning: list %s: %v\n", feeds.BareListID(id), rep.Listed.Errors[id])
	}
	for _, id := range slices.Sorted(maps.Keys(rep.Listed.Notes)) {
		fmt.Fprintf(stderr, "warning: list %s: %s\n", feeds.BareListID(id), rep.Listed.Notes[id])
	}
	for _, id := range slices.Sorted(maps.Keys(rep.Polled.Errors)) {
		fmt.Fprintf(stderr, "warning: source %s: %v\n", id, rep.Polled.Errors[id])
	}
	for _, id := range slices.Sorted(maps.Keys(rep.Notified.Errors)) {
		fmt.Fprintf(stderr, "warning: target %s: %v\n", id, rep.Notified.Errors[id])
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
		stories, err := f.touched(ctx, rep, st)
		if err != nil {
			return err
		}
		return json.NewEncoder(stdout).Encode(f.machine(rep, cfg, stories))
	}
	return f.summarize(rep, cfg, stdout)
}

func (f fetchFlags) summarize(rep aggregator.Report, cfg *config.Config, out io.Writer) error {
	p, t := rep.Polled, rep.Translated
	if n := rep.Listed.Asked; n > 0 {
		fmt.Fprintf(out, "read %s of sources: %d failed; they bring %s\n", count(n, "list"), rep.Listed.Failed,
			count(len(cfg.Listed), "source"))
	}
	news := count(p.New, "new item")
	if p.LeftOut > 0 {
		news += fmt.Sprintf(" (%d left out by rules)", p.LeftOut)
	}
	fmt.Fprintf(out, "polled %s: %s, %d changed; %s unchanged, %d failed%s\n", count(p.Asked, "source"), news,
		p.Changed, count(p.Unchanged, "source"), p.Failed, notPolled(p.Later))
	early := func(l polite.Later) bool { return !l.Held && !l.Until.IsZero() }
	if p.Asked == 0 && !f.now && slices.ContainsFunc(slices.Collect(maps.Values(p.Later)), early) {
		fmt.Fprintln(out, "nothing is due: nashra fetch --now polls all the same")
	}
	fmt.Fprintf(out, "grouped: %s, %s joined others\n", count(rep.Grouped.Born, "new story"),
		count(rep.Grouped.Joined, "item"))
	if line := articles(rep.Fetched); line != "" {
		fmt.Fprintln(out, line)
	}
	for _, d := range rep.Digested.Written {
		fmt.Fprintf(out, "digest %s: %s from %s to %s\n", d.Channel, count(len(d.Events), "event"),
			d.From.Format("2006-01-02 15:04"), d.To.Format("2006-01-02 15:04 MST"))
	}
	if f.dryRun {
		_, err := fmt.Fprintf(out, "would translate %s, %d of them remembered: %s billed, $%.4f\n",
			count(t.Segments, "segment"), t.Hits, count(t.Cost.Chars, "character"), t.Cost.Dollars())
		return err
	}
	if len(cfg.Translate.Engines) > 0 {
		fmt.Fprintf(out, "translated: %s bought, %d remembered; %s billed, $%.4f\n",
			count(t.Bought, "segment"), t.Hits, count(t.Cost.Chars, "character"), t.Cost.Dollars())
	}
	if ids := rep.Published.Awaited; len(ids) > 0 {
		_, err := fmt.Fprintf(out, "published: nothing; the store is new, so the files in %s stay until these "+
			"sources are read: %s\n",
			cfg.Publish.Dir, strings.Join(ids, ", "))
		return err
	}
	changed := len(rep.Published.Written) + len(rep.Published.Removed)
	fmt.Fprintf(out, "published: %s, %s changed in %s\n", count(rep.Published.Stories, "story"), count(changed, "file"),
		cfg.Publish.Dir)
	if n := rep.Notified; len(cfg.Notify) > 0 {
		fmt.Fprintln(out, "notified: "+operator.Target{Sent: n.Sent, Waiting: n.Waiting, GivenUp: n.GivenUp}.State())
	}
	if n := rep.Published.Waiting; n == 1 {
		fmt.Fprintln(out, "1 story waits for its translation; a later pass fills it in")
	} else if n > 1 {
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

// storiesPerRead is how many stories are read at once: their texts take some 10 KB each.
const storiesPerRead = 200

// touched returns the stories whose page the pass made or changed; of a dry run, those it began.
func (f fetchFlags) touched(ctx context.Context, rep aggregator.Report, st *store.Store) ([]storyJSON, error) {
	var ids []string
	for _, name := range rep.Published.Written {
		if id := strings.TrimSuffix(path.Base(name), path.Ext(name)); feeds.StoryPath(id) == name {
			ids = append(ids, id)
		}
	}
	if f.dryRun {
		ids = rep.Grouped.IDs
	}
	out, born := []storyJSON{}, map[string]bool{}
	for _, id := range rep.Grouped.IDs {
		born[id] = true
	}
	for some := range slices.Chunk(ids, storiesPerRead) {
		list, err := st.Stories(ctx, feeds.Query{IDs: some, Limit: len(some)})
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			one := newStoryJSON(s)
			one.New = born[s.ID]
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b storyJSON) int { return b.Published.Compare(a.Published) })
	return out, nil
}

// texts returns the texts of errors about sources, or lists, by id.
func texts(errs map[string]error) map[string]string {
	out := map[string]string{}
	for id, err := range errs {
		out[feeds.BareListID(id)] = err.Error()
	}
	return out
}

// machine is the report of --json: see docs/json.md.
func (f fetchFlags) machine(rep aggregator.Report, cfg *config.Config, stories []storyJSON) any {
	waits := map[string]string{}
	for id, l := range rep.Polled.Later {
		waits[id] = l.String()
	}
	targetErrors := map[string]string{}
	for id, err := range rep.Notified.Errors {
		targetErrors[id] = err.Error()
	}
	type counts map[string]any
	polled, t, published := rep.Polled, rep.Translated, rep.Published
	digests := []counts{}
	for _, d := range rep.Digested.Written {
		digests = append(digests, counts{"channel": d.Channel, "from": d.From, "to": d.To, "events": len(d.Events)})
	}
	return counts{
		"dry_run": f.dryRun, "config": f.config, "store": feeds.Redact(cfg.Store), "dir": cfg.Publish.Dir,
		"stories": stories,
		"lists":   counts{"read": rep.Listed.Asked, "failed": texts(rep.Listed.Errors), "sources": len(cfg.Listed)},
		"polled": counts{"sources": polled.Asked, "new": polled.New, "changed": polled.Changed,
			"unchanged": polled.Unchanged, "failed": texts(polled.Errors),
			"notes": maps.Collect(maps.All(polled.Notes)), "later": waits},
		"grouped":  counts{"stories": rep.Grouped.Born, "joined": rep.Grouped.Joined},
		"articles": counts{"read": rep.Fetched.Read, "left": maps.Collect(maps.All(rep.Fetched.Left))},
		"digests":  digests,
		"translated": counts{"segments": t.Segments, "remembered": t.Hits, "bought": t.Bought, "calls": t.Calls,
			"withheld": t.Withheld, "characters": t.Cost.Chars, "dollars": t.Cost.Dollars(),
			"failures": append([]string{}, failureTexts(t.Failures)...)},
		"published": counts{"stories": published.Stories, "waiting": published.Waiting,
			"beyond_limit": published.Beyond, "awaited": append([]string{}, published.Awaited...),
			"written": append([]string{}, published.Written...), "removed": append([]string{}, published.Removed...)},
		"notified": counts{"sent": rep.Notified.Sent, "waiting": rep.Notified.Waiting,
			"given_up": rep.Notified.GivenUp, "failed": targetErrors},
	}
}
