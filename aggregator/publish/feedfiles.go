package publish

import (
	"context"
	"fmt"
	"os"
	"path"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/render"
)

// storiesPerPage is how many stories are held in memory while feeds are written: a few MB of whole
// articles.
const storiesPerPage = 100

// each calls do for the listed stories as they are stored, in their order. It skips those that have
// gone since they were listed.
func (c *Catalog) each(ctx context.Context, listed []feeds.Listed, do func(feeds.Story) error) error {
	for len(listed) > 0 {
		page := listed[:min(storiesPerPage, len(listed))]
		listed = listed[len(page):]
		q := feeds.Query{Limit: len(page)}
		for _, l := range page {
			q.IDs = append(q.IDs, l.ID)
		}
		stories, err := c.Store.Stories(ctx, q)
		if err != nil {
			return fmt.Errorf("read stories: %w", err)
		}
		for _, s := range stories {
			if err := do(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeFeeds writes the feeds of ch, which shows the listed stories, all at once and story by story.
// It returns the hashes of all, and the names of those that are new or changed.
func (p *Publisher) writeFeeds(ctx context.Context, root *os.Root, where feeds.Site, ch feeds.Channel,
	listed []feeds.Listed) (sums map[string][32]byte, written []string, err error) {
	w := render.NewWriter(where, ch, listed)
	var drafts []*draft
	for _, e := range feeds.Editions {
		for _, f := range feeds.Formats {
			d, err := newDraft(root, feeds.Path(ch.ID, e, f))
			if err != nil {
				return nil, nil, err
			}
			defer d.drop()
			if err := w.Begin(d, e, f); err != nil {
				return nil, nil, err
			}
			drafts = append(drafts, d)
		}
	}
	err = p.each(ctx, listed, func(s feeds.Story) error {
		p.addTerms(where.Terms, s.Items[0].Categories)
		return w.Add(p.prepared(s))
	})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, nil, err
	}
	sums = map[string][32]byte{}
	for _, d := range drafts {
		sum, changed, err := d.finish()
		if err != nil {
			return nil, written, fmt.Errorf("%s: %w", d.name, err)
		}
		if sums[d.name] = sum; changed {
			written = append(written, d.name)
		}
	}
	return sums, written, syncDir(root, path.Dir(drafts[0].name))
}
