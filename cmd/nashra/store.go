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

	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/mend"
	"github.com/nashra/nashra/feeds"
)

func storeCmd(opt *options) *cobra.Command {
	const backup = "Copy the store into a new SQLite file, as it is at one moment; nashra may be running"
	return group("store", "Check, back up or move the store",
		"  nashra store check\n  nashra store backup nashra.db.backup",
		storeCheckCmd(opt),
		&cobra.Command{
			Use: "backup FILE", Short: backup, Args: cobra.ExactArgs(1),
			Long: backup + ".\n\n" +
				"To restore, stop nashra, put the file in the store's place and remove the files of the same name\n" +
				"that end in -wal and -shm; or name it as the store. Into PostgreSQL: nashra store copy FILE\n" +
				"postgres://…",
			Example: "  nashra store backup nashra-$(date +%F).db",
			RunE: func(cmd *cobra.Command, args []string) error {
				_, cfg, err := readConfig(opt)
				if err != nil {
					return err
				}
				if err := writable("store backup", args[0]); err != nil {
					return err
				}
				return copyStore(cmd, cfg.Store, args[0])
			},
		},
		&cobra.Command{
			Use:   "copy FROM TO",
			Short: "Copy everything between SQLite and PostgreSQL: FROM stays as it is, TO must be empty",
			Args:  cobra.ExactArgs(2),
			Long: "Copy everything from one store to another. Each is a path or a postgres:// address, in which\n" +
				"${NAME} is replaced by the environment variable. FROM stays as it is. Stop nashra first: what it\n" +
				"stores later would not be copied. Beside a running one, store copy copies nothing.",
			Example: "  nashra store copy nashra.db 'postgres://nashra:${PGPASSWORD}@db.example/nashra'",
			RunE: func(cmd *cobra.Command, args []string) error {
				for i, a := range args { // other users can see a password on a command line
					args[i] = os.Expand(a, os.Getenv)
				}
				return moveStore(cmd, args[0], args[1])
			},
		})
}

func storeCheckCmd(opt *options) *cobra.Command {
	var mendFirst bool
	cmd := &cobra.Command{
		Use: "check", Short: "Check the store and print what it holds and what is wrong with it", Args: cobra.NoArgs,
		Example: "  nashra store check\n  nashra store check --mend",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, cfg, err := readConfig(opt)
			if err != nil {
				return err
			}
			if mendFirst {
				warn := func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "warning:", text) }
				if err := mendStore(cmd.Context(), cfg.Store, warn); err != nil {
					return err
				}
			}
			n, faults, err := store.Check(cmd.Context(), cfg.Store)
			if err != nil {
				return err
			}
			if len(faults) > 0 {
				return hinted{
					fmt.Errorf("store %s has faults:\n%s", feeds.Redact(cfg.Store), strings.Join(faults, "\n")),
					"restore a backup; or nashra store check --mend sets the store aside and salvages what can be read"}
			}
			next := ""
			if n.Next > 0 {
				next = fmt.Sprintf(", which the next fetch or serve will bring forward to schema %d", n.Next)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(),
				"%s: ok, schema %d%s; %s, %s, %s, %d of them shown, %s\n",
				feeds.Redact(cfg.Store), n.Schema, next, count(n.Sources, "source"), count(n.Items, "item"),
				count(n.Stories, "story"), n.Shown, count(n.Memory, "remembered translation"))
			return err
		},
	}
	cmd.Flags().BoolVar(&mendFirst, "mend", false,
		"set a damaged SQLite store aside and make a new one of what can be read")
	return cmd
}

// mending runs work. If the store proves damaged, it mends the store, reports the result and runs
// work again.
func mending(ctx context.Context, address string, report func(text string), work func() error) error {
	err := work()
	if !store.Damaged(err) || ctx.Err() != nil {
		return err
	}
	if merr := mendStore(ctx, address, report); merr != nil {
		return errors.Join(err, merr)
	}
	return work()
}

// mendStore mends the store if it is damaged, and reports the result.
func mendStore(ctx context.Context, address string, report func(text string)) error {
	aside, n, err := mend.Store(ctx, address, lockWait, time.Now())
	if err == nil && aside != "" {
		report(fmt.Sprintf("the store %s was damaged: it is set aside as %s, and a new one holds what could be read "+
			"of it: %s, %s, %s; the sources supply what is missing", address, aside, count(n.Items, "item"),
			count(n.Stories, "story"), count(n.Memory, "remembered translation")))
	}
	return err
}

// moveStore is copyStore, unless a nashra works on the store at from: what it stores later would be
// missing.
func moveStore(cmd *cobra.Command, from, to string) error {
	if err := isStore(cmd, from); err != nil {
		return err
	}
	release, err := store.Alone(cmd.Context(), from)
	if err == nil {
		defer release()
		err = noMembers(cmd.Context(), from)
	}
	if err != nil {
		return hinted{fmt.Errorf("store copy: %w", err),
			"stop it first, as what it stores from now on would not be copied; store backup may run beside it"}
	}
	return copyStore(cmd, from, to)
}

// noMembers returns an error if daemons share the PostgreSQL store at address.
func noMembers(ctx context.Context, address string) error {
	if !strings.Contains(address, "://") {
		return nil
	}
	pool, err := fleet.Open(ctx, address)
	if err != nil {
		return err
	}
	defer pool.Close()
	members, err := fleet.Members(ctx, pool)
	if err == nil && len(members) > 0 {
		err = fmt.Errorf("%s: %s", feeds.Redact(address), count(len(members), "daemon")+" at work on the store")
	}
	return err
}

// isStore reports a mistake if there is no file at the path from.
func isStore(cmd *cobra.Command, from string) error {
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) && !strings.Contains(from, "://") {
		return mistake(verb(cmd), "there is no store at "+from, "the config file says under store where one is")
	}
	return nil
}

func copyStore(cmd *cobra.Command, from, to string) error {
	if err := isStore(cmd, from); err != nil {
		return err
	}
	if err := store.Copy(cmd.Context(), from, to); err != nil {
		return err
	}
	n, _, err := store.Check(cmd.Context(), to)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "copied %s, %s and %s to %s\n", count(n.Items, "item"),
		count(n.Stories, "story"), count(n.Memory, "remembered translation"), feeds.Redact(to))
	return err
}
