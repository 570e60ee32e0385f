package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/google"
	"github.com/nashra/nashra/translate/offline"
)

func enginesCmd(opt *options) *cobra.Command {
	return group("engines", "The translation engines in the config file",
		"  nashra engines list\n  nashra engines check",
		&cobra.Command{
			Use: "list", Short: "Print the configured engines and their prices", Args: cobra.NoArgs,
			Example: "  nashra engines list",
			RunE: func(cmd *cobra.Command, _ []string) error {
				return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
					return w.listEngines(ctx, cmd.OutOrStdout())
				})
			},
		},
		&cobra.Command{
			Use: "check [NAME...]", Short: "Make one real call to each engine in use, or to those named",
			Example: "  nashra engines check\n  nashra engines check deepl",
			RunE: func(cmd *cobra.Command, args []string) error {
				return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
					return w.checkEngines(ctx, args, cmd.OutOrStdout())
				})
			},
		})
}

// engineNames returns the engines that the config translates with, those for headlines first.
func engineNames(cfg *config.Config) (names []string) {
	for _, name := range slices.Concat(cfg.Translate.Engines, cfg.Translate.Bodies) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// engine makes the engine of that name.
func (w *wire) engine(ctx context.Context, name string) (translate.Engine, error) {
	if _, ok := w.cfg.Engines[name]; !ok && name != translate.MemoryName {
		known := append(slices.Collect(maps.Keys(w.cfg.Engines)), translate.MemoryName)
		return nil, unknown("", "engine", name, known, "nashra engines list")
	}
	made, err := w.engines(ctx, []string{name})
	if err != nil {
		return nil, err
	}
	return made[0], nil
}

func (w *wire) listEngines(ctx context.Context, out io.Writer) error {
	names := engineNames(w.cfg)
	for _, name := range slices.Sorted(maps.Keys(w.cfg.Engines)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tTYPE\tMODEL\tFOR\t$ A MILLION\tFREE A MONTH\tA CALL\tBUDGET\tPRICE FROM")
	var notes []string
	for _, name := range names {
		entry := w.cfg.Engines[name]
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t", name, cmp.Or(entry.Type, "built in"), cmp.Or(entry.Model, "-"),
			purpose(w.cfg, name))
		if entry.Type == offline.TypeName {
			notes = append(notes, name+": "+w.modelState(entry))
		}
		if w.bare(name) {
			notes = append(notes, name+": it has no key and no credentials")
			fmt.Fprint(tw, "not set up\t\t\t\t\n")
			continue
		}
		e, err := w.engine(ctx, name)
		if err != nil {
			notes = append(notes, err.Error())
			fmt.Fprint(tw, "cannot be used\t\t\t\t\n")
			continue
		}
		lim := e.Limits()
		price, free, from := "free", "-", "-"
		if !lim.Free {
			price = fmt.Sprintf("%.2f", lim.Price.Expected(1e6).Dollars())
			from = cmp.Or(lim.Price.As, "no line in the price table")
			if lim.Price.Free > 0 {
				free = strconv.FormatInt(lim.Price.Free, 10)
			}
		}
		fmt.Fprintf(tw, "%s\t%s\t%d segments, %d %s\t%s\t%s\n", price, free, lim.Segments, lim.Size, lim.Unit,
			cmp.Or(budgetOf(w.limits(), name), "-"), from)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if all := budgetOf(w.limits(), ""); all != "" {
		fmt.Fprintf(out, "budget of all paid engines: %s\n", all)
	}
	for _, s := range notes {
		fmt.Fprintln(out, s)
	}
	return nil
}

// bare reports whether no list names the engine and its entry is Google's without settings: to make that
// engine asks the machine's metadata server for credentials.
func (w *wire) bare(name string) bool {
	return !slices.Contains(engineNames(w.cfg), name) && w.cfg.Engines[name] == config.Engine{Type: google.TypeName} &&
		os.Getenv("GOOGLE_APPLICATION_CREDENTIALS") == ""
}

// purpose says which texts an engine translates, and its place in their list.
func purpose(cfg *config.Config, name string) string {
	var parts []string
	place := func(texts string, list []string) {
		if i := slices.Index(list, name); i >= 0 {
			parts = append(parts, fmt.Sprintf("%s %d", texts, i+1))
		}
	}
	if t := cfg.Translate; len(t.Bodies) == 0 {
		place("all", t.Engines)
	} else {
		place("titles", t.Engines)
		place("bodies", t.Bodies)
	}
	return cmp.Or(strings.Join(parts, ", "), "-")
}

// budgetOf returns what limits allow an engine, or all engines together if name is empty.
func budgetOf(limits []translate.Limit, name string) string {
	var parts []string
	for _, l := range limits {
		if l.Engine == name {
			parts = append(parts, limitText(l))
		}
	}
	return strings.Join(parts, ", ")
}

// checkEngines prints a line for each engine, and fails if any engine did.
func (w *wire) checkEngines(ctx context.Context, names []string, out io.Writer) error {
	if len(names) == 0 {
		names = engineNames(w.cfg)
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
