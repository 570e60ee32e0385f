package aggregator_test

import (
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// crowd returns a rig with so many stories, all of one source, of which the channel shows two.
func crowd(t *testing.T, stories int) *rig {
	t.Helper()
	r := newRig(t, map[string]string{"/one": rss()})
	r.opt.Channels[0].Limit, r.opt.SourceFeeds = 2, 25
	var items []feeds.Item
	for i := range stories {
		items = append(items, hourly(i))
	}
	r.stock(t, items...)
	return r
}

// done returns how many of the newest stories are translated in a row, and how many in all.
func (r *rig) done(t *testing.T) (first, all int) {
	t.Helper()
	list, err := r.st.List(t.Context(), feeds.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range list {
		if l.State == feeds.Done {
			if all++; first == i {
				first++
			}
		}
	}
	return first, all
}

// beyondAll translates beyond the channels until nothing is left.
func beyondAll(t *testing.T, a *aggregator.Aggregator) {
	t.Helper()
	for range 10 {
		if more, err := a.TranslateBeyond(t.Context(), aggregator.Watch{}); err != nil {
			t.Fatal(err)
		} else if !more {
			return
		}
	}
	t.Error("there is always more")
}

// What a source's feed shows beyond the channels is translated after them, up to its own limit, by
// processes that serve it only. What changes later is translated too, and nothing twice.
func TestStoriesBeyondChannelsAreTranslated(t *testing.T) {
	r := crowd(t, 30)
	r.pass(t)
	if first, all := r.done(t); first != 2+20 || all != first {
		t.Errorf("of a pass %d stories are translated, the first %d; the channel's two come first, then twenty",
			all, first)
	}
	a := r.over(r.st)
	beyondAll(t, a)
	if first, all := r.done(t); first != 25 || all != 25 {
		t.Errorf("%d are translated, the first %d; the source's feed shows 25", all, first)
	}
	paid := r.chars
	beyondAll(t, a)
	beyondAll(t, r.over(r.st))
	if r.chars != paid {
		t.Errorf("%d characters were bought twice", r.chars-paid)
	}
	r.stock(t, hourly(-1), hourly(-2), hourly(-3))
	beyondAll(t, a)
	if _, all := r.done(t); all != 25+1 {
		t.Errorf("%d are translated: of three new stories the channel shows two, which are left to its turn", all)
	}
	static := crowd(t, 30)
	static.opt.SourceFeeds = 0
	static.pass(t)
	if first, all := static.done(t); first != 2 || all != 2 {
		t.Errorf("without feeds of sources %d are translated", all)
	}
}

// While engines fail what is beyond the channels waits, and goes on where it was.
func TestBeyondWaitsForEngines(t *testing.T) {
	r := crowd(t, 30)
	r.broken = true
	a := r.over(r.st)
	if more, err := a.TranslateBeyond(t.Context(), aggregator.Watch{}); more || err != nil {
		t.Errorf("no engine answers, and there is more: %v, %v", more, err)
	}
	r.broken = false
	r.time = r.time.Add(24 * time.Hour)
	beyondAll(t, a)
	if _, all := r.done(t); all != 25-2 {
		t.Errorf("%d are translated", all)
	}
}

// What is beyond the channels spends what the month so far has left, and the rest is kept for the
// channels. That is no trouble of the engine.
func TestBeyondLeavesBudgetToChannels(t *testing.T) {
	r := crowd(t, 30)
	r.time = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC) // half the month is over
	probe := crowd(t, 30)
	probe.pass(t)
	beyondAll(t, probe.over(probe.st))
	limit := int64(probe.chars)
	r.limits = []translate.Limit{{Chars: limit}}
	r.pass(t)
	beyondAll(t, r.over(r.st))
	if _, all := r.done(t); int64(r.chars) > limit/2 || int64(r.chars) < limit/3 || all < 2 {
		t.Errorf("%d characters of %d were bought for %d stories", r.chars, limit, all)
	}
	troubles, err := r.st.Troubles(t.Context())
	if err != nil || len(troubles) > 0 {
		t.Errorf("%+v, %v", troubles, err)
	}
	spent := r.chars
	r.opt.Channels[0].Limit = 30
	if r.pass(t); r.chars <= spent {
		t.Error("channels cannot spend the rest")
	}
}

// A request reads and buys nothing.
func TestRequestsBuyNothing(t *testing.T) {
	r := crowd(t, 30)
	a := r.over(r.st)
	view := feeds.Channel{ID: "sources/one", Sources: []string{"one"}, Limit: 25}
	_, list, err := a.Catalog.Channel(t.Context(), view, feeds.Bilingual)
	if err != nil || len(list) != 25 || r.chars != 0 {
		t.Errorf("%d stories, %d characters, %v", len(list), r.chars, err)
	}
}

// Stories beyond the limits of channels are counted, without those that a filter or a window leaves
// out.
func TestStoriesBeyondLimitsAreCounted(t *testing.T) {
	r := crowd(t, 30)
	for i, c := range []struct {
		channels []feeds.Channel
		want     int
	}{
		{[]feeds.Channel{{ID: "feed", Limit: 100}}, 0},
		{[]feeds.Channel{{ID: "feed", Limit: 20}}, 10},
		{[]feeds.Channel{{ID: "feed", Limit: 20}, {ID: "more", Limit: 5}}, 10},
		{[]feeds.Channel{{ID: "feed", Limit: 20, Sources: []string{"one"}}}, 10},
		{[]feeds.Channel{{ID: "feed", Limit: 20, Sources: []string{"two"}}}, 0},
		{[]feeds.Channel{{ID: "feed", Limit: 20, Include: []string{"x"}}}, 0},
		{[]feeds.Channel{{ID: "feed", Limit: 20, Window: time.Hour}}, 0},
		{nil, 0},
	} {
		r.opt.Channels = c.channels
		r.opt.Sources = append(r.opt.Sources[:1:1], feeds.Source{ID: "two", URL: "https://two.example/"})
		b, err := r.over(r.st).Catalog.Backlog(t.Context())
		if err != nil || b.Beyond != c.want {
			t.Errorf("%d: %d are beyond the limit, want %d; %v", i, b.Beyond, c.want, err)
		}
	}
}
