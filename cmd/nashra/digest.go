package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
)

// digestFlags are the flags of nashra digest.
type digestFlags struct {
	since, from, to string
	top             int // 0: the channel's
	lang, format    string
}

// The values of --lang and --format, the default first.
var (
	digestLangs   = []string{"both", "en", "ar"}
	digestFormats = []string{"text", "markdown", "html", "json"}
)

func digestCmd(opt *options) *cobra.Command {
	var f digestFlags
	const short = "Print the news of a day, the most covered first, in both languages"
	cmd := &cobra.Command{
		Use: "digest [CHANNEL]", Short: short, Args: cobra.MaximumNArgs(1),
		Long: short + ".\n\n" +
			"A digest ranks events by how many outlets report them, and quotes the outlets: no engine is asked, and\n" +
			"nothing is written. It is made from what is stored, by time of publication; nashra fetch gets what is\n" +
			"new. Without a channel it is made from all sources.",
		Example: "  nashra digest\n  nashra digest daily --since 7d --top 5\n" +
			"  nashra digest --from 2026-11-29 --to 2026-11-30 --lang en --format markdown",
		ValidArgsFunction: completeChannels(opt),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return err
			}
			return withAggregator(cmd, opt,
				func(ctx context.Context, w *wire, _ *store.Store, a *aggregator.Aggregator) error {
					return f.run(ctx, cmd.OutOrStdout(), cmd.ErrOrStderr(), w, a, args)
				})
		},
	}
	cmd.Flags().StringVar(&f.since, "since", "24h", "the period until now: 24h, 7d")
	cmd.Flags().StringVar(&f.from, "from", "",
		"beginning of the period: 2026-11-29 or 2026-11-29T07:00, in the config's timezone, or an RFC 3339 time")
	cmd.Flags().StringVar(&f.to, "to", "", "end of the period, which is not in it (default now)")
	cmd.Flags().IntVar(&f.top, "top", 0, "how many events (default the channel's, else 20)")
	cmd.Flags().StringVar(&f.lang, "lang", digestLangs[0], "en, ar or both")
	cmd.Flags().StringVar(&f.format, "format", digestFormats[0], "text, markdown, html or json")
	completeFlag(cmd, "lang", cobra.FixedCompletions(digestLangs, cobra.ShellCompDirectiveNoFileComp))
	completeFlag(cmd, "format", cobra.FixedCompletions(digestFormats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// check reports values of flags that do not fit, alone or together.
func (f *digestFlags) check(cmd *cobra.Command) error {
	for _, flag := range []struct {
		name, value string
		known       []string
	}{{"lang", f.lang, digestLangs}, {"format", f.format, digestFormats}} {
		if !slices.Contains(flag.known, flag.value) {
			return mistake("digest", fmt.Sprintf("--%s: %q is none", flag.name, flag.value),
				"write "+oneOf(flag.known))
		}
	}
	switch changed := cmd.Flags().Changed; {
	case changed("top") && f.top < 1:
		return mistake("digest", fmt.Sprintf("--top: %d events", f.top), "write 1 or more")
	case changed("since") && (f.from != "" || f.to != ""):
		return mistake("digest", "--since and --from or --to name two periods", "write one of them")
	case f.to != "" && f.from == "":
		return mistake("digest", "--to: the period has no beginning", "write --from too")
	}
	return nil
}

// period returns the period that the flags name.
func (f *digestFlags) period(w *wire, now time.Time) (from, to time.Time, err error) {
	if f.from == "" {
		d, err := config.ParseDuration(f.since)
		if err != nil || d == 0 {
			return from, to, mistake("digest", fmt.Sprintf("--since: %q is not a period", f.since),
				"write 24h, 90m or 7d")
		}
		return now.Add(-d), now, nil
	}
	if from, err = w.timeOf("digest: --from", f.from); err != nil {
		return from, to, err
	}
	if to = now; f.to != "" {
		if to, err = w.timeOf("digest: --to", f.to); err != nil {
			return from, to, err
		}
	}
	if !from.Before(to) {
		return from, to, mistake("digest", fmt.Sprintf("--from: %s is not before %s", f.from, to.Format(time.RFC3339)),
			"the period ends now, or at --to")
	}
	return from, to, nil
}

// everything is the channel of nashra digest without one.
var everything = feeds.Channel{Title: map[string]string{"en": "The bulletin", "ar": "النشرة"}}

// usualTop is how many events are printed of a channel that does not say: five minutes of reading.
const usualTop = 20

// channel returns the channel that the command line names.
func (f *digestFlags) channel(cfg *config.Config, args []string) (feeds.Channel, error) {
	if len(args) == 0 {
		return everything, nil
	}
	var ids []string
	for _, ch := range cfg.Channels {
		if ch.ID == args[0] {
			return ch, nil
		}
		ids = append(ids, ch.ID)
	}
	return feeds.Channel{}, unknown("digest", "channel", args[0], ids, "nashra config show")
}

func (f *digestFlags) run(ctx context.Context, out, stderr io.Writer, w *wire, a *aggregator.Aggregator,
	args []string) error {
	ch, err := f.channel(w.cfg, args)
	if err != nil {
		return err
	}
	ch.Digest.Timezone = cmp.Or(ch.Digest.Timezone, w.cfg.Timezone)
	from, to, err := f.period(w, a.Now())
	if err != nil {
		return err
	}
	where, b, err := bulletin(ctx, a, feeds.EventQuery{Channel: ch, From: from, To: to, ByPublished: true,
		Top: cmp.Or(f.top, ch.Digest.Top, usualTop), MinOutlets: ch.Digest.MinOutlets, Only: aggregator.OnlyHere})
	if err != nil {
		return err
	}
	if len(b.Events)+len(b.Only) == 0 {
		hint, err := newest(ctx, a, w)
		if err != nil {
			return err
		}
		fmt.Fprintln(stderr, "hint:", hint)
	}
	return f.print(out, where, ch, b)
}

// bulletin returns the digest that answers q.
func bulletin(ctx context.Context, a *aggregator.Aggregator, q feeds.EventQuery) (where feeds.Site, b feeds.Bulletin,
	err error) {
	events, err := a.Catalog.Events(ctx, q)
	if err != nil {
		return where, b, err
	}
	d := feeds.Digest{Channel: q.Channel.ID, From: q.From, To: q.To, At: a.Now(), ByPublished: true}
	d.Events, d.Only = q.Split(events)
	if where, _, err = a.Catalog.Find(ctx, feeds.Query{}); err != nil {
		return where, b, err
	}
	b, err = a.Catalog.Bulletin(ctx, where, d)
	return where, b, err
}

// newest says what is stored, to one who finds nothing in a period.
func newest(ctx context.Context, a *aggregator.Aggregator, w *wire) (string, error) {
	_, found, err := a.Catalog.Find(ctx, feeds.Query{Limit: 1})
	if err != nil || len(found) == 0 {
		return "there are no stories yet: nashra fetch polls the sources", err
	}
	zone, err := w.zone()
	day := found[0].Published.In(zone)
	return fmt.Sprintf("the newest stories are of that day: nashra digest --from %s --to %s", day.Format(time.DateOnly),
		day.AddDate(0, 0, 1).Format(time.DateOnly)), err
}

// editions are what --lang names.
var editions = map[string]feeds.Edition{"both": feeds.Bilingual, "en": feeds.English, "ar": feeds.Arabic}

func (f *digestFlags) print(out io.Writer, where feeds.Site, ch feeds.Channel, b feeds.Bulletin) error {
	p := render.Plain{Edition: editions[f.lang]}
	switch f.format {
	case "json":
		return writeJSON(out, newDigestJSON(b))
	case "markdown":
		return p.Markdown(out, where, ch, b)
	case "html":
		_, err := io.WriteString(out, render.DigestPage(where, ch, b, p.Edition))
		return err
	}
	p.Width, p.Style = screen(out)
	return p.Text(out, where, ch, b)
}

const (
	usualColumns = 80  // of what is no terminal
	mostColumns  = 100 // longer lines of prose are hard to read
)

// screen returns how wide lines on out are to be, and whether it shows styles.
func screen(out io.Writer) (columns int, styles bool) {
	columns = usualColumns
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		columns = n
	}
	file, ok := out.(*os.File)
	if ok && term.IsTerminal(int(file.Fd())) {
		styles = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if n, _, err := term.GetSize(int(file.Fd())); err == nil && n > 0 {
			columns = n
		}
	}
	return min(columns, mostColumns), styles
}

// digestJSON is a digest in JSON: see docs/json.md.
type digestJSON struct {
	Channel string      `json:"channel"` // empty: of all sources
	From    time.Time   `json:"from"`
	To      time.Time   `json:"to"`
	Events  []eventJSON `json:"events"`
}

type eventJSON struct {
	Story   string    `json:"story"`
	Title   titleJSON `json:"title"`
	Outlets []string  `json:"outlets"`
	Reports int       `json:"reports"`
	Stories []string  `json:"stories"`
	URL     string    `json:"url"`
}

type titleJSON struct {
	English string `json:"en,omitempty"`
	Arabic  string `json:"ar,omitempty"`
}

func newDigestJSON(b feeds.Bulletin) digestJSON {
	d := digestJSON{Channel: b.Channel, From: b.From.UTC(), To: b.To.UTC(), Events: []eventJSON{}}
	for _, c := range b.Events {
		head := c.Told[0]
		e := eventJSON{Story: head.ID, Outlets: c.Outlets, Reports: c.Reports, Stories: c.Stories,
			Title: titleJSON{head.Translation.Title, head.Title}, URL: head.Items[0].URL}
		if head.Lang == "en" {
			e.Title = titleJSON{English: head.Title}
		}
		d.Events = append(d.Events, e)
	}
	return d
}

// oneOf lists words: "a, b or c".
func oneOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
