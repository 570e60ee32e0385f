package translate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/translate"
)

// A process that is killed between an answer and its commit loses only the calls in flight. The
// next process buys them again, and the budget counts both.
func TestKillLosesOnlyCallsInFlight(t *testing.T) {
	const parallel, timeout = 3, time.Minute
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var in []translate.Passage
	distinct := 0
	for i := range 40 {
		title := fmt.Sprintf("خبر عاجل عن الشركة رقم %d", 1000+i)
		distinct += utf8.RuneCountInString(title)
		in = append(in, translate.Passage{Article: fmt.Sprint(i), Role: translate.Title, Text: title})
	}
	buyer := func(st translate.Store, billed func(r translate.Request)) *translate.Translator {
		e := paid("mt", func(n int, r translate.Request) (translate.Response, error) {
			billed(r)
			return echo(n, r)
		})
		e.limits.Parallel, e.limits.Timeout = parallel, timeout
		return translate.New(st, translate.Options{Titles: []translate.Engine{e},
			Now: func() time.Time { return now }, Limits: []translate.Limit{{Chars: 1 << 30}}})
	}
	if path := os.Getenv("NASHRA_TEST_KILL"); path != "" {
		var mu sync.Mutex
		st := openAt(t, path)
		tr := buyer(&killedAt{Store: st, left: 4}, func(r translate.Request) {
			mu.Lock()
			defer mu.Unlock()
			fmt.Printf("billed %d\n", chars(r))
		})
		_, _, err := tr.Translate(t.Context(), arEn, in)
		t.Fatalf("the process lives: %v", err)
	}
	path := filepath.Join(t.TempDir(), "nashra.db")
	cmd := exec.Command(os.Args[0], "-test.run", "^TestKillLosesOnlyCallsInFlight$", "-test.v")
	cmd.Env = append(os.Environ(), "NASHRA_TEST_KILL="+path)
	out, err := cmd.Output()
	if err == nil || strings.Contains(string(out), "FAIL") {
		t.Fatalf("%v: %s", err, out)
	}
	killed, calls := 0, 0
	for line := range strings.Lines(string(out)) {
		var n int
		if _, err := fmt.Sscanf(line, "billed %d", &n); err == nil {
			killed, calls = killed+n, calls+1
		}
	}
	st := openAt(t, path)
	var bought atomic.Int64
	res, rep, err := buyer(st, func(r translate.Request) { bought.Add(int64(chars(r))) }).Translate(t.Context(), arEn,
		in)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range res {
		if p.Missing > 0 {
			t.Errorf("passage %d is not translated", i)
		}
	}
	again := int(bought.Load())
	lost := killed + again - distinct
	t.Logf("%d calls were answered before the kill; %d of %d characters were bought again, %d segments were kept",
		calls, lost, distinct, rep.Hits)
	if most := parallel * 4 * utf8.RuneCountInString(in[0].Text); rep.Hits < 4*3 || lost <= 0 || lost > most {
		t.Errorf("%d segments were kept, %d characters lost; the calls in flight have at most %d", rep.Hits, lost, most)
	}
	paid := int64(killed + again)
	for extra, free := range map[int64]bool{0: false, 1: true} {
		_, _, err := st.Reserve(t.Context(), translate.Order{Engine: "mt", Cost: translate.Cost{Chars: 1}, At: now,
			Limits: []translate.Limit{{Chars: paid + extra}}})
		if (err == nil) != free {
			t.Errorf("of a budget of %d characters %d were billed: %v", paid+extra, paid, err)
		}
	}
}

func chars(r translate.Request) (n int) {
	for _, s := range r.Segments {
		n += utf8.RuneCountInString(s)
	}
	return n
}

func openAt(t testing.TB, path string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// killedAt ends the process at its fourth call of Settle, before it stores anything.
type killedAt struct {
	*store.Store
	mu   sync.Mutex
	left int
}

func (k *killedAt) Settle(ctx context.Context, ticket translate.Ticket, c translate.Cost, rows []translate.Row) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.left--; k.left > 0 {
		return k.Store.Settle(ctx, ticket, c, rows)
	}
	time.Sleep(100 * time.Millisecond) // meanwhile the other calls are answered
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := self.Kill(); err != nil {
		return err
	}
	select {}
}

// full is a store in which Settle fails for a while, before or after storing.
type full struct {
	translate.Store
	fails, lost int
}

func (f *full) Settle(ctx context.Context, t translate.Ticket, c translate.Cost, rows []translate.Row) error {
	if f.fails--; f.fails >= 0 {
		return errors.New("no space left on device")
	}
	err := f.Store.Settle(ctx, t, c, rows)
	if f.lost--; f.lost >= 0 && err == nil {
		return errors.New("the connection was closed")
	}
	return err
}

// Purchases that could not be stored are stored before anything more is bought. On a full disk
// nothing is bought; with space again everything is there, bought and counted once.
func TestFullDiskBuysNothingTwice(t *testing.T) {
	in := []translate.Passage{{Article: "1", Role: translate.Title, Text: "خبر عاجل عن الشركة"},
		{Article: "2", Role: translate.Title, Text: "هاتف جديد في السوق"}}
	for name, st := range map[string]*full{"full": {fails: 4}, "the answer is lost": {lost: 1}} {
		t.Run(name, func(t *testing.T) {
			at := openAt(t, filepath.Join(t.TempDir(), "nashra.db"))
			st.Store = at
			var billed atomic.Int64
			e := paid("mt", func(n int, r translate.Request) (translate.Response, error) {
				billed.Add(int64(chars(r)))
				return echo(n, r)
			})
			e.limits.Parallel = 1
			tr := translate.New(st, translate.Options{Titles: []translate.Engine{e},
				Limits: []translate.Limit{{Chars: 1 << 30}}})
			failed := 0
			for ; failed < 10; failed++ {
				_, _, err := tr.Translate(t.Context(), arEn, in)
				if err == nil {
					break
				}
			}
			res, rep, err := tr.Translate(t.Context(), arEn, in)
			if err != nil || failed == 0 || res[0].Missing+res[1].Missing > 0 || rep.Hits != 2 {
				t.Errorf("after %d failures: %+v, %+v, %v", failed, res, rep, err)
			}
			want := utf8.RuneCountInString(in[0].Text + in[1].Text)
			used, err := at.Used(t.Context(), []translate.Limit{{Chars: 1 << 30}}, time.Now())
			if err != nil || int(billed.Load()) != want || used[0].Chars != int64(want) {
				t.Errorf("%d characters were billed and %+v counted, of %d: %v", billed.Load(), used, want, err)
			}
		})
	}
}
