package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
)

// Exit codes.
const (
	exitDone   = 0 // failed sources are warnings
	exitFailed = 1
	exitUsage  = 2 // wrong usage or config
)

// hinted is an error with a line that says what to do.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// run is the program; it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := rootCmd()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(stderr, "nashra:", err)
	var h hinted
	if errors.As(err, &h) {
		fmt.Fprintln(stderr, "hint:", h.hint)
	}
	var usage usageError
	if errors.As(err, &usage) || errors.Is(err, store.ErrAddress) {
		return exitUsage
	}
	return exitFailed
}

func rootCmd() *cobra.Command {
	opt := &options{}
	root := &cobra.Command{
		Use:           "nashra",
		Short:         "One bilingual feed of the Arabic technology press",
		Long:          "nashra polls Arabic technology feeds, keeps one copy of each story, translates it into English\nand publishes one merged feed in both languages.",
		Example:       "  nashra demo                  a first look, without key or network\n  nashra init && nashra fetch  the real thing",
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVarP(&opt.config, "config", "c", "", "config file (default ./nashra.yaml, then $XDG_CONFIG_HOME/nashra/nashra.yaml, then built in)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(fetchCmd(opt), serveCmd(opt), demoCmd(), initCmd(opt), sourcesCmd(opt), storiesCmd(opt), memoryCmd(opt), enginesCmd(opt), translateCmd(opt),
		evalCmd(opt), modelCmd(opt), statusCmd(opt), storeCmd(opt), configCmd(opt), versionCmd())
	wrongUsage(root)
	return root
}

// wrongUsage makes a wrong count of arguments, or a verb that is none, a usage error like a wrong flag.
func wrongUsage(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		wrongUsage(sub)
	}
}
