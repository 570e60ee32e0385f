package aggregator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestUndatedItemsAreDatedByTheirPlace lists items as days before now; ? has no date.
func TestUndatedItemsAreDatedByTheirPlace(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	const never = -1
	for _, c := range []struct {
		about string
		last  int // days before now; never: the source is new
		items string
		want  string
	}{
		{"between neighbours", never, "1 ? ? 4", "1 2 3 4"},
		{"oldest first", never, "4 ? 2 1", "4 3 2 1"},
		{"above and beneath all others, a backlog", never, "? 9 10 ?", "9 9 10 10"},
		{"beneath a pinned item", never, "900 ? 1 2", "900 1 1 2"},
		{"no dates at all, a backlog", never, "? ? ?", "0 1 2"},
		{"a single one", never, "?", "0"},
		{"above an old document", 1, "? 8 9", "0 8 9"},
		{"some above an old document", 1, "? ? 8 9", "0 4 8 9"},
		{"no dates at all, polled before", 3, "? ? ?", "0 1 2"},
		{"beneath a date that is ahead", 1, "-1 ?", "-1 0"},
		{"beneath all others, oldest first", 1, "9 8 ?", "9 8 0"},
	} {
		var items []Signed
		for _, days := range strings.Fields(c.items) {
			var it Signed
			var n int
			if _, err := fmt.Sscan(days, &n); err == nil {
				it.Published = now.AddDate(0, 0, -n)
			}
			items = append(items, it)
		}
		var last time.Time
		if c.last != never {
			last = now.AddDate(0, 0, -c.last)
		}
		place(items, last, now)
		var got []string
		for _, it := range items {
			if it.Published.IsZero() {
				if it.Published = it.Placed; it.Placed.IsZero() {
					it.Published = now
				}
			}
			got = append(got, fmt.Sprint(now.Sub(it.Published).Hours()/24))
		}
		if !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %v, want %s", c.about, got, c.want)
		}
	}
}
