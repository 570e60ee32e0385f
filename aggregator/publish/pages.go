package publish

import (
	"context"
	"io"
	"slices"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
	"github.com/nashra/nashra/feeds/site"
)

// pages makes the pages, day by day, and reads only the stories that they show.
func (r *run) pages(ctx context.Context) error {
	book := site.NewBook(r.where, r.Channels, r.dates)
	r.put(site.SourcesPath, book.Sources)
	r.put(feeds.RobotsPath, book.Robots)
	r.put(feeds.SitemapPath, func(w io.Writer) error { return book.Sitemap(w, r.listPages(), r.withPages()) })
	for name, picture := range site.Pictures() {
		r.put(name, func(w io.Writer) error { _, err := w.Write(picture); return err })
	}
	index := shownOn(r.newest, r.lacks(site.IndexPath))
	var newest []site.Entry
	for i, d := range r.days {
		name := feeds.DayPath(r.dates[i])
		page := shownOn(d.page, r.lacks(name))
		needed := slices.DeleteFunc(slices.Clone(d.all), func(l feeds.Listed) bool {
			return !page[l.ID] && !index[l.ID] && !r.lacks(feeds.StoryPath(l.ID))
		})
		var entries []site.Entry
		err := r.each(ctx, needed, func(s feeds.Story) error {
			own := feeds.StoryPath(s.ID)
			allows := func(c choice) bool { return c.allows(s) }
			if !r.files[own].Kept.IsZero() && !slices.ContainsFunc(r.lists, allows) {
				return nil
			}
			s = r.prepared(s)
			e := book.Entry(s)
			if page[s.ID] {
				entries = append(entries, e)
			}
			if index[s.ID] {
				newest = append(newest, e)
			}
			r.files[own].Waiting = s.Translation.State == feeds.Waiting || s.Translation.State == feeds.Partial
			r.put(own, func(w io.Writer) error { return book.Story(w, s, e) })
			return nil
		})
		if err != nil {
			return err
		}
		r.put(name, func(w io.Writer) error { return book.Day(w, feeds.Bilingual, r.dates[i], entries) })
	}
	r.put(site.IndexPath, func(w io.Writer) error { return book.Index(w, feeds.Bilingual, newest) })
	return nil
}

// shownOn returns the ids of list if the page that shows it is to be made.
func shownOn(list []feeds.Listed, wanted bool) map[string]bool {
	ids := map[string]bool{}
	if wanted {
		for _, l := range list {
			ids[l.ID] = true
		}
	}
	return ids
}

func feedPaths(ch feeds.Channel) (names []string) {
	for _, e := range feeds.Editions {
		for _, f := range feeds.Formats {
			names = append(names, feeds.Path(ch.ID, e, f))
		}
	}
	return names
}

// feeds writes the feeds of ch, which shows the listed stories, all at once and story by story.
func (r *run) feeds(ctx context.Context, ch feeds.Channel, listed []feeds.Listed) error {
	w := render.NewWriter(r.where, ch, listed)
	var drafts []*draft
	for _, e := range feeds.Editions {
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
	err := r.Each(ctx, r.where, listed, w.Add)
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
