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
	var title string
	var force bool
	cmd := &cobra.Command{
		Use: "add URL", Short: "Add a feed, or the feed of a site's page, to the config file", Args: cobra.ExactArgs(1),
		Example: "  nashra sources add aitnews.com\n" +
			"  nashra sources add https://aitnews.com/feed/ --id ait --tag news",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, cfg, err := readConfigFile(opt)
			if err != nil {
				return err
			}
			s.URL, s.Title = args[0], feeds.NewTitle(title)
			w, err := newWire(cfg, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer w.client.CloseIdle()
			found, feed, err := w.findFeed(cmd.Context(), s)
			if err != nil && force {
				fmt.Fprintln(cmd.ErrOrStderr(), "warning:", err)
				found = webAddress(s)
			} else if err != nil {
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
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "added %s (%s) to %s\n", address,
				strings.TrimPrefix(found.Title.In(feeds.Bilingual)+", "+count(len(feed.Items), "entry"), ", "), path)
			return err
		},
	}
	cmd.Flags().StringVar(&s.ID, "id", "", "its id, which never changes (default: from the host)")
	cmd.Flags().StringVar(&title, "title", "", "its title (default: the feed's own)")
	cmd.Flags().StringSliceVar(&s.Tags, "tag", nil, "tags, for channels to choose by")
	cmd.Flags().BoolVar(&force, "force", false, "add the address as it is if no feed can be read there now")
	return cmd
}

func sourcesRemoveCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use:     "remove ID",
		Short:   "Remove a source from the config file; its items stay until they fall out of the feeds",
		Args:    cobra.ExactArgs(1),
		Example: "  nashra sources remove aitnews",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, _, err := configuredSource(opt, args[0])
			if err != nil {
				return err
			}
			if err := configReader().RemoveSource(path, args[0]); err != nil {
				return usageError{err}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "removed %s from %s\n", args[0], path)
			return err
		},
		ValidArgsFunction: completeSources(opt),
	}
}

// sourcesSwitchCmd returns the command verb, which switches a source on or off.
func sourcesSwitchCmd(opt *options, verb string, on bool) *cobra.Command {
	short := "Poll a source again that was switched off"
	if !on {
		short = "Stop polling a source; it stays in the config file, and its items in the feeds"
	}
	return &cobra.Command{
		Use: verb + " ID", Short: short, Args: cobra.ExactArgs(1), Example: "  nashra sources " + verb + " aitnews",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, s, err := configuredSource(opt, args[0])
			if err != nil {
				return err
			}
			done := verb + "d " + s.ID + " in "
			if s.On() == on {
				done = s.ID + " is " + verb + "d already in "
			} else if err := configReader().SwitchSource(path, s.ID, on); err != nil {
				return usageError{err}
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), done+path)
			return err
		},
		ValidArgsFunction: completeSources(opt),
	}
}

// configuredSource returns the config file, which must exist, and its source with that id.
func configuredSource(opt *options, id string) (path string, s feeds.Source, err error) {
	path, cfg, err := readConfigFile(opt)
	if err != nil {
		return "", s, err
	}
	var known []string // in the file: what its lists name is changed there
	for _, s := range cfg.Sources {
		known = append(known, s.ID)
	}
	i := slices.Index(known, id)
	if i < 0 {
		return "", s, unknown(path, "source", id, known, "nashra sources list")
	}
	return path, cfg.Sources[i], nil
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

// webAddress returns s with a scheme before its address.
func webAddress(s feeds.Source) feeds.Source {
	if s.URL = feeds.WebURL(s.URL); !strings.Contains(s.URL, "://") {
		s.URL = "https://" + strings.TrimPrefix(s.URL, "//")
	}
	return s
}

// findFeed returns s with the address and title of the feed at s.URL, or else of a feed that the
// page there links to, and the feed. Without a scheme it tries https, then http.
func (w *wire) findFeed(ctx context.Context, s feeds.Source) (feeds.Source, feeds.Feed, error) {
	bare := strings.TrimPrefix(feeds.WebURL(s.URL), "//")
	s = webAddress(s)
	doc, feed, err := w.poll(ctx, s)
	if err != nil && len(doc.Body) == 0 && s.URL != bare {
		plain := s
		plain.URL = "http://" + bare
		if d, f, perr := w.poll(ctx, plain); perr == nil || len(d.Body) > 0 {
			s, doc, feed, err = plain, d, f, perr
		}
	}
	if err != nil && len(doc.Body) == 0 {
		return s, feed, err
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
		return s, feed, hinted{fmt.Errorf("%s is not a feed, and its page links to none that can be read",
			feeds.Redact(page)), "give the address of the feed itself, or add it as it is with --force"}
	}
	if s.Title == (feeds.Title{}) {
		s.Title = feeds.NewTitle(strings.TrimSpace(feed.Title))
	}
	return s, feed, nil
}
