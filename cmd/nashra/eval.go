package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/check"
	"github.com/nashra/nashra/translate/score"
	"github.com/nashra/nashra/translate/segment"
	"github.com/nashra/nashra/translate/tmx"
)

type evalFlags struct {
	engines []string
	limit   int
	out     string
}

func evalCmd(opt *options) *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use: "eval FILE", Short: "Compare engines: translate reference pairs with each and print the figures",
		Args: cobra.ExactArgs(1),
		Long: "FILE has one pair a line, source and reference with a tab between, or is a TMX file. Each engine\n" +
			"translates the sources as they are, without memory and glossary; paid engines within the budget.\n" +
			"BLEU and chrF2 are sacrebleu's.",
		Example: "  nashra eval pairs.tsv\n  nashra eval --engine deepl,deepseek --limit 200 memory.tmx",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
				pairs, err := w.readPairs("eval", args[0])
				if err != nil {
					return usageError{err}
				}
				if f.limit > 0 {
					pairs = pairs[:min(len(pairs), f.limit)]
				}
				return w.eval(ctx, f, pairs, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	cmd.Flags().StringSliceVar(&f.engines, "engine", nil,
		"use only these engines (default: those that the config translates with)")
	completeFlag(cmd, "engine", completeEngines(opt))
	cmd.Flags().IntVar(&f.limit, "limit", 0, "use only the first so many pairs (default: all)")
	cmd.Flags().StringVar(&f.out, "out", "", "write each engine's translations to NAME.txt in this folder")
	return cmd
}

// reference is a text and its translation by a person.
type reference struct{ source, target string }

// maxPairs limits a test set, and so memory and cost: the largest sets in common use have a few
// thousand pairs.
const maxPairs = 20_000

// readPairs reads the file of pairs that the command line names at place.
func (w *wire) readPairs(place, name string) (out []reference, err error) {
	f, err := openNamed(place, name, "a file of lines with source and reference, a tab between, or a TMX file")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	keep := func(source, target string) error {
		if out = append(out, reference{source, target}); len(out) > maxPairs {
			return fmt.Errorf("more than %d pairs", maxPairs)
		}
		return nil
	}
	if strings.HasSuffix(name, ".tmx") {
		_, err = tmx.Read(f, w.pair(), tmx.Everyones, func(r translate.Row) error {
			return keep(segment.Plaintext(r.Source), segment.Plaintext(r.Target))
		})
	} else {
		err = readTSV(f, keep)
	}
	if err == nil && len(out) == 0 {
		err = errors.New("no pairs in it")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

// readTSV calls keep with the first two columns of each line that is not empty.
func readTSV(r io.Reader, keep func(source, target string) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, maxLine)
	for n := 1; sc.Scan(); n++ {
		columns := strings.Split(sc.Text(), "\t")
		if strings.TrimSpace(sc.Text()) == "" {
			continue
		}
		if len(columns) < 2 || strings.TrimSpace(columns[0]) == "" || strings.TrimSpace(columns[1]) == "" {
			return fmt.Errorf("line %d: want source and reference with a tab between", n)
		}
		if err := keep(strings.TrimSpace(columns[0]), strings.TrimSpace(columns[1])); err != nil {
			return err
		}
	}
	return sc.Err()
}

func (w *wire) eval(ctx context.Context, f evalFlags, pairs []reference, stdout, stderr io.Writer) error {
	names := f.engines
	if len(names) == 0 {
		names = engineNames(w.cfg)
	}
	if len(names) == 0 {
		return mistake("eval", "no engine is configured", "name some under translate.engines, or with --engine")
	}
	engines := make([]translate.Engine, len(names))
	for i, name := range names {
		var err error
		if engines[i], err = w.engine(ctx, name); err != nil {
			return err
		}
	}
	for i, e := range engines {
		if lim := e.Limits(); !lim.Free {
			n := int64(0)
			for _, p := range pairs {
				n += lim.Unit.Count(p.source)
			}
			fmt.Fprintf(stderr, "%s: %d characters, expected $%.4f; budget %s\n", names[i], n,
				lim.Price.Expected(n).Dollars(), cmp.Or(budgetOf(w.limits(), names[i]), "none"))
		}
	}
	tw := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw,
		"ENGINE\tPAIRS\tBLEU\tCHRF2\tFAULTS\tNO ANSWER\tCHARACTERS\tCOST\t$ A MILLION\tSECONDS\tCHARACTERS/S\tMARKED\t")
	failed := 0
	for i, e := range engines {
		m, err := w.measure(ctx, e, pairs)
		if err != nil {
			return err
		}
		for _, s := range failureTexts(m.rep.Failures) {
			fmt.Fprintf(stderr, "warning: %s\n", s)
		}
		if m.missing > 0 {
			failed++
		}
		if f.out != "" {
			if err := writeLines(f.out, names[i], m.answers); err != nil {
				return err
			}
		}
		m.print(tw, names[i], pairs)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(stdout,
		"faults: answers that a check refuses; a pass asks the next engine, and never publishes them\n"+
			"marked: answers that a check doubts; a pass asks once more, and publishes the better answer with a mark")
	if failed > 0 {
		return fmt.Errorf("%d of %d engines did not answer everything", failed, len(engines))
	}
	return nil
}

// measured is the result of translating a set with an engine.
type measured struct {
	answers []string
	missing int // empty answers
	faulty  int // answers that a check refuses
	marked  int // answers that a check doubts
	rep     translate.Report
	took    time.Duration
}

func (w *wire) measure(ctx context.Context, e translate.Engine, pairs []reference) (m measured, err error) {
	sources := make([]string, len(pairs))
	for i, p := range pairs {
		sources[i] = segment.Escape(p.source)
	}
	began := time.Now()
	m.answers, m.rep, err = w.raw(ctx, e, sources)
	m.took = time.Since(began)
	for i := range m.answers {
		m.answers[i] = strings.Join(strings.Fields(segment.Plaintext(m.answers[i])), " ")
		found := check.Text(pairs[i].source, m.answers[i])
		switch {
		case m.answers[i] == "":
			m.missing++
		case slices.ContainsFunc(found, func(p check.Problem) bool { return !p.Doubt }):
			m.faulty++
		case found != nil:
			m.marked++
		}
	}
	return m, err
}

func (m measured) print(out io.Writer, name string, pairs []reference) {
	refs, chars := make([]string, len(pairs)), 0
	for i, p := range pairs {
		refs[i] = p.target
		chars += utf8.RuneCountInString(p.source)
	}
	perMillion := 0.0
	if m.rep.Cost.Chars > 0 {
		perMillion = m.rep.Cost.Dollars() / float64(m.rep.Cost.Chars) * 1e6
	}
	share := func(n int) string { return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(len(pairs))) }
	fmt.Fprintf(out, "%s\t%d\t%.1f\t%.1f\t%s\t%d\t%d\t$%.4f\t%.2f\t%.1f\t%.0f\t%s\t\n",
		name, len(pairs), score.BLEU(m.answers, refs), score.ChrF(m.answers, refs), share(m.faulty), m.missing, chars,
		m.rep.Cost.Dollars(), perMillion, m.took.Seconds(), float64(chars)/max(m.took.Seconds(), 1e-3), share(m.marked))
}

// writeLines writes an engine's answers to a file in dir, one a line.
func writeLines(dir, name string, lines []string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return root.WriteFile(name+".txt", []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}
