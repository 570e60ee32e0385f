package main

import (
	"context"
	"errors"
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
	var s source
	cmd := &cobra.Command{
		Use: "add URL", Short: "Add a feed, or the feed of a site's page, to the config file", Args: cobra.ExactArgs(1),
		Example: "  nashra sources add https://aitnews.com/\n  nashra sources add https://aitnews.com/feed/ --id ait --tag news",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, cfg, err := readFile(opt)
			if err != nil {
				return err
			}
			s.URL = args[0]
			found, n, err := findFeed(cmd.Context(), cfg, s)
			if err != nil {
				return err
			}
			if i := slices.IndexFunc(cfg.Sources, func(have source) bool { return feeds.CleanURL(have.URL) == feeds.CleanURL(found.URL) }); i >= 0 {
				return usageError{fmt.Errorf("%s is there already, as %s", feeds.Redact(found.URL), cfg.Sources[i].ID)}
			}
			if err := configReader().AddSources(path, found); err != nil {
				return usageError{err}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "added %s (%s, %d entries) to %s\n", feeds.Redact(found.URL), found.Title, n, path)
			return err
		},
	}
	cmd.Flags().StringVar(&s.ID, "id", "", "what to call it for ever (default: from the host)")
	cmd.Flags().StringVar(&s.Title, "title", "", "its title (default: the feed's own)")
	cmd.Flags().StringSliceVar(&s.Tags, "tag", nil, "tags, for channels to choose by")
	return cmd
}

func sourcesRemoveCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use: "remove ID", Short: "Take a source out of the config file; its items stay until they fall out of the feeds", Args: cobra.ExactArgs(1),
		Example: "  nashra sources remove aitnews",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, _, err := readFile(opt)
			if err != nil {
				return err
			}
			if err := configReader().RemoveSource(path, args[0]); err != nil {
				return usageError{err}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "removed %s from %s\n", args[0], path)
			return err
		},
	}
}

// readFile is readConfig for commands that change the file, of which there must be one.
func readFile(opt *options) (string, *config.Config, error) {
	path, cfg, err := readConfig(opt)
	if err == nil && path == "" {
		err = usageError{hinted{errors.New("there is no config file to change"), "nashra init writes one"}}
	}
	return path, cfg, err
}

// findFeed is s with the address of a feed and its title, and how many entries that has: at s.URL itself, else where the page there leads.
func findFeed(ctx context.Context, cfg *config.Config, s source) (source, int, error) {
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return s, 0, err
	}
	defer w.client.CloseIdle()
	doc, feed, err := w.read(ctx, s)
	if err != nil && len(doc.Body) == 0 {
		return s, 0, err
	}
	page := s.URL
	for _, address := range parse.Discover(doc) {
		if err == nil || ctx.Err() != nil {
			break
		}
		s.URL = address
		_, feed, err = w.read(ctx, s)
	}
	if err != nil {
		return s, 0, hinted{fmt.Errorf("%s is no feed, and its page leads to none that can be read", feeds.Redact(page)), "give the address of the feed itself"}
	}
	if s.Title == "" {
		s.Title = strings.TrimSpace(feed.Title)
	}
	return s, len(feed.Items), nil
}
