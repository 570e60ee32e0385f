package publish

import (
	"context"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
)

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
			d, err := newDraft(r.root, feeds.Path(ch.ID, e, f))
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
			err = r.finish(d, Output{})
		}
	}
	return err
}
