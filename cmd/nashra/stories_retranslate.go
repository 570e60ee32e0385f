package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
)

func retranslateCmd(opt *options) *cobra.Command {
	var engine string
	cmd := &cobra.Command{Use: "retranslate ID", Short: "Buy a story's translation again; the old one is kept where the new one fails", Args: cobra.ExactArgs(1),
		Example: "  nashra stories retranslate 1f0c5d2e7b84aa10 --engine deepseek",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, opt, func(ctx context.Context, cfg *config.Config, st *store.Store) error {
				release, err := st.Pass(ctx, lockWait)
				if err != nil {
					return err
				}
				defer release()
				w, err := newWire(cfg, nil)
				if err != nil {
					return err
				}
				defer w.client.CloseIdle()
				a, err := w.aggregator(ctx, st)
				if err != nil {
					return err
				}
				res, err := a.Retranslate(ctx, args[0], engine)
				if err != nil {
					return err
				}
				for _, text := range distinct(res.Failures) {
					fmt.Fprintln(cmd.ErrOrStderr(), "warning:", text)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%d of %d segments bought: %d characters, $%.4f\n", res.Bought, res.Segments-res.Hits, res.Cost.Chars, res.Cost.Dollars())
				if res.Bought < res.Segments-res.Hits {
					return errors.New("not all of it was to be had; what was not keeps its old translation")
				}
				fmt.Fprintln(cmd.OutOrStdout(), "the next pass publishes it")
				return nil
			})
		}}
	cmd.Flags().StringVar(&engine, "engine", "", "ask this engine alone; it stands in translate.engines or translate.bodies")
	return cmd
}
