package aggregator

import (
	"slices"
	"time"
)

// pace is that of a source of which nothing is known.
const pace = 24 * time.Hour

// place sets Placed of the items that name no date. Items are a document in its order. Undated items
// are dated between their neighbours, and those above all others between last, when the source was
// polled before, and now. If last is zero, they are a backlog, not news.
func place(items []Signed, last, now time.Time) {
	list := make([]*Signed, len(items)) // newest first
	rises := 0
	var date time.Time
	for i := range items {
		list[i] = &items[i]
		if t := items[i].Published; !t.IsZero() {
			if !date.IsZero() {
				rises += t.Compare(date)
			}
			date = t
		}
	}
	if rises > 0 {
		slices.Reverse(list)
	}
	newer := now
	for from, to := 0, 0; from < len(list); from = to + 1 {
		for to = from; to < len(list) && list[to].Published.IsZero(); {
			to++
		}
		older, steps, step := newer, to-from+1, 1
		if from == 0 { // the first may be new
			steps, step, older = to, 0, last
		}
		switch {
		case to < len(list):
			older = list[to].Published
		case older.IsZero():
			older = now.Add(-pace * time.Duration(to))
		}
		if from == 0 && last.IsZero() && to < len(list) || newer.Before(older) {
			newer = older
		}
		for i, it := range list[from:to] {
			t := newer.Add(-newer.Sub(older) / time.Duration(steps) * time.Duration(i+step))
			if t.Before(now) {
				it.Placed = t
			}
		}
		newer = older
	}
}
