// Package publish selects the stories that readers get, prepares them, and writes them to files.
package publish

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/rules"
	"github.com/nashra/nashra/feeds/site"
	"github.com/nashra/nashra/translate"
)

// Store is the part of aggregator.Store that publishing needs.
type Store interface {
	Outlets(ctx context.Context) (map[string]polite.State, error)
	Stories(ctx context.Context, q feeds.Query) ([]feeds.Story, error)
	Search(ctx context.Context, q feeds.Query) (feeds.Found, error)
	List(ctx context.Context, q feeds.Query) ([]feeds.Listed, error)
	Held(ctx context.Context, at time.Time, stories ...string) error
	Told(ctx context.Context, from, to time.Time) ([]feeds.Told, error)
	Links(ctx context.Context, ids []string) (map[string][]string, error)
	Digests(ctx context.Context, channel string, limit int) ([]feeds.Digest, error)
	Count(ctx context.Context, sources ...string) (int, error)
	Changes(ctx context.Context) (int64, error)
	Outputs(ctx context.Context) (map[string]Output, error)
	SetOutputs(ctx context.Context, at time.Time, put map[string]Output, gone []string) error
}

// Options configures a Catalog and a Publisher: see aggregator.Options.
type Options struct {
	Store      Store
	Translator *translate.Translator
	Pair       translate.Pair
	OnBudget   string
	Sources    []feeds.Source
	Channels   []feeds.Channel
	Tags       []feeds.Channel // of tags, ids tags/T
	URL, Hub   string
	Web        feeds.Web
	HubClient  *http.Client
	Dir        string
	Keep       time.Duration // see aggregator.Options
	Hold       bool
	Progress   func(done, total int) // files; nil: nobody is told
	Now        func() time.Time      // UTC, in the store's precision
	Log        *slog.Logger
}

// Catalog selects the stories that channels show, and prepares them for readers.
type Catalog struct {
	Options
	Twins map[string]string // see feeds.Twins
	byID  map[string]feeds.Source
	// of sources with replacements, by id
	replacers map[string]rules.Replacer
}

// NewCatalog returns a Catalog.
func NewCatalog(o Options) *Catalog {
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	c := &Catalog{o, feeds.Twins(o.Sources), map[string]feeds.Source{}, map[string]rules.Replacer{}}
	for _, s := range o.Sources {
		c.byID[s.ID] = s
		if r, err := rules.NewReplacer(s.Replace); err != nil { // a config file with it is refused
			c.Log.Error("cannot replace texts", "source", s.ID, "error", err)
		} else if len(r) > 0 {
			c.replacers[s.ID] = r
		}
	}
	return c
}

var _ site.Reader = (*Catalog)(nil)

// Source returns the source with that id in the config.
func (c *Catalog) Source(id string) (s feeds.Source, ok bool) {
	s, ok = c.byID[id]
	return s, ok
}

// Channel lists the stories that an edition of ch shows now, in its order: see site.Reader.
func (c *Catalog) Channel(ctx context.Context, ch feeds.Channel, e feeds.Edition) (where feeds.Site,
	shown []feeds.Listed, err error) {
	where, _, err = c.site(ctx)
	if err != nil {
		return where, nil, err
	}
	published, err := c.published(ctx)
	if err != nil {
		return where, nil, err
	}
	list, err := c.list(ctx, ch, published)
	return where, list.in(e), err
}

// Each calls do with the stories of list, prepared: see site.Reader.
func (c *Catalog) Each(ctx context.Context, where feeds.Site, list []feeds.Listed, do func(feeds.Story) error) error {
	return c.each(ctx, list, func(s feeds.Story) error { return do(c.prepare(where, s)) })
}

// Find answers q with prepared stories: see site.Reader.
func (c *Catalog) Find(ctx context.Context, q feeds.Query) (where feeds.Site, list []feeds.Story, err error) {
	if list, err = c.Store.Stories(ctx, q); err != nil {
		return where, nil, fmt.Errorf("read stories: %w", err)
	}
	if list = slices.DeleteFunc(list, c.Unseen); len(list) == 0 && q.Limit > 0 {
		return where, nil, nil
	}
	if where, _, err = c.site(ctx); err != nil {
		return where, nil, err
	}
	for i, s := range list {
		list[i] = c.prepare(where, s)
	}
	return where, list, nil
}

// Search answers a search with prepared stories: see site.Reader.
func (c *Catalog) Search(ctx context.Context, q feeds.Query) (where feeds.Site, found feeds.Found, err error) {
	if where, _, err = c.site(ctx); err != nil {
		return where, found, err
	}
	for i, id := range q.Sources {
		if polled := c.Twins[id]; polled != "" {
			q.Sources[i] = polled
		}
	}
	if q.Tag != "" {
		tagged, ok := c.members(feeds.Channel{Tags: []string{q.Tag}})
		if len(q.Sources) > 0 {
			tagged = slices.DeleteFunc(tagged, func(id string) bool { return !slices.Contains(q.Sources, id) })
		}
		if q.Sources = tagged; !ok || len(tagged) == 0 {
			return where, found, nil
		}
	}
	if found, err = c.Store.Search(ctx, q); err != nil {
		return where, found, err
	}
	found.Stories = slices.DeleteFunc(found.Stories, c.Unseen)
	for i, s := range found.Stories {
		found.Stories[i] = c.prepare(where, s)
	}
	return where, found, nil
}

// textsPerRead is how many stories with their texts are in memory at once: usually 1 MB.
const textsPerRead = 100

// each calls do with the stories of list, as they are stored now, in its order. It leaves out those
// that are gone.
func (c *Catalog) each(ctx context.Context, list []feeds.Listed, do func(feeds.Story) error) error {
	for page := range slices.Chunk(list, textsPerRead) {
		q := feeds.Query{Limit: len(page)}
		for _, l := range page {
			q.IDs = append(q.IDs, l.ID)
		}
		stories, err := c.Store.Stories(ctx, q)
		if err != nil {
			return fmt.Errorf("read stories: %w", err)
		}
		place := map[string]int{}
		for i, l := range page {
			place[l.ID] = i
		}
		slices.SortFunc(stories, func(x, y feeds.Story) int { return place[x.ID] - place[y.ID] })
		for _, s := range stories {
			if err := do(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// prepare prepares s for readers, and adds the glossary's English for its categories, bylines and rights to
// where, and the names of outlets that trusted sources name.
func (c *Catalog) prepare(where feeds.Site, s feeds.Story) feeds.Story {
	c.terms(where, s)
	return c.prepared(s).Credited(where, where.Publishers())
}

// terms adds the glossary's English for the categories of s to where.
func (c *Catalog) terms(where feeds.Site, s feeds.Story) {
	if c.Translator != nil {
		lead := s.Items[0]
		for _, label := range slices.Concat(lead.Categories, lead.Authors, []string{lead.Rights}) {
			if en := c.Translator.Glossary.English(label); en != "" {
				where.Terms[label] = en
			}
		}
	}
}

// site returns what feeds say about this place and its sources, and the sources' states. Titles and
// home pages come from the sources' feeds if the config has none.
func (c *Catalog) site(ctx context.Context) (feeds.Site, map[string]polite.State, error) {
	site := feeds.Site{Web: c.Web, URL: c.URL, Hub: c.Hub, Sources: map[string]feeds.Source{},
		Terms: map[string]string{}, Named: map[string]feeds.Title{}}
	states, err := c.Store.Outlets(ctx)
	if err != nil {
		return site, nil, fmt.Errorf("read sources: %w", err)
	}
	for id, st := range states {
		s, ok := c.Source(id)
		if !ok { // a source that left the config
			s = feeds.Source{ID: id, Private: true}
		}
		s.Site = cmp.Or(st.Site, s.Site)
		s.Title = s.Title.Or(feeds.NewTitle(st.Title))
		site.Sources[id] = s
	}
	return site, states, nil
}

// Listed lists the stories that channels or the front page show or hold back, each once, newest
// first; only those with ids if there are any.
func (c *Catalog) Listed(ctx context.Context, ids ...string) ([]feeds.Listed, error) {
	lists, err := c.choices(ctx)
	if err != nil {
		return nil, err
	}
	_, told, err := c.front(ctx, c.current(lists))
	all := feeds.NewestFirst(append(listed(lists), told...))
	return slices.DeleteFunc(all, func(l feeds.Listed) bool {
		return len(ids) > 0 && !slices.Contains(ids, l.ID)
	}), err
}

// current returns what the lists of the channels of stories show, each once, newest first.
func (c *Catalog) current(lists []choice) (all []feeds.Listed) {
	for i, ch := range c.Channels {
		if !ch.Digest.On() {
			all = slices.Concat(all, lists[i].shown, lists[i].english)
		}
	}
	return feeds.NewestFirst(all)
}

// choices returns the choice of each channel.
func (c *Catalog) choices(ctx context.Context) (out []choice, err error) {
	published, err := c.published(ctx)
	if err != nil {
		return nil, err
	}
	for _, ch := range c.Channels {
		list, err := c.list(ctx, ch, published)
		if err != nil {
			return nil, err
		}
		out = append(out, list)
	}
	return out, nil
}

// listed returns the stories of lists, each once, newest first.
func listed(lists []choice) (all []feeds.Listed) {
	for _, list := range lists {
		all = slices.Concat(all, list.shown, list.held, list.english, list.untold)
	}
	return feeds.NewestFirst(all)
}

// Shown returns those of the stories of Listed that are wanted.
func (c *Catalog) Shown(ctx context.Context, wanted func(feeds.Story) bool, ids ...string) (out []feeds.Story,
	err error) {
	list, err := c.Listed(ctx, ids...)
	if err != nil {
		return nil, err
	}
	return c.Read(ctx, list, wanted)
}

// Read returns those of the stories of list that are wanted.
func (c *Catalog) Read(ctx context.Context, list []feeds.Listed, wanted func(feeds.Story) bool) (out []feeds.Story,
	err error) {
	return out, c.each(ctx, list, func(s feeds.Story) error {
		if s = c.Republished(s); wanted(s) {
			out = append(out, s)
		}
		return nil
	})
}

// Backlog is what is still to be translated of the stories that channels show, and what they do not.
type Backlog struct {
	Since     []time.Time // when each story was first seen, the oldest first
	Untouched time.Time   // the oldest of those without any English; zero: there is none
	Beyond    int         // stories beyond the limits of channels
	Held      int         // stories that English editions hold back until their headline is translated
	HeldSince time.Time   // the oldest of those; zero: none is held back yet
}

// Backlog reads the backlog.
func (c *Catalog) Backlog(ctx context.Context) (b Backlog, err error) {
	lists, err := c.choices(ctx)
	if err != nil {
		return b, err
	}
	var untold []feeds.Listed
	for _, l := range lists {
		untold = append(untold, l.untold...)
	}
	untold = feeds.NewestFirst(untold)
	b.Held = len(untold)
	for _, l := range untold {
		b.HeldSince = polite.Sooner(b.HeldSince, l.Held)
	}
	list := listed(lists)
	err = c.each(ctx, list, func(s feeds.Story) error {
		switch at := firstSeen(s); c.prepared(s).Translation.State {
		case feeds.Waiting, feeds.Held:
			b.Untouched = polite.Sooner(b.Untouched, at)
			fallthrough
		case feeds.Partial:
			b.Since = append(b.Since, at)
		}
		return nil
	})
	if err != nil {
		return b, err
	}
	slices.SortFunc(b.Since, time.Time.Compare)
	b.Beyond, err = c.Beyond(ctx, len(list))
	return b, err
}

// Beyond counts the stories that are beyond the limits of the channels, which show so many. Those
// that only channels with a filter or a window, or digests, could show are not counted.
func (c *Catalog) Beyond(ctx context.Context, shown int) (int, error) {
	of := map[string]bool{}
	for _, ch := range c.Channels {
		ids, ok := c.members(ch)
		if !ok || len(ch.Include)+len(ch.Exclude) > 0 || ch.Window > 0 || ch.Digest.On() {
			continue
		}
		if ids == nil {
			ids = slices.Collect(maps.Keys(c.byID))
		}
		for _, id := range ids {
			of[id] = true
		}
	}
	sources := slices.Sorted(maps.Keys(of))
	if len(sources) == 0 {
		return 0, nil
	}
	if len(sources) == len(c.byID) {
		sources = nil
	}
	n, err := c.Store.Count(ctx, sources...)
	return max(0, n-shown), err
}
