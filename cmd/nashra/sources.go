package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
	"github.com/nashra/nashra/feeds/parse"
)

type source = feeds.Source

func sourcesCmd(opt *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "sources", Short: "The sources in the config file", Args: cobra.NoArgs, Example: "  nashra sources list\n  nashra sources check",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
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
			Use: "check [URL]", Short: "Poll without storing: status, entries, newest date, full text or summary, language",
			Args: cobra.MaximumNArgs(1), Example: "  nashra sources check\n  nashra sources check https://aitnews.com/feed/",
			RunE: func(cmd *cobra.Command, args []string) error {
				_, cfg, err := readConfig(opt)
				if err != nil {
					return err
				}
				list := slices.DeleteFunc(slices.Clone(cfg.Sources), func(s source) bool { return !s.On() })
				if len(args) == 1 {
					list = []source{{ID: "-", URL: args[0]}}
				}
				return checkSources(cmd.Context(), cfg, list, cmd.OutOrStdout())
			},
		},
		sourcesAddCmd(opt), sourcesRemoveCmd(opt), sourcesImportCmd(opt), sourcesExportCmd(opt))
	return cmd
}

func listSources(cfg *config.Config, out io.Writer) error {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "ID\tTITLE\tTAGS\tTRANSLATE\tURL")
	for _, s := range cfg.Sources {
		state := cmp.Or(s.Translate, "full")
		if !s.On() {
			state = "off"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", s.ID, cmp.Or(s.Title, "-"), cmp.Or(strings.Join(s.Tags, ","), "-"), state, feeds.Redact(s.URL))
	}
	return tw.Flush()
}

// checkSources prints a line a source, in order, and fails if any could not be read.
func checkSources(ctx context.Context, cfg *config.Config, list []source, out io.Writer) error {
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer w.client.CloseIdle()
	lines := make([]string, len(list))
	failed := make([]bool, len(list))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, cfg.Fetch.Concurrency))
	for i, s := range list {
		g.Go(func() error {
			var err error
			lines[i], err = w.check(ctx, s)
			if failed[i] = err != nil; failed[i] {
				lines[i] = fmt.Sprintf("%s\tfailed: %v", s.ID, err)
			}
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "ID\tSTATUS\tENTRIES\tNEWEST\tTEXT\tLANGUAGE\tTITLE")
	for _, l := range lines {
		fmt.Fprintln(tw, l)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if n := len(slices.DeleteFunc(failed, func(f bool) bool { return !f })); n > 0 {
		return fmt.Errorf("%d of %d sources could not be read", n, len(list))
	}
	return nil
}

// read asks for s once and reads the feed. Where what came is none, the document is there beside the error.
func (w *wire) read(ctx context.Context, s source) (feeds.Document, feeds.Feed, error) {
	doc, err := w.client.Get(ctx, s.URL, fetch.Headers(s), feeds.Validators{})
	if err != nil {
		return doc, feeds.Feed{}, err
	}
	feed, err := parse.Feed(s, doc)
	return doc, feed, err
}

// check polls s once and says in tab-separated words what it holds.
func (w *wire) check(ctx context.Context, s source) (string, error) {
	doc, feed, err := w.read(ctx, s)
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
	date, text, lang := "no dates", "summary", ""
	if !newest.IsZero() {
		date = newest.Format("2006-01-02 15:04")
	}
	if full*2 > len(feed.Items) {
		text = "full"
	}
	for l, n := range langs {
		if n > langs[lang] || n == langs[lang] && l < lang {
			lang = l
		}
	}
	status := "ok"
	if doc.Cut {
		status = "cut short"
	}
	return fmt.Sprintf("%s\t%s\t%d\t%s\t%s\t%s\t%s", s.ID, status, len(feed.Items), date, text, cmp.Or(lang, "?"), cmp.Or(feed.Title, "-")), nil
}
