package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// Ungrouped returns items that wait for a story: see aggregator.Store.
func (s *Store) Ungrouped(ctx context.Context, limit int) (items []aggregator.Pending, err error) {
	err = s.read(ctx, func(tx transaction) error {
		return tx.each(ctx, func(rows *sql.Rows) error {
			var it aggregator.Pending
			var seen, filed int64
			var signature sql.RawBytes
			if err := rows.Scan(&it.Source, &it.GUID, &seen, &filed, &signature); err != nil {
				return err
			}
			it.Seen, it.When = instant(seen), instant(filed)
			readSignature(&it.Signature, signature)
			items = append(items, it)
			return nil
		}, `SELECT i.source, i.guid, i.seen, i.filed, g.signature FROM items i JOIN signatures g ON g.item = i.id
			WHERE i.story IS NULL AND i.left_out IS NULL ORDER BY i.seen, i.filed, i.key LIMIT $1`, limit)
	})
	return items, err
}

// Grouped stores placements in order: see aggregator.Store. An item that has a story keeps it, so
// that the same placements may be stored twice.
func (s *Store) Grouped(ctx context.Context, at time.Time, placements []aggregator.Placement) error {
	return s.write(ctx, func(tx transaction) error {
		keys := make([][]byte, len(placements))
		ids := make([]string, len(placements))
		for i, p := range placements {
			keys[i], ids[i] = itemKey(p.Source, p.GUID), p.Story
			for _, l := range p.Links {
				ids = append(ids, l.Story)
			}
		}
		items, err := findItems(ctx, tx, keys)
		if err != nil {
			return err
		}
		known, err := findStories(ctx, tx, ids)
		if err != nil {
			return err
		}
		g := grouping{stories: known, members: map[int64][]any{}}
		for i, p := range placements {
			h, ok := items[string(keys[i])]
			if !ok || h.story != 0 {
				continue
			}
			if h.story, err = g.place(p, h.id); err != nil {
				return err
			}
			items[string(keys[i])] = h
		}
		if err := g.store(ctx, tx, at); err != nil || len(placements) == 0 {
			return err
		}
		oldest := slices.MinFunc(placements, func(p, q aggregator.Placement) int { return p.Seen.Compare(q.Seen) })
		return sweep(ctx, tx, oldest.Seen)
	})
}

// story is a story in which items are placed.
type story struct {
	number, lead  int64
	source        string    // of the lead
	published     time.Time // set for born ones
	born, changed bool      // by these placements
}

// findStories returns the stories among ids, by id.
func findStories(ctx context.Context, tx transaction, ids []string) (map[string]*story, error) {
	found := map[string]*story{}
	err := tx.each(ctx, func(rows *sql.Rows) error {
		var id string
		var st story
		err := rows.Scan(&id, &st.number, &st.lead, &st.source)
		found[id] = &st
		return err
	}, `SELECT s.id, s.number, s.lead, i.source FROM stories s JOIN items i ON i.id = s.lead
		WHERE s.id `+tx.among(1), ids)
	if err != nil {
		return nil, fmt.Errorf("look up stories: %w", err)
	}
	return found, nil
}

// grouping collects what placements change.
type grouping struct {
	stories map[string]*story // by id
	order   []string          // ids of those that change
	members map[int64][]any   // by item: story, kind, why, item
	links   [][]any           // story, other, why
	index   index
}

// place puts the item with that number into its story and returns the story's number.
func (g *grouping) place(p aggregator.Placement, item int64) (int64, error) {
	st, known := g.stories[p.Story]
	switch {
	case !known && !p.Born:
		return 0, fmt.Errorf("item %s of source %s joins story %s, which is not there", p.GUID, p.Source, p.Story)
	case !known:
		st = &story{number: item, lead: item, source: p.Source, published: p.When, born: true}
		g.stories[p.Story], g.order = st, append(g.order, p.Story)
		g.members[item] = []any{st.number, string(feeds.Lead), p.Why, item}
	default:
		g.join(st, p, item)
	}
	g.link(st, p.Links)
	if p.Filed {
		g.index.file(item, p.Printing)
	}
	g.index.identify(st.number, p.Signature)
	return st.number, nil
}

// link links a story to others that report the same event, both ways.
func (g *grouping) link(st *story, links []dedupe.Link) {
	for _, l := range links {
		other := g.stories[l.Story]
		if other == nil || other == st {
			continue
		}
		g.changes(l.Story, other)
		g.links = append(g.links, []any{st.number, other.number, l.Why}, []any{other.number, st.number, l.Why})
	}
}

// changes records that something shown of a story changes.
func (g *grouping) changes(id string, st *story) {
	if !st.born && !st.changed {
		g.order = append(g.order, id)
	}
	st.changed = true
}

// join puts an item into a stored story.
func (g *grouping) join(st *story, p aggregator.Placement, item int64) {
	g.changes(p.Story, st)
	kind, why := p.Kind, p.Why
	switch {
	case p.Born && p.Source == st.source: // the story outlived the item that began it, which is back
		kind = feeds.Update
	case p.Born:
		kind = feeds.Copy
	}
	if kind == feeds.Update && p.Source == st.source {
		g.members[st.lead] = []any{st.number, string(feeds.Update), why, st.lead} // the reason goes to the old lead
		st.lead, kind, why = item, feeds.Lead, ""
	}
	g.members[item] = []any{st.number, string(kind), why, item}
}

// store writes g.
func (g *grouping) store(ctx context.Context, tx transaction, at time.Time) error {
	var born, leads, members [][]any
	var changed []int64
	if len(g.order) == 0 {
		return nil
	}
	n, err := change(ctx, tx)
	if err != nil {
		return err
	}
	for _, id := range g.order {
		st := g.stories[id]
		if st.born {
			born = append(born, []any{st.number, id, millis(st.published), millis(st.published), st.lead, false, n})
		} else {
			leads = append(leads, []any{st.number, st.lead})
		}
		if st.changed {
			changed = append(changed, st.number)
		}
	}
	for _, item := range slices.Sorted(maps.Keys(g.members)) {
		members = append(members, g.members[item])
	}
	if err := tx.insert(ctx, "stories (number, id, published, updated, lead, hidden, changed)", "", born); err != nil {
		return fmt.Errorf("store stories: %w", err)
	}
	if err := tx.insert(ctx, "links (story, other, why)", "ON CONFLICT DO NOTHING", g.links); err != nil {
		return fmt.Errorf("store links: %w", err)
	}
	err = tx.update(ctx, "UPDATE stories SET lead = v.column2", "number = v.column1", leads, "INTEGER", "INTEGER")
	if err != nil {
		return fmt.Errorf("store leads: %w", err)
	}
	if err := touch(ctx, tx, at, changed...); err != nil {
		return err
	}
	if err := g.index.store(ctx, tx); err != nil {
		return err
	}
	err = tx.update(ctx, "UPDATE items SET story = v.column1, kind = v.column2, why = v.column3", "id = v.column4",
		members, "INTEGER", "TEXT", "TEXT", "INTEGER")
	if err != nil {
		return fmt.Errorf("store members: %w", err)
	}
	return nil
}
