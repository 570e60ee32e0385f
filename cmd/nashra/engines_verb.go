package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/offline"
	"github.com/nashra/nashra/translate/segment"
)

func enginesCmd(opt *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "engines", Short: "The translation engines in the config file", Args: cobra.NoArgs, Example: "  nashra engines list\n  nashra engines check",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "list", Short: "Print what is configured, and what a character costs", Args: cobra.NoArgs, Example: "  nashra engines list",
			RunE: func(cmd *cobra.Command, _ []string) error {
				w, err := readWire(opt)
				if err != nil {
					return err
				}
				defer w.client.CloseIdle()
				return w.listEngines(cmd.Context(), cmd.OutOrStdout())
			},
		},
		&cobra.Command{
			Use: "check [NAME...]", Short: "Make one real call to each engine that is used, or to those named",
			Example: "  nashra engines check\n  nashra engines check deepl",
			RunE: func(cmd *cobra.Command, args []string) error {
				w, err := readWire(opt)
				if err != nil {
					return err
				}
				defer w.client.CloseIdle()
				w.shown = &bar{out: cmd.ErrOrStderr()}
				return w.checkEngines(cmd.Context(), args, cmd.OutOrStdout())
			},
		})
	return cmd
}

// used are the engines that the config translates with, each once: those for headlines first.
func used(cfg *config.Config) (names []string) {
	for _, name := range slices.Concat(cfg.Translate.Engines, cfg.Translate.Bodies) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// engine makes the engine of that name; an error says why there is none.
func (w *wire) engine(ctx context.Context, name string) (translate.Engine, error) {
	if _, ok := w.cfg.Engines[name]; !ok && name != translate.MemoryName {
		known := append(slices.Sorted(maps.Keys(w.cfg.Engines)), translate.MemoryName)
		return nil, usageError{hinted{fmt.Errorf("there is no engine %q", name), "the config file has " + strings.Join(known, ", ")}}
	}
	made, err := w.engines(ctx, []string{name})
	if err != nil {
		return nil, err
	}
	return made[0], nil
}

func (w *wire) listEngines(ctx context.Context, out io.Writer) error {
	cfg, first := w.cfg, used(w.cfg)
	names := slices.Clone(first)
	for _, name := range slices.Sorted(maps.Keys(cfg.Engines)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tTYPE\tMODEL\tFOR\t$ A MILLION\tFREE A MONTH\tA CALL\tBUDGET\tPRICE FROM")
	var wrong []string
	for _, name := range names {
		entry := cfg.Engines[name]
		e, err := w.engine(ctx, name)
		if err != nil {
			wrong = append(wrong, err.Error())
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s\tcannot be used\t\t\t\t\n", name, cmp.Or(entry.Type, "-"), cmp.Or(entry.Model, "-"), purpose(cfg, name))
			continue
		}
		lim := e.Limits()
		price, free, from := "free", "-", "-"
		if !lim.Free {
			price, from = fmt.Sprintf("%.2f", lim.Price.Expected(1e6).Dollars()), cmp.Or(lim.Price.As, "the price table has no line for it")
			if lim.Price.Free > 0 {
				free = strconv.FormatInt(lim.Price.Free, 10)
			}
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%d segments, %d %s\t%s\t%s\n", name, cmp.Or(entry.Type, "built in"), cmp.Or(entry.Model, "-"), purpose(cfg, name),
			price, free, lim.Segments, lim.Size, lim.Unit, cmp.Or(budget(w.limits(), name), "-"), from)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if all := budget(w.limits(), ""); all != "" {
		fmt.Fprintf(out, "budget of all paid engines: %s\n", all)
	}
	for _, name := range names {
		if entry := cfg.Engines[name]; entry.Type == offline.TypeName {
			fmt.Fprintf(out, "%s: %s\n", name, offlineStanding(entry))
		}
	}
	for _, s := range wrong {
		fmt.Fprintln(out, s)
	}
	return nil
}

// purpose says which texts an engine is asked for, and as which of how many.
func purpose(cfg *config.Config, name string) string {
	var parts []string
	add := func(what string, list []string) {
		if i := slices.Index(list, name); i >= 0 {
			parts = append(parts, fmt.Sprintf("%s %d", what, i+1))
		}
	}
	if t := cfg.Translate; len(t.Bodies) == 0 {
		add("all", t.Engines)
	} else {
		add("titles", t.Engines)
		add("bodies", t.Bodies)
	}
	return cmp.Or(strings.Join(parts, ", "), "-")
}

// budget is what limits allow an engine, or where name is empty all together.
func budget(limits []translate.Limit, name string) string {
	var parts []string
	for _, l := range limits {
		if l.Engine == name {
			parts = append(parts, limitText(l))
		}
	}
	return strings.Join(parts, ", ")
}

// a sentence with what engines get wrong: a link, a name, numbers
const (
	sample     = "أطلقت شركة <g1>OpenAI</g1> نموذج o3-mini الجديد، وتنخفض تكلفته بنسبة 63%."
	sampleLink = 1
)

// checkEngines prints a line an engine, and fails if any did.
func (w *wire) checkEngines(ctx context.Context, names []string, out io.Writer) error {
	if len(names) == 0 {
		names = used(w.cfg)
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tSTATUS\tTIME\tBILLED\tMARKUP\tANSWER")
	failed := 0
	for _, name := range names {
		line, err := w.checkEngine(ctx, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var usage usageError
		if errors.As(err, &usage) && len(names) == 1 {
			return err
		}
		if err != nil {
			failed++
			line = "failed: " + err.Error()
		}
		fmt.Fprintf(tw, "%s\t%s\n", name, line)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d engines failed", failed, len(names))
	}
	return nil
}

// checkEngine asks an engine for the sample and says in tab-separated words what came of it. What it costs is in the ledger.
func (w *wire) checkEngine(ctx context.Context, name string) (string, error) {
	if name == translate.MemoryName {
		return "ok\t-\t-\t-\tserves what people translated, and calls nobody", nil
	}
	e, err := w.engine(ctx, name)
	if err != nil {
		return "", err
	}
	began := time.Now()
	got, rep, err := w.raw(ctx, e, []string{sample})
	if err != nil {
		return "", err
	}
	if len(rep.Failures) > 0 {
		return "", rep.Failures[0]
	}
	if got[0] == "" {
		return "", errors.New("an empty answer")
	}
	markup, billed := "intact", "free"
	if segment.Verify(sample, got[0]) != nil {
		markup = "lost"
		if _, ok := segment.Repair(sample, got[0], []int{sampleLink}); ok {
			markup = "mended"
		}
	}
	if !e.Limits().Free {
		billed = fmt.Sprintf("%d characters, $%.6f", rep.Cost.Chars, rep.Cost.Dollars())
	}
	return fmt.Sprintf("ok\t%s\t%s\t%s\t%s", time.Since(began).Round(time.Millisecond), billed, markup, segment.Plaintext(got[0])), nil
}

// raw has texts, in neutral form, translated by e and nothing else. What is paid is held to the budget, in the store of the config.
func (w *wire) raw(ctx context.Context, e translate.Engine, texts []string) ([]string, translate.Report, error) {
	tr, end, err := w.bare(ctx, e)
	if err != nil {
		return nil, translate.Report{}, err
	}
	defer end()
	return tr.Raw(ctx, translate.Pair{From: w.cfg.Translate.From, To: w.cfg.Translate.To}, texts)
}

// bare is a translator with e alone, over the config's store where e is paid; end closes it.
func (w *wire) bare(ctx context.Context, e translate.Engine) (tr *translate.Translator, end func(), err error) {
	zone, err := time.LoadLocation(w.cfg.Timezone)
	if err != nil {
		return nil, nil, usageError{fmt.Errorf("timezone: %w", err)}
	}
	opt := translate.Options{Titles: []translate.Engine{e}, Limits: w.limits(), Location: zone, Log: w.log}
	if e.Limits().Free {
		return translate.New(nil, opt), func() {}, nil
	}
	st, err := store.Open(ctx, w.cfg.Store)
	if err != nil {
		return nil, nil, err
	}
	return translate.New(st, opt), func() { st.Close() }, nil
}
