package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

func sourcesImportCmd(opt *options) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "import FILE.opml",
		Short: "Add the feeds of another reader's list to the config file; its folders become tags",
		Args:  cobra.ExactArgs(1),
		Example: "  nashra sources import feeds.opml --dry-run\n" +
			"  nashra sources import feeds.opml && nashra sources check",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, cfg, err := readConfigFile(opt)
			if err != nil {
				return err
			}
			list, err := readOPML(args[0])
			if err != nil {
				return usageError{err}
			}
			return importSources(list, path, cfg, dry, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "print what would be added, and change nothing")
	return cmd
}

func importSources(list feeds.List, path string, cfg *config.Config, dry bool, stdout, stderr io.Writer) error {
	list.Sources = slices.DeleteFunc(list.Sources, func(s feeds.Source) bool {
		why := refusal(s)
		if why != "" {
			list.NoFeeds = append(list.NoFeeds, fmt.Sprintf("%s: %.80q", why, feeds.Redact(s.URL)))
		}
		return why != ""
	})
	added, known := newSources(list.Sources, cfg)
	got := cfg
	if len(added) > 0 {
		var err error
		if got, err = configReader().AddSources(path, dry, added...); err != nil {
			return usageError{err}
		}
	}
	warnEach(stderr, "left out: ", list.NoFeeds)
	warnEach(stderr, "counted once: ", list.Repeats)
	warnEach(stderr, "", known)
	warnEach(stderr, "", newWarnings(cfg, got))
	verb := "added"
	if dry {
		verb = "would add"
		if err := preview(cfg, got, stdout); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(stdout, "%s %s to %s; %d were there already, %d left out\n",
		verb, count(len(added), "source"), path, len(known), len(list.NoFeeds))
	return err
}

// preview prints the sources and the titles of tags that after has and before has not.
func preview(before, after *config.Config, out io.Writer) error {
	fresh := *after
	fresh.Sources = after.Sources[len(before.Sources):]
	if len(fresh.Sources) == 0 {
		return nil
	}
	if err := sourceList(&fresh).print(out, false); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, tag := range slices.Sorted(maps.Keys(after.Tags)) {
		if before.Tags[tag] == nil {
			fmt.Fprintf(tw, "tag %s\t%s\n", tag, tagTitle(after, tag))
		}
	}
	return tw.Flush()
}

// tagTitle returns the title of a tag in the first language that it has one in: en, ar, or another.
func tagTitle(cfg *config.Config, tag string) string {
	titles := cfg.Tags[tag]
	others := slices.Sorted(maps.Keys(titles))
	return cmp.Or(titles["en"], titles["ar"], titles[strings.Join(others[:min(len(others), 1)], "")])
}

// newWarnings returns the warnings about after that before does not have.
func newWarnings(before, after *config.Config) (out []string) {
	for _, w := range after.Warnings {
		same := func(old *config.Error) bool { return old.Message == w.Message }
		if !slices.ContainsFunc(before.Warnings, same) {
			out = append(out, w.Error())
		}
	}
	return out
}

// maxWarned is how many warnings of one kind are printed, chosen to leave what is printed last on the
// screen.
const maxWarned = 20

func warnEach(w io.Writer, why string, lines []string) {
	for i, line := range lines {
		if i == maxWarned {
			fmt.Fprintf(w, "warning: %sand %d more\n", why, len(lines)-i)
			return
		}
		fmt.Fprintf(w, "warning: %s%s\n", why, line)
	}
}

// maxList is the size of the longest list that is read: ten thousand feeds take 3 MB.
const maxList = 10 << 20

func readOPML(name string) (feeds.List, error) {
	f, err := os.Open(name)
	if err != nil {
		return feeds.List{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxList+1))
	if err == nil && len(text) > maxList {
		err = errors.New("it is larger than 10 MB")
	}
	var list feeds.List
	if err == nil {
		list, err = feeds.DecodeOPML(parse.Text(text))
	}
	if err != nil {
		return feeds.List{}, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// newSources returns the sources of list that cfg does not have, and names the others.
func newSources(list []feeds.Source, cfg *config.Config) (added []feeds.Source, known []string) {
	ids := map[string]string{}
	for _, s := range cfg.Sources {
		ids[feeds.FeedKey(s.Address())] = s.ID
	}
	for _, s := range list {
		if id, ok := ids[feeds.FeedKey(s.URL)]; ok {
			known = append(known, fmt.Sprintf("%s is in the config file, as %s", feeds.Redact(s.URL), id))
			continue
		}
		if !config.IsLanguage(s.Lang) {
			s.Lang = ""
		}
		if strings.Contains(s.Site, "${") {
			s.Site = ""
		}
		s.URL = feeds.WebURL(s.URL)
		added = append(added, s)
	}
	return added, known
}

// refusal returns why s, from an untrusted list, may not be added to the config; empty: it may.
func refusal(s feeds.Source) string {
	u, err := url.Parse(feeds.WebURL(s.URL))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "not an http or https address"
	case strings.Contains(s.URL, "${"):
		return "the address would be read as a reference to the environment"
	}
	return ""
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
			if lost := notInOPML(s); len(lost) > 0 {
				fmt.Fprintf(stderr, "warning: source %s: OPML has no place for its %s\n",
					s.ID, strings.Join(lost, ", "))
			}
		}
	}
	folders := map[string]string{}
	for tag := range cfg.Tags {
		folders[tag] = tagTitle(cfg, tag)
	}
	return feeds.EncodeOPML(stdout, "nashra", list, folders)
}

// notInOPML returns the keys of s without which other readers find something else at its address, or
// nothing.
func notInOPML(s feeds.Source) (keys []string) {
	for _, k := range []struct {
		key string
		set bool
	}{
		{"page", s.Page.On()}, {"trust", s.Trusted()}, {"headers", len(s.Headers) > 0},
		{"include", len(s.Include) > 0}, {"exclude", len(s.Exclude) > 0}, {"drop", len(s.Drop) > 0},
		{"replace", len(s.Replace) > 0}, {"max", s.Max > 0 && !s.List()},
	} {
		if k.set {
			keys = append(keys, k.key)
		}
	}
	return keys
}
