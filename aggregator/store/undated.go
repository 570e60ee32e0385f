package store

import (
	"context"
	"slices"
	"time"

	"github.com/nashra/nashra/aggregator"
)

// dateItems gives dates to the items that name none: a stored item keeps its date, and a new one gets
// one by its place. Items stand in the order of their documents.
func dateItems(ctx context.Context, tx transaction, at time.Time, items []aggregator.Signed, keys [][]byte,
	known map[string]held) error {
	if !slices.ContainsFunc(items, func(it aggregator.Signed) bool { return it.Published.IsZero() }) {
		return nil
	}
	documents := map[string][]*aggregator.Signed{} // by source: with a date, or new
	undated := map[string]bool{}                   // sources with new items
	for i := range items {
		it := &items[i]
		h, stored := known[string(keys[i])]
		switch {
		case it.Published.IsZero() && !stored:
			undated[it.SourceID] = true
		case it.Published.IsZero() && h.filed != h.seen:
			it.Published = instant(h.filed)
			continue
		case it.Published.IsZero():
			continue
		}
		documents[it.SourceID] = append(documents[it.SourceID], it)
	}
	for source := range undated {
		first, end := itemKeys(source)
		var newest int64
		if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(filed), 0) FROM items WHERE key >= $1 AND key < $2",
			first, end).Scan(&newest); err != nil {
			return err
		}
		interpolate(at, instant(newest), documents[source])
	}
	return nil
}

// pace is that of a source of which nothing is known.
const pace = 24 * time.Hour

// interpolate dates the undated items of a document between their neighbours. Those above all others
// are dated between now and newest, the last date of what the source published before. If newest is
// zero, they are a backlog, not news.
func interpolate(at, newest time.Time, items []*aggregator.Signed) {
	rises, last := 0, time.Time{}
	for _, it := range items {
		if it.Published.IsZero() {
			continue
		}
		if !last.IsZero() {
			rises += it.Published.Compare(last)
		}
		last = it.Published
	}
	if rises > 0 {
		slices.Reverse(items) // newest first
	}
	newer := at
	for from, to := 0, 0; from < len(items); from = to + 1 {
		for to = from; to < len(items) && items[to].Published.IsZero(); {
			to++
		}
		older, steps, step := newer, to-from+1, 1
		if from == 0 { // the first may be new
			steps, step, older = to, 0, newest
		}
		switch {
		case to < len(items):
			older = items[to].Published
		case older.IsZero():
			older = at.Add(-pace * time.Duration(to))
		}
		if from == 0 && newest.IsZero() && to < len(items) || newer.Before(older) {
			newer = older
		}
		for i, it := range items[from:to] {
			if t := newer.Add(-newer.Sub(older) / time.Duration(steps) * time.Duration(i+step)); t.Before(at) {
				it.Published = t
			}
		}
		newer = older
	}
}
