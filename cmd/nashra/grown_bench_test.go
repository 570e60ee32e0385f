//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// BenchmarkGrownStore compares rounds on an empty store with rounds on one with NASHRA_BENCH_ITEMS
// older items: the best of three. Three million take a quarter of an hour to make.
func BenchmarkGrownStore(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("NASHRA_BENCH_ITEMS"))
	if err != nil {
		n = 100_000
	}
	bin := build(b)
	nashra, farm := filepath.Join(bin, "nashra"), startFarm(b, filepath.Join(bin, "feedfarm"), farmFeeds)
	configs := map[string]string{}
	for _, name := range []string{"fresh", "grown"} {
		configs[name] = farmConfig(b, farm, farmFeeds, "translate: {engines: []}\n")
		runFetch(b, nashra, configs[name], "--now")
	}
	grow(b, filepath.Join(filepath.Dir(configs["grown"]), "nashra.db"), n)
	for b.Loop() {
		best := map[string]map[string]farmRun{"same": {}, "changed": {}}
		for range 3 {
			for _, round := range []string{"same", "changed"} {
				if round == "changed" {
					ask(b, "POST", farm+"/ctl/round", nil)
				}
				for _, name := range []string{"fresh", "grown"} {
					r := runFetch(b, nashra, configs[name], "--now")
					if was, ok := best[round][name]; !ok || r.cpu < was.cpu {
						best[round][name] = r
					}
				}
			}
		}
		for round, of := range best {
			grown, fresh := of["grown"].cpu.Seconds(), of["fresh"].cpu.Seconds()
			fmt.Printf("%-8s %d items more: %.2f CPU s; without: %.2f CPU s\n", round, n, grown, fresh)
			b.ReportMetric(grown/fresh, round+"-grown-x")
		}
	}
}

// grow stores n items that the sources no longer serve, each a story, over the last five months,
// the default retention.
func grow(b *testing.B, path string, n int) {
	ctx := b.Context()
	st, err := store.Open(ctx, path)
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	const batch, days = 5000, 150
	rng := rand.New(rand.NewPCG(3, 3))
	last := time.Now().Add(-4 * 24 * time.Hour)
	for done := 0; done < n; done += batch {
		seen := last.Add(-time.Duration(float64(n-done) / float64(n) * days * 24 * float64(time.Hour))).UTC().Truncate(
			time.Millisecond)
		if err := growDay(ctx, st, rng, seen, done, batch); err != nil {
			b.Fatal(err)
		}
	}
}

// growDay stores a batch of items first seen at one time. One signature serves ten of them.
func growDay(ctx context.Context, st *store.Store, rng *rand.Rand, seen time.Time, first, batch int) error {
	memos, err := st.States(ctx)
	if err != nil {
		return err
	}
	polls := make([]aggregator.Poll, farmFeeds)
	var born []aggregator.Placement
	var signature dedupe.Signature
	var text feeds.Text
	for i := range batch {
		source := fmt.Sprintf("f%d", i%farmFeeds)
		guid := fmt.Sprintf("old:%d", first+i)
		if i%10 == 0 {
			text = oldText(rng)
		}
		it := feeds.Item{SourceID: source, GUID: guid, URL: "https://example.com/" + guid, Published: seen, Seen: seen,
			Text: text}
		if i%10 == 0 {
			signature = dedupe.Sign(it, arabic.Lexicon{})
		}
		own := signature
		own.Identity = []int64{rng.Int64(), rng.Int64()}
		signed := aggregator.Signed{Item: it, Signature: own}
		p := &polls[i%farmFeeds]
		p.State, p.Items = memos[source], append(p.Items, signed)
		born = append(born, aggregator.Placement{Pending: signed.Pending(), Story: aggregator.StoryID(it), Born: true,
			Kind: feeds.Lead, Filed: true})
	}
	if _, err := st.Polled(ctx, seen, polls...); err != nil {
		return err
	}
	return st.Grouped(ctx, seen, born)
}

// oldText returns an invented text of about 600 bytes.
func oldText(rng *rand.Rand) feeds.Text {
	letters := []rune("ابتثجحخدذرزسشصضطظعغفقكلمنهوي")
	words := make([]string, 50)
	for i := range words {
		w := make([]rune, 3+rng.IntN(5))
		for j := range w {
			w[j] = letters[rng.IntN(len(letters))]
		}
		words[i] = string(w)
	}
	return feeds.Text{Lang: "ar", Title: strings.Join(words[:8], " "), Body: "<p>" + strings.Join(words[8:], " ") +
		"</p>"}
}
