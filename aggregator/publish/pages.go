package publish

import (
	"context"
	"errors"
	"io"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

// write makes the files that are lacking. Those made from the same as before stay as they are.
func (r *run) write(ctx context.Context) error {
	for name, made := range r.files {
		if o, ok := r.intact[name]; ok && o.Made == made {
			o.Kept = r.since[storyOf(name)]
			r.now[name] = o
		}
	}
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	r.group = group
	err := r.pages(within)
	if werr := group.Wait(); werr != nil { // the cause, if pages was cancelled
		err = werr
	}
	for i, ch := range r.Channels {
		if err == nil && slices.ContainsFunc(feedPaths(ch), r.lacks) {
			err = r.feeds(ctx, ch, r.lists[i])
		}
	}
	for dir := range r.folders { // also after an error: what was renamed must be durable
		err = errors.Join(err, syncDir(r.root, dir))
	}
	slices.Sort(r.written)
	return err
}

// pages makes the pages, day by day, and reads only the stories that they show.
func (r *run) pages(ctx context.Context) error {
	book := site.NewBook(r.where, r.Channels, r.dates())
	if r.lacks(site.SourcesPath) {
		r.put(site.SourcesPath, Output{}, book.Sources)
	}
	for name, picture := range site.Pictures() {
		if r.lacks(name) {
			r.put(name, Output{}, func(w io.Writer) error { _, err := w.Write(picture); return err })
		}
	}
	allowed, err := r.allowed()
	if err != nil {
		return err
	}
	index := shownOn(r.newest(), r.lacks(site.IndexPath))
	var newest []site.Entry
	for _, d := range r.days {
		name := feeds.DayPath(d.at)
		page := shownOn(d.page, r.lacks(name))
		needed := slices.DeleteFunc(slices.Clone(d.all), func(l feeds.Listed) bool {
			return !page[l.ID] && !index[l.ID] && !r.lacks(feeds.StoryPath(l.ID))
		})
		var entries []site.Entry
		err := r.each(ctx, needed, func(s feeds.Story) error {
			if r.keeps(s.ID) && !allowed(s) {
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
			if own := feeds.StoryPath(s.ID); r.lacks(own) {
				o := Output{Kept: r.since[s.ID]}
				o.Waiting = s.Translation.State == feeds.Waiting || s.Translation.State == feeds.Partial
				r.put(own, o, func(w io.Writer) error { return book.Story(w, s, e) })
			}
			return nil
		})
		if err != nil {
			return err
		}
		if r.lacks(name) {
			r.put(name, Output{}, func(w io.Writer) error { return book.Day(w, d.at, entries) })
		}
	}
	if r.lacks(site.IndexPath) {
		r.put(site.IndexPath, Output{}, func(w io.Writer) error { return book.Index(w, newest) })
	}
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
