package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/feeds/parse"
)

func sourcesCmd(opt *options) *cobra.Command {
	return group("sources", "The sources in the config file", "  nashra sources list\n  nashra sources check",
		&cobra.Command{
			Use: "list", Short: "Print the sources", Args: cobra.NoArgs, Example: "  nashra sources list",
			RunE: func(cmd *cobra.Command, _ []string) error {
				_, cfg, err := readConfig(opt)
				if err != nil {
					return err
				}
				return listSources(cfg, cmd.OutOrStdout())
			},
		},
		&cobra.Command{
			Use: "check [URL]", Args: cobra.MaximumNArgs(1),
			Short:   "Poll without storing: status, entries, newest date, full text or summary, language",
			Example: "  nashra sources check\n  nashra sources check https://aitnews.com/feed/",
			RunE: func(cmd *cobra.Command, args []string) error {
				return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
					list := slices.DeleteFunc(slices.Clone(w.cfg.Sources), func(s feeds.Source) bool { return !s.On() })
					if len(args) == 1 {
						list = []feeds.Source{{ID: "-", URL: args[0]}}
					}
					return w.checkSources(ctx, list, cmd.OutOrStdout())
				})
			},
		},
		sourcesAddCmd(opt), sourcesRemoveCmd(opt), sourcesImportCmd(opt), sourcesExportCmd(opt))
}

// sourceIDs returns the ids of all sources.
func sourceIDs(cfg *config.Config) (ids []string) {
	for _, s := range cfg.Sources {
		ids = append(ids, s.ID)
	}
	return ids
}

func listSources(cfg *config.Config, out io.Writer) error {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "ID\tTITLE\tTAGS\tTRANSLATE\tURL")
	for _, s := range cfg.Sources {
		state := cmp.Or(s.Translate, "full")
		if !s.On() {
			state = "off"
		}
		tags := cmp.Or(strings.Join(s.Tags, ","), "-")
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", s.ID, cmp.Or(s.Title, "-"), tags, state, s.Shown(feeds.Redact(s.URL)))
	}
	return tw.Flush()
}

// checkSources prints a line for each source, in order, and fails if any source did.
func (w *wire) checkSources(ctx context.Context, list []feeds.Source, out io.Writer) error {
	lines, errs := make([]string, len(list)), make([]error, len(list))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, w.cfg.Fetch.Concurrency))
	for i, s := range list {
		g.Go(func() error {
			lines[i], errs[i] = w.checkSource(ctx, s)
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "ID\tSTATUS\tENTRIES\tNEWEST\tTEXT\tLANGUAGE\tTITLE")
	failed := 0
	for i, s := range list {
		if errs[i] != nil {
			failed++
			lines[i] = "failed: " + errs[i].Error()
		}
		fmt.Fprintf(tw, "%s\t%s\n", s.ID, lines[i])
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d sources could not be read", failed, len(list))
	}
	return nil
}

// poll fetches and parses s once, without storing. If parsing fails, the document is returned with
// the error.
func (w *wire) poll(ctx context.Context, s feeds.Source) (feeds.Document, feeds.Feed, error) {
	turn := w.waits.Turn("source "+s.ID, time.Time{})
	doc, free, err := w.client.Hold(ctx, s.URL, fetch.Headers(s), feeds.Validators{}, turn)
	free()
	err = s.Hide(err)
	if err != nil {
		return doc, feeds.Feed{}, err
	}
	feed, err := parse.Feed(s, doc)
	return doc, feed, err
}

// checkSource polls s and returns what it contains, in tab-separated columns.
func (w *wire) checkSource(ctx context.Context, s feeds.Source) (string, error) {
	_, feed, err := w.poll(ctx, s)
	if err != nil {
		return "", err
	}
	var newest time.Time
	full, langs := 0, map[string]int{}
	for _, it := range feed.Items {
		if it.Published.After(newest) {
			newest = it.Published
		}
		if it.Body != "" {
			full++
		}
		langs[cmp.Or(it.Lang, "?")]++
	}
	status, text, lang := "ok", "summary", ""
	if feed.Cut {
		status = "cut short"
	}
	if full*2 > len(feed.Items) {
		text = "full"
	}
	for l, n := range langs {
		if n > langs[lang] || n == langs[lang] && l < lang {
			lang = l
		}
	}
	return fmt.Sprintf("%s\t%d\t%s\t%s\t%s\t%s", status, len(feed.Items), cmp.Or(operator.Stamp(newest), "no dates"),
		text, cmp.Or(lang, "?"), cmp.Or(feed.Title, "-")), nil
}
