package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/feeds"
)

func storiesCmd(opt *options) *cobra.Command {
	return group("stories", "Single stories: list, explain, translate again, hide, unhide",
		"  nashra stories list\n  nashra stories explain 1f0c5d2e7b84aa10",
		listStoriesCmd(opt), explainCmd(opt), retranslateCmd(opt), hideStoryCmd(opt),
		unhideStoryCmd(opt))
}

// listLimit is how many stories are listed by default: as many as a channel's feed has.
const listLimit = 100

func listStoriesCmd(opt *options) *cobra.Command {
	var q feeds.Query
	var asJSON *bool
	cmd := &cobra.Command{
		Use: "list", Short: "Print the newest stories: date, id, outlets, linked stories, title", Args: cobra.NoArgs,
		Example: "  nashra stories list\n  nashra stories list --source aitnews --limit 20",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if q.Limit < 1 {
				return mistake("stories list", fmt.Sprintf("--limit: %d stories", q.Limit), "write 1 or more")
			}
			return withStore(cmd, opt, func(ctx context.Context, w *wire, st *store.Store) error {
				found, err := st.Stories(ctx, q)
				if err != nil {
					return err
				}
				for _, id := range q.Sources { // one that was removed from the config may still have stories
					if known := sourceIDs(w.cfg); len(found) == 0 && !slices.Contains(known, id) {
						return unknown("stories list: --source", "source", id, known, "nashra sources list")
					}
				}
				return storyList(found).print(cmd.OutOrStdout(), *asJSON)
			})
		},
	}
	cmd.Flags().IntVar(&q.Limit, "limit", listLimit, "how many")
	cmd.Flags().StringSliceVar(&q.Sources, "source", nil, "only stories with an item of one of these sources")
	cmd.Flags().BoolVar(&q.Hidden, "hidden", false, "only stories that are hidden")
	asJSON = jsonFlag(cmd)
	completeFlag(cmd, "source", completeSources(opt))
	return cmd
}

func storyList(stories []feeds.Story) list[storyJSON] {
	l := list[storyJSON]{header: "PUBLISHED\tID\tLINKED\tSOURCES\tTITLE", columns: func(s storyJSON) string {
		return fmt.Sprintf("%s\t%s\t%d\t%s\t%s", operator.Stamp(s.Published), s.ID, s.Linked,
			strings.Join(s.Sources, ","), cmp.Or(s.Title, "-"))
	}}
	for _, s := range stories {
		l.rows = append(l.rows, newStoryJSON(s))
	}
	return l
}

func explainCmd(opt *options) *cobra.Command {
	const short = "Say why items are in a story, why stories are linked to it, and why similar ones are not"
	return &cobra.Command{
		Use: "explain ID", Short: short, Args: storyID,
		Long: short + ".\n\n" +
			"Each item is the lead, a copy or an update. Each linked story is an event. The most similar of the\n" +
			"other stories are apart: with the similarity, the threshold, and the veto if there is one. They are\n" +
			"looked up for the lead as it is now, among the stories of the three days before the newest.",
		Example:           "  nashra stories explain 5443e23824061afa",
		ValidArgsFunction: completeStories(opt, false),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAggregator(cmd, opt,
				func(ctx context.Context, _ *wire, _ *store.Store, a *aggregator.Aggregator) error {
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

// whereIDs says where to find the id of a story.
const whereIDs = "nashra stories list prints the ids; they are also the names of the stories' pages, " +
	"and _nashra.story in JSON feeds"

func noStory(verb, id string) error {
	return hinted{fmt.Errorf("%s story %s: %w", verb, id, store.ErrNoStory), whereIDs}
}

// storyID accepts the id of a story as the only argument.
func storyID(cmd *cobra.Command, args []string) error {
	if err := cobra.ExactArgs(1)(cmd, args); err != nil {
		return err
	}
	if id, err := hex.DecodeString(args[0]); err != nil || len(id) != 8 {
		return mistake(verb(cmd), fmt.Sprintf("%.40q is not 16 hexadecimal digits", args[0]), whereIDs)
	}
	return nil
}

// printWhy prints two lines for each item, linked story and similar story: what it is, and why.
func printWhy(out io.Writer, s feeds.Story, apart []feeds.Member) error {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "story %s, published %s, changed %s\n", s.ID, operator.Stamp(s.Published),
		operator.Stamp(s.Updated))
	for _, m := range slices.Concat(s.Items, s.Related, apart) {
		why := m.Why
		switch {
		case m.Story != "":
			why = "story " + m.Story + ": " + why
		case m.Kind == feeds.Lead:
			why = cmp.Or(why, "like no story before it")
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n\t%s\n", cmp.Or(string(m.Kind), "apart"), m.SourceID,
			operator.Stamp(m.When()), cmp.Or(m.Title, "-"), why)
	}
	return tw.Flush()
}
