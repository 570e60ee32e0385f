package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
		Long:    "Translate FILE, or the standard input, line by line through the configured engines.\nA line that no engine translated is printed as it is, and the exit code is 1.",
		Example: "  nashra translate headlines.txt\n  echo 'خبر عاجل' | nashra translate --engine deepl --raw",
		RunE: func(cmd *cobra.Command, args []string) error {
			in := cmd.InOrStdin()
			if len(args) == 1 {
				file, err := os.Open(args[0])
				if err != nil {
					return usageError{err}
				}
				defer file.Close()
				in = file
			}
			w, err := readWire(opt)
			if err != nil {
				return err
			}
			defer w.client.CloseIdle()
			w.shown = &bar{out: cmd.ErrOrStderr()}
			if f.model != "" {
				if f.engine, err = w.useFolder(f.model); err != nil {
					return err
				}
			}
			return w.translateLines(cmd.Context(), f, in, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&f.engine, "engine", "", "ask only the engine of this name")
	cmd.Flags().StringVar(&f.model, "model", "", "ask only the offline engine, with the model in this folder")
	cmd.MarkFlagsMutuallyExclusive("engine", "model")
	cmd.Flags().BoolVar(&f.raw, "raw", false, "nothing but the engine: no memory, glossary, checks or repair")
	return cmd
}

const (
	// linesPerGo is how many lines are translated together: enough to fill calls, few enough that output flows.
	linesPerGo = 200
	// maxLine bounds a line, in bytes: a long article.
	maxLine = 1 << 20
)

func (w *wire) translateLines(ctx context.Context, f translateFlags, in io.Reader, stdout, stderr io.Writer) error {
	translate, end, err := w.lines(ctx, f, stderr)
	if err != nil {
		return err
	}
	defer end()
	sc := bufio.NewScanner(in)
	sc.Buffer(nil, maxLine)
	var lines []string
	total, missing := 0, 0
	flush := func() error {
		out, left, err := translate(lines)
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
		if lines = append(lines, strings.TrimSuffix(sc.Text(), "\r")); len(lines) == linesPerGo {
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
		return fmt.Errorf("%d of %d lines could not be translated", missing, total)
	}
	return nil
}

// lines returns what translates some lines, and how many of them it could not; failures are told on stderr, each once.
func (w *wire) lines(ctx context.Context, f translateFlags, stderr io.Writer) (func([]string) ([]string, int, error), func(), error) {
	told := map[string]bool{}
	tell := func(rep translate.Report) {
		for _, s := range distinct(rep.Failures) {
			if !told[s] {
				told[s] = true
				fmt.Fprintf(stderr, "warning: %s\n", s)
			}
		}
	}
	if f.engine != "" {
		w.cfg.Translate.Engines, w.cfg.Translate.Bodies = []string{f.engine}, nil
	}
	if len(w.cfg.Translate.Engines) == 0 {
		return nil, nil, usageError{errors.New("translate.engines is empty: there is nothing to translate with")}
	}
	pair := translate.Pair{From: w.cfg.Translate.From, To: w.cfg.Translate.To}
	if f.raw {
		e, err := w.engine(ctx, w.cfg.Translate.Engines[0])
		if err != nil {
			return nil, nil, err
		}
		tr, end, err := w.bare(ctx, e)
		return func(in []string) ([]string, int, error) {
			out, rep, missing, err := raw(ctx, tr, pair, in)
			tell(rep)
			return out, missing, err
		}, end, err
	}
	for _, name := range w.cfg.Translate.Engines {
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
	return func(in []string) ([]string, int, error) {
		passages := make([]translate.Passage, len(in))
		for i, line := range in {
			passages[i] = translate.Passage{Role: translate.Title, Text: line}
		}
		got, rep, err := tr.Translate(ctx, pair, passages)
		tell(rep)
		out, missing := make([]string, len(got)), 0
		for i, p := range got {
			out[i] = strings.ReplaceAll(p.Text, "\n", " ")
			missing += p.Missing
		}
		return out, missing, err
	}, func() { st.Close() }, nil
}

// raw is in as tr's engine says it, whatever checks would say; what it leaves empty stays as it was and is counted as missing.
func raw(ctx context.Context, tr *translate.Translator, pair translate.Pair, in []string) (out []string, rep translate.Report, missing int, err error) {
	out, rep, err = tr.Raw(ctx, pair, each(in, segment.Escape))
	for i := range out {
		if out[i] = segment.Plaintext(out[i]); out[i] == "" && strings.TrimSpace(in[i]) != "" {
			out[i] = in[i]
			missing++
		}
	}
	return out, rep, missing, err
}

func each(list []string, f func(string) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}
