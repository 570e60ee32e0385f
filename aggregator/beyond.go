package aggregator

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// beyond is what is known of the stories that feeds of sources and tags show and no channel does.
// The feed of a tag shows nothing that no source's feed shows.
type beyond struct {
	changes int64          // the number of the last change when they were looked for; 0: never
	left    []feeds.Listed // to be translated, newest first
}

// beyondPerGo is how many stories are translated before channels are looked at again: a model of
// one's own takes some seconds for their texts (chosen on 2026-11-30).
const beyondPerGo = 20

// translateBeyond translates the next stories beyond the channels. again is when to go on; zero:
// nothing is left.
func (a *Aggregator) translateBeyond(ctx context.Context, w Watch) (again time.Time, err error) {
	more, err := a.TranslateBeyond(ctx, w)
	switch {
	case more:
		again = time.Now()
	case len(a.beyond.left) > 0:
		again = time.Now().Add(retranslateAfter)
	}
	return again, err
}

// TranslateBeyond translates the next stories that the feeds of sources and tags show and no channel
// does: see translate.Translator.Spare. more is false if none is left or no engine can go on.
func (a *Aggregator) TranslateBeyond(ctx context.Context, w Watch) (more bool, err error) {
	if a.Translator == nil || a.SourceFeeds == 0 {
		return false, nil
	}
	stories, err := a.nextBeyond(ctx)
	if err != nil || len(stories) == 0 {
		return false, err
	}
	bought, stopped := 0, false
	for _, part := range []translate.Role{translate.Title, translate.Body} {
		var list []*feeds.Story
		for i, s := range stories {
			if a.wants(s, part) {
				list = append(list, &stories[i])
			}
		}
		t, err := a.translate(ctx, a.Translator.Spare(), part, list)
		stopped = stopped || slices.ContainsFunc(t.Failures, func(e *translate.Error) bool { return e.Texts == 0 })
		t.Failures = slices.DeleteFunc(t.Failures, func(e *translate.Error) bool { return e.Kind == translate.Budget })
		bought += t.Bought
		w.done(Report{Translated: t})
		if err != nil {
			return false, err
		}
	}
	if !stopped {
		return true, nil
	}
	var again []feeds.Listed
	for _, s := range stories {
		if a.untranslated(s) {
			again = append(again, feeds.Listed{ID: s.ID, Published: s.Published})
		}
	}
	a.beyond.left = slices.Concat(again, a.beyond.left)
	return bought > 0, nil
}

// nextBeyond returns the next stories to be translated.
func (a *Aggregator) nextBeyond(ctx context.Context) (stories []feeds.Story, err error) {
	if len(a.beyond.left) == 0 {
		if err := a.findBeyond(ctx); err != nil {
			return nil, fmt.Errorf("look for stories beyond the channels: %w", err)
		}
	}
	for err == nil && len(stories) == 0 && len(a.beyond.left) > 0 {
		n := min(beyondPerGo, len(a.beyond.left))
		stories, err = a.Catalog.Read(ctx, a.beyond.left[:n], a.untranslated)
		if err == nil {
			a.beyond.left = a.beyond.left[n:]
		}
	}
	return stories, err
}

// findBeyond fills a.beyond.left from the sources whose stories changed since the last call.
func (a *Aggregator) findBeyond(ctx context.Context) error {
	before := a.beyond.changes
	last, err := a.Store.Changes(ctx)
	if err != nil || last == before {
		return err
	}
	var changed []string
	if before > 0 {
		if changed, err = a.Store.ChangedSources(ctx, before); err != nil {
			return err
		}
	}
	shown, err := a.Catalog.Listed(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, l := range shown {
		seen[l.ID] = true
	}
	for _, s := range a.Sources {
		if _, news := slices.BinarySearch(changed, s.ID); before > 0 && !news {
			continue
		}
		list, err := a.Store.List(ctx, feeds.Query{Sources: []string{s.ID}, Limit: a.SourceFeeds})
		if err != nil {
			return err
		}
		for _, l := range list {
			open := l.State != feeds.Done || before > 0 && l.Changed > before
			if open && !seen[l.ID] && a.Catalog.MayTranslate(l) {
				a.beyond.left = append(a.beyond.left, l)
			}
		}
	}
	a.beyond.left, a.beyond.changes = feeds.NewestFirst(a.beyond.left), last
	return nil
}
