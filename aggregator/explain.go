package aggregator

import (
	"context"
	"fmt"
	"slices"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// mostApart is how many of the most similar stories Explain returns.
const mostApart = 8

// Explain returns a story with the reason for each item and link, and apart: the most similar
// stories that its lead does not match, with the reasons. Without such a story s.ID is empty.
func (a *Aggregator) Explain(ctx context.Context, id string) (s feeds.Story, apart []feeds.Member, err error) {
	found, err := a.Store.Stories(ctx, feeds.Query{IDs: []string{id}, Limit: 1})
	if err != nil || len(found) == 0 {
		return s, nil, err
	}
	s = found[0]
	it := s.Items[0].Item
	lead := Signed{Item: it, Signature: dedupe.Sign(it, a.Lexicon)}.Pending()
	shelf, err := a.Store.Near(ctx, []Pending{lead})
	if err != nil {
		return s, nil, fmt.Errorf("look for stories near: %w", err)
	}
	near := slices.DeleteFunc(shelf.Near(0), func(c dedupe.Candidate) bool { return c.Story == id })
	links := dedupe.Apart(lead.Printing, near)
	links = slices.DeleteFunc(links, func(l dedupe.Link) bool {
		return slices.ContainsFunc(s.Related, func(m feeds.Member) bool { return m.Story == l.Story })
	})
	links = links[:min(len(links), mostApart)]
	q := feeds.Query{Limit: len(links)}
	for _, l := range links {
		q.IDs = append(q.IDs, l.Story)
	}
	shown, err := a.Store.Stories(ctx, q)
	if err != nil {
		return s, nil, fmt.Errorf("read stories apart: %w", err)
	}
	byID := map[string]feeds.Story{}
	for _, other := range shown {
		byID[other.ID] = other
	}
	for _, l := range links {
		if other, ok := byID[l.Story]; ok { // skip hidden stories
			apart = append(apart, feeds.Member{Item: other.Items[0].Item, Why: l.Why, Story: l.Story})
		}
	}
	return s, apart, nil
}
