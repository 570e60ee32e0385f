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

// plan is what is to be published.
type plan struct {
	where  feeds.Site
	silent map[string]bool      // ids of sources never heard in this store
	lists  [][]feeds.Listed     // by channel
	shown  []feeds.Listed       // by any channel, newest first
	since  map[string]time.Time // by story whose page is kept: since when it is no longer shown
	days   []day                // newest first
	files  map[string][32]byte  // hash of what each is made from
	next   time.Time            // see Report.Next
	until  time.Time            // when a window alone changes what is shown; zero: never
}

// day is the stories of one day that have pages.
type day struct {
	at  time.Time
	all []feeds.Listed
	// on the day's page: those shown or, if there are none, those whose pages are kept
	page []feeds.Listed
}

// plan lists what is to be published after the files in old, without reading texts.
func (p *Publisher) plan(ctx context.Context, at time.Time, old map[string]Output) (pl plan, err error) {
	states, err := p.states(ctx)
	if err != nil {
		return pl, err
	}
	pl.where, pl.silent = p.siteOf(states), p.silent(states)
	for _, ch := range p.Channels {
		list, err := p.list(ctx, ch, old)
		if err != nil {
			return pl, err
		}
		pl.next, pl.until = polite.Sooner(pl.next, list.next), polite.Sooner(pl.until, list.old)
		pl.lists = append(pl.lists, list.shown)
	}
	pl.shown = feeds.NewestFirst(slices.Concat(pl.lists...))
	kept, err := p.kept(ctx, at, old, &pl)
	if err != nil {
		return pl, err
	}
	pl.group(kept)
	p.hash(&pl)
	return pl, nil
}

// kept returns the stories whose pages stay although they are no longer shown.
func (p *Publisher) kept(ctx context.Context, at time.Time, old map[string]Output, pl *plan) ([]feeds.Listed, error) {
	shown := map[string]bool{}
	for _, l := range pl.shown {
		shown[l.ID] = true
	}
	pl.since = map[string]time.Time{}
	for name, o := range old {
		id := storyOf(name)
		if id == "" || shown[id] || o.Sum == [32]byte{} {
			continue
		}
		since := o.Kept
		if since.IsZero() || since.After(at) {
			since = at
		}
		if at.Before(since.Add(p.Keep)) {
			pl.since[id] = since
		}
	}
	ids := slices.Sorted(maps.Keys(pl.since))
	list, err := p.Store.List(ctx, feeds.Query{IDs: ids, Limit: len(ids)})
	if err != nil {
		return nil, fmt.Errorf("list stories with pages: %w", err)
	}
	return list, nil
}

// group fills pl.days.
func (pl *plan) group(kept []feeds.Listed) {
	for _, l := range feeds.NewestFirst(slices.Concat(pl.shown, kept)) {
		if d := site.Day(l.Published); len(pl.days) == 0 || !pl.days[len(pl.days)-1].at.Equal(d) {
			pl.days = append(pl.days, day{at: d})
		}
		last := &pl.days[len(pl.days)-1]
		last.all = append(last.all, l)
	}
	for i, d := range pl.days {
		pl.days[i].page = slices.DeleteFunc(slices.Clone(d.all), func(l feeds.Listed) bool { return pl.keeps(l.ID) })
		if len(pl.days[i].page) == 0 {
			pl.days[i].page = d.all[:min(len(d.all), site.DayStories)]
		}
	}
}

func (pl *plan) keeps(id string) bool { return !pl.since[id].IsZero() }

// newest returns the stories on the index.
func (pl *plan) newest() []feeds.Listed { return pl.shown[:min(len(pl.shown), site.IndexStories)] }

func (pl *plan) dates() (days []time.Time) {
	for _, d := range pl.days {
		days = append(days, d.at)
	}
	return days
}

// mark identifies what a story shows.
type mark struct {
	id      string
	changed int64
}

func marks(list []feeds.Listed) (out []mark) {
	for _, l := range list {
		out = append(out, mark{l.ID, l.Changed})
	}
	return out
}

// hash fills pl.files.
func (p *Publisher) hash(pl *plan) {
	var titles []string
	for _, id := range slices.Sorted(maps.Keys(pl.where.Sources)) {
		titles = append(titles, id, pl.where.Sources[id].Title, pl.where.Sources[id].Site)
	}
	days := pl.dates()
	pl.files = map[string][32]byte{
		site.SourcesPath: p.made(titles),
		site.IndexPath:   p.made(days, marks(pl.newest())),
	}
	for name := range site.Pictures() {
		pl.files[name] = p.made()
	}
	for i, ch := range p.Channels {
		sum := p.made(ch.ID, marks(pl.lists[i]))
		for _, name := range feedPaths(ch) {
			pl.files[name] = sum
		}
	}
	for _, d := range pl.days {
		pl.files[feeds.DayPath(d.at)] = p.made(days, marks(d.page))
		for _, m := range marks(d.all) {
			pl.files[feeds.StoryPath(m.id)] = p.made(m)
		}
	}
}
