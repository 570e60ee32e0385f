package marian

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nashra/nashra/translate/offline/synthetic"
)

func cases(t testing.TB, name string) synthetic.Case {
	t.Helper()
	all := synthetic.Cases(1)
	i := slices.IndexFunc(all, func(c synthetic.Case) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no case %s", name)
	}
	return all[i]
}

// A sentence's translation does not depend on the other sentences, their order, or concurrent calls.
func TestNeighboursDoNotMatter(t *testing.T) {
	m, short := load(t, cases(t, "split"))
	var sources [][]int32
	for _, line := range synthetic.Lines(5)[:12] {
		sources = append(sources, numbers(t, line))
	}
	together, err := m.Translate(t.Context(), short, sources, false)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i, s := range sources {
		wg.Go(func() {
			alone, err := m.Translate(t.Context(), short, [][]int32{s, {}, sources[0]}, false)
			if err != nil || !same(alone[0], together[i]) || len(alone[1].Pieces) != 0 || !same(alone[2], together[0]) {
				t.Errorf("sentence %d: alone %v, together %v; %v", i, alone, together[i], err)
			}
		})
	}
	wg.Wait()
}

func same(a, b Target) bool { return slices.Equal(a.Pieces, b.Pieces) && slices.Equal(a.From, b.From) }

func TestTranslateRefuses(t *testing.T) {
	m, short := load(t, cases(t, "tied1"))
	for name, source := range map[string][]int32{"too long": make([]int32, MaxSource+1), "a piece too many": {2000},
		"below the first": {-1}} {
		if _, err := m.Translate(t.Context(), short, [][]int32{source}, false); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	full := slices.Repeat([]int32{7}, MaxSource)
	out, err := m.Translate(t.Context(), short, [][]int32{full}, false)
	if err != nil || len(out[0].Pieces) > maxTarget {
		t.Errorf("the longest sentence: %d pieces, %v", len(out[0].Pieces), err)
	}
}

func TestTranslateStops(t *testing.T) {
	m, short := load(t, cases(t, "deep"))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	began := time.Now()
	_, err := m.Translate(ctx, short, slices.Repeat([][]int32{slices.Repeat([]int32{9}, MaxSource)}, 40), true)
	if !errors.Is(err, context.Canceled) || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}
