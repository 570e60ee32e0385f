package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

func sourcesAddCmd(opt *options) *cobra.Command {
	var s feeds.Source
	cmd := &cobra.Command{
		Use: "add URL", Short: "Add a feed, or the feed of a site's page, to the config file", Args: cobra.ExactArgs(1),
		Example: "  nashra sources add https://aitnews.com/\n" +
			"  nashra sources add https://aitnews.com/feed/ --id ait --tag news",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, cfg, err := readConfigFile(opt)
			if err != nil {
				return err
			}
			s.URL = args[0]
			w, err := newWire(cfg, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer w.client.CloseIdle()
			found, n, err := w.findFeed(cmd.Context(), s)
			if err != nil {
				return err
			}
			address, key := feeds.Redact(found.URL), feeds.FeedKey(found.URL)
			same := func(s feeds.Source) bool { return feeds.FeedKey(s.URL) == key }
			if i := slices.IndexFunc(cfg.Sources, same); i >= 0 {
				return usageError{fmt.Errorf("%s is already in the config file, as %s", address, cfg.Sources[i].ID)}
			}
			after, err := configReader().AddSources(path, false, found)
			if err != nil {
				return usageError{err}
			}
			warnEach(cmd.ErrOrStderr(), "", newWarnings(cfg, after))
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "added %s (%s, %d entries) to %s\n", address, found.Title, n, path)
			return err
		},
	}
	cmd.Flags().StringVar(&s.ID, "id", "", "its id, which never changes (default: from the host)")
	cmd.Flags().StringVar(&s.Title, "title", "", "its title (default: the feed's own)")
	cmd.Flags().StringSliceVar(&s.Tags, "tag", nil, "tags, for channels to choose by")
	return cmd
}

func sourcesRemoveCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use:     "remove ID",
		Short:   "Remove a source from the config file; its items stay until they fall out of the feeds",
		Args:    cobra.ExactArgs(1),
		Example: "  nashra sources remove aitnews",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, cfg, err := readConfigFile(opt)
			if err != nil {
				return err
			}
			if known := sourceIDs(cfg); !slices.Contains(known, args[0]) {
				return unknown(path, "source", args[0], known, "nashra sources list")
			}
			if err := configReader().RemoveSource(path, args[0]); err != nil {
				return usageError{err}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "removed %s from %s\n", args[0], path)
			return err
		},
	}
}

// readConfigFile is readConfig for commands that change the config file, which therefore must
// exist.
func readConfigFile(opt *options) (string, *config.Config, error) {
	path, cfg, err := readConfig(opt)
	if err == nil && path == "" {
		err = mistake("", "there is no config file to change", "nashra init writes one")
	}
	return path, cfg, err
}

// findFeed returns s with the address and title of the feed at s.URL, or else of a feed that the
// page there links to, and the number of its entries.
func (w *wire) findFeed(ctx context.Context, s feeds.Source) (feeds.Source, int, error) {
	doc, feed, err := w.poll(ctx, s)
	if err != nil && len(doc.Body) == 0 {
		return s, 0, err
	}
	page := s.URL
	for _, address := range parse.Discover(doc) {
		if err == nil || ctx.Err() != nil {
			break
		}
		s.URL = address
		_, feed, err = w.poll(ctx, s)
	}
	if err != nil {
		return s, 0, hinted{fmt.Errorf("%s is not a feed, and its page links to none that can be read",
			feeds.Redact(page)),
			"give the address of the feed itself"}
	}
	if s.Title == "" {
		s.Title = strings.TrimSpace(feed.Title)
	}
	return s, len(feed.Items), nil
}
