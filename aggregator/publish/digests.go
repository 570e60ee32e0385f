package publish

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

// digests adds to out the digests that ch shows, and the stories in them.
func (c *Catalog) digests(ctx context.Context, ch feeds.Channel, out choice) (_ choice, err error) {
	if out.digests, err = c.Store.Digests(ctx, ch.ID, ch.Limit); err != nil {
		return out, fmt.Errorf("read digests of channel %s: %w", ch.ID, err)
	}
	var ids []string
	for _, d := range out.digests {
		ids = append(ids, d.Stories()...)
	}
	list, err := c.Store.List(ctx, feeds.Query{IDs: ids, Limit: len(ids)})
	if err != nil {
		return out, fmt.Errorf("list stories of channel %s: %w", ch.ID, err)
	}
	shown := map[string]bool{}
	for _, l := range list {
		if c.unseen(l.State, l.Source, l.Lang) {
			out.held = append(out.held, l)
		} else {
			out.shown, shown[l.ID] = append(out.shown, l), true
		}
	}
	out.digests = slices.DeleteFunc(out.digests, func(d feeds.Digest) bool {
		return !slices.ContainsFunc(slices.Concat(d.Events, d.Only), func(e feeds.Event) bool {
			return slices.ContainsFunc(e.Stories, func(id string) bool { return shown[id] })
		})
	})
	return out, nil
}

// of lists the stories of d that c shows.
func (c choice) of(d feeds.Digest) (out []feeds.Listed) {
	ids := d.Stories()
	for _, l := range c.shown {
		if _, has := slices.BinarySearch(ids, l.ID); has {
			out = append(out, l)
		}
	}
	return out
}

// periods tells which digests c shows: what they wrote does not change.
func (c choice) periods() (out []any) {
	for _, d := range c.digests {
		out = append(out, d.From, d.At)
	}
	return out
}

// Bulletin returns d with its stories, prepared and without what follows their first paragraphs.
func (c *Catalog) Bulletin(ctx context.Context, where feeds.Site, d feeds.Digest) (feeds.Bulletin, error) {
	stories := map[string]feeds.Story{}
	err := c.Each(ctx, where, withIDs(d.Stories()), func(s feeds.Story) error {
		if !c.Unseen(s) {
			stories[s.ID] = opening(s)
		}
		return nil
	})
	return d.Bulletin(stories, where.Publishers()), err
}

// bulletins returns list with stories.
func (c *Catalog) bulletins(ctx context.Context, where feeds.Site, list []feeds.Digest) ([]feeds.Bulletin, error) {
	var out []feeds.Bulletin
	for _, d := range list {
		b, err := c.Bulletin(ctx, where, d)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// Digests returns what a digest channel shows now, newest first: see site.Reader.
func (c *Catalog) Digests(ctx context.Context, ch feeds.Channel) (where feeds.Site, out []feeds.Bulletin, err error) {
	if where, _, err = c.site(ctx); err != nil {
		return where, nil, err
	}
	list, err := c.list(ctx, ch, nil)
	if err != nil {
		return where, nil, err
	}
	out, err = c.bulletins(ctx, where, list.digests)
	return where, out, err
}

// digestPages makes the pages of digests.
func (r *run) digestPages(ctx context.Context, book *site.Book) error {
	for i, ch := range r.Channels {
		list := r.lists[i].digests
		for j, d := range list {
			if !r.lacks(d.Path()) {
				continue
			}
			b, err := r.Bulletin(ctx, r.where, d)
			if err != nil {
				return err
			}
			if len(b.Events)+len(b.Only) > 0 { // they may have been hidden since
				r.put(d.Path(), func(w io.Writer) error { return book.Digest(w, ch, b, site.Around(list, j)) })
			}
		}
	}
	return nil
}
