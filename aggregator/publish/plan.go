package publish

import (
	"context"
	"fmt"
	"maps"
	"path"
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
	for i, ch := range r.withTags() {
		list, err := r.list(ctx, ch, r.old)
		if err != nil {
			return nil, err
		}
		r.lists, r.next = append(r.lists, list), polite.Sooner(r.next, list.next)
		if i < len(r.Channels) && ch.Digest.On() {
			r.inDigests = append(r.inDigests, list.shown...)
		}
	}
	if r.shown = r.current(r.lists); len(r.shown) == 0 {
		r.shown, r.inDigests = feeds.NewestFirst(r.inDigests), nil
	}
	if err := r.frontPage(ctx); err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for _, l := range r.shown {
		listed[l.ID] = true
	}
	r.since = r.kept()
	ids := slices.Sorted(maps.Keys(r.since))
	kept, err := r.Store.List(ctx, feeds.Query{IDs: ids, Limit: len(ids)})
	if err != nil {
		return nil, fmt.Errorf("list stories with pages: %w", err)
	}
	for _, l := range feeds.NewestFirst(slices.Concat(r.shown, r.inDigests, kept)) {
		if at := site.Day(l.Published); len(r.days) == 0 || !r.dates[len(r.days)-1].Equal(at) {
			r.dates, r.days = append(r.dates, at), append(r.days, day{})
		}
		d := &r.days[len(r.days)-1]
		d.all = append(d.all, l)
		if listed[l.ID] {
			d.page = append(d.page, l)
		}
	}
	for i := range r.days {
		if d := &r.days[i]; len(d.page) == 0 {
			d.page = d.all[:min(len(d.all), site.DayStories)]
		}
	}
	if r.asides, err = r.readAsides(ctx, r.withPages()); err != nil {
		return nil, err
	}
	r.want()
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
	for _, l := range slices.Concat(r.shown, r.inDigests) {
		delete(since, l.ID)
	}
	return since
}

// forbidden reports whether the page of s is only kept, and no channel allows s any more.
func (r *run) forbidden(s feeds.Story) bool {
	return !r.since[s.ID].IsZero() && !slices.ContainsFunc(r.lists, func(c choice) bool { return c.allows(s) })
}

// want lists the files to publish.
func (r *run) want() {
	file := func(name string, kept time.Time, made [32]byte) {
		o := r.intact[name]
		if o.Made != made {
			o = Output{Made: made}
		}
		o.Kept = kept
		r.files[name] = &o
	}
	never := time.Time{}
	for i, ch := range r.withTags() {
		for _, e := range feeds.Editions {
			made := r.made(r.lists[i].in(e), ch.ID, r.lists[i].periods())
			for _, name := range feedPaths(ch, e) {
				file(name, never, made)
			}
		}
	}
	for i, ch := range r.Channels {
		list := r.lists[i]
		for j, d := range list.digests {
			around := choice{digests: site.Around(list.digests, j)}
			file(d.Path(), never, r.made(list.of(d), ch.ID, d.At, around.periods()))
		}
	}
	titles := r.titles()
	file(site.SourcesPath, never, r.made(nil, titles))
	for _, name := range append(slices.Collect(maps.Keys(site.Pictures())), feeds.RobotsPath) {
		if !r.foreign(name) {
			file(name, never, r.made(nil))
		}
	}
	r.wantStories(file)
	r.planLists()
	for _, l := range r.leaves {
		for _, e := range feeds.Editions {
			file(feeds.PagePath(e, l.path), never, l.made)
		}
	}
	if r.where.Sitemapped() {
		file(feeds.SitemapPath, never, r.made(r.withPages(), r.listPages()))
	}
}

// foreign reports whether somebody else put a file where one of ours would be, as operators do with
// robots.txt and favicon.ico.
func (r *run) foreign(name string) bool {
	_, listed := r.old[name]
	_, err := r.root.Lstat(name)
	return err == nil && !listed
}

// listPages returns the pages among the files that are not those of stories, sorted.
func (r *run) listPages() (names []string) {
	for name := range r.files {
		if path.Ext(name) == ".html" && storyOf(name) == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// withPages lists the stories that have pages, newest first.
func (r *run) withPages() (list []feeds.Listed) {
	for _, d := range r.days {
		list = append(list, d.all...)
	}
	return list
}

// titles is what lists of sources show of each.
func (r *run) titles() (out []any) {
	for _, id := range slices.Sorted(maps.Keys(r.where.Sources)) {
		out = append(out, id, r.where.Sources[id].Title, r.where.Sources[id].Site)
	}
	return out
}

// withTags returns the channels that have files: those of the config, then those of tags.
func (r *run) withTags() []feeds.Channel { return slices.Concat(r.Channels, r.Tags) }
