//go:build linux

package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/segment"
)

// Limits for engines that bill by character: billed characters by those of the new segments, and
// requests by full calls.
const (
	mostBilled   = 1.05
	mostRequests = 1.2
)

// farmTranslated is how many feeds of the farm are translated: about 700 stories.
const farmTranslated = 40

// BenchmarkFarmTranslation translates a farm's stories through each vendor's API in three passes.
// It prints what was billed and requested, and fails above the limits. Chat engines have none.
func BenchmarkFarmTranslation(b *testing.B) {
	bin := build(b)
	all := vendors()
	all["farm-google"], all["farm-libre"] = vendor{entry: "{type: google, url: %s, key: %q}"}, vendor{
		entry: "{type: libretranslate, url: %s, key: %q}"}
	fmt.Printf("\n%-12s %-8s %8s %10s %10s %7s %9s %7s %7s  %s\n", "engine", "round", "segments", "characters",
		"billed", "ratio", "requests", "bound", "ratio", "a call")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				translatedRounds(b, bin, name, all[name])
			}
		})
	}
}

func translatedRounds(b *testing.B, bin, name string, v vendor) {
	farm := startFarm(b, filepath.Join(bin, "feedfarm"), farmTranslated, "-changed", "0.2", "-tr-latency", "0",
		"-tr-per-kchar", "0")
	entry, bill := fmt.Sprintf(v.entry, farm, "AIzaFarm"), func() (int64, int) { return farmBill(b, farm) }
	if v.fake != nil {
		f := v.fake(b)
		entry, bill = v.configured(f), func() (int64, int) { return f.Billed(), len(f.Requests()) }
	}
	file := farmConfig(b, farm, farmTranslated,
		fmt.Sprintf("translate: {engines: [%s], budget: {month: 1000000000}}\nchannels: [{id: feed, limit: "+
			"5000}]\nengines:\n  %s: %s\n",
			name, name, entry))
	cfg, err := configReader().Read(file)
	if err != nil {
		b.Fatal(err)
	}
	known := map[translate.Key]bool{}
	for _, round := range []string{"first", "same", "changed"} {
		if round == "changed" {
			ask(b, "POST", farm+"/ctl/round", nil)
		}
		billedBefore, requestsBefore := bill()
		runFetch(b, filepath.Join(bin, "nashra"), file, "--now")
		billedAfter, requestsAfter := bill()
		billed, requests := int(billedAfter-billedBefore), requestsAfter-requestsBefore
		segments, chars, bound, lim := encoded(b, cfg, name, known)
		ratio := func(x, y int) float64 { return float64(x) / float64(max(y, 1)) }
		fmt.Printf("%-12s %-8s %8d %10d %10d %7.3f %9d %7d %7.3f  %d segments, %d %s\n", name, round, segments, chars,
			billed, ratio(billed, chars), requests,
			bound, ratio(requests, bound), lim.Segments, lim.Size, lim.Unit)
		b.ReportMetric(ratio(billed, chars), round+"-billed/new")
		b.ReportMetric(ratio(requests, bound), round+"-requests/bound")
		switch {
		case round == "same" && billed+requests > 0:
			b.Errorf("%s: an unchanged pass was billed %d characters in %d requests", name, billed, requests)
		case round != "same" && (segments == 0 || ratio(billed, chars) > mostBilled || lim.Mixed &&
			ratio(requests, bound) > mostRequests):
			b.Errorf("%s, %s: %d characters billed for %d new, %d requests where %d would do", name, round, billed,
				chars, requests, bound)
		}
	}
}

// farmBill is what the farm's translation services billed and answered.
func farmBill(b *testing.B, farm string) (chars int64, requests int) {
	var stats struct {
		Translation struct {
			Chars int64                     `json:"chars_billed"`
			By    map[string]map[string]int `json:"by_api"`
		} `json:"translation"`
	}
	ask(b, "GET", farm+"/ctl/stats", &stats)
	for _, api := range stats.Translation.By {
		requests += api["requests"]
	}
	return stats.Translation.Chars, requests
}

// encoded adds the new segments of the memory to known. It returns their number, their characters
// as encoded, and the full calls that they need.
func encoded(b *testing.B, cfg *config.Config, name string, known map[translate.Key]bool) (segments, chars, calls int,
	lim translate.Limits) {
	w, err := newWire(cfg, nil)
	if err != nil {
		b.Fatal(err)
	}
	engines, err := w.engines(b.Context(), []string{name})
	if err != nil {
		b.Fatal(err)
	}
	glossary, err := w.glossary()
	if err != nil {
		b.Fatal(err)
	}
	lim = engines[0].Limits()
	st, err := store.Open(context.Background(), cfg.Store)
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	parts := map[translate.Role]struct{ segments, chars int }{}
	if err := st.Remembered(b.Context(), func(r translate.Row) error {
		if known[r.Key] {
			return nil
		}
		known[r.Key] = true
		text, codec := r.Source, lim.Codec
		if !lim.Terms {
			text = glossary.Protect(text)
		}
		if r.Role == translate.Title {
			codec = translate.Plain
		}
		p := parts[r.Role]
		p.segments, p.chars = p.segments+1, p.chars+int(lim.Unit.Count(segment.Encode(text, codec)))
		parts[r.Role] = p
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	for _, p := range parts {
		segments, chars = segments+p.segments, chars+p.chars
		calls += max((p.chars+lim.Size-1)/lim.Size, (p.segments+lim.Segments-1)/lim.Segments)
	}
	return segments, chars, calls, lim
}
