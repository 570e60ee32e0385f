package main

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
)

func sourcesImportCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use:     "import FILE.opml",
		Short:   "Add the feeds of another reader's list to the config file; its folders become tags",
		Args:    cobra.ExactArgs(1),
		Example: "  nashra sources import feeds.opml && nashra sources check",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, cfg, err := readConfigFile(opt)
			if err != nil {
				return err
			}
			list, err := readOPML(args[0])
			if err != nil {
				return usageError{err}
			}
			added, rejected := newSources(list, cfg)
			for _, s := range rejected {
				fmt.Fprintf(cmd.ErrOrStderr(), "warning: left out, not an http or https address: %.80q\n",
					feeds.Redact(s.URL))
			}
			if len(added) > 0 {
				if err := configReader().AddSources(path, added...); err != nil {
					return usageError{err}
				}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "added %d sources to %s; %d were there already, %d left out\n",
				len(added), path, len(list)-len(added)-len(rejected), len(rejected))
			return err
		},
	}
}

func readOPML(name string) ([]feeds.Source, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := feeds.DecodeOPML(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// newSources returns the sources of list that cfg does not have, and those that may not be
// imported.
func newSources(list []feeds.Source, cfg *config.Config) (added, rejected []feeds.Source) {
	known := map[string]bool{}
	for _, s := range cfg.Sources {
		known[feeds.FeedKey(s.URL)] = true
	}
	for _, s := range list {
		if !importable(&s) {
			rejected = append(rejected, s)
			continue
		}
		if key := feeds.FeedKey(s.URL); !known[key] {
			known[key] = true
			s.Tags = slices.DeleteFunc(s.Tags, func(tag string) bool { return !config.IsID(tag) })
			added = append(added, s)
		}
	}
	return added, rejected
}

// importable reports whether s, from an untrusted list, may be added to the config: it has a web
// address, without a reference to an environment variable. It turns feed: addresses into http ones.
func importable(s *feeds.Source) bool {
	s.URL = feeds.WebURL(s.URL)
	u, err := url.Parse(s.URL)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" &&
		!strings.Contains(s.URL, "${")
}

func sourcesExportCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use:     "export",
		Short:   "Print the sources as OPML, for other readers, without private and switched-off ones",
		Args:    cobra.NoArgs,
		Example: "  nashra sources export > feeds.opml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, cfg, err := readConfig(opt)
			if err != nil {
				return err
			}
			return exportSources(cfg, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
}

func exportSources(cfg *config.Config, stdout, stderr io.Writer) error {
	var list []feeds.Source
	for _, s := range cfg.Sources {
		switch {
		case s.Private:
			fmt.Fprintf(stderr, "warning: source %s is left out: its address is private\n", s.ID)
		case !s.On():
			fmt.Fprintf(stderr, "warning: source %s is left out: it is switched off\n", s.ID)
		default:
			list = append(list, s)
		}
	}
	return feeds.EncodeOPML(stdout, "nashra", list)
}
