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
	"time"

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
	var top bool
	var asJSON *bool
	cmd := &cobra.Command{
		Use: "list", Short: "Print the newest stories: date, id, outlets, linked stories, title", Args: cobra.NoArgs,
		Example: "  nashra stories list\n  nashra stories list --top\n" +
			"  nashra stories list --source aitnews --limit 20",
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case q.Limit < 1:
				return mistake("stories list", fmt.Sprintf("--limit: %d stories", q.Limit), "write 1 or more")
			case top && q.Hidden:
				return mistake("stories list", "--top: hidden stories are not counted", "leave out --top or --hidden")
			}
			return withStore(cmd, opt, func(ctx context.Context, w *wire, st *store.Store) (err error) {
				var l list[storyJSON]
				if top {
					l, err = w.topStories(ctx, st, q)
				} else {
					l, err = newestStories(ctx, st, q)
				}
				if err != nil {
					return err
				}
				for _, id := range q.Sources { // one that was removed from the config may still have stories
					if known := sourceIDs(w.cfg); len(l.rows) == 0 && !slices.Contains(known, id) {
						return unknown("stories list: --source", "source", id, known, "nashra sources list")
					}
				}
				return l.print(cmd.OutOrStdout(), *asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&top, "top", false, "of the last 24 hours those that most outlets have, and how many")
	cmd.Flags().IntVar(&q.Limit, "limit", listLimit, "how many")
	cmd.Flags().StringSliceVar(&q.Sources, "source", nil, "only stories with an item of one of these sources")
	cmd.Flags().BoolVar(&q.Hidden, "hidden", false, "only stories that are hidden")
	asJSON = jsonFlag(cmd)
	completeFlag(cmd, "source", completeSources(opt))
	return cmd
}

func newestStories(ctx context.Context, st *store.Store, q feeds.Query) (list[storyJSON], error) {
	l := list[storyJSON]{header: "PUBLISHED\tID\tLINKED\tSOURCES\tTITLE", columns: func(s storyJSON) string {
		return fmt.Sprintf("%s\t%s\t%d\t%s\t%s", operator.Stamp(s.Published), s.ID, s.Linked,
			strings.Join(s.Sources, ","), cmp.Or(s.Title, "-"))
	}}
	found, err := st.Stories(ctx, q)
	for _, s := range found {
		l.rows = append(l.rows, newStoryJSON(s))
	}
	return l, err
}

// topStories lists the headlines of the events of the last 24 hours.
func (w *wire) topStories(ctx context.Context, st *store.Store, q feeds.Query) (list[storyJSON], error) {
	l := list[storyJSON]{header: "OUTLETS\tREPORTS\tPUBLISHED\tID\tTITLE", columns: func(s storyJSON) string {
		return fmt.Sprintf("%d\t%d\t%s\t%s\t%s", len(s.Outlets), s.Reports, operator.Stamp(s.Published), s.ID,
			cmp.Or(s.Title, "-"))
	}}
	a, err := w.aggregator(ctx, st)
	if err != nil {
		return l, err
	}
	_, b, err := bulletin(ctx, a, feeds.EventQuery{Channel: feeds.Channel{Sources: q.Sources},
		From: a.Now().Add(-24 * time.Hour), To: a.Now(), ByPublished: true, Top: q.Limit})
	for _, c := range b.Events {
		row := newStoryJSON(c.Told[0])
		row.Outlets, row.Reports = c.Outlets, c.Reports
		l.rows = append(l.rows, row)
	}
	return l, err
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
				func(ctx context.Context, _ *wire, st *store.Store, a *aggregator.Aggregator) error {
					s, apart, err := a.Explain(ctx, args[0])
					if err != nil {
						return err
					}
					if s.ID == "" {
						return noStory("explain", args[0])
					}
					left, err := st.LeftOut(ctx)
					if err != nil {
						return err
					}
					if err := printWhy(cmd.OutOrStdout(), s, apart); err != nil {
						return err
					}
					return printLeftOut(cmd.OutOrStdout(), s, left)
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

// printLeftOut says how many items of the sources of s their rules keep out of stories.
func printLeftOut(out io.Writer, s feeds.Story, left map[string]int) error {
	var told []string
	for _, m := range s.Items {
		if n := left[m.SourceID]; n > 0 && !slices.Contains(told, m.SourceID) {
			told = append(told, m.SourceID)
			_, err := fmt.Fprintf(out, "%s of %s left out by its rules: see nashra sources check %[2]s --with-rules\n",
				count(n, "item"), m.SourceID)
			if err != nil {
				return err
			}
		}
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
