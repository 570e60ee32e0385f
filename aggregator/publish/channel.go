package publish

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/rules"
	"github.com/nashra/nashra/feeds/sanitize"
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
	// what the English edition shows, in the order of feeds.LatestFirst, and holds back
	english, untold []feeds.Listed
	next            time.Time // when the first of held is to be shown anyway; zero: none
	// whether the channel allows a story
	allows  func(feeds.Story) bool
	digests []feeds.Digest // of a digest channel, newest first, with the stories in shown and held
}

// in returns what an edition shows, in its order.
func (c choice) in(e feeds.Edition) []feeds.Listed {
	if e == feeds.English {
		return c.english
	}
	return c.shown
}

// list returns what ch shows and holds back, up to its limit each. published is the list of
// published files.
func (c *Catalog) list(ctx context.Context, ch feeds.Channel, published map[string]Output) (out choice, err error) {
	from, ok := c.members(ch)
	if out.allows, err = c.filter(ch, from); err != nil || !ok {
		return out, err
	}
	if ch.Digest.On() {
		out, err = c.digests(ctx, ch, out)
		out.english = out.shown
		return out, err
	}
	v := view{Catalog: c, ch: ch, from: from, published: published, allows: out.allows}
	if err = v.read(ctx); err != nil {
		return out, err
	}
	out.shown, out.held, out.next = v.shown, v.held, v.next
	v = view{Catalog: c, ch: ch, from: from, published: published, allows: out.allows, english: true}
	apart, err := v.waited(ctx)
	if out.english = out.shown; err != nil || !apart && ch.Untranslated != hold {
		return out, err
	}
	late, untold := v.shown, v.held
	v.shown, v.held = nil, nil
	err = v.read(ctx)
	out.english = v.newest(feeds.LatestFirst(append(v.shown, late...)))
	out.untold = feeds.NewestFirst(append(v.held, untold...))
	return out, err
}

// texts returns those stories of a page that are asked for, by id.
func (c *Catalog) texts(ctx context.Context, page []feeds.Listed, asks func(feeds.Listed) bool) (
	map[string]feeds.Story, error) {
	out := map[string]feeds.Story{}
	asked := slices.DeleteFunc(slices.Clone(page), func(l feeds.Listed) bool { return !asks(l) })
	return out, c.each(ctx, asked, func(s feeds.Story) error {
		out[s.ID] = s
		return nil
	})
}

// members returns the ids of ch's sources, nil meaning all, with those polled in their place. ok is
// false if no source fits.
func (c *Catalog) members(ch feeds.Channel) (ids []string, ok bool) {
	if len(ch.Tags)+len(ch.Sources) == 0 {
		return nil, true
	}
	ids = []string{}
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

// filter returns whether ch, with those members, allows a stored story, as it is republished.
func (c *Catalog) filter(ch feeds.Channel, from []string) (func(feeds.Story) bool, error) {
	allows, err := filter(ch, from)
	if err != nil || len(ch.Include)+len(ch.Exclude) == 0 {
		return allows, err
	}
	return func(s feeds.Story) bool { return allows(c.replaced(s)) }, nil
}

// filter returns whether ch, with those members, allows a story. Its title and text in both languages count.
func filter(ch feeds.Channel, from []string) (func(feeds.Story) bool, error) {
	words, err := rules.NewWords(ch.Include, ch.Exclude)
	if err != nil {
		return nil, fmt.Errorf("channel %s: %w", ch.ID, err)
	}
	member := func(m feeds.Member) bool { return from == nil || slices.Contains(from, m.SourceID) }
	return func(s feeds.Story) bool {
		if !slices.ContainsFunc(s.Items, member) {
			return false
		}
		return !words.On() || words.Why(s.Title, sanitize.TextOf(s.Main()), s.Translation.Title,
			sanitize.TextOf(s.Translation.Main())) == ""
	}, nil
}
