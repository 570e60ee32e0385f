package publish

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

// leaf is a list page, in all editions.
type leaf struct {
	path    string
	made    [32]byte
	stories []feeds.Listed // whose entries it shows
	write   writeLeaf
}

// writeLeaf writes a list page in an edition.
type writeLeaf func(b *site.Book, w io.Writer, e feeds.Edition, of entries) error

// addLeaf plans a list page that shows stories. what else it is made from decides whether it is made again.
type addLeaf func(path string, stories []feeds.Listed, what any, write writeLeaf)

// entries are entries by the ids of their stories.
type entries map[string]site.Entry

// in returns the entries of a list. It leaves out stories that are gone.
func (x entries) in(list []feeds.Listed) (out []site.Entry) {
	for _, l := range list {
		if e, ok := x[l.ID]; ok {
			out = append(out, e)
		}
	}
	return out
}

// frontPage finds what the index shows: the newest stories, and the events that most outlets told
// until the newest. The events' stories are shown too.
func (r *run) frontPage(ctx context.Context) (err error) {
	r.newest = r.shown[:min(len(r.shown), site.IndexStories)]
	r.covered, r.told, err = r.front(ctx, r.shown)
	r.shown = feeds.NewestFirst(append(r.shown[:len(r.shown):len(r.shown)], r.told...))
	return err
}

// planLists plans the list pages. A source has one while the channels show a story that it told first:
// that costs no query, and no file for the many sources of a fleet that have none.
func (r *run) planLists() {
	add := func(path string, stories []feeds.Listed, what any, write writeLeaf) {
		r.leaves = append(r.leaves, leaf{path, r.made(stories, what), stories, write})
	}
	add(site.IndexPath, append(r.newest[:len(r.newest):len(r.newest)], r.told...), r.covered, r.index)
	var listings []site.Listing
	for i, d := range r.days {
		var around [2]time.Time
		if i+1 < len(r.dates) {
			around[0] = r.dates[i+1]
		}
		if i > 0 {
			around[1] = r.dates[i-1]
		}
		listings = append(listings, site.Listing{Newest: r.dates[i], Stories: len(d.page)})
		write := func(b *site.Book, w io.Writer, e feeds.Edition, of entries) error {
			return b.Day(w, e, r.dates[i], around, of.in(d.page))
		}
		add(feeds.DayPath(r.dates[i]), d.page, around, write)
	}
	add(site.DaysPath, nil, listings, func(b *site.Book, w io.Writer, e feeds.Edition, _ entries) error {
		return b.Days(w, e, listings)
	})
	r.channelPages(add)
	r.sourcePages(add)
}

// index writes the index.
func (r *run) index(b *site.Book, w io.Writer, e feeds.Edition, of entries) error {
	var events []site.Event
	for _, ev := range r.covered {
		shown := site.Event{Event: ev}
		for _, id := range ev.Stories {
			if x, ok := of[id]; ok {
				shown.Entries = append(shown.Entries, x)
			}
		}
		if len(shown.Entries) > 0 {
			events = append(events, shown)
		}
	}
	return b.Index(w, e, events, of.in(r.newest))
}

// channelPages plans the pages of channels and tags, and the list of tags.
func (r *run) channelPages(add addLeaf) {
	var tags []site.Listing
	for i, list := range r.lists {
		newest := func(e feeds.Edition) []feeds.Listed { return list.in(e)[:min(len(list.in(e)), site.ListStories)] }
		stories := feeds.NewestFirst(slices.Concat(newest(feeds.Bilingual), newest(feeds.English)))
		ch := r.withTags()[i]
		if ch.Digest.On() {
			write := func(b *site.Book, w io.Writer, e feeds.Edition, _ entries) error {
				return b.DigestList(w, e, ch, list.digests)
			}
			add(site.ListPath(ch.ID), nil, list.periods(), write)
			continue
		}
		if i >= len(r.Channels) {
			tags = append(tags, site.TagListing(ch, list.shown))
		}
		add(site.ListPath(ch.ID), stories, nil, func(b *site.Book, w io.Writer, e feeds.Edition, of entries) error {
			return b.Channel(w, e, ch, of.in(newest(e)))
		})
	}
	if len(tags) == 0 {
		return
	}
	add(site.TagsPath, nil, tags, func(b *site.Book, w io.Writer, e feeds.Edition, _ entries) error {
		return b.Tags(w, e, tags)
	})
}

// sourcePages plans the pages of sources, and their list.
func (r *run) sourcePages(add addLeaf) {
	by := map[string][]feeds.Listed{}
	for _, l := range r.shown {
		if len(by[l.Source]) < site.ListStories {
			by[l.Source] = append(by[l.Source], l)
		}
	}
	listings := site.SourceListings(r.shown)
	for _, s := range listings {
		src := r.where.Sources[s.ID]
		add(site.ListPath("sources/"+s.ID), by[s.ID], []any{src.Title, src.Site}, func(b *site.Book, w io.Writer,
			e feeds.Edition, of entries) error {
			return b.Source(w, e, s.ID, of.in(by[s.ID]))
		})
	}
	what := []any{listings, r.titles()}
	add(site.SourceListPath, nil, what, func(b *site.Book, w io.Writer, e feeds.Edition, _ entries) error {
		return b.SourceList(w, e, listings)
	})
}
