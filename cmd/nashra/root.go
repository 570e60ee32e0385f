package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/translate"
)

// Exit codes.
const (
	exitDone   = 0 // failed sources are warnings
	exitFailed = 1
	exitUsage  = 2 // wrong usage or config
)

// options are the flags that every command has.
type options struct {
	config string // -c; empty: look in the usual places
}

// run runs the command line args and returns the exit code.
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
	return complain(stderr, err)
}

func rootCmd() *cobra.Command {
	opt := &options{}
	root := group("nashra", "One bilingual feed of the Arabic technology press",
		"  nashra demo                  a first look, without key or network\n"+
			"  nashra init && nashra fetch  the real thing",
		fetchCmd(opt), serveCmd(opt), demoCmd(), initCmd(opt), digestCmd(opt), sourcesCmd(opt), storiesCmd(opt),
		memoryCmd(opt), enginesCmd(opt), translateCmd(opt), evalCmd(opt), modelCmd(opt), notifyCmd(opt),
		statusCmd(opt), storeCmd(opt), configCmd(opt), manCmd(), versionCmd())
	root.Long = "nashra polls Arabic technology feeds, keeps one copy of each story, translates it into English\n" +
		"and publishes one merged feed in both languages."
	root.SilenceErrors, root.SilenceUsage = true, true
	root.PersistentFlags().StringVarP(&opt.config, "config", "c", "",
		"config file (default ./nashra.yaml, then $XDG_CONFIG_HOME/nashra/nashra.yaml, then built in)")
	root.Version = version()
	root.SetVersionTemplate(versionLine())
	root.SetFlagErrorFunc(wrongFlag)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	explainArgs(root)
	return root
}

// withWire runs f with the parts that the config file describes. Progress is shown on stderr.
func withWire(cmd *cobra.Command, opt *options, f func(ctx context.Context, w *wire) error) error {
	_, cfg, err := readConfig(opt)
	if err != nil {
		return err
	}
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer w.client.CloseIdle()
	w.progress = &bar{out: cmd.ErrOrStderr()}
	return f(cmd.Context(), w)
}

// withStore runs f with the config's store too. It never makes one.
func withStore(cmd *cobra.Command, opt *options, f func(context.Context, *wire, *store.Store) error) error {
	return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
		st, err := store.OpenExisting(ctx, w.cfg.Store)
		if err != nil {
			return err
		}
		defer st.Close()
		if err := w.follow(ctx, st); err != nil {
			return err
		}
		return f(ctx, w, st)
	})
}

// withAggregator runs f with the config's store and an aggregator on it.
func withAggregator(cmd *cobra.Command, opt *options,
	f func(context.Context, *wire, *store.Store, *aggregator.Aggregator) error) error {
	return withStore(cmd, opt, func(ctx context.Context, w *wire, st *store.Store) error {
		a, err := w.aggregator(ctx, st)
		if err != nil {
			return err
		}
		return f(ctx, w, st, a)
	})
}

// failureTexts returns the errors' texts.
func failureTexts(errs []*translate.Error) (out []string) {
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}
