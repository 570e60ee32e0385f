package publish

import (
	"context"
	"fmt"
	"slices"

	"github.com/nashra/nashra/aggregator/digest"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

// Events answers q, without what readers may not see: see site.Reader. Their headlines are stories of
// the channel; what is linked with them counts too.
func (c *Catalog) Events(ctx context.Context, q feeds.EventQuery, of ...feeds.Channel) ([]feeds.Event, error) {
	told, err := c.Store.Told(ctx, q.From, q.To)
	if err != nil {
		return nil, fmt.Errorf("read stories: %w", err)
	}
	told = slices.DeleteFunc(told, func(t feeds.Told) bool { return c.unseen(t.State, t.Source, t.Lang) })
	where, _, err := c.site(ctx)
	if err != nil {
		return nil, err
	}
	var heads []func(feeds.Told) bool
	if len(of) == 0 {
		of = []feeds.Channel{q.Channel}
	}
	for _, ch := range of {
		shows, err := c.heads(ctx, ch, told)
		if err != nil {
			return nil, err
		}
		heads = append(heads, shows)
	}
	return digest.Rank(told, q, where.Publishers(), func(t feeds.Told) bool {
		return slices.ContainsFunc(heads, func(shows func(feeds.Told) bool) bool { return shows(t) })
	}), nil
}

// front returns the events that the index leads with, above stories that channels show, and these
// events' stories, which may be beyond the limits of channels.
func (c *Catalog) front(ctx context.Context, shown []feeds.Listed) (lead []feeds.Event, told []feeds.Listed,
	err error) {
	if len(shown) == 0 {
		return nil, nil, nil
	}
	if lead, err = c.Events(ctx, site.FrontQuery(shown[0].Published), c.Channels...); err != nil {
		return nil, nil, err
	}
	var ids []string
	for _, ev := range lead {
		ids = append(ids, ev.Stories...)
	}
	if len(ids) == 0 {
		return nil, nil, nil
	}
	if told, err = c.Store.List(ctx, feeds.Query{IDs: ids, Limit: len(ids)}); err != nil {
		return nil, nil, fmt.Errorf("list stories of events: %w", err)
	}
	return lead, told, nil
}

// heads returns whether ch shows a story of told. Only filters by words read texts.
func (c *Catalog) heads(ctx context.Context, ch feeds.Channel, told []feeds.Told) (func(feeds.Told) bool, error) {
	from, ok := c.members(ch)
	allows, err := c.filter(ch, from)
	if err != nil || !ok {
		return func(feeds.Told) bool { return false }, err
	}
	member := func(a feeds.Appearance) bool { return from == nil || slices.Contains(from, a.Polled()) }
	of := func(t feeds.Told) bool { return slices.ContainsFunc(t.Items, member) }
	if len(ch.Include)+len(ch.Exclude) == 0 {
		return of, nil
	}
	var list []feeds.Listed
	for _, t := range told {
		if of(t) {
			list = append(list, t.Listed)
		}
	}
	shown := map[string]bool{}
	err = c.each(ctx, list, func(s feeds.Story) error {
		shown[s.ID] = allows(s)
		return nil
	})
	return func(t feeds.Told) bool { return shown[t.ID] }, err
}
