package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

func sourcesAddCmd(opt *options) *cobra.Command {
	a := adding{}
	var title string
	var trust bool
	cmd := &cobra.Command{
		Use: "add URL", Short: "Find out what an address is, and add it to the config file", Args: cobra.ExactArgs(1),
		Long: "add takes the address of a feed, a Telegram or YouTube channel, a news sitemap, " +
			"a list of feeds (OPML),\nanother nashra's feed, or of a site: it looks for the feed of that, " +
			"and else for the parts of the page that repeat\nas news does. " +
			"Then it shows what they hold and asks before it writes.",
		Example: "  nashra sources add aitnews.com\n" +
			"  nashra sources add https://aitnews.com/feed/ --id ait --tag news\n" +
			"  nashra sources add https://t.me/AjaNews\n" +
			"  nashra sources add news.example/tech --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, cfg, err := readConfigFile(opt)
			if err != nil {
				return err
			}
			if a.URL, a.Title = args[0], feeds.NewTitle(title); trust {
				a.Trust = "nashra"
			}
			w, err := newWire(cfg, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer w.client.CloseIdle()
			return a.run(cmd, w, path)
		},
	}
	cmd.Flags().StringVar(&a.ID, "id", "", "its id, which never changes (default: from the host)")
	cmd.Flags().StringVar(&title, "title", "", "its title (default: the feed's own)")
	cmd.Flags().StringSliceVar(&a.Tags, "tag", nil, "tags, for channels to choose by")
	cmd.Flags().BoolVar(&a.force, "force", false, "add the address as it is if nothing can be read there now")
	cmd.Flags().BoolVar(&a.yes, "yes", false, "write selectors that are a guess without asking")
	trustFlag(cmd, &trust)
	return cmd
}

// adding is what the command line says of a source that is to be added.
type adding struct {
	feeds.Source
	yes, force bool
}

// run adds what stands at the address to the file at path, which w was made from.
func (a *adding) run(cmd *cobra.Command, w *wire, path string) error {
	f, err := w.find(cmd.Context(), a.Source)
	if err != nil && a.force {
		fmt.Fprintln(cmd.ErrOrStderr(), "warning:", err)
		f = found{Source: webAddress(a.Source)}
	} else if err != nil {
		return err
	}
	address, key := feeds.Redact(f.Address()), feeds.FeedKey(f.Address())
	same := func(s feeds.Source) bool { return feeds.FeedKey(s.Address()) == key }
	if i := slices.IndexFunc(w.cfg.Sources, same); i >= 0 {
		return usageError{fmt.Errorf("%s is already in the config file, as %s", address, w.cfg.Sources[i].ID)}
	}
	if f.guessed {
		if err := a.confirm(cmd, f, path); err != nil {
			return err
		}
	}
	f.offerTrust(cmd.ErrOrStderr())
	after, err := configReader().AddSources(path, false, f.Source)
	if err != nil {
		return usageError{err}
	}
	warnEach(cmd.ErrOrStderr(), "", newWarnings(w.cfg, after))
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "added %s (%s) to %s\n", address,
		strings.TrimPrefix(f.Title.In(feeds.Bilingual)+", "+f.has(), ", "), path)
	return err
}

// offerTrust says what --trust would do, if f is another nashra's feed.
func (f found) offerTrust(out io.Writer) {
	if f.kind == parse.Nashra && !f.Trusted() {
		fmt.Fprintln(out, "note: this is another nashra's feed; with --trust its translations are taken over")
	}
}

// confirm shows what guessed selectors find, and returns an error unless they may be written.
func (a *adding) confirm(cmd *cobra.Command, f found, path string) error {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s is a page without a feed. These selectors are a guess:\n  - %s\nThey find:\n\n",
		feeds.Redact(f.URL), config.Line(f.Source))
	if err := f.show(out); err != nil {
		return err
	}
	in, ok := cmd.InOrStdin().(*os.File)
	switch {
	case a.yes:
		return nil
	case !ok || !term.IsTerminal(int(in.Fd())):
		return mistake("", "not added: the selectors are a guess, and there is no terminal to ask at",
			"add --yes if they are right")
	}
	fmt.Fprintf(out, "\nadd it to %s? [y/N] ", path)
	answer, _ := bufio.NewReader(io.LimitReader(in, maxLine)).ReadString('\n')
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("not added")
	}
	return nil
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
	known := idsOf(cfg.Sources) // in the file: what its lists name is changed there
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
