package publish

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

// day is the stories of one day that have pages.
type day struct {
	all []feeds.Listed
	// on the day's page: those shown or, if there are none, those whose pages are kept
	page []feeds.Listed
}

// plan lists the files to publish, without reading texts. It returns the sources' states.
func (r *run) plan(ctx context.Context) (states map[string]polite.State, err error) {
	if r.where, states, err = r.site(ctx); err != nil {
		return nil, err
	}
	for _, ch := range r.Channels {
		list, err := r.list(ctx, ch, r.old)
		if err != nil {
			return nil, err
		}
		r.lists, r.next = append(r.lists, list), polite.Sooner(r.next, list.next)
		r.shown = append(r.shown, list.shown...)
	}
	r.shown = feeds.NewestFirst(r.shown)
	r.newest = r.shown[:min(len(r.shown), site.IndexStories)]
	since := r.kept()
	ids := slices.Sorted(maps.Keys(since))
	kept, err := r.Store.List(ctx, feeds.Query{IDs: ids, Limit: len(ids)})
	if err != nil {
		return nil, fmt.Errorf("list stories with pages: %w", err)
	}
	for _, l := range feeds.NewestFirst(slices.Concat(r.shown, kept)) {
		if at := site.Day(l.Published); len(r.days) == 0 || !r.dates[len(r.days)-1].Equal(at) {
			r.dates, r.days = append(r.dates, at), append(r.days, day{})
		}
		d := &r.days[len(r.days)-1]
		d.all = append(d.all, l)
		if since[l.ID].IsZero() {
			d.page = append(d.page, l)
		}
	}
	r.want(since)
	return states, nil
}

// kept returns the stories whose pages stay although they are no longer shown, and since when.
func (r *run) kept() map[string]time.Time {
	since := map[string]time.Time{}
	for name, o := range r.old {
		at := o.Kept
		if at.IsZero() || at.After(r.at) {
			at = r.at
		}
		if id := storyOf(name); id != "" && o.Sum != [32]byte{} && r.at.Before(at.Add(r.Keep)) {
			since[id] = at
		}
	}
	for _, l := range r.shown {
		delete(since, l.ID)
	}
	return since
}

// want lists the files to publish. since tells of kept stories since when they are kept.
func (r *run) want(since map[string]time.Time) {
	file := func(name string, kept time.Time, made [32]byte) {
		o := r.intact[name]
		if o.Made != made {
			o = Output{Made: made}
		}
		o.Kept = kept
		r.files[name] = &o
	}
	never := time.Time{}
	for i, ch := range r.Channels {
		made := r.made(r.lists[i].shown, ch.ID)
		for _, name := range feedPaths(ch) {
			file(name, never, made)
		}
	}
	var titles []any
	for _, id := range slices.Sorted(maps.Keys(r.where.Sources)) {
		titles = append(titles, id, r.where.Sources[id].Title, r.where.Sources[id].Site)
	}
	file(site.SourcesPath, never, r.made(nil, titles))
	for name := range site.Pictures() {
		file(name, never, r.made(nil))
	}
	file(site.IndexPath, never, r.made(r.newest, r.dates))
	for i := range r.days {
		d := &r.days[i]
		if len(d.page) == 0 {
			d.page = d.all[:min(len(d.all), site.DayStories)]
		}
		file(feeds.DayPath(r.dates[i]), never, r.made(d.page, r.dates))
		for j, l := range d.all {
			file(feeds.StoryPath(l.ID), since[l.ID], r.made(d.all[j:j+1]))
		}
	}
}
