package aggregator

import (
	"context"
	"fmt"
	"slices"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

var _ site.Reader = (*Aggregator)(nil)

// Channel is what ch shows now, newest first, and the place it stands in: see site.Reader.
func (a *Aggregator) Channel(ctx context.Context, ch feeds.Channel) (feeds.Site, []feeds.Story, error) {
	return a.presented(ctx, func() ([]feeds.Story, error) {
		published, err := a.published(ctx)
		if err != nil {
			return nil, err
		}
		list, err := a.stories(ctx, ch, published)
		return list.shown, err
	})
}

// Find answers q with stories as they may be shown: see site.Reader.
func (a *Aggregator) Find(ctx context.Context, q feeds.Query) (feeds.Site, []feeds.Story, error) {
	return a.presented(ctx, func() ([]feeds.Story, error) {
		list, err := a.Store.Stories(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("read stories: %w", err)
		}
		return slices.DeleteFunc(list, a.unseen), nil
	})
}

func (a *Aggregator) presented(ctx context.Context, read func() ([]feeds.Story, error)) (feeds.Site, []feeds.Story, error) {
	where, err := a.site(ctx)
	if err != nil {
		return where, nil, err
	}
	list, err := read()
	if err != nil {
		return where, nil, err
	}
	a.prepare(where, list)
	return where, list, nil
}

// prepare makes of list what is shown, and notes at where the English of its categories.
func (a *Aggregator) prepare(where feeds.Site, list []feeds.Story) {
	for i, s := range list {
		list[i] = a.prepared(s)
		a.terms(where.Terms, s.Items[0].Categories)
	}
}
