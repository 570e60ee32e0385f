package translate_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/translate"
)

// Processes that translate the same at the same moment buy each segment once between them. If one
// fails, another buys its segments; in the end each has everything.
func TestParallelBuyersBuyOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nashra.db")
	var in []translate.Passage
	distinct := 0
	for i := range 40 {
		title := fmt.Sprintf("خبر عاجل عن الشركة رقم %d", 1000+i)
		distinct += utf8.RuneCountInString(title)
		in = append(in, translate.Passage{Article: fmt.Sprint(i), Role: translate.Title, Text: title})
	}
	const buyers = 3
	var wg sync.WaitGroup
	var mu sync.Mutex
	billed, hits, bought := 0, 0, 0
	for who := range buyers {
		e := paid("mt", func(n int, r translate.Request) (translate.Response, error) {
			time.Sleep(20 * time.Millisecond)
			if who == 0 && n == 2 { // the others wait in vain
				return translate.Response{}, &translate.Error{Kind: translate.Auth, Engine: "mt"}
			}
			mu.Lock()
			defer mu.Unlock()
			billed += chars(r)
			return echo(n, r)
		})
		e.limits.Parallel, e.limits.Timeout = 2, time.Minute
		second := paid("second", echo) // for buyers that lost the first
		second.answer = func(n int, r translate.Request) (translate.Response, error) {
			time.Sleep(20 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			billed += chars(r)
			return echo(n, r)
		}
		second.limits.Timeout = time.Minute
		tr := translate.New(openAt(t, path), translate.Options{Titles: []translate.Engine{e, second}})
		wg.Go(func() {
			out, rep, err := tr.Translate(t.Context(), arEn, in)
			if err != nil || !whole(out) {
				t.Errorf("buyer %d: %+v, %v", who, rep, err)
			}
			mu.Lock()
			defer mu.Unlock()
			hits, bought = hits+rep.Hits, bought+rep.Bought
		})
	}
	wg.Wait()
	if billed != distinct || bought != len(in) || hits != (buyers-1)*len(in) {
		t.Errorf("%d characters were billed for %d, %d segments bought for %d, %d had from the others", billed,
			distinct, bought, len(in), hits)
	}
}

// A buyer that died delays others at most for the timeout of its call.
func TestDeadBuyerDelaysOthersForOneTimeout(t *testing.T) {
	st, now := open(t), time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	const title = "خبر عاجل عن الشركة"
	dead := translate.Order{Engine: "mt", At: now,
		Keys: map[translate.Key]int{translate.KeyOf(arEn, translate.Title, title): 0}, Until: now.Add(time.Minute)}
	if _, taken, err := st.Reserve(t.Context(), dead); err != nil || len(taken) > 0 {
		t.Fatal(taken, err)
	}
	in := []translate.Passage{{Role: translate.Title, Text: title}, {Role: translate.Title, Text: "خبر آخر"}}
	e := paid("mt", echo)
	e.limits.Timeout = 200 * time.Millisecond
	began := time.Now()
	out, rep, err := translate.New(st, translate.Options{Titles: []translate.Engine{e},
		Now: func() time.Time { return now.Add(59 * time.Second) }}).Translate(t.Context(), arEn, in)
	if err != nil || out[0].Missing != 1 || out[1].Missing != 0 || rep.Bought != 1 ||
		time.Since(began) > 10*time.Second {
		t.Errorf("what somebody seems to be buying is left to him: %+v, %+v, %v", out, rep, err)
	}
	out, rep, err = translate.New(st, translate.Options{Titles: []translate.Engine{e},
		Now: func() time.Time { return now.Add(time.Minute) }}).Translate(t.Context(), arEn, in)
	if err != nil || !whole(out) || rep.Bought != 1 || rep.Hits != 1 {
		t.Errorf("he is dead: %+v, %+v, %v", out, rep, err)
	}
}

// A slow account with a spent budget does not delay a pass.
func TestSpentBudgetDoesNotDelayAPass(t *testing.T) {
	e := paid("mt", echo)
	e.limits.Segments, e.limits.Size, e.limits.PerMinute = 100, 100_000, 60 // a character a second
	tr := translate.New(open(t), translate.Options{Titles: []translate.Engine{e},
		Limits: []translate.Limit{{Chars: 30}}})
	var in []translate.Passage
	for i := range 30 {
		in = append(in, translate.Passage{Article: fmt.Sprint(i), Role: translate.Title,
			Text: fmt.Sprintf("خبر عاجل عن الشركة رقم %d", 1000+i)})
	}
	began := time.Now()
	_, rep, err := tr.Translate(t.Context(), arEn, in)
	if took := time.Since(began); err != nil || rep.Bought != 1 || len(rep.Failures) != 1 ||
		translate.KindOf(rep.Failures[0]) != translate.Budget || took > 20*time.Second {
		t.Errorf("%+v after %v, %v", rep, took, err)
	}
}
