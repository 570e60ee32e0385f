package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/tmx"
)

func memoryCmd(opt *options) *cobra.Command {
	return group("memory", "The translation memory: what was bought from which engine; export and import",
		"  nashra memory stats\n  nashra memory export memory.tmx",
		memoryStatsCmd(opt), memoryExportCmd(opt), memoryImportCmd(opt), memoryForgetCmd(opt))
}

func memoryStatsCmd(opt *options) *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use: "stats", Short: "Print what the memory holds, by engine and model", Args: cobra.NoArgs,
		Example: "  nashra memory stats",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStore(cmd, opt, func(ctx context.Context, _ *wire, st *store.Store) error {
				makers, err := st.Makers(ctx)
				if err != nil {
					return err
				}
				l := makerList(makers)
				if !*asJSON {
					l.rows = append(l.rows, l.total())
				}
				return l.print(cmd.OutOrStdout(), *asJSON)
			})
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

// makerJSON is what the memory holds of an engine's model, in JSON.
type makerJSON struct {
	Engine   string    `json:"engine"`
	Model    string    `json:"model"`
	Human    bool      `json:"human"` // people made the translations
	Segments int       `json:"segments"`
	Chars    int64     `json:"characters"`       // of the sources
	Failed   int       `json:"not_translatable"` // segments that it failed to translate
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
}

type makers struct{ list[makerJSON] }

func makerList(made []translate.Maker) makers {
	l := makers{list[makerJSON]{align: tabwriter.AlignRight,
		header: "engine\tmodel\tsegments\tcharacters\tnot translatable\tfirst\tlast\t",
		columns: func(m makerJSON) string {
			name := m.Engine
			if m.Human {
				name += " (people)"
			}
			return fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%s\t%s\t", name, m.Model, m.Segments, m.Chars, m.Failed,
				day(m.First), day(m.Last))
		}}}
	for _, m := range made {
		l.rows = append(l.rows, makerJSON{m.Engine, m.Model, m.Human, m.Rows, m.Chars, m.Failed, m.First, m.Last})
	}
	return l
}

// total sums up the rows.
func (l makers) total() makerJSON {
	all := makerJSON{Engine: "in all"}
	for _, m := range l.rows {
		all.Segments, all.Chars, all.Failed = all.Segments+m.Segments, all.Chars+m.Chars, all.Failed+m.Failed
	}
	return all
}

// day is the date of t in UTC; "-" for the zero time.
func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateOnly)
}

func memoryExportCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use: "export [FILE]", Short: "Write the memory as TMX 1.4b, to standard output or a new file",
		Args:    cobra.MaximumNArgs(1),
		Example: "  nashra memory export memory.tmx",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd, opt, func(ctx context.Context, w *wire, st *store.Store) error {
				if len(args) == 0 {
					return exportMemory(ctx, cmd.OutOrStdout(), w.pair(), st)
				}
				if err := writable("memory export", args[0]); err != nil {
					return err
				}
				f, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if err != nil {
					return fmt.Errorf("export memory: %w", err)
				}
				return errors.Join(exportMemory(ctx, f, w.pair(), st), f.Close())
			})
		},
	}
}

func exportMemory(ctx context.Context, out io.Writer, pair translate.Pair, st *store.Store) error {
	w, err := tmx.NewWriter(out, pair)
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
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Add the units of a TMX file to the memory", Args: cobra.ExactArgs(1),
		Long: "import adds the units of a TMX file to the memory. Translations made by people are preferred to all\n" +
			"others and never checked. With --trust, units that the file marks as made by people count as such;\n" +
			"with --human, all do.",
		Example: "  nashra memory import --trust memory.tmx\n  nashra memory import --human translators.tmx",
		RunE: func(cmd *cobra.Command, args []string) error {
			people := tmx.Nobodys
			switch {
			case human:
				people = tmx.Everyones
			case trust:
				people = tmx.AsSaid
			}
			f, err := openNamed("memory import", args[0], "a TMX file")
			if err != nil {
				return err
			}
			defer f.Close()
			return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
				st, err := store.Open(ctx, w.cfg.Store)
				if err != nil {
					return err
				}
				defer st.Close()
				added, skipped, err := importMemory(ctx, st, w.pair(), f, people)
				if err != nil {
					return fmt.Errorf("%s: %w (%d units were added before it)", args[0], err, added)
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(),
					"%s added, %d skipped: another language pair, no text, or codes that do not match\n",
					count(added, "unit"),
					skipped)
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&human, "human", false, "every unit was made by people")
	cmd.Flags().BoolVar(&trust, "trust", false, "believe the file which units were made by people")
	return cmd
}

// importBatch is how many units are stored in one transaction.
const importBatch = 500

// importMemory adds the units of a TMX file to the memory.
func importMemory(
	ctx context.Context, st translate.Store, pair translate.Pair, in io.Reader, people tmx.People,
) (added, skipped int, err error) {
	var rows []translate.Row
	flush := func() error {
		if err := st.Settle(ctx, 0, translate.Cost{}, rows); err != nil {
			return err
		}
		added, rows = added+len(rows), rows[:0]
		return nil
	}
	skipped, err = tmx.Read(in, pair, people, func(r translate.Row) error {
		if rows = append(rows, r); len(rows) == importBatch {
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
	cmd := &cobra.Command{
		Use: "forget --engine NAME", Short: "Delete an engine's translations, so that they are bought again",
		Args: cobra.NoArgs,
		Long: "forget deletes an engine's translations: all, or those since a time or of one source. The next pass\n" +
			"buys them again for stories that channels show; until then these are shown in the original.",
		Example: "  nashra memory forget --engine libre --since 2026-11-20\n" +
			"  nashra memory forget --engine google --source aitnews",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if engine == "" {
				return mistake("memory forget", "no engine is named",
					"write --engine NAME; nashra memory stats lists them")
			}
			return withAggregator(cmd, opt,
				func(ctx context.Context, w *wire, st *store.Store, a *aggregator.Aggregator) error {
					from, err := w.timeOf("memory forget: --since", since)
					if err != nil {
						return err
					}
					release, err := st.Pass(ctx, lockWait)
					if err != nil {
						return err
					}
					defer release()
					gone, err := forget(ctx, st, a, engine, from, source)
					if err != nil {
						return err
					}
					_, err = fmt.Fprintf(cmd.OutOrStdout(),
						"%s forgotten; the next pass buys again those that are shown\n",
						count(gone, "translation"))
					return err
				})
		},
	}
	cmd.Flags().StringVar(&engine, "engine", "", "delete this engine's translations; required")
	cmd.Flags().StringVar(&since, "since", "",
		"only those made since a date (2026-11-20, in the config's timezone) or an RFC 3339 time")
	cmd.Flags().StringVar(&source, "source", "", "only those of a source's items")
	completeFlag(cmd, "engine", completeEngines(opt))
	completeFlag(cmd, "source", completeSources(opt))
	return cmd
}

// forget deletes an engine's translations and returns how many there were.
func forget(
	ctx context.Context, st *store.Store, a *aggregator.Aggregator, engine string, since time.Time, source string,
) (gone int64, err error) {
	makers, err := st.Makers(ctx)
	if err != nil {
		return 0, err
	}
	var known []string
	for _, m := range makers {
		known = append(known, m.Engine)
	}
	if !slices.Contains(known, engine) {
		return 0, unknown("memory forget: --engine", "engine in the memory", engine, known, "nashra memory stats")
	}
	var keys []translate.Key
	if source != "" {
		if keys, err = a.Keys(ctx, source); err != nil {
			return 0, err
		}
		if len(keys) == 0 {
			return 0, mistake("memory forget", fmt.Sprintf("--source: the store has no items of source %q", source),
				"nashra status lists the sources")
		}
	}
	return st.Forget(ctx, engine, since, keys)
}
