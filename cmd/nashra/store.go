package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/mend"
	"github.com/nashra/nashra/feeds"
)

func storeCmd(opt *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "store", Short: "Check, back up or move what is stored", Args: cobra.NoArgs, Example: "  nashra store check\n  nashra store backup nashra.db.backup",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		storeCheckCmd(opt),
		&cobra.Command{
			Use: "backup FILE", Short: "Copy the store into a new SQLite file: all of one moment, also while nashra is at work", Args: cobra.ExactArgs(1),
			Long:    "Copy the store into a new SQLite file: all of one moment, also while nashra is at work.\n\nTo restore, stop nashra, put the file in the store's place and remove the files of the same name that end in -wal\nand -shm; or name it as the store. Into PostgreSQL: nashra store copy FILE postgres://…",
			Example: "  nashra store backup nashra-$(date +%F).db",
			RunE: func(cmd *cobra.Command, args []string) error {
				_, cfg, err := readConfig(opt)
				if err != nil {
					return err
				}
				return copyStore(cmd, cfg.Store, args[0])
			},
		},
		&cobra.Command{
			Use: "copy FROM TO", Short: "Move everything between SQLite and PostgreSQL: FROM stays as it is, TO must be empty", Args: cobra.ExactArgs(2),
			Long:    "Copy everything from one store to another, each a path or a postgres:// address, of which ${NAME} parts are taken from\nthe environment. FROM stays as it is. Stop nashra first: what it stores later stays behind.",
			Example: "  nashra store copy nashra.db 'postgres://nashra:${PGPASSWORD}@db.example/nashra'",
			RunE: func(cmd *cobra.Command, args []string) error {
				for i, a := range args { // a password on a command line is seen by every user of the machine
					args[i] = os.Expand(a, os.Getenv)
				}
				return copyStore(cmd, args[0], args[1])
			},
		})
	return cmd
}

func storeCheckCmd(opt *options) *cobra.Command {
	var mendFirst bool
	cmd := &cobra.Command{
		Use: "check", Short: "Look through the store and say what it holds and what is wrong with it", Args: cobra.NoArgs,
		Example: "  nashra store check\n  nashra store check --mend",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, cfg, err := readConfig(opt)
			if err != nil {
				return err
			}
			if mendFirst {
				if err := mended(cmd.Context(), cfg.Store, func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "warning:", text) }); err != nil {
					return err
				}
			}
			n, faults, err := store.Check(cmd.Context(), cfg.Store)
			if err != nil {
				return err
			}
			if len(faults) > 0 {
				return hinted{fmt.Errorf("store %s has faults:\n%s", feeds.Redact(cfg.Store), strings.Join(faults, "\n")),
					"put a backup in its place; or nashra store check --mend sets it aside and makes a new one of what can be read of it"}
			}
			var next string
			if n.Next > 0 {
				next = fmt.Sprintf(", which the next fetch or serve will bring forward to schema %d", n.Next)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: ok, schema %d%s; %d sources, %d items, %d stories, %d of them shown, %d remembered translations\n",
				feeds.Redact(cfg.Store), n.Schema, next, n.Sources, n.Items, n.Stories, n.Shown, n.Memory)
			return err
		},
	}
	cmd.Flags().BoolVar(&mendFirst, "mend", false, "set a damaged SQLite store aside and make a new one of what can be read of it")
	return cmd
}

// mending does work, and should the store prove damaged, has it mended, tells what came of that and does work once more.
func mending(ctx context.Context, address string, tell func(text string), work func() error) error {
	err := work()
	if !store.Damaged(err) || ctx.Err() != nil {
		return err
	}
	if merr := mended(ctx, address, tell); merr != nil {
		return errors.Join(err, merr)
	}
	return work()
}

// mended has the store mended where it is damaged, and tells what came of it.
func mended(ctx context.Context, address string, tell func(text string)) error {
	aside, n, err := mend.Store(ctx, address, lockWait, time.Now())
	if err == nil && aside != "" {
		tell(fmt.Sprintf("the store %s was damaged: it is set aside as %s, and a new one holds what could be read of it: %d items, %d stories, "+
			"%d remembered translations; what is missing comes again from the sources", address, aside, n.Items, n.Stories, n.Memory))
	}
	return err
}

func copyStore(cmd *cobra.Command, from, to string) error {
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) && !strings.Contains(from, "://") {
		return fmt.Errorf("there is no store at %s", from)
	}
	if err := store.Copy(cmd.Context(), from, to); err != nil {
		return err
	}
	n, _, err := store.Check(cmd.Context(), to)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "copied %d items, %d stories and %d remembered translations to %s\n", n.Items, n.Stories, n.Memory, feeds.Redact(to))
	return err
}
