package store

import (
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// Items by day, items without a story, and spending by day, reservations included.
func TestFacts(t *testing.T) {
	everywhere(t, func(t *testing.T, address string) {
		st, ctx := opened(t, address), t.Context()
		polls := []aggregator.Poll{{State: polite.State{ID: "one"}}, {State: polite.State{ID: "two"}}}
		for i, hours := range []int{1, 2, 30, 200, 2000} {
			p := &polls[i%2]
			it := feeds.Item{
				SourceID: p.State.ID,
				GUID:     string(rune('a' + i)),
				Seen:     noon.Add(-time.Duration(hours) * time.Hour),
			}
			p.Items = append(p.Items, aggregator.Signed{Item: it})
		}
		if n, since, err := st.Loose(ctx); n != 0 || !since.IsZero() || err != nil {
			t.Errorf("an empty store: %d items without a story since %v, %v", n, since, err)
		}
		if _, err := st.Polled(ctx, noon, polls...); err != nil {
			t.Fatal(err)
		}
		days, err := st.Arrivals(ctx, noon.Add(-12*time.Hour-9*day), noon)
		if err != nil || !slices.Equal(days["one"], []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1}) ||
			!slices.Equal(days["two"], []int{0, 1, 0, 0, 0, 0, 0, 0, 0, 1}) {
			t.Errorf("items by day: %v, %v", days, err)
		}
		if days, err = st.Arrivals(ctx, noon, noon); err != nil || len(days) != 0 {
			t.Errorf("of a day without items: %v, %v", days, err)
		}
		if n, since, err := st.Loose(ctx); n != 5 || !since.Equal(noon.Add(-2000*time.Hour)) || err != nil {
			t.Errorf("%d items without a story since %v, %v", n, since, err)
		}
		buy := func(engine string, chars int64, at time.Time) translate.Ticket {
			ticket, _, err := st.Reserve(
				ctx,
				translate.Order{Engine: engine, Cost: translate.Cost{Chars: chars}, At: at},
			)
			if err != nil {
				t.Fatal(err)
			}
			return ticket
		}
		for _, at := range []time.Time{noon, noon, noon.Add(-31 * day)} {
			if err := st.Settle(ctx, buy("google", 100, at), translate.Cost{Chars: 90, Micros: 5}, nil); err != nil {
				t.Fatal(err)
			}
		}
		buy("google", 50, noon)
		buy("azure", 7, noon.Add(-day))
		spent, err := st.Spending(ctx, noon)
		want := []Spent{
			{"2026-11-23", "azure", translate.Cost{Chars: 7}},
			{"2026-11-24", "google", translate.Cost{Chars: 230, Micros: 10}},
		}
		if err != nil || !slices.Equal(spent, want) {
			t.Errorf("spent: %v, %v", spent, err)
		}
		used, err := st.Used(ctx, []translate.Limit{{}, {Engine: "google", Day: true}}, noon)
		if err != nil || !slices.Equal(used, []translate.Cost{{Chars: 237, Micros: 10}, {Chars: 230, Micros: 10}}) {
			t.Errorf("used: %v, %v", used, err)
		}
	})
}
