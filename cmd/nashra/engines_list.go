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

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/google"
	"github.com/nashra/nashra/translate/offline"
)

func enginesCmd(opt *options) *cobra.Command {
	return group("engines", "The translation engines in the config file",
		"  nashra engines list\n  nashra engines check", listEnginesCmd(opt), checkEnginesCmd(opt))
}

func listEnginesCmd(opt *options) *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use: "list", Short: "Print the configured engines and their prices", Args: cobra.NoArgs,
		Example: "  nashra engines list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
				out, l := cmd.OutOrStdout(), w.engineList(ctx)
				if err := l.print(out, *asJSON); err != nil || *asJSON {
					return err
				}
				if all := budgetOf(w.limits(), ""); all != "" {
					fmt.Fprintf(out, "budget of all paid engines: %s\n", all)
				}
				for _, e := range l.rows {
					if e.ModelState != "" {
						fmt.Fprintf(out, "%s: %s\n", e.Name, e.ModelState)
					}
					if e.Error != "" {
						fmt.Fprintln(out, e.Error)
					}
				}
				return nil
			})
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

func checkEnginesCmd(opt *options) *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use: "check [NAME...]", Short: "Make one real call to each engine in use, or to those named",
		Example: "  nashra engines check\n  nashra engines check deepl",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
				return w.checkEngines(ctx, args, cmd.OutOrStdout(), *asJSON)
			})
		},
		ValidArgsFunction: completeEngines(opt),
	}
	asJSON = jsonFlag(cmd)
	return cmd
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

// engineJSON is an engine in JSON.
type engineJSON struct {
	Name       string  `json:"name"`
	Type       string  `json:"type"` // empty: built in
	Model      string  `json:"model,omitempty"`
	ModelState string  `json:"model_state,omitempty"` // of the offline engine
	Use        string  `json:"use,omitempty"`         // texts, and its place in their list; empty: not in use
	Error      string  `json:"error,omitempty"`       // why it cannot be used; the rest is unknown then
	Free       bool    `json:"free"`
	Dollars    float64 `json:"dollars_per_million"`
	FreeChars  int64   `json:"free_per_month"`
	PriceFrom  string  `json:"price_from,omitempty"` // its line in the price table
	Segments   int     `json:"segments_per_call"`
	Size       int     `json:"size_per_call"`
	Unit       string  `json:"unit"` // of the size
	Budget     string  `json:"budget,omitempty"`

	bare bool // see wire.bare
}

func (e engineJSON) columns() string {
	row := fmt.Sprintf("%s\t%s\t%s\t%s\t", e.Name, cmp.Or(e.Type, "built in"), cmp.Or(e.Model, "-"),
		cmp.Or(e.Use, "-"))
	if e.bare {
		return row + "not set up\t\t\t\t"
	}
	if e.Error != "" {
		return row + "cannot be used\t\t\t\t"
	}
	price, free, from := "free", "-", "-"
	if !e.Free {
		price, from = fmt.Sprintf("%.2f", e.Dollars), cmp.Or(e.PriceFrom, "no line in the price table")
		if e.FreeChars > 0 {
			free = strconv.FormatInt(e.FreeChars, 10)
		}
	}
	return row + fmt.Sprintf("%s\t%s\t%s, %d %s\t%s\t%s", price, free, count(e.Segments, "segment"), e.Size, e.Unit,
		cmp.Or(e.Budget, "-"), from)
}

func (w *wire) engineList(ctx context.Context) list[engineJSON] {
	l := list[engineJSON]{header: "NAME\tTYPE\tMODEL\tFOR\t$ A MILLION\tFREE A MONTH\tA CALL\tBUDGET\tPRICE FROM",
		columns: engineJSON.columns}
	names := engineNames(w.cfg)
	for _, name := range slices.Sorted(maps.Keys(w.cfg.Engines)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		entry := w.cfg.Engines[name]
		row := engineJSON{Name: name, Type: entry.Type, Model: entry.Model, Use: purpose(w.cfg, name)}
		if entry.Type == offline.TypeName {
			row.ModelState = w.modelState(entry)
		}
		if row.bare = w.bare(name); row.bare {
			row.Error = name + ": it has no key and no credentials"
		} else if e, err := w.engine(ctx, name); err != nil {
			row.Error = err.Error()
		} else {
			lim := e.Limits()
			row.Free, row.Segments, row.Size, row.Unit = lim.Free, lim.Segments, lim.Size, lim.Unit.String()
			row.Budget = budgetOf(w.limits(), name)
			if !lim.Free {
				row.Dollars, row.FreeChars = lim.Price.Expected(1e6).Dollars(), lim.Price.Free
				row.PriceFrom = lim.Price.As
			}
		}
		l.rows = append(l.rows, row)
	}
	return l
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
	return strings.Join(parts, ", ")
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
func (w *wire) checkEngines(ctx context.Context, names []string, out io.Writer, asJSON bool) error {
	if len(names) == 0 {
		names = engineNames(w.cfg)
	}
	l := list[engineCheckJSON]{header: "NAME\tSTATUS\tTIME\tBILLED\tMARKUP\tANSWER", columns: engineCheckJSON.columns}
	failed := 0
	for _, name := range names {
		row, err := w.checkEngine(ctx, name)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var usage usageError
		if errors.As(err, &usage) && len(names) == 1 {
			return err
		}
		if row.Name, row.Status = name, "ok"; err != nil {
			failed++
			row.Status, row.Error = "failed", err.Error()
		}
		l.rows = append(l.rows, row)
	}
	if err := l.print(out, asJSON); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %s failed", failed, count(len(names), "engine"))
	}
	return nil
}
