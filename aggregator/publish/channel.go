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
	// page size if a channel's filter drops stories
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
	shown []feeds.Story
	// held back until they are translated; they do not count against the channel's limit
	held []feeds.Story
	next time.Time // when the first of held is to be shown anyway; zero: none
}

// stories returns what ch shows and holds back, up to its limit each. published is the list of
// published files.
func (c *Catalog) stories(ctx context.Context, ch feeds.Channel, published map[string][32]byte) (out choice,
	err error) {
	keep, err := filter(ch)
	if err != nil {
		return out, err
	}
	from, ok := c.members(ch)
	if !ok {
		return out, nil
	}
	q, most := feeds.Query{Sources: from, Limit: ch.Limit}, limitsPerHold*ch.Limit
	if len(ch.Include)+len(ch.Exclude) > 0 {
		q.Limit, most = storiesPerRead, storiesPerFilter
	}
	old := func(s feeds.Story) bool { return ch.Window > 0 && s.Published.Before(c.Now().Add(-ch.Window)) }
	for read := 0; len(out.shown) < ch.Limit; {
		if read >= most { // read on only stories that are published: these are never withdrawn
			if q.IDs = storyIDs(published); len(q.IDs) == 0 {
				break
			}
		}
		page, err := c.Store.Stories(ctx, q)
		if err != nil {
			return out, fmt.Errorf("read stories of channel %s: %w", ch.ID, err)
		}
		for _, s := range page {
			list := &out.shown
			until, held := c.heldBack(ch, s, published)
			if held {
				list = &out.held
			}
			if len(*list) >= ch.Limit || len(*list) >= newestKept && old(s) || !keep(s) {
				continue
			}
			*list = append(*list, s)
			if held {
				out.next = polite.Sooner(out.next, until)
			}
		}
		if len(page) < q.Limit || len(out.shown) >= newestKept && old(page[len(page)-1]) {
			break
		}
		read += len(page)
		last := page[len(page)-1]
		q.Before = feeds.Cursor{Published: last.Published, ID: last.ID}
	}
	return out, nil
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
