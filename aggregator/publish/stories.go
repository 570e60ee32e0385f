package publish

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
	"github.com/nashra/nashra/feeds/sanitize"
	"github.com/nashra/nashra/feeds/site"
)

// aside names the stories that a story's page shows beside it.
type aside struct {
	links          []string // the stories that are linked with it
	earlier, later string   // its neighbours in time; empty: none
}

// ids returns the stories of b.
func (b aside) ids() []string {
	all := append(slices.Clone(b.links), b.earlier, b.later)
	return slices.DeleteFunc(all, func(id string) bool { return id == "" })
}

// readAsides returns what stands beside each story of list, which has all with pages, newest first. So a story
// that comes or goes changes the pages of two neighbours and of those that it is linked with.
func (c *Catalog) readAsides(ctx context.Context, list []feeds.Listed) (map[string]aside, error) {
	if len(list) == 0 {
		return nil, nil
	}
	ids := make([]string, len(list))
	for i, l := range list {
		ids[i] = l.ID
	}
	links, err := c.Store.Links(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]aside{}
	for i, id := range ids {
		b := aside{links: links[id]}
		if i > 0 {
			b.later = ids[i-1]
		}
		if i+1 < len(ids) {
			b.earlier = ids[i+1]
		}
		out[id] = b
	}
	return out, nil
}

// briefs reads stories, prepared and cut to what other pages show of them. It leaves out what readers may
// not see.
func (c *Catalog) briefs(ctx context.Context, ids []string) (map[string]feeds.Story, error) {
	slices.Sort(ids)
	out := map[string]feeds.Story{}
	return out, c.each(ctx, withIDs(slices.Compact(ids)), func(s feeds.Story) error {
		if !c.Unseen(s) {
			out[s.ID] = brief(c.prepared(s))
		}
		return nil
	})
}

// withIDs returns ids as a list for each, which needs no more of a story.
func withIDs(ids []string) (list []feeds.Listed) {
	for _, id := range ids {
		list = append(list, feeds.Listed{ID: id})
	}
	return list
}

// opening returns s with the first paragraphs of its texts alone.
func opening(s feeds.Story) feeds.Story {
	cut := func(t *feeds.Text) { t.Summary, t.Body = sanitize.FirstBlock(t.Main()), "" }
	cut(&s.Text)
	cut(&s.Translation.Text)
	return s
}

// brief returns s with its headlines and first paragraphs, and its lead alone.
func brief(s feeds.Story) feeds.Story {
	s = opening(s)
	lead := s.Items[0]
	lead.Text = s.Text
	s.Items, s.Related, s.Elsewhere = []feeds.Member{lead}, nil, nil
	return s
}

// around returns what stands around a story on its page. paged reports whether a story has a page.
func (b aside) around(briefs map[string]feeds.Story, paged func(id string) bool) (a site.Beside) {
	neighbour := func(id string) *site.Neighbour {
		if s, ok := briefs[id]; ok {
			return &site.Neighbour{Story: s, Paged: paged(id)}
		}
		return nil
	}
	for _, id := range b.links {
		if n := neighbour(id); n != nil {
			a.Linked = append(a.Linked, *n)
		}
	}
	a.Earlier, a.Later = neighbour(b.earlier), neighbour(b.later)
	return a
}

// Beside reads what stands beside a story on its page: see site.Reader.
func (c *Catalog) Beside(ctx context.Context, where feeds.Site, id string) (a site.Beside, err error) {
	files, err := c.Store.Outputs(ctx)
	if err != nil {
		return a, err
	}
	published := func(id string) bool { _, ok := files[feeds.StoryPath(id)]; return ok }
	list := []feeds.Listed{{ID: id}}
	paged := func(string) bool { return true } // as all pages are made when they are asked for
	if published(id) {
		var ids []string
		for name := range files {
			if of := storyOf(name); of != "" {
				ids = append(ids, of)
			}
		}
		if list, err = c.Store.List(ctx, feeds.Query{IDs: ids, Limit: len(ids)}); err != nil {
			return a, err
		}
		paged = published
	}
	all, err := c.readAsides(ctx, list)
	if err != nil {
		return a, err
	}
	briefs, err := c.briefs(ctx, all[id].ids())
	if err != nil {
		return a, err
	}
	for _, s := range briefs {
		c.terms(where, s)
	}
	return all[id].around(briefs, paged), nil
}

// stories makes the pages and feeds of stories that are lacking.
func (r *run) stories(ctx context.Context, book *site.Book) error {
	var lacking []feeds.Listed
	var others []string
	for _, l := range r.withPages() {
		if slices.ContainsFunc(storyFiles(l.ID), r.lacks) {
			lacking = append(lacking, l)
			others = append(others, r.asides[l.ID].ids()...)
		}
	}
	briefs, err := r.briefs(ctx, others)
	if err != nil {
		return err
	}
	return r.each(ctx, lacking, func(s feeds.Story) error {
		if r.forbidden(s) {
			return nil
		}
		where := r.where
		where.Terms, where.Named = map[string]string{}, map[string]feeds.Title{} // others are read meanwhile
		s = r.prepare(where, s)
		a := r.asides[s.ID].around(briefs, r.paged)
		linked := a.Stories()
		for _, l := range linked {
			r.terms(where, l)
		}
		state := s.Translation.State
		r.files[feeds.StoryPath(s.ID)].Waiting = state == feeds.Waiting || state == feeds.Partial
		r.putAll(storyFiles(s.ID), func(to []io.Writer) error {
			formats := map[feeds.Format]io.Writer{}
			for i, f := range render.FollowFormats {
				formats[f] = to[i+1]
			}
			if err := render.Follow(where, s, linked, formats); err != nil || to[0] == nil {
				return err
			}
			return book.For(where).Story(to[0], s, a)
		})
		return nil
	})
}

// storyFiles returns the page and the feeds of a story.
func storyFiles(id string) []string {
	names := []string{feeds.StoryPath(id)}
	for _, f := range render.FollowFormats {
		names = append(names, render.FollowPath(id, f))
	}
	return names
}

// wantStories lists the files of stories.
func (r *run) wantStories(file func(name string, kept time.Time, made [32]byte)) {
	all, paged := r.withPages(), map[string]bool{}
	for _, l := range all {
		paged[l.ID] = true
	}
	for i, l := range all {
		links := slices.DeleteFunc(slices.Clone(r.asides[l.ID].links), func(id string) bool { return !paged[id] })
		file(feeds.StoryPath(l.ID), r.since[l.ID], r.made(all[max(0, i-1):min(len(all), i+2)], l.ID, links))
		for _, f := range render.FollowFormats {
			file(render.FollowPath(l.ID, f), r.since[l.ID], r.made(all[i:i+1]))
		}
	}
}

// paged reports whether a story has a page among the files.
func (r *run) paged(id string) bool { return r.files[feeds.StoryPath(id)] != nil }
