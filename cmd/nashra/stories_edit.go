package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
)

func hideStoryCmd(opt *options) *cobra.Command {
	const short = "Remove a story from everything that is published, for example at its publisher's request"
	return &cobra.Command{
		Use: "hide ID", Short: short, Args: storyID,
		Long: short + ".\n" +
			"The next pass removes it from the files; the server stops showing it within a minute. It does not\n" +
			"come back: items that repeat it are hidden too.\n\n" +
			"ID is the 16 digits in the name of the story's page; JSON feeds have it as _nashra.story.",
		Example:           "  nashra stories hide 5443e23824061afa",
		ValidArgsFunction: completeStories(opt, false),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, opt, func(ctx context.Context, _ *wire, st *store.Store) error {
				err := st.Hide(ctx, args[0])
				if errors.Is(err, store.ErrNoStory) {
					return noStory("hide", args[0])
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(),
					"story %s is hidden; the next pass removes it from the published files: nashra fetch\n", args[0])
				return err
			})
		},
	}
}

func unhideStoryCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use: "unhide ID", Short: "Publish a story again that was hidden", Args: storyID,
		Example: "  nashra stories list --hidden\n  nashra stories unhide 5443e23824061afa",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, opt, func(ctx context.Context, _ *wire, st *store.Store) error {
				err := st.Unhide(ctx, args[0])
				if errors.Is(err, store.ErrNoStory) {
					return noStory("unhide", args[0])
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(),
					"story %s is no longer hidden; the next pass publishes it if channels show it: nashra fetch\n",
					args[0])
				return err
			})
		},
		ValidArgsFunction: completeStories(opt, true),
	}
}

func retranslateCmd(opt *options) *cobra.Command {
	var engine string
	cmd := &cobra.Command{
		Use: "retranslate ID", Short: "Buy a story's translation again; what fails keeps the old one",
		Args:    storyID,
		Example: "  nashra stories retranslate 1f0c5d2e7b84aa10 --engine deepseek",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withAggregator(cmd, opt,
				func(ctx context.Context, w *wire, st *store.Store, a *aggregator.Aggregator) error {
					if known := engineNames(w.cfg); engine != "" && !slices.Contains(known, engine) {
						return unknown("stories retranslate: --engine", "engine in use", engine, known,
							"nashra engines list")
					}
					release, err := st.Pass(ctx, lockWait)
					if err != nil {
						return err
					}
					defer release()
					res, err := a.Retranslate(ctx, args[0], engine)
					if err != nil {
						return err
					}
					for _, text := range failureTexts(res.Failures) {
						fmt.Fprintln(cmd.ErrOrStderr(), "warning:", text)
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%d of %s bought: %s, $%.4f\n", res.Bought,
						count(res.Segments-res.Hits, "segment"), count(res.Cost.Chars, "character"), res.Cost.Dollars())
					if res.Bought < res.Segments-res.Hits {
						return errors.New("some segments failed and keep their old translation")
					}
					fmt.Fprintln(cmd.OutOrStdout(), "the next pass publishes it")
					return nil
				})
		},
	}
	cmd.Flags().StringVar(&engine, "engine", "", "use only this engine, from translate.engines or translate.bodies")
	cmd.ValidArgsFunction = completeStories(opt, false)
	completeFlag(cmd, "engine", completeEngines(opt))
	return cmd
}
