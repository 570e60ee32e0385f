package publish

import (
	"context"
	"fmt"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// hold is the word for an English edition that waits for headlines.
const hold = "hold"

// view collects what the editions of a channel show of the stored stories, newest first.
type view struct {
	*Catalog
	ch        feeds.Channel
	from      []string // the sources; nil: all
	published map[string]Output
	allows    func(feeds.Story) bool
	english   bool // the English edition alone

	shown, held []feeds.Listed
	next        time.Time // see choice
}

// filtered reports whether the texts of stories decide.
func (v *view) filtered() bool { return len(v.ch.Include)+len(v.ch.Exclude) > 0 }

// most is how many stories are read at most.
func (v *view) most() int {
	if v.filtered() {
		return storiesPerFilter
	}
	return limitsPerHold * v.ch.Limit
}

// read reads stories until enough are shown. The English edition reads apart those that it held back.
func (v *view) read(ctx context.Context) error {
	q := feeds.Query{Sources: v.from, Limit: min(v.ch.Limit, storiesPerRead)}
	if v.filtered() {
		q.Limit = storiesPerRead
	}
	for read := 0; len(v.shown) < v.ch.Limit; {
		if read >= v.most() { // read on only stories that are published: these are never withdrawn
			if q.IDs = newestIDs(v.published); len(q.IDs) == 0 {
				break
			}
		}
		page, err := v.Store.List(ctx, q)
		if err != nil {
			return fmt.Errorf("read stories of channel %s: %w", v.ch.ID, err)
		}
		if err := v.take(ctx, page); err != nil {
			return err
		}
		if len(page) < q.Limit || len(v.shown) >= newestKept && v.old(page[len(page)-1]) {
			break
		}
		read += len(page)
		last := page[len(page)-1]
		q.Before = feeds.Cursor{Published: last.Published, ID: last.ID}
	}
	return nil
}

// waited takes the stories that were held back until their headline was translated, and those that still
// are. It reports whether there are any.
func (v *view) waited(ctx context.Context) (some bool, err error) {
	for _, q := range []feeds.Query{{Late: true}, {Untold: true}} {
		q.Sources, q.Limit = v.from, v.most()
		page, err := v.Store.List(ctx, q)
		if err != nil {
			return false, fmt.Errorf("read stories of channel %s: %w", v.ch.ID, err)
		}
		if err := v.take(ctx, feeds.LatestFirst(page)); err != nil {
			return false, err
		}
		some = some || len(page) > 0
	}
	return some, nil
}

// old reports whether l is beyond the channel's window.
func (v *view) old(l feeds.Listed) bool {
	at := l.Published
	switch {
	case v.english && v.untold(l):
		return false
	case v.english:
		at = l.Entered()
	}
	return v.ch.Window > 0 && at.Before(v.Now().Add(-v.ch.Window))
}

// newest returns what limit and window leave of list.
func (v *view) newest(list []feeds.Listed) (out []feeds.Listed) {
	for i, l := range list[:min(len(list), v.ch.Limit)] {
		if i < newestKept || !v.old(l) {
			out = append(out, l)
		}
	}
	return out
}

// untold reports whether the English edition waits for the headline of l. What it showed before it began to
// wait, it goes on to show.
func (v *view) untold(l feeds.Listed) bool {
	_, before := v.published[feeds.StoryPath(l.ID)]
	return v.ch.Untranslated == hold && l.Titled.IsZero() && v.translatable(l.Source, l.Lang) &&
		(!before || !l.Held.IsZero())
}

// take sorts a page of stories into shown and held.
func (v *view) take(ctx context.Context, page []feeds.Listed) error {
	asks := func(l feeds.Listed) bool { // the text decides
		return v.filtered() || v.mayWait(v.ch, l.ID, v.published)
	}
	texts, err := v.texts(ctx, page, asks)
	if err != nil {
		return err
	}
	for _, l := range page {
		s, stored := texts[l.ID]
		if asks(l) && (!stored || !v.allows(s)) {
			continue
		}
		list, until := &v.shown, time.Time{}
		unseen := v.unseen(l.State, l.Source, l.Lang)
		if !unseen && v.mayWait(v.ch, l.ID, v.published) {
			until = v.waits(v.ch, s)
		}
		if unseen || !until.IsZero() || v.english && v.untold(l) {
			list = &v.held
		}
		if len(*list) < v.ch.Limit && (len(*list) < newestKept || !v.old(l)) {
			*list = append(*list, l)
			v.next = polite.Sooner(v.next, until)
		}
	}
	return nil
}
