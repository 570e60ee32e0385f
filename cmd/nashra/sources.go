package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/fetch"
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

// sourceIDs returns the ids of all sources.
func sourceIDs(cfg *config.Config) []string { return idsOf(cfg.Feeds()) }

// sourceJSON is a source in JSON.
type sourceJSON struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"`  // see kindOf
	Title     string   `json:"title"` // in English, else in Arabic; empty: the feed's own
	TitleAR   string   `json:"title_ar,omitempty"`
	URL       string   `json:"url"` // without secrets
	Tags      []string `json:"tags"`
	Translate string   `json:"translate"`
	Enabled   bool     `json:"enabled"`
	Via       string   `json:"list,omitempty"` // id of the list that names it; empty: the config file does
}

func sourceList(cfg *config.Config) list[sourceJSON] {
	l := list[sourceJSON]{header: "ID\tKIND\tTITLE\tTAGS\tTRANSLATE\tURL", columns: func(s sourceJSON) string {
		state := s.Translate
		if !s.Enabled {
			state = "off"
		}
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s", s.ID, s.Kind, cmp.Or(s.Title, "-"),
			cmp.Or(strings.Join(s.Tags, ","), "-"), state, s.URL)
	}}
	for _, s := range slices.Concat(cfg.Sources, cfg.Listed) {
		l.rows = append(l.rows, sourceJSON{s.ID, kindOf(s), s.Title.In(feeds.Bilingual), s.Title.AR,
			s.Shown(feeds.Redact(s.Address())), append([]string{}, s.Tags...), cmp.Or(s.Translate, "full"), s.On(),
			s.Via})
	}
	return l
}

// kindOf returns what kind of source s is, as far as the config tells: page, opml, nashra, telegram, youtube or
// else feed, which a news sitemap is, too.
func kindOf(s feeds.Source) string {
	return cmp.Or(string(parse.KindOf(s, feeds.Document{})), "feed")
}

// poll fetches and parses s once, without storing. If parsing fails, the document is returned with
// the error. A list is only fetched.
func (w *wire) poll(ctx context.Context, s feeds.Source) (feeds.Document, feeds.Feed, error) {
	turn := w.waits.Turn("source "+s.ID, time.Time{})
	var doc feeds.Document
	var free func()
	var err error
	switch {
	case s.Page.On():
		permit := func(ctx context.Context, u *url.URL) error { return w.hosts.Permit(ctx, ctx, u) }
		doc, free, err = w.client.Page(ctx, s.URL, fetch.Headers(s), feeds.Validators{}, permit, turn)
	case s.List():
		doc, free, err = w.client.Hold(ctx, s.OPML, fetch.Headers(s), feeds.Validators{}, turn)
	default:
		doc, free, err = aggregator.Get(ctx, w.client, s, polite.State{}.AddressOf(s), feeds.Validators{}, turn)
	}
	free()
	err = s.Hide(err)
	if err != nil || s.List() {
		return doc, feeds.Feed{}, err
	}
	feed, err := parse.Feed(s, doc)
	return doc, feed, err
}
