package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
)

func memoryCmd(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "memory", Short: "The translation memory: what was bought, by whom, and how to take it along",
		Example: "  nashra memory stats\n  nashra memory export memory.tmx", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(memoryStatsCmd(opt), memoryExportCmd(opt), memoryImportCmd(opt), memoryForgetCmd(opt))
	return cmd
}

// withStore runs f on the store of the config.
func withStore(cmd *cobra.Command, opt *options, f func(ctx context.Context, cfg *config.Config, st *store.Store) error) error {
	_, cfg, err := readConfig(opt)
	if err != nil {
		return err
	}
	st, err := store.Open(cmd.Context(), cfg.Store)
	if err != nil {
		return err
	}
	defer st.Close()
	return f(cmd.Context(), cfg, st)
}

func pairOf(cfg *config.Config) translate.Pair {
	return translate.Pair{From: cfg.Translate.From, To: cfg.Translate.To}
}

func memoryStatsCmd(opt *options) *cobra.Command {
	return &cobra.Command{Use: "stats", Short: "Say what the memory holds, by engine and model", Args: cobra.NoArgs, Example: "  nashra memory stats",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStore(cmd, opt, func(ctx context.Context, _ *config.Config, st *store.Store) error {
				makers, err := st.Makers(ctx)
				if err != nil {
					return err
				}
				return printMakers(cmd.OutOrStdout(), makers)
			})
		}}
}

func printMakers(out io.Writer, makers []translate.Maker) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "engine\tmodel\tsegments\tcharacters\tnot translatable\tfirst\tlast\t")
	var rows, failed int
	var chars int64
	for _, m := range makers {
		name := m.Engine
		if m.Human {
			name += " (people)"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\t%s\t\n", name, m.Model, m.Rows, m.Chars, m.Failed, day(m.First), day(m.Last))
		rows, failed, chars = rows+m.Rows, failed+m.Failed, chars+m.Chars
	}
	fmt.Fprintf(w, "in all\t\t%d\t%d\t%d\t\t\t\n", rows, chars, failed)
	return w.Flush()
}

// day is the date of t in UTC; "-" where it is not known.
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateOnly)
}

func memoryExportCmd(opt *options) *cobra.Command {
	return &cobra.Command{Use: "export [FILE]", Short: "Write the memory as TMX 1.4b, to standard output or a new file", Args: cobra.MaximumNArgs(1),
		Example: "  nashra memory export memory.tmx",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, opt, func(ctx context.Context, cfg *config.Config, st *store.Store) error {
				if len(args) == 0 {
					return exportMemory(ctx, cmd.OutOrStdout(), pairOf(cfg), st)
				}
				f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if err != nil {
					return fmt.Errorf("export memory: %w", err)
				}
				return errors.Join(exportMemory(ctx, f, pairOf(cfg), st), f.Close())
			})
		}}
}

func exportMemory(ctx context.Context, out io.Writer, pair translate.Pair, st *store.Store) error {
	w, err := translate.NewTMXWriter(out, pair)
	if err != nil {
		return fmt.Errorf("export memory: %w", err)
	}
	if err := st.Remembered(ctx, w.Write); err != nil {
		return fmt.Errorf("export memory: %w", err)
	}
	return w.Close()
}

func memoryImportCmd(opt *options) *cobra.Command {
	var human, trust bool
	cmd := &cobra.Command{Use: "import FILE", Short: "Add the units of a TMX file to the memory", Args: cobra.ExactArgs(1),
		Long: "import adds the units of a TMX file to the memory. What people made is served before all else and never checked; that a file\n" +
			"says so is believed only with --trust, and with --human of every unit.",
		Example: "  nashra memory import --trust memory.tmx\n  nashra memory import --human translators.tmx",
		RunE: func(cmd *cobra.Command, args []string) error {
			people := translate.Nobodys
			switch {
			case human:
				people = translate.Everyones
			case trust:
				people = translate.AsSaid
			}
			f, err := os.Open(args[0])
			if err != nil {
				return fmt.Errorf("import memory: %w", err)
			}
			defer f.Close()
			return withStore(cmd, opt, func(ctx context.Context, cfg *config.Config, st *store.Store) error {
				added, skipped, err := remember(ctx, st, pairOf(cfg), f, people)
				if err != nil {
					return fmt.Errorf("%s: %w (%d units were added before it)", args[0], err, added)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%d units added, %d skipped: another language pair, no text, or codes that do not match\n", added, skipped)
				return nil
			})
		}}
	cmd.Flags().BoolVar(&human, "human", false, "every unit was made by people")
	cmd.Flags().BoolVar(&trust, "trust", false, "units that say they were made by people were")
	return cmd
}

// rows of an import that are stored at a time
const rowsPerImport = 500

// remember puts the units of a TMX file into the memory.
func remember(ctx context.Context, st translate.Store, pair translate.Pair, tmx io.Reader, people translate.People) (added, skipped int, err error) {
	var rows []translate.Row
	flush := func() error {
		if err := st.Settle(ctx, 0, translate.Cost{}, rows); err != nil {
			return err
		}
		added, rows = added+len(rows), rows[:0]
		return nil
	}
	skipped, err = translate.ReadTMX(tmx, pair, people, func(r translate.Row) error {
		if rows = append(rows, r); len(rows) == rowsPerImport {
			return flush()
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	return added, skipped, err
}

func memoryForgetCmd(opt *options) *cobra.Command {
	var engine, since, source string
	cmd := &cobra.Command{Use: "forget --engine NAME", Short: "Drop what an engine made, so that it is bought again", Args: cobra.NoArgs,
		Long: "forget drops what an engine made, all of it or since a time or of one source. The next pass buys it again for the stories that\n" +
			"channels show; until then their passages are shown in the original.",
		Example: "  nashra memory forget --engine libre --since 2026-11-20\n  nashra memory forget --engine google --source aitnews",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if engine == "" {
				return usageError{errors.New("memory forget: name the engine with --engine; nashra memory stats lists them")}
			}
			return withStore(cmd, opt, func(ctx context.Context, cfg *config.Config, st *store.Store) error {
				from, err := sinceTime(since, cfg.Timezone)
				if err != nil {
					return usageError{err}
				}
				release, err := st.Pass(ctx, lockWait)
				if err != nil {
					return err
				}
				defer release()
				return forget(ctx, cfg, st, engine, from, source, cmd.OutOrStdout())
			})
		}}
	cmd.Flags().StringVar(&engine, "engine", "", "whose translations; needed")
	cmd.Flags().StringVar(&since, "since", "", "only those made since a date (2026-11-20, in the config's timezone) or an RFC 3339 time")
	cmd.Flags().StringVar(&source, "source", "", "only those of what a source published")
	return cmd
}

func sinceTime(s, timezone string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	zone, err := time.LoadLocation(timezone)
	if err != nil {
		return time.Time{}, fmt.Errorf("timezone: %w", err)
	}
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("--since: %q is neither a date like 2026-11-20 nor a time like 2026-11-20T15:00:00Z", s)
	}
	return t, nil
}

func forget(ctx context.Context, cfg *config.Config, st *store.Store, engine string, since time.Time, source string, stdout io.Writer) error {
	makers, err := st.Makers(ctx)
	if err != nil {
		return err
	}
	known := false
	for _, m := range makers {
		known = known || m.Engine == engine
	}
	if !known {
		return usageError{fmt.Errorf("memory forget: the memory holds nothing of an engine %q; nashra memory stats lists them", engine)}
	}
	var keys []translate.Key
	if source != "" {
		w, err := newWire(cfg, nil)
		if err != nil {
			return err
		}
		a, err := w.aggregator(ctx, st)
		if err != nil {
			return err
		}
		if keys, err = a.Keys(ctx, source); err != nil {
			return err
		}
		if len(keys) == 0 {
			return usageError{fmt.Errorf("memory forget: the store holds nothing of a source %q", source)}
		}
	}
	gone, err := st.Forget(ctx, engine, since, keys)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%d translations forgotten; the next pass buys again what is shown\n", gone)
	return err
}
