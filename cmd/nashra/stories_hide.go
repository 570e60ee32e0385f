package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
)

func hideStoryCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use: "hide ID", Short: "Take a story out of everything that is published, as its publisher may ask", Args: cobra.ExactArgs(1),
		Long: "Take a story out of everything that is published, as its publisher may ask. It leaves the files at the next publishing, and what\n" +
			"is served from the store within a minute. It does not come back: what repeats it is hidden with it.\n\n" +
			"ID is the 16 digits that its page is named by, and that JSON feeds give as _nashra.story.",
		Example: "  nashra stories hide 5443e23824061afa",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, opt, func(ctx context.Context, _ *config.Config, st *store.Store) error {
				err := st.Hide(ctx, args[0])
				if errors.Is(err, store.ErrNoStory) {
					return noStory("hide", args[0])
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "story %s is hidden; it leaves the published files at the next publishing: nashra fetch\n", args[0])
				return err
			})
		},
	}
}
