package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

func memory(t *testing.T, st Store) {
	pair := translate.Pair{From: "ar", To: "en"}
	key := translate.KeyOf(pair, translate.Title, "خبر")
	row := func(engine, target string, human bool) translate.Row {
		return translate.Row{
			Key: key, Pair: pair, Role: translate.Title, Source: "خبر", Target: target,
			Engine: engine, Model: "m", Revision: "1", Glossary: "g", Human: human, At: noon,
		}
	}
	other := row("mt", "Other", false)
	other.Key = translate.KeyOf(pair, translate.Body, "خبر")
	for _, rows := range [][]translate.Row{
		{row("mt", "first", false), row("mt", "News", false), row("mt", "By a person", true)},
		{row("zz", "", false), other, row("mt", "News item", false)},
	} {
		if err := st.Settle(t.Context(), 0, translate.Cost{}, rows); err != nil {
			t.Fatal(err)
		}
	}
	keys := []translate.Key{key, {1}}
	for i := range 700 { // more than one statement takes
		keys = append(keys, translate.Key{2, byte(i), byte(i >> 8)})
	}
	got, err := st.Recall(t.Context(), keys)
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %v", got, err)
	}
	found := map[translate.Row]bool{}
	for _, r := range got[key] {
		found[r] = true
	}
	last := []translate.Row{row("mt", "News item", false), row("mt", "By a person", true), row("zz", "", false)}
	for _, want := range last {
		if !found[want] {
			t.Errorf("missing %+v among %+v", want, got[key])
		}
	}
	if len(got[key]) != 3 {
		t.Errorf("%d rows, want 3: the last of each maker", len(got[key]))
	}
}

func forgotten(t *testing.T, st Store) {
	pair := translate.Pair{From: "ar", To: "en"}
	row := func(engine, source, target string, at time.Time) translate.Row {
		return translate.Row{
			Key: translate.KeyOf(pair, translate.Body, source), Pair: pair, Role: translate.Body,
			Source: source, Target: target, Engine: engine, At: at,
		}
	}
	later := noon.Add(time.Hour)
	rows := []translate.Row{
		row("a", "خبر", "News", noon), row("a", "نص طويل", "", noon), row("a", "آخر", "Other", later),
		row("b", "خبر", "News", later),
	}
	if err := st.Settle(t.Context(), 0, translate.Cost{}, rows); err != nil {
		t.Fatal(err)
	}
	makers, err := st.Makers(t.Context())
	want := []translate.Maker{
		{Engine: "a", Rows: 2, Failed: 1, Chars: 6, First: noon, Last: later},
		{Engine: "b", Rows: 1, Chars: 3, First: later, Last: later},
	}
	if err != nil || !slices.Equal(makers, want) {
		t.Errorf("makers %+v, %v, want %+v", makers, err, want)
	}

	it := entry("s", "1", "خبر")
	began(t, st, it)
	tr := feeds.Translation{
		Text: feeds.Text{Lang: "en", Title: "News"}, State: feeds.Partial, Source: it.Hash(), TitleTerms: "g", At: noon,
	}
	done := map[string]feeds.Translation{aggregator.StoryID(it): tr}
	if err := st.Translated(t.Context(), noon, done); err != nil {
		t.Fatal(err)
	}
	remembered := func() (n int) {
		if err := st.Remembered(t.Context(), func(translate.Row) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct {
		engine string
		since  time.Time
		keys   []translate.Key
		gone   int64
	}{
		{"nobody", time.Time{}, nil, 0},
		{"a", time.Time{}, []translate.Key{{9}}, 0},
		{"a", time.Time{}, []translate.Key{}, 0},
		{"a", later, nil, 1},
		{"a", time.Time{}, []translate.Key{rows[1].Key, {9}}, 1},
		{"a", time.Time{}, nil, 1},
	} {
		was := remembered()
		if s := one(t, st, it); c.gone > 0 && was == len(rows) && s.Translation != tr {
			t.Errorf("nothing was forgotten, and the story shows %+v", s.Translation)
		}
		gone, err := st.Forget(t.Context(), c.engine, c.since, c.keys)
		if err != nil || gone != c.gone || was-remembered() != int(c.gone) {
			t.Errorf("forget %+v: %d gone of %d, %v", c, gone, was, err)
		}
	}
	tr.TitleTerms = feeds.Forgotten
	if s := one(t, st, it); s.Translation != tr || !s.Updated.Equal(noon) {
		t.Errorf("%+v, updated %v", s.Translation, s.Updated)
	}
	if got, err := st.Recall(t.Context(), []translate.Key{rows[0].Key}); err != nil || len(got[rows[0].Key]) != 1 {
		t.Errorf("the other engine's row: %v, %v", got, err)
	}
}

func budgets(t *testing.T, st Store) {
	limits := []translate.Limit{{Day: true, Chars: 100}, {Chars: 250}, {Engine: "a", Micros: 50}}
	ask := func(engine string, c translate.Cost, at time.Time) translate.Ticket {
		t.Helper()
		ticket, _, err := st.Reserve(t.Context(), translate.Order{Engine: engine, Cost: c, At: at, Limits: limits})
		if err != nil {
			t.Fatalf("reserve %+v for %s: %v", c, engine, err)
		}
		return ticket
	}
	refuse := func(engine string, c translate.Cost, at time.Time, text string) {
		t.Helper()
		order := translate.Order{Engine: engine, Cost: c, At: at, Limits: limits}
		_, _, err := st.Reserve(t.Context(), order)
		var e *translate.Error
		isBudget := errors.As(err, &e) && e.Kind == translate.Budget && e.Engine == engine
		if !isBudget || !strings.Contains(err.Error(), text) {
			t.Fatalf("reserve %+v for %s: %v, want a budget error with %q", c, engine, err, text)
		}
		order.Cost = translate.Cost{Chars: min(c.Chars, e.Left.Chars), Micros: min(c.Micros, e.Left.Micros)}
		if order.Cost == c {
			t.Errorf("%+v is refused, and %+v said to be left", c, e.Left)
		}
		if ticket, _, err := st.Reserve(t.Context(), order); err != nil {
			t.Errorf("what is left is refused: %v", err)
		} else if err := st.Settle(t.Context(), ticket, translate.Cost{}, nil); err != nil {
			t.Error(err)
		}
	}
	first := ask("a", translate.Cost{Chars: 60, Micros: 50}, noon)
	refuse("a", translate.Cost{Chars: 1, Micros: 1}, noon, "engine a: budget: $0.00 a month are spent")
	ask("a", translate.Cost{Chars: 10}, noon)
	refuse("b", translate.Cost{Chars: 31}, noon, "engine b: budget: 100 characters a day for all engines are spent")
	ask("b", translate.Cost{Chars: 30}, noon) // as much as is left
	if err := st.Settle(t.Context(), first, translate.Cost{Chars: 20, Micros: 10}, nil); err != nil {
		t.Fatal(err)
	}
	ask("a", translate.Cost{Chars: 40, Micros: 40}, noon)
	refuse("b", translate.Cost{Chars: 1}, noon, "day")
	ask("b", translate.Cost{Chars: 100}, noon.AddDate(0, 0, 1))
	refuse("b", translate.Cost{Chars: 51}, noon.AddDate(0, 0, 2), "250 characters a month for all engines are spent")
	ask("b", translate.Cost{Chars: 50}, noon.AddDate(0, 0, 2))
	ask("b", translate.Cost{Chars: 100}, noon.AddDate(0, 1, 0))
}

// zones tests that a day ends at midnight in the location of Order.At.
func zones(t *testing.T, st Store) {
	cairo := time.FixedZone("Cairo", 2*60*60)
	before := time.Date(2026, 11, 30, 23, 59, 0, 0, cairo) // on one day with after in UTC
	after := before.Add(2 * time.Minute)
	for _, l := range []translate.Limit{{Engine: "day", Day: true, Chars: 10}, {Engine: "month", Chars: 10}} {
		for _, at := range []time.Time{before, after} {
			order := translate.Order{
				Engine: l.Engine, Cost: translate.Cost{Chars: 10}, At: at, Limits: []translate.Limit{l},
			}
			if _, _, err := st.Reserve(t.Context(), order); err != nil {
				t.Errorf("at %v: %v", at, err)
			}
			order.Cost.Chars = 1
			if _, _, err := st.Reserve(t.Context(), order); err == nil {
				t.Errorf("at %v the limit a %s is overspent", at, l.Engine)
			}
		}
	}
}

func tickets(t *testing.T, st Store) {
	order := func(chars int64) translate.Order {
		return translate.Order{
			Engine: "a", Cost: translate.Cost{Chars: chars}, At: noon, Limits: []translate.Limit{{Chars: 10}},
		}
	}
	reserve := func() translate.Ticket {
		t.Helper()
		ticket, _, err := st.Reserve(t.Context(), order(10))
		if err != nil || ticket == 0 {
			t.Fatalf("ticket %d, %v", ticket, err)
		}
		return ticket
	}
	ticket := reserve()
	if _, _, err := st.Reserve(t.Context(), order(1)); err == nil {
		t.Error("a ticket that was not settled does not count")
	}
	if err := st.Settle(t.Context(), ticket, translate.Cost{}, nil); err != nil {
		t.Fatal(err)
	}
	ticket = reserve() // the first ticket gave everything back
	row := translate.Row{Key: translate.Key{7}, Source: "خ", Target: "n", Engine: "a", At: noon}
	err := st.Settle(t.Context(), ticket+1, translate.Cost{Chars: 1}, []translate.Row{row})
	if !errors.Is(err, translate.ErrNoTicket) {
		t.Errorf("a ticket that was never granted is settled: %v", err)
	}
	if rows, err := st.Recall(t.Context(), []translate.Key{row.Key}); err != nil || len(rows) != 0 {
		t.Errorf("bought without being paid: %v, %v", rows, err)
	}
	if err := st.Settle(t.Context(), ticket, translate.Cost{Chars: 4}, []translate.Row{row}); err != nil {
		t.Fatal(err)
	}
	if rows, err := st.Recall(t.Context(), []translate.Key{row.Key}); err != nil || len(rows[row.Key]) != 1 {
		t.Errorf("paid and not bought: %v, %v", rows, err)
	}
	if err := st.Settle(t.Context(), ticket, translate.Cost{Chars: 4}, nil); !errors.Is(err, translate.ErrNoTicket) {
		t.Errorf("a ticket is settled twice: %v", err)
	}
	if _, _, err := st.Reserve(t.Context(), order(6)); err != nil {
		t.Errorf("4 of 10 are spent: %v", err)
	}
}

// buyers runs fifty buyers at once on a budget for fifteen.
func buyers(t *testing.T, st Store) {
	limits := []translate.Limit{{Day: true, Chars: 15 * 7}, {Engine: "a", Chars: 1000}}
	var wg sync.WaitGroup
	var mu sync.Mutex
	granted, denied := 0, 0
	for i := range 50 {
		wg.Go(func() {
			order := translate.Order{Engine: "a", Cost: translate.Cost{Chars: 7}, At: noon, Limits: limits}
			ticket, _, err := st.Reserve(context.Background(), order)
			if err == nil && i%2 == 0 {
				err = st.Settle(context.Background(), ticket, translate.Cost{Chars: 7}, nil)
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				granted++
			case translate.KindOf(err) == translate.Budget:
				denied++
			default:
				t.Error(fmt.Errorf("buyer %d: %w", i, err))
			}
		})
	}
	wg.Wait()
	if granted != 15 || denied != 35 {
		t.Errorf("%d granted and %d denied, want 15 and 35", granted, denied)
	}
}

// claimed returns keys to claim for a buyer who knows that number of translations of each.
func claimed(from, to, known int) map[translate.Key]int {
	out := map[translate.Key]int{}
	for i := from; i < to; i++ {
		out[translate.Key{3, byte(i), byte(i >> 8)}] = known
	}
	return out
}

// claim returns an order that holds keys for a minute.
func claim(at time.Time, keys map[translate.Key]int) translate.Order {
	return translate.Order{
		Engine: "a", Cost: translate.Cost{Chars: 1}, At: at, Limits: []translate.Limit{{Chars: 6}},
		Keys: keys, Until: at.Add(time.Minute),
	}
}

// claims tests that a segment is refused while another buyer's claim holds, and once it was bought.
func claims(t *testing.T, st Store) {
	const many = 250 // more than one statement takes
	grant := func(o translate.Order) translate.Ticket {
		t.Helper()
		ticket, taken, err := st.Reserve(t.Context(), o)
		if err != nil || ticket == 0 || len(taken) > 0 {
			t.Fatalf("ticket %d, %d taken, %v", ticket, len(taken), err)
		}
		return ticket
	}
	refuse := func(o translate.Order, want int) {
		t.Helper()
		ticket, taken, err := st.Reserve(t.Context(), o)
		if err != nil || ticket != 0 || len(taken) != want {
			t.Errorf("ticket %d, %d taken, %v: want %d taken", ticket, len(taken), err, want)
		}
		for _, k := range taken {
			if _, ours := o.Keys[k]; !ours {
				t.Errorf("%v was not asked for", k)
			}
		}
	}
	first := grant(claim(noon, claimed(0, many, 0)))
	refuse(claim(noon.Add(59*time.Second), claimed(many-5, many+5, 0)), 5)
	second := grant(claim(noon, claimed(many, many+5, 0)))
	if err := st.Settle(t.Context(), second, translate.Cost{}, nil); err != nil { // the call failed
		t.Fatal(err)
	}
	second = grant(claim(noon, claimed(many, many+5, 0)))
	row := translate.Row{Key: translate.Key{3}, Source: "خ", Target: "n", Engine: "a", At: noon}
	wrong := translate.Row{Key: translate.Key{3, 1}, Source: "خ", Engine: "a", At: noon} // without a Target
	if err := st.Settle(t.Context(), first, translate.Cost{Chars: 1}, []translate.Row{row, wrong}); err != nil {
		t.Fatal(err)
	}
	refuse(claim(noon, claimed(0, 2, 0)), 1)
	third := grant(claim(noon, claimed(0, 2, 1))) // a buyer who knows the translation may want another
	refuse(claim(noon, claimed(0, many+5, 1)), 7)
	if err := st.Settle(t.Context(), third, translate.Cost{}, nil); err != nil {
		t.Fatal(err)
	}
	// After a minute the second buyer's segments are free; the cost of the order still counts.
	grant(claim(noon.Add(time.Minute), claimed(many, many+5, 0)))
	if err := st.Settle(t.Context(), second, translate.Cost{Chars: 1}, nil); err != nil {
		t.Errorf("a slow buyer: %v", err)
	}
}

// claimsAtOnce tests that one of many buyers at once is granted the same segments.
func claimsAtOnce(t *testing.T, st Store) {
	var wg sync.WaitGroup
	var granted, denied atomic.Int64
	for range 20 {
		wg.Go(func() {
			o := claim(noon, claimed(1000, 1010, 0))
			o.Limits = nil
			switch _, taken, err := st.Reserve(context.Background(), o); {
			case err != nil:
				t.Error(err)
			case len(taken) == 0:
				granted.Add(1)
			case len(taken) == 10:
				denied.Add(1)
			}
		})
	}
	wg.Wait()
	if granted.Load() != 1 || denied.Load() != 19 {
		t.Errorf("%d buyers were granted the same segments at once, %d denied", granted.Load(), denied.Load())
	}
}

func troubles(t *testing.T, st Store) {
	list := []translate.Trouble{
		{Engine: "a", Kind: translate.Auth, Cause: "auth (status 403)", Left: true, Count: 3, Since: noon,
			Last: noon.Add(time.Hour)},
		{Engine: "a", Kind: translate.Withheld, Cause: "withheld numbers", Count: 7, Since: noon, Last: noon},
		{Engine: "b", Kind: translate.Auth, Cause: "auth", Left: true, Count: 1, Since: noon, Last: noon},
	}
	for _, want := range [][]translate.Trouble{nil, list, list[1:], nil} {
		if err := st.SetTroubles(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got, err := st.Troubles(t.Context()); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
}
