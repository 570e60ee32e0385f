package publish

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

const (
	// page size of lists
	storiesPerRead = 200
	// the most stories that a filter looks at: a word that never occurs must not read the whole
	// store
	storiesPerFilter = 10_000
	// without a filter, the most stories read as a multiple of the limit, as stories may be held
	// back
	limitsPerHold = 10
	// the fewest stories that a channel's window keeps
	newestKept = 20
)

// choice is a channel's part of the stored stories, newest first.
type choice struct {
	shown []feeds.Listed
	// held back until they are translated; they do not count against the channel's limit
	held []feeds.Listed
	next time.Time // when the first of held is to be shown anyway; zero: none
	old  time.Time // when the last of shown leaves the channel's window; zero: never
}

// list returns what ch shows and holds back, up to its limit each. published is the list of
// published files.
func (c *Catalog) list(ctx context.Context, ch feeds.Channel, published map[string]Output) (out choice, err error) {
	keep, err := filter(ch)
	if err != nil {
		return out, err
	}
	from, ok := c.members(ch)
	if !ok {
		return out, nil
	}
	q, most := feeds.Query{Sources: from, Limit: min(ch.Limit, storiesPerRead)}, limitsPerHold*ch.Limit
	if filtered(ch) {
		q.Limit, most = storiesPerRead, storiesPerFilter
	}
	old := func(l feeds.Listed) bool { return ch.Window > 0 && l.Published.Before(c.Now().Add(-ch.Window)) }
	for read := 0; len(out.shown) < ch.Limit; {
		if read >= most { // read on only stories that are published: these are never withdrawn
			if q.IDs = newestIDs(published); len(q.IDs) == 0 {
				break
			}
		}
		page, err := c.Store.List(ctx, q)
		if err != nil {
			return out, fmt.Errorf("read stories of channel %s: %w", ch.ID, err)
		}
		fates, err := c.fates(ctx, ch, page, keep, published)
		if err != nil {
			return out, err
		}
		for _, l := range page {
			list, f := &out.shown, fates[l.ID]
			if f.held {
				list = &out.held
			}
			if f.dropped || len(*list) >= ch.Limit || len(*list) >= newestKept && old(l) {
				continue
			}
			*list = append(*list, l)
			out.next = polite.Sooner(out.next, f.until)
		}
		if len(page) < q.Limit || len(out.shown) >= newestKept && old(page[len(page)-1]) {
			break
		}
		read += len(page)
		last := page[len(page)-1]
		q.Before = feeds.Cursor{Published: last.Published, ID: last.ID}
	}
	if n := len(out.shown); ch.Window > 0 && n > newestKept {
		out.old = out.shown[n-1].Published.Add(ch.Window)
	}
	return out, nil
}

// fate is what becomes of a story in a channel; zero: it is shown.
type fate struct {
	dropped bool      // by the channel's filter
	held    bool      // back until it is translated
	until   time.Time // held until then at most; zero: no limit
}

// fates returns the fates of the stories of a page, by id, without those that are shown. It reads
// only texts that decide.
func (c *Catalog) fates(ctx context.Context, ch feeds.Channel, page []feeds.Listed, keep func(feeds.Story) bool,
	published map[string]Output) (map[string]fate, error) {
	out, waits := map[string]fate{}, map[string]bool{}
	var asked []feeds.Listed
	for _, l := range page {
		waits[l.ID] = c.mayWait(ch, l, published)
		unseen := c.unseen(l.State, l.Source, l.Lang)
		if asks := filtered(ch) || waits[l.ID]; asks || unseen {
			out[l.ID] = fate{dropped: asks, held: unseen} // dropped if it is gone when it is read
			if asks {
				asked = append(asked, l)
			}
		}
	}
	return out, c.each(ctx, asked, func(s feeds.Story) error {
		f := out[s.ID]
		f.dropped = !keep(s)
		if waits[s.ID] && !f.held {
			f.until = c.waits(ch, s)
			f.held = !f.until.IsZero()
		}
		out[s.ID] = f
		return nil
	})
}

// members returns the ids of ch's sources, none meaning all, with those polled in their place. ok is
// false if no source fits.
func (c *Catalog) members(ch feeds.Channel) (ids []string, ok bool) {
	if len(ch.Tags)+len(ch.Sources) == 0 {
		return nil, true
	}
	for _, s := range c.Sources {
		tagged := slices.ContainsFunc(s.Tags, func(t string) bool { return slices.Contains(ch.Tags, t) })
		if tagged || slices.Contains(ch.Sources, s.ID) {
			ids = append(ids, s.ID)
			if polled := c.Twins[s.ID]; polled != "" {
				ids = append(ids, polled)
			}
		}
	}
	return ids, len(ids) > 0
}

// allowed returns whether the sources and the filter of any channel allow a story.
func (c *Catalog) allowed() (func(feeds.Story) bool, error) {
	var allow []func(feeds.Story) bool
	for _, ch := range c.Channels {
		keep, err := filter(ch)
		if err != nil {
			return nil, err
		}
		from, ok := c.members(ch)
		allow = append(allow, func(s feeds.Story) bool {
			member := func(m feeds.Member) bool { return from == nil || slices.Contains(from, m.SourceID) }
			return ok && slices.ContainsFunc(s.Items, member) && keep(s)
		})
	}
	return func(s feeds.Story) bool {
		return slices.ContainsFunc(allow, func(allows func(feeds.Story) bool) bool { return allows(s) })
	}, nil
}

func filtered(ch feeds.Channel) bool { return len(ch.Include)+len(ch.Exclude) > 0 }

// filter compiles ch's include and exclude.
func filter(ch feeds.Channel) (func(feeds.Story) bool, error) {
	include, err := patterns(ch.Include)
	if err != nil {
		return nil, fmt.Errorf("channel %s: include: %w", ch.ID, err)
	}
	exclude, err := patterns(ch.Exclude)
	if err != nil {
		return nil, fmt.Errorf("channel %s: exclude: %w", ch.ID, err)
	}
	return func(s feeds.Story) bool {
		if len(include)+len(exclude) == 0 {
			return true
		}
		text := strings.Join([]string{s.Title, s.Main(), s.Translation.Title, s.Translation.Main()}, "\n")
		folded := " " + arabic.Fold(text) + " "
		hit := func(m matcher) bool { return m(text, folded) }
		return (len(include) == 0 || slices.ContainsFunc(include, hit)) && !slices.ContainsFunc(exclude, hit)
	}, nil
}

type matcher func(text, folded string) bool

// patterns compiles words, which match folded and whole except for Arabic prefixes, and /regular
// expressions/, which ignore case.
func patterns(list []string) (out []matcher, err error) {
	for _, p := range list {
		if len(p) > 1 && p[0] == '/' && p[len(p)-1] == '/' {
			re, err := regexp.Compile("(?i)" + p[1:len(p)-1])
			if err != nil {
				return nil, err
			}
			out = append(out, func(text, _ string) bool { return re.MatchString(text) })
			continue
		}
		words := arabic.Fold(p)
		out = append(out, func(_, folded string) bool {
			for _, bound := range arabic.Bound() {
				if strings.Contains(folded, " "+bound+words+" ") {
					return true
				}
			}
			return false
		})
	}
	return out, nil
}
