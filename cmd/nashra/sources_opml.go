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
		Use: "import FILE.opml", Short: "Add the feeds of another reader's list to the config file; its folders become tags", Args: cobra.ExactArgs(1),
		Example: "  nashra sources import feeds.opml && nashra sources check",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, cfg, err := readFile(opt)
			if err != nil {
				return err
			}
			list, err := readOPML(args[0])
			if err != nil {
				return usageError{err}
			}
			known := map[string]bool{}
			for _, s := range cfg.Sources {
				known[feeds.CleanURL(s.URL)] = true
			}
			var fresh []source
			bad := 0
			for _, s := range list {
				s.Tags = slices.DeleteFunc(s.Tags, func(tag string) bool { return !config.IsID(tag) })
				ok := importable(&s)
				switch address := feeds.CleanURL(s.URL); {
				case !ok:
					bad++
					fmt.Fprintf(cmd.ErrOrStderr(), "warning: left out, for it is no plain http or https address: %.80q\n", feeds.Redact(s.URL))
				case !known[address]:
					known[address] = true
					fresh = append(fresh, s)
				}
			}
			if len(fresh) > 0 {
				if err := configReader().AddSources(path, fresh...); err != nil {
					return usageError{err}
				}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "added %d sources to %s; %d were there already, %d left out\n", len(fresh), path, len(list)-len(fresh)-bad, bad)
			return err
		},
	}
}

func readOPML(name string) ([]source, error) {
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

// importable says whether s, as a stranger's list has it, may stand in the config: with an address of the web, feed:// included, and
// nothing that would be read as a reference to a variable.
func importable(s *source) bool {
	if rest, ok := strings.CutPrefix(s.URL, "feed:"); ok {
		if s.URL = rest; strings.HasPrefix(rest, "//") {
			s.URL = "http:" + rest
		}
	}
	u, err := url.Parse(s.URL)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !strings.Contains(s.URL, "${")
}

func sourcesExportCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: "Print the sources as OPML, for other readers; private ones and those switched off are left out", Args: cobra.NoArgs,
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
	var list []source
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
