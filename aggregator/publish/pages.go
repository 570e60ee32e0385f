package publish

import (
	"context"
	"io"
	"maps"
	"slices"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
	"github.com/nashra/nashra/feeds/site"
)

// pages makes the pages, and reads only the stories that they show, once.
func (r *run) pages(ctx context.Context) error {
	book := site.NewBook(r.where, r.Channels, r.Tags, r.paged)
	r.put(site.SourcesPath, book.Sources)
	r.put(feeds.RobotsPath, book.Robots)
	r.put(feeds.SitemapPath, func(w io.Writer) error { return book.Sitemap(w, r.listPages(), r.withPages()) })
	for name, picture := range site.Pictures() {
		r.put(name, func(w io.Writer) error { _, err := w.Write(picture); return err })
	}
	var listed []feeds.Listed // stories of list pages that are to be made
	for _, l := range r.leaves {
		lacks := func(e feeds.Edition) bool { return r.lacks(feeds.PagePath(e, l.path)) }
		if slices.ContainsFunc(feeds.Editions, lacks) {
			listed = append(listed, l.stories...)
		}
	}
	if err := r.stories(ctx, book); err != nil {
		return err
	}
	of := entries{}
	err := r.each(ctx, feeds.NewestFirst(listed), func(s feeds.Story) error {
		if !r.forbidden(s) {
			of[s.ID] = book.Entry(r.prepared(s))
		}
		return nil
	})
	if err != nil {
		return err
	}
	told := r.inEnglish(of)
	for _, l := range r.leaves {
		for _, e := range feeds.Editions {
			shown := of
			if e == feeds.English {
				shown = told
			}
			r.put(feeds.PagePath(e, l.path), func(w io.Writer) error { return l.write(book, w, e, shown) })
		}
	}
	return r.digestPages(ctx, book)
}

// inEnglish returns those of entries that English pages show: not what no channel's English edition shows.
func (r *run) inEnglish(of entries) entries {
	out := maps.Clone(of)
	for _, list := range r.lists {
		for _, l := range list.untold {
			delete(out, l.ID)
		}
	}
	for _, list := range r.lists {
		for _, l := range list.english {
			if e, ok := of[l.ID]; ok {
				out[l.ID] = e
			}
		}
	}
	return out
}

// feedPaths returns the files of editions of ch.
func feedPaths(ch feeds.Channel, editions ...feeds.Edition) (names []string) {
	for _, e := range editions {
		for _, f := range feeds.Formats {
			names = append(names, feeds.Path(ch.ID, e, f))
		}
	}
	return names
}

// channel writes the feeds of ch that lack: together those that show the same.
func (r *run) channel(ctx context.Context, ch feeds.Channel, list choice) error {
	groups := [][]feeds.Edition{feeds.Editions}
	if !slices.Equal(list.shown, list.english) {
		groups = [][]feeds.Edition{{feeds.Bilingual, feeds.Arabic}, {feeds.English}}
	}
	for _, editions := range groups {
		if slices.ContainsFunc(feedPaths(ch, editions...), r.lacks) {
			if err := r.feeds(ctx, ch, list, editions); err != nil {
				return err
			}
		}
	}
	return nil
}

// feeds writes editions of ch, which show the same of a list, all at once and entry by entry.
func (r *run) feeds(ctx context.Context, ch feeds.Channel, list choice, editions []feeds.Edition) error {
	listed := list.in(editions[0])
	digests, err := r.bulletins(ctx, r.where, list.digests)
	if err != nil {
		return err
	}
	if ch.Digest.On() {
		listed = render.Digests(digests)
	}
	w := render.NewWriter(r.where, ch, listed)
	var drafts []*draft
	for _, e := range editions {
		for _, f := range feeds.Formats {
			d, err := r.draft(feeds.Path(ch.ID, e, f))
			if err != nil {
				return err
			}
			defer d.drop()
			if err := w.Begin(d, e, f); err != nil {
				return err
			}
			drafts = append(drafts, d)
		}
	}
	if ch.Digest.On() {
		err = w.AddDigests(digests)
	} else {
		err = r.Each(ctx, r.where, listed, w.Add)
	}
	if err == nil {
		err = w.Close()
	}
	for _, d := range drafts {
		if err == nil {
			err = d.finish()
		}
	}
	return err
}
