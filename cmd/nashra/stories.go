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

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
)

func storiesCmd(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "stories", Short: "Stories, one by one: what was grouped and why", Args: cobra.NoArgs,
		Example: "  nashra stories list\n  nashra stories explain 1f0c5d2e7b84aa10",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(listStoriesCmd(opt), explainCmd(opt), retranslateCmd(opt), hideStoryCmd(opt))
	return cmd
}

// listLimit is how many stories are listed by default: as many as a channel's feed holds.
const listLimit = 100

func listStoriesCmd(opt *options) *cobra.Command {
	var q feeds.Query
	cmd := &cobra.Command{Use: "list", Short: "Print the newest stories: date, id, outlets, linked stories, title", Args: cobra.NoArgs,
		Example: "  nashra stories list\n  nashra stories list --source aitnews --limit 20",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if q.Limit < 1 {
				return usageError{fmt.Errorf("--limit %d: want 1 or more", q.Limit)}
			}
			return withStore(cmd, opt, func(ctx context.Context, _ *config.Config, st *store.Store) error {
				list, err := st.Stories(ctx, q)
				if err != nil {
					return err
				}
				return printStories(cmd.OutOrStdout(), list)
			})
		}}
	cmd.Flags().IntVar(&q.Limit, "limit", listLimit, "how many")
	cmd.Flags().StringSliceVar(&q.Sources, "source", nil, "only stories that one of these sources tells")
	return cmd
}

func printStories(out io.Writer, list []feeds.Story) error {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "PUBLISHED\tID\tLINKED\tSOURCES\tTITLE")
	for _, s := range list {
		var sources []string // lead's first
		for _, m := range s.Items {
			if !slices.Contains(sources, m.SourceID) {
				sources = append(sources, m.SourceID)
			}
		}
		fmt.Fprintf(tw, "%s\t%s\t%d\t%s\t%s\n", operator.Stamp(s.Published), s.ID, len(s.Related), strings.Join(sources, ","), cmp.Or(s.Title, "-"))
	}
	return tw.Flush()
}

func explainCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use: "explain ID", Short: "Say why a story's items are in it, why others are linked to it, and what keeps the most alike apart", Args: cobra.ExactArgs(1),
		Long: "Say why a story's items are in it, why others are linked to it, and what keeps the most alike apart.\n\n" +
			"Each item stands with what it is to the story: lead, copy or update. Each linked story is an event. The stories most alike that are\n" +
			"neither are apart: with how much they share, what would do, and the veto if there is one. They are looked up as the lead is now,\n" +
			"among the stories of the three days before the newest.",
		Example: "  nashra stories explain 5443e23824061afa",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, opt, func(ctx context.Context, cfg *config.Config, st *store.Store) error {
				w, err := newWire(cfg, slog.New(slog.DiscardHandler))
				if err != nil {
					return err
				}
				defer w.client.CloseIdle()
				a, err := w.aggregator(ctx, st)
				if err != nil {
					return err
				}
				s, apart, err := a.Explain(ctx, args[0])
				if err != nil {
					return err
				}
				if s.ID == "" {
					return noStory("explain", args[0])
				}
				return printWhy(cmd.OutOrStdout(), s, apart)
			})
		},
	}
}

func noStory(verb, id string) error {
	return hinted{fmt.Errorf("%s story %s: %w", verb, id, store.ErrNoStory), "the id is 16 hexadecimal digits: the second column of nashra stories list, the name of the story's page, or _nashra.story in a JSON feed"}
}

// printWhy prints two lines for each item, linked story and look-alike: which it is, and why it is there.
func printWhy(out io.Writer, s feeds.Story, apart []feeds.Member) error {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "story %s, published %s, changed %s\n", s.ID, operator.Stamp(s.Published), operator.Stamp(s.Updated))
	for _, m := range slices.Concat(s.Items, s.Related, apart) {
		why := m.Why
		switch {
		case m.Story != "":
			why = "story " + m.Story + ": " + why
		case m.Kind == feeds.Lead:
			why = cmp.Or(why, "like no story before it")
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n\t%s\n", cmp.Or(string(m.Kind), "apart"), m.SourceID, operator.Stamp(m.When()), cmp.Or(m.Title, "-"), why)
	}
	return tw.Flush()
}
