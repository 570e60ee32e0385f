package dedupe_test

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/digest"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/feeds"
)

const (
	bulletin = 20 // events that are listed for a day
	big      = 5  // outlets of an event that must be among them
)

// cluster is an event as texts alone tell it: the articles that the largest of them holds.
type cluster struct {
	first map[string]time.Time // by outlet: its first article
}

// clustersOf clusters articles by falling length: one joins the cluster whose largest text holds most of
// its 4-grams, at least .6 of them and 12.
func clustersOf(all []*article) map[*article]*cluster {
	of, where := map[*article]*cluster{}, map[uint64][]*cluster{}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(x, y *article) int { return cmp.Compare(len(y.grams), len(x.grams)) })
	for _, a := range all {
		held := map[*cluster]int{}
		var best *cluster
		for _, g := range a.grams {
			for _, c := range where[g] {
				if held[c]++; best == nil || held[c] > held[best] {
					best = c
				}
			}
		}
		if best == nil || held[best] < 12 || ratio(held[best], len(a.grams)) < .6 {
			best = &cluster{map[string]time.Time{}}
			for _, g := range a.grams {
				where[g] = append(where[g], best)
			}
		}
		of[a] = best
		if at, ok := best.first[a.Source]; !ok || a.at.Before(at) {
			best.first[a.Source] = a.at
		}
	}
	return of
}

// day is a day of articles in a store: what the store tells of it is compared with clusters.
type day struct {
	feeds.EventQuery
	st    *store.Store
	of    map[*article]*cluster
	byKey map[string]*article
}

// outlets returns the outlets of c whose first article is of the day.
func (d *day) outlets(c *cluster) (out []string) {
	for o, at := range c.first {
		if d.Within(at) {
			out = append(out, o)
		}
	}
	return out
}

// best returns how many outlets the clusters of most outlets have.
func (d *day) best() (n int) {
	sizes := map[*cluster]int{}
	for _, c := range d.of {
		sizes[c] = len(d.outlets(c))
	}
	list := make([]int, 0, len(sizes))
	for _, size := range sizes {
		list = append(list, size)
	}
	slices.Sort(list)
	for _, size := range list[max(0, len(list)-bulletin):] {
		n += size
	}
	return n
}

// told returns the clusters that an event tells of the day, each once.
func (d *day) told(t *testing.T, e feeds.Event) (list []*cluster) {
	t.Helper()
	page, err := d.st.Stories(t.Context(), feeds.Query{IDs: e.Stories, Limit: len(e.Stories)})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range page {
		for _, m := range s.Items {
			a := d.byKey[m.SourceID+" "+m.GUID]
			if c := d.of[a]; d.Within(a.at) && !slices.Contains(list, c) {
				list = append(list, c)
			}
		}
	}
	return list
}

// listed is what a list of events comes to.
type listed struct {
	all, single   float64 // outlets of all clusters that events tell, of one an event; to the best clusters'
	missed, twice int     // big clusters that no event tells, and events whose largest cluster was listed
}

// list ranks the stories of the day and compares them. It writes them to out, for reading.
func (d *day) list(t *testing.T, stories []feeds.Told, out *strings.Builder) (l listed) {
	t.Helper()
	events := digest.Rank(stories, d.EventQuery, func(id string) string { return id },
		func(feeds.Told) bool { return true })
	seen, main := map[*cluster]bool{}, map[*cluster]bool{}
	all, single := 0, 0
	for _, e := range events {
		outlets, largest := map[string]bool{}, (*cluster)(nil)
		for _, c := range d.told(t, e) {
			for _, o := range d.outlets(c) {
				outlets[o] = outlets[o] || !seen[c]
			}
			seen[c] = true
			if largest == nil || len(d.outlets(c)) > len(d.outlets(largest)) {
				largest = c
			}
		}
		for _, fresh := range outlets {
			if fresh {
				all++
			}
		}
		if main[largest] {
			l.twice++
		} else {
			single += len(d.outlets(largest))
		}
		main[largest] = true
		d.write(t, e, out)
	}
	missed := map[*cluster]bool{}
	for _, c := range d.of {
		if len(d.outlets(c)) >= big && !seen[c] {
			missed[c] = true
		}
	}
	l.all, l.single, l.missed = ratio(all, d.best()), ratio(single, d.best()), len(missed)
	return l
}

// write writes an event with its stories and their items.
func (d *day) write(t *testing.T, e feeds.Event, out *strings.Builder) {
	t.Helper()
	fmt.Fprintf(out, "%s %s\n", d.From.Format(time.DateOnly), feeds.Coverage("en", len(e.Outlets), e.Reports))
	for _, id := range e.Stories {
		page, err := d.st.Stories(t.Context(), feeds.Query{IDs: []string{id}, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page[0].Items {
			fmt.Fprintf(out, "\t%s\t%s\t%s\n", m.Kind, m.SourceID, m.Title)
		}
		for _, m := range page[0].Related {
			if slices.Contains(e.Stories, m.Story) {
				fmt.Fprintf(out, "\t\tlinked\t%s\t%s\n", m.Title, m.Why)
			}
		}
	}
}

// lists ranks the stories that the day told, with their links and without.
func (d *day) lists(t *testing.T, date string, out *strings.Builder) (linked, unlinked listed) {
	t.Helper()
	d.From, _ = time.Parse(time.DateOnly, date)
	d.To, d.ByPublished, d.Top = d.From.AddDate(0, 0, 1), true, bulletin
	stories, err := d.st.Told(t.Context(), d.From, d.To)
	if err != nil {
		t.Fatal(err)
	}
	linked = d.list(t, stories, out)
	for i := range stories {
		stories[i].Links = nil
	}
	return linked, d.list(t, stories, &strings.Builder{})
}

// coverageFigures ranks the events of each day, alone in a store and beside the other days, and compares
// them with clusters of the texts. Clusters know no reports in other words, so stories are ranked without
// links too. Measured with links, such reports take places from clusters, of which each event has one.
func coverageFigures(t *testing.T, dir, out string) []figure {
	t.Helper()
	all := readNews(t, dir)
	byKey, days := map[string]*article{}, map[string][]*article{}
	var everything []*article
	for i := range all {
		it, date := all[i].item(), all[i].at.Format(time.DateOnly)
		byKey[it.SourceID+" "+it.GUID] = &all[i]
		days[date], everything = append(days[date], &all[i]), append(everything, &all[i])
	}
	stored := func(list []*article) *store.Store {
		items := make([]feeds.Item, len(list))
		for i, a := range list {
			items[i] = a.item()
		}
		return grouped(t, items)
	}
	var figures []figure
	whole, ofAll := stored(everything), clustersOf(everything)
	for _, alone := range []bool{true, false} {
		worst, single, texts, text := math.Inf(1), math.Inf(1), math.Inf(1), &strings.Builder{}
		missed, twice, name, bar := 0, 0, "coverage", .93
		if alone {
			name, bar = "coverage, days alone", .85
		}
		for date, list := range days {
			d := day{st: whole, of: ofAll, byKey: byKey}
			if alone {
				d.st, d.of = stored(list), clustersOf(list)
			}
			l, unlinked := d.lists(t, date, text)
			worst, single, texts = min(worst, l.all), min(single, l.single), min(texts, unlinked.single)
			missed, twice = missed+l.missed, twice+l.twice
			t.Log(name, date, l, unlinked)
		}
		figures = append(figures,
			most(name+": events of 5 outlets that are not listed", "-", float64(missed), 0),
			most(name+": events listed twice", "-", float64(twice), 0),
			least(name+": outlets, of the best 20, the worst day", "-", worst, .95),
			least(name+": of one text an event, without links", "-", texts, .95),
			least(name+": of one text an event", "-", single, bar))
		if out != "" {
			if err := os.WriteFile(filepath.Join(out, name+".txt"), []byte(text.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return figures
}
