package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
)

func checkSourcesCmd(opt *options) *cobra.Command {
	var asJSON *bool
	var builtin, trust, withRules bool
	cmd := &cobra.Command{
		Use: "check [URL | ID]", Args: cobra.MaximumNArgs(1),
		Short: "Poll without storing: kind, status, entries, newest date, full text or summary, language",
		Long: "check polls the sources, or the one with the ID, and stores nothing. " +
			"Of a URL it shows what sources add would\nadd, with what it holds now, and writes nothing.",
		Example: "  nashra sources check\n  nashra sources check aitnews\n  nashra sources check aitnews.com\n" +
			"  nashra sources check --builtin\n  nashra sources check aitnews --with-rules",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
				followStored(ctx, w.cfg)
				list, err := w.chosen(verb(cmd), args, builtin, withRules)
				if err != nil {
					return err
				}
				if list == nil && len(args) == 1 {
					s := feeds.Source{ID: asked, URL: args[0]}
					if trust {
						s.Trust = "nashra"
					}
					return w.checkAddress(ctx, s, cmd.OutOrStdout(), *asJSON)
				}
				return w.checkSources(ctx, list, withRules, cmd.OutOrStdout(), *asJSON)
			})
		},
		ValidArgsFunction: completeSources(opt),
	}
	asJSON = jsonFlag(cmd)
	cmd.Flags().BoolVar(&builtin, "builtin", false,
		"check the built-in sources, also those that init's file has commented out")
	cmd.Flags().BoolVar(&withRules, "with-rules", false,
		"show what include, exclude, max, drop and replace do to the items that the sources have now")
	trustFlag(cmd, &trust)
	return cmd
}

// chosen returns the sources that the arguments and flags of the command at place name: all that are polled, the
// built-in ones, or one; nil: they name an address that the config file does not have.
func (w *wire) chosen(place string, args []string, builtin, withRules bool) ([]feeds.Source, error) {
	list := slices.Concat(w.cfg.Sources, w.cfg.Listed)
	switch {
	case builtin && len(args) > 0:
		return nil, mistake(place, "--builtin checks all built-in sources", "leave out "+args[0])
	case builtin:
		return configReader().Builtin()
	case len(args) == 0:
		return slices.DeleteFunc(list, func(s feeds.Source) bool { return !s.On() }), nil
	}
	named := func(s feeds.Source) bool {
		return s.ID == args[0] || withRules && s.URL != "" && s.URL == args[0]
	}
	if i := slices.IndexFunc(list, named); i >= 0 {
		return list[i : i+1], nil
	}
	switch {
	case withRules:
		return nil, mistake(place, "--with-rules: the config file has no source "+feeds.Redact(args[0]),
			"nashra sources list")
	case args[0] != "" && !strings.ContainsAny(args[0], ".:/"):
		return nil, unknown(place, "source", args[0], idsOf(list), "nashra sources list")
	}
	return nil, nil
}

// idsOf returns the ids of sources.
func idsOf(sources []feeds.Source) (ids []string) {
	for _, s := range sources {
		ids = append(ids, s.ID)
	}
	return ids
}

// trustFlag gives cmd the flag --trust.
func trustFlag(cmd *cobra.Command, trust *bool) {
	cmd.Flags().BoolVar(trust, "trust", false,
		"the address is another nashra's: take over the translations and outlets of its JSON feed")
}

// asked is the id of an address that the command line names.
const asked = "-"

// checkJSON is what a source was found to have, in JSON.
type checkJSON struct {
	ID      string      `json:"id"`
	Kind    string      `json:"kind"`   // of its document; empty: unknown
	URL     string      `json:"url"`    // of the feed, page or list, without secrets
	Status  string      `json:"status"` // ok, cut short or failed
	Error   string      `json:"error,omitempty"`
	Entries int         `json:"entries"` // of a list: feeds
	Newest  time.Time   `json:"newest,omitzero"`
	Text    string      `json:"text,omitempty"` // full or summary
	Lang    string      `json:"lang,omitempty"`
	Title   string      `json:"title,omitempty"`
	Page    *feeds.Page `json:"page,omitempty"`  // of an address: selectors that are a guess
	Items   []itemJSON  `json:"items,omitempty"` // of an address: the first ones
	Rules   []ruleJSON  `json:"rules,omitempty"` // with --with-rules
}

// itemJSON is an item that an address has now, or a feed of a list, in JSON.
type itemJSON struct {
	Published time.Time `json:"published,omitzero"`
	Title     string    `json:"title"`
	URL       string    `json:"url"`
}

// checkSources prints a line for each source, in order, and fails if any source did.
func (w *wire) checkSources(ctx context.Context, sources []feeds.Source, withRules bool, out io.Writer,
	asJSON bool) error {
	rows := make([]checkJSON, len(sources))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, w.cfg.Fetch.Concurrency))
	for i, s := range sources {
		g.Go(func() error {
			f, doc, err := w.look(ctx, s)
			var done []ruleJSON
			if err == nil && withRules && !f.List() {
				done, err = effects(f.Source, doc)
			}
			rows[i] = checked(f, err)
			rows[i].Rules = done
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := checkList(rows).print(out, asJSON); err != nil {
		return err
	}
	if withRules && !asJSON {
		if err := printRules(rows, out); err != nil {
			return err
		}
	}
	failed := 0
	for _, c := range rows {
		if c.Error != "" {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %s could not be read", failed, count(len(sources), "source"))
	}
	return nil
}

// checkAddress prints what stands at s.URL, and what sources add would write.
func (w *wire) checkAddress(ctx context.Context, s feeds.Source, out io.Writer, asJSON bool) error {
	f, err := w.find(ctx, s)
	row := checked(f, err)
	if err == nil {
		row.Items = f.items()
		if f.guessed {
			row.Page = &f.Page
		}
	}
	if perr := checkList([]checkJSON{row}).print(out, asJSON); err != nil || perr != nil || asJSON {
		return cmp.Or(err, perr)
	}
	fmt.Fprintln(out)
	if err := f.show(out); err != nil {
		return err
	}
	f.offerTrust(out)
	f.ID = ""
	_, err = fmt.Fprintf(out, "\nsources add would write:\n  - %s\n", config.Line(f.Source))
	return err
}

func checkList(rows []checkJSON) list[checkJSON] {
	return list[checkJSON]{rows: rows, header: "ID\tKIND\tSTATUS\tENTRIES\tNEWEST\tTEXT\tLANGUAGE\tTITLE",
		columns: func(c checkJSON) string {
			if c.Error != "" {
				return c.ID + "\t" + cmp.Or(c.Kind, "-") + "\tfailed: " + c.Error
			}
			row := fmt.Sprintf("%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s", c.ID, cmp.Or(c.Kind, "-"), c.Status, c.Entries,
				cmp.Or(operator.Stamp(c.Newest), "no dates"), cmp.Or(c.Text, "-"), cmp.Or(c.Lang, "?"),
				cmp.Or(c.Title, "-"))
			if c.ID == asked {
				row += "\t" + c.URL
			}
			return row
		}}
}

// checked returns the row of what was found, or of the error.
func checked(f found, err error) checkJSON {
	c := checkJSON{ID: f.ID, Kind: string(f.kind), URL: f.Shown(feeds.Redact(f.Address())),
		Status: "ok", Entries: len(f.feed.Items) + len(f.list.Sources), Title: f.feed.Title}
	if err != nil {
		c.Status, c.Error = "failed", err.Error()
		return c
	}
	full, langs := 0, map[string]int{}
	for _, it := range f.feed.Items {
		if it.Published.After(c.Newest) {
			c.Newest = it.Published
		}
		if it.Body != "" {
			full++
		}
		langs[it.Lang]++
	}
	if f.feed.Cut {
		c.Status = "cut short"
	}
	if !f.List() {
		c.Text = "summary"
	}
	if full*2 > len(f.feed.Items) {
		c.Text = "full"
	}
	for l, n := range langs {
		if n > langs[c.Lang] || n == langs[c.Lang] && l < c.Lang {
			c.Lang = l
		}
	}
	return c
}

// shownItems is how many items are shown of an address: enough to see whether they are news, and all on one screen.
const shownItems = 10

// items returns the first items of f, or of a list its first feeds.
func (f found) items() (out []itemJSON) {
	for _, it := range f.feed.Items {
		out = append(out, itemJSON{it.Published, it.Title, it.URL})
	}
	for _, s := range f.list.Sources {
		out = append(out, itemJSON{Title: s.Title.In(feeds.Bilingual), URL: feeds.Redact(s.URL)})
	}
	return out[:min(len(out), shownItems)]
}

// show prints the first items of f, and how many more there are.
func (f found) show(out io.Writer) error {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "DATE\tTITLE\tLINK")
	items := f.items()
	for _, it := range items {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", cmp.Or(operator.Stamp(it.Published), "-"),
			cmp.Or(feeds.Shorten(feeds.OneLine(it.Title), 60), "-"), cmp.Or(feeds.Shorten(it.URL, 80), "-"))
	}
	if more := len(f.feed.Items) + len(f.list.Sources) - len(items); more > 0 {
		fmt.Fprintf(tw, "and %d more\n", more)
	}
	return tw.Flush()
}
