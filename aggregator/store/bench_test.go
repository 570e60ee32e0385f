package store

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// outlets makes polls of sources with items of 1 to 2 KB of random Arabic, dated in the days before
// until. Every fourth item copies an earlier one. The same arguments give the same items.
func outlets(sources, each int, until time.Time, days int) (polls []aggregator.Poll) {
	r := rand.New(rand.NewPCG(1, 2)) // the same words for all
	letters := []rune("ابتثجحخدذرزسشصضطظعغفقكلمنهوي")
	vocabulary := make([]string, 8000)
	for i := range vocabulary {
		w := make([]rune, 3+r.IntN(5))
		for j := range w {
			w[j] = letters[r.IntN(len(letters))]
		}
		vocabulary[i] = string(w)
	}
	r = rand.New(rand.NewPCG(1, uint64(until.Unix())))
	zipf := rand.NewZipf(r, 1.05, 20, uint64(len(vocabulary)-1))
	text := func(n int) []string {
		words := make([]string, n)
		for i := range words {
			words[i] = vocabulary[zipf.Uint64()]
		}
		return words
	}
	type printed struct {
		words []string
		at    time.Time
	}
	var all []printed
	for s := range sources {
		p := aggregator.Poll{State: polite.State{ID: fmt.Sprintf("s%04d", s)}, Whole: true}
		for i := range each {
			n := printed{text(110 + r.IntN(110)), until.Add(-time.Duration(r.IntN(days*24*3600)) * time.Second)}
			if i%4 == 3 {
				old := all[r.IntN(len(all))]
				n = printed{append(text(3), old.words...), old.at.Add(time.Duration(r.IntN(6)) * time.Hour)}
			}
			all = append(all, n)
			p.Items = append(
				p.Items,
				signed(feeds.Item{
					SourceID:  p.State.ID,
					GUID:      fmt.Sprintf("https://%s.example/?p=%d.%d", p.State.ID, until.Unix(), i),
					URL:       fmt.Sprintf("https://%s.example/%d/%d", p.State.ID, until.Unix(), i),
					Published: n.at,
					Seen:      until,
					Text: feeds.Text{
						Lang:  "ar",
						Title: strings.Join(n.words[:8], " "),
						Body:  "<p>" + strings.Join(n.words[8:], " ") + "</p>",
					},
				}),
			)
		}
		polls = append(polls, p)
	}
	return polls
}

func signed(it feeds.Item) aggregator.Signed {
	return aggregator.Signed{Item: it, Signature: dedupe.Sign(it, arabic.Lexicon{})}
}

// BenchmarkPass30k polls a thousand sources into an empty store, groups, polls the same again and
// reads a page.
func BenchmarkPass30k(b *testing.B) {
	const sources, each, together = 1000, 30, 32 // as many polls in a write as aggregator.Poll takes
	polls := outlets(sources, each, noon, 14)
	for name, fresh := range databases {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				st := opened(b, fresh(b))
				took := map[string]time.Duration{}
				step := func(name string, f func()) {
					begun := time.Now()
					f()
					took[name] += time.Since(begun)
				}
				poll := func() {
					for i := 0; i < len(polls); i += together {
						if _, err := st.Polled(b.Context(), noon, polls[i:min(i+together, len(polls))]...); err != nil {
							b.Fatal(err)
						}
					}
				}
				step("poll", poll)
				step("group", func() {
					g, err := aggregator.New(aggregator.Options{Store: st, Now: func() time.Time { return noon }}).
						Group(b.Context())
					if err != nil || g.Joined < sources*each/5 || g.Born+g.Joined != sources*each {
						b.Fatalf("%+v, %v", g, err)
					}
				})
				step("same", poll)
				step("read", func() {
					if list, err := st.Stories(b.Context(), feeds.Query{Limit: 100}); err != nil || len(list) != 100 {
						b.Fatalf("%d stories, %v", len(list), err)
					}
				})
				for name, d := range took {
					b.ReportMetric(d.Seconds(), name+"-s")
				}
				b.ReportMetric(sources*each/(took["poll"]+took["group"]).Seconds(), "items/s")
			}
		})
	}
}

// BenchmarkSearch indexes 100,000 stories of 1 to 2 KB and searches for words that most, some and
// none of them have. idle is a call of Index with nothing to do.
func BenchmarkSearch(b *testing.B) {
	const sources, each, together = 1000, 100, 32
	polls := outlets(sources, each, noon, 14)
	question := strings.Fields(polls[0].Items[0].Title)
	common, beginning := commonest(polls, 20)[0], commonest(polls, 3)[0]
	four := strings.Join(commonest(polls, 4)[:4], "* ") + "*"
	for name, fresh := range databases {
		b.Run(name, func(b *testing.B) {
			st := opened(b, fresh(b))
			for i := 0; i < len(polls); i += together {
				batch := polls[i:min(i+together, len(polls))]
				if _, err := st.Polled(b.Context(), noon, batch...); err != nil {
					b.Fatal(err)
				}
				var born []aggregator.Placement
				for _, p := range batch {
					for _, it := range p.Items {
						born = append(
							born,
							aggregator.Placement{
								Pending: it.Pending(),
								Story:   aggregator.StoryID(it.Item),
								Born:    true,
								Kind:    feeds.Lead,
							},
						)
					}
				}
				if err := st.Grouped(b.Context(), noon, born); err != nil {
					b.Fatal(err)
				}
			}
			begun := time.Now()
			if n, err := st.Index(b.Context()); err != nil || n != sources*each {
				b.Fatalf("%d stories indexed, %v", n, err)
			}
			indexed := time.Since(begun)
			best := map[string]time.Duration{} // of all rounds: other work on the machine only adds
			step := func(name string, f func() error) {
				begun := time.Now()
				if err := f(); err != nil {
					b.Fatal(err)
				}
				if took := time.Since(begun); best[name] == 0 || took < best[name] {
					best[name] = took
				}
			}
			for b.Loop() {
				for name, words := range map[string]string{
					"one": question[0], "two": question[0] + " " + question[1],
					"all": strings.Join(question, " "), "none": question[0] + " zzz", "common": common,
					"beginning": beginning + "*", "both": common + " " + beginning + "*", "letter": beginning[:2],
					"four": four,
				} {
					step(name, func() error {
						found, err := st.Search(b.Context(), feeds.Query{Words: words, Limit: 20})
						if (found.Count == 0) != (name == "none" || name == "letter") {
							b.Errorf("%s: %d stories", name, found.Count)
						}
						return err
					})
				}
				step("idle", func() error { _, err := st.Index(b.Context()); return err })
			}
			b.ReportMetric(indexed.Seconds(), "index-s") // b.Loop forgets earlier ones
			for name, took := range best {
				b.ReportMetric(float64(took.Microseconds())/1000, name+"-ms")
			}
		})
	}
}

// commonest returns the beginnings, of at most so many letters, of words in titles of polls: those
// that most have come first.
func commonest(polls []aggregator.Poll, letters int) []string {
	counts := map[string]int{}
	for _, p := range polls {
		for _, it := range p.Items {
			for w := range strings.FieldsSeq(it.Title) {
				if word := []rune(w); len(word) >= 3 {
					counts[string(word[:min(len(word), letters)])]++
				}
			}
		}
	}
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

// BenchmarkGrown groups the items of one day in a store that grew by as many each day. Grouping
// reads three days of any store. NASHRA_BENCH_ITEMS is its size, by default 50,000.
func BenchmarkGrown(b *testing.B) {
	const sources, each = 500, 20
	stored := 50_000
	if n, err := strconv.Atoi(os.Getenv("NASHRA_BENCH_ITEMS")); err == nil {
		stored = n
	}
	st := opened(b, databases["SQLite"](b))
	now := noon
	a := aggregator.New(aggregator.Options{Store: st, Now: func() time.Time { return now }})
	day := func(old bool) (polling, grouping time.Duration) {
		polls := outlets(sources, each, now, 1)
		begun := time.Now()
		if _, err := st.Polled(b.Context(), now, polls...); err != nil {
			b.Fatal(err)
		}
		polling, begun = time.Since(begun), time.Now()
		if old { // not looked through any more when it counts
			var born []aggregator.Placement
			for _, p := range polls {
				for _, it := range p.Items {
					born = append(
						born,
						aggregator.Placement{
							Pending: it.Pending(),
							Story:   aggregator.StoryID(it.Item),
							Born:    true,
							Kind:    feeds.Lead,
						},
					)
				}
			}
			if err := st.Grouped(b.Context(), now, born); err != nil {
				b.Fatal(err)
			}
			return polling, time.Since(begun)
		}
		g, err := a.Group(b.Context())
		if err != nil || g.Joined < sources*each/5 || g.Born+g.Joined != sources*each {
			b.Fatalf("%+v, %v", g, err)
		}
		return polling, time.Since(begun)
	}
	for n := 0; n < stored; n += sources * each {
		now = now.Add(24 * time.Hour)
		day(stored-n > 4*sources*each)
	}
	for b.Loop() {
		now = now.Add(24 * time.Hour)
		polling, grouping := day(false)
		b.ReportMetric(float64(polling.Microseconds())/(sources*each), "polling-µs/item")
		b.ReportMetric(float64(grouping.Microseconds())/(sources*each), "grouping-µs/item")
		b.ReportMetric(sources*each/grouping.Seconds(), "items/s")
	}
}

// BenchmarkFlood groups one text that a thousand sources print again and again: no item costs more
// than the one before.
func BenchmarkFlood(b *testing.B) {
	one := outlets(1, 1, noon, 1)[0].Items[0].Item
	for _, n := range []int{10_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				st := opened(b, databases["SQLite"](b))
				for s := range 1000 {
					p := aggregator.Poll{State: polite.State{ID: fmt.Sprintf("s%04d", s)}, Whole: true}
					for i := range n / 1000 {
						it := one
						it.SourceID, it.GUID, it.URL = p.State.ID, strconv.Itoa(
							i,
						), fmt.Sprintf(
							"https://%s.example/%d",
							p.State.ID,
							i,
						)
						p.Items = append(p.Items, signed(it))
					}
					if _, err := st.Polled(b.Context(), noon, p); err != nil {
						b.Fatal(err)
					}
				}
				begun := time.Now()
				g, err := aggregator.New(aggregator.Options{Store: st, Now: func() time.Time { return noon }}).
					Group(b.Context())
				if err != nil || g.Born != 1 || g.Joined != n-1 {
					b.Fatalf("%+v, %v", g, err)
				}
				b.ReportMetric(float64(time.Since(begun).Microseconds())/float64(n), "grouping-µs/item")
			}
		})
	}
}
