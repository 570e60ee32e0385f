package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

type translateFlags struct {
	engine, model string
	raw           bool
}

func translateCmd(opt *options) *cobra.Command {
	var f translateFlags
	cmd := &cobra.Command{
		Use: "translate [FILE]", Short: "Translate lines: one segment a line in, one out", Args: cobra.MaximumNArgs(1),
		Long: "Translate FILE, or the standard input, line by line through the configured engines. A line that no\n" +
			"engine translated is printed as it is, and the exit code is 1.",
		Example: "  nashra translate headlines.txt\n  echo 'خبر عاجل' | nashra translate --engine deepl --raw",
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.engine != "" && f.model != "" {
				return mistake("translate", "--engine and --model exclude each other", "write one of them")
			}
			in := cmd.InOrStdin()
			if len(args) == 1 {
				file, err := openNamed("translate", args[0], "a text file, or none for the standard input")
				if err != nil {
					return err
				}
				defer file.Close()
				in = file
			}
			return withWire(cmd, opt, func(ctx context.Context, w *wire) (err error) {
				if f.model != "" {
					if f.engine, err = w.useFolder(f.model); err != nil {
						return err
					}
				}
				return w.translateLines(ctx, f, in, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	cmd.Flags().StringVar(&f.engine, "engine", "", "use only the engine of this name")
	completeFlag(cmd, "engine", completeEngines(opt))
	cmd.Flags().StringVar(&f.model, "model", "", "use only the offline engine, with the model in this folder")
	cmd.Flags().BoolVar(&f.raw, "raw", false, "use only the engine: no memory, glossary, checks or repair")
	return cmd
}

const (
	// lineBatch is how many lines are translated together: enough to fill calls, few enough that
	// output flows.
	lineBatch = 200
	// maxLine limits a line, in bytes: a long article.
	maxLine = 1 << 20
)

func (w *wire) translateLines(ctx context.Context, f translateFlags, in io.Reader, stdout, stderr io.Writer) error {
	translate, end, err := w.lineTranslator(ctx, f)
	if err != nil {
		return err
	}
	defer end()
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, maxLine)
	var lines []string
	total, missing, warned := 0, 0, map[string]bool{}
	flush := func() error {
		out, left, failures, err := translate(lines)
		for _, s := range failureTexts(failures) {
			if !warned[s] {
				warned[s] = true
				fmt.Fprintf(stderr, "warning: %s\n", s)
			}
		}
		if err != nil {
			return err
		}
		total, missing, lines = total+len(lines), missing+left, lines[:0]
		for _, line := range out {
			if _, err := fmt.Fprintln(stdout, line); err != nil {
				return err
			}
		}
		return nil
	}
	for sc.Scan() {
		if lines = append(lines, strings.TrimSuffix(sc.Text(), "\r")); len(lines) == lineBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	if err := sc.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("line %d has more than %d bytes: break it up", total+1, maxLine)
	} else if err != nil {
		return fmt.Errorf("read lines: %w", err)
	}
	if missing > 0 {
		return fmt.Errorf("%d of %s could not be translated", missing, count(total, "line"))
	}
	return nil
}

// lineTranslator translates lines. missing is how many it returns as they were.
type lineTranslator func(lines []string) (out []string, missing int, failures []*translate.Error, err error)

// lineTranslator returns what translates lines under f, and what to call when done.
func (w *wire) lineTranslator(ctx context.Context, f translateFlags) (t lineTranslator, end func(), err error) {
	if f.engine != "" {
		w.cfg.Translate.Engines, w.cfg.Translate.Bodies = []string{f.engine}, nil
	}
	names := w.cfg.Translate.Engines
	if len(names) == 0 {
		return nil, nil, mistake("translate", "translate.engines is empty", "name an engine there, or with --engine")
	}
	if f.raw {
		e, err := w.engine(ctx, names[0])
		if err != nil {
			return nil, nil, err
		}
		tr, end, err := w.rawTranslator(ctx, e)
		return func(lines []string) ([]string, int, []*translate.Error,
			error) {
			return translateRaw(ctx, tr, w.pair(), lines)
		}, end, err
	}
	for _, name := range names {
		if _, err := w.engine(ctx, name); err != nil {
			return nil, nil, err
		}
	}
	st, err := store.Open(ctx, w.cfg.Store)
	if err != nil {
		return nil, nil, err
	}
	tr, err := w.translator(ctx, st)
	if err != nil {
		st.Close()
		return nil, nil, err
	}
	return func(lines []string) ([]string, int, []*translate.Error, error) {
		passages := make([]translate.Passage, len(lines))
		for i, line := range lines {
			passages[i] = translate.Passage{Role: translate.Title, Text: line}
		}
		got, rep, err := tr.Translate(ctx, w.pair(), passages)
		out, missing := make([]string, len(got)), 0
		for i, p := range got {
			out[i] = strings.ReplaceAll(p.Text, "\n", " ")
			missing += p.Missing
		}
		return out, missing, rep.Failures, err
	}, func() { st.Close() }, nil
}

// translateRaw returns the engine's answers unchecked. A line with an empty answer stays as it was.
func translateRaw(ctx context.Context, tr *translate.Translator, pair translate.Pair, lines []string) (
	out []string, missing int, failures []*translate.Error, err error,
) {
	in := make([]string, len(lines))
	for i, line := range lines {
		in[i] = segment.Escape(line)
	}
	out, rep, err := tr.Raw(ctx, pair, in)
	for i := range out {
		if out[i] = segment.Plaintext(out[i]); out[i] == "" && strings.TrimSpace(lines[i]) != "" {
			out[i] = lines[i]
			missing++
		}
	}
	return out, missing, rep.Failures, err
}
