package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

func sourcesCmd(opt *options) *cobra.Command {
	return group("sources", "The sources in the config file", "  nashra sources list\n  nashra sources check",
		listSourcesCmd(opt), checkSourcesCmd(opt), sourcesAddCmd(opt), sourcesRemoveCmd(opt),
		sourcesSwitchCmd(opt, "enable", true), sourcesSwitchCmd(opt, "disable", false), sourcesImportCmd(opt),
		sourcesExportCmd(opt))
}

func listSourcesCmd(opt *options) *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use: "list", Short: "Print the sources", Args: cobra.NoArgs, Example: "  nashra sources list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, cfg, err := readConfig(opt)
			if err != nil {
				return err
			}
			followStored(cmd.Context(), cfg)
			return sourceList(cfg).print(cmd.OutOrStdout(), *asJSON)
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

func checkSourcesCmd(opt *options) *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use: "check [URL | ID]", Args: cobra.MaximumNArgs(1),
		Short:   "Poll without storing: status, entries, newest date, full text or summary, language",
		Long:    "check polls the sources, the one with the ID, or what sources add URL would add, and stores nothing.",
		Example: "  nashra sources check\n  nashra sources check aitnews\n  nashra sources check aitnews.com",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
				followStored(ctx, w.cfg)
				on := slices.DeleteFunc(w.cfg.Feeds(), func(s feeds.Source) bool { return !s.On() })
				if len(args) == 1 {
					on = []feeds.Source{{ID: asked, URL: args[0]}}
					if i := slices.Index(sourceIDs(w.cfg), args[0]); i >= 0 {
						on = w.cfg.Feeds()[i : i+1]
					}
				}
				return w.checkSources(ctx, on, cmd.OutOrStdout(), *asJSON)
			})
		},
		ValidArgsFunction: completeSources(opt),
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

// sourceIDs returns the ids of all sources.
func sourceIDs(cfg *config.Config) (ids []string) {
	for _, s := range cfg.Feeds() {
		ids = append(ids, s.ID)
	}
	return ids
}

// asked is the id of an address that the command line names.
const asked = "-"

// sourceJSON is a source in JSON.
type sourceJSON struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"` // in English, else in Arabic; empty: the feed's own
	TitleAR   string   `json:"title_ar,omitempty"`
	URL       string   `json:"url"` // without secrets
	Tags      []string `json:"tags"`
	Translate string   `json:"translate"`
	Enabled   bool     `json:"enabled"`
	Via       string   `json:"list,omitempty"` // id of the list that names it; empty: the config file does
}

func sourceList(cfg *config.Config) list[sourceJSON] {
	l := list[sourceJSON]{header: "ID\tTITLE\tTAGS\tTRANSLATE\tURL", columns: func(s sourceJSON) string {
		state := s.Translate
		if !s.Enabled {
			state = "off"
		}
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", s.ID, cmp.Or(s.Title, "-"), cmp.Or(strings.Join(s.Tags, ","), "-"),
			state, s.URL)
	}}
	for _, s := range slices.Concat(cfg.Sources, cfg.Listed) {
		l.rows = append(l.rows, sourceJSON{s.ID, s.Title.In(feeds.Bilingual), s.Title.AR,
			s.Shown(feeds.Redact(cmp.Or(s.URL, s.OPML))), append([]string{}, s.Tags...), cmp.Or(s.Translate, "full"),
			s.On(), s.Via})
	}
	return l
}

// checkJSON is what a source was found to have, in JSON.
type checkJSON struct {
	ID      string    `json:"id"`
	URL     string    `json:"url"`    // of the feed, without secrets
	Status  string    `json:"status"` // ok, cut short or failed
	Error   string    `json:"error,omitempty"`
	Entries int       `json:"entries"`
	Newest  time.Time `json:"newest,omitzero"`
	Text    string    `json:"text,omitempty"` // full or summary
	Lang    string    `json:"lang,omitempty"`
	Title   string    `json:"title,omitempty"`
}

// checkSources prints a line for each source, in order, and fails if any source did.
func (w *wire) checkSources(ctx context.Context, sources []feeds.Source, out io.Writer, asJSON bool) error {
	l := list[checkJSON]{rows: make([]checkJSON, len(sources)),
		header: "ID\tSTATUS\tENTRIES\tNEWEST\tTEXT\tLANGUAGE\tTITLE", columns: func(c checkJSON) string {
			if c.Error != "" {
				return c.ID + "\tfailed: " + c.Error
			}
			row := fmt.Sprintf("%s\t%s\t%d\t%s\t%s\t%s\t%s", c.ID, c.Status, c.Entries,
				cmp.Or(operator.Stamp(c.Newest), "no dates"), c.Text, cmp.Or(c.Lang, "?"), cmp.Or(c.Title, "-"))
			if c.ID == asked {
				row += "\t" + c.URL
			}
			return row
		}}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, w.cfg.Fetch.Concurrency))
	for i, s := range sources {
		g.Go(func() error {
			l.rows[i] = w.checkSource(ctx, s)
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	failed := 0
	for _, c := range l.rows {
		if c.Error != "" {
			failed++
		}
	}
	if err := l.print(out, asJSON); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %s could not be read", failed, count(len(sources), "source"))
	}
	return nil
}

// poll fetches and parses s once, without storing. If parsing fails, the document is returned with
// the error.
func (w *wire) poll(ctx context.Context, s feeds.Source) (feeds.Document, feeds.Feed, error) {
	turn := w.waits.Turn("source "+s.ID, time.Time{})
	doc, free, err := aggregator.Get(ctx, w.client, s, polite.State{}.AddressOf(s), feeds.Validators{}, turn)
	free()
	err = s.Hide(err)
	if err != nil {
		return doc, feeds.Feed{}, err
	}
	feed, err := parse.Feed(s, doc)
	return doc, feed, err
}

// checkSource polls s, or what its page links to if s has no id of its own.
func (w *wire) checkSource(ctx context.Context, s feeds.Source) checkJSON {
	var feed feeds.Feed
	var err error
	if s.ID == asked {
		s, feed, err = w.findFeed(ctx, s)
	} else {
		_, feed, err = w.poll(ctx, s)
	}
	c := checkJSON{ID: s.ID, URL: s.Shown(feeds.Redact(s.URL)), Status: "ok", Entries: len(feed.Items),
		Title: feed.Title}
	if err != nil {
		c.Status, c.Error = "failed", err.Error()
		return c
	}
	full, langs := 0, map[string]int{}
	for _, it := range feed.Items {
		if it.Published.After(c.Newest) {
			c.Newest = it.Published
		}
		if it.Body != "" {
			full++
		}
		langs[it.Lang]++
	}
	if feed.Cut {
		c.Status = "cut short"
	}
	c.Text = "summary"
	if full*2 > len(feed.Items) {
		c.Text = "full"
	}
	for l, n := range langs {
		if n > langs[c.Lang] || n == langs[c.Lang] && l < c.Lang {
			c.Lang = l
		}
	}
	return c
}
