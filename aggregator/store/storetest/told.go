package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

func told(t *testing.T, st Store) {
	at := func(source, guid string, seen, published int) feeds.Item {
		it := entry(source, guid, "خبر "+source+guid)
		it.Seen, it.Published = noon.Add(time.Duration(seen)*time.Hour), noon.Add(time.Duration(published)*time.Hour)
		return it
	}
	lead, copied, again := at("b", "1", 1, 0), at("a", "1", 1, -1), at("b", "2", 30, 29)
	linked, far, hidden := at("c", "1", -40, -41), at("d", "1", -40, -42), at("e", "1", 1, -2)
	alone, undated := at("f", "1", 2, -50), at("g", "1", 24, 0)
	undated.Published = time.Time{}
	items := []feeds.Item{lead, copied, again, linked, far, hidden, alone, undated}
	for _, it := range items {
		polled(t, st, it.Seen, it)
	}
	link := func(it feeds.Item, to ...feeds.Item) aggregator.Placement {
		p := born(it)
		for _, o := range to {
			p.Links = append(p.Links, dedupe.Link{Story: aggregator.StoryID(o), Why: "event"})
		}
		return p
	}
	grouped(t, st, noon, born(lead), joins(copied, lead, feeds.Copy), joins(again, lead, feeds.Copy), born(hidden),
		link(linked, lead, hidden), link(far, linked), born(alone), born(undated))
	if err := st.Hide(t.Context(), aggregator.StoryID(hidden)); err != nil {
		t.Fatal(err)
	}
	name := map[string]string{}
	for _, it := range items {
		name[aggregator.StoryID(it)] = it.SourceID
	}
	links, err := st.Links(t.Context(), []string{aggregator.StoryID(lead), aggregator.StoryID(linked),
		aggregator.StoryID(alone)})
	want := map[string][]string{aggregator.StoryID(lead): {aggregator.StoryID(linked)},
		aggregator.StoryID(linked): {aggregator.StoryID(lead), aggregator.StoryID(far)}}
	slices.Sort(want[aggregator.StoryID(linked)])
	if err != nil || !reflect.DeepEqual(links, want) {
		t.Errorf("links %v, want %v, %v", links, want, err)
	}
	for _, c := range []struct {
		from, to int
		want     string
	}{
		{0, 24, "b: a@1,-1 b@1,0 b@30,29 > c | c: c@-40,-41 > d b"},
		{24, 29, "g: g@24,24"},
		{24, 31, "g: g@24,24 | b: a@1,-1 b@1,0 b@30,29 > c | c: c@-40,-41 > d b"},
		{-1, 0, "b: a@1,-1 b@1,0 b@30,29 > c | c: c@-40,-41 > d b"},
		{-50, -42, "f: f@2,-50"},
		{-40, -39, "b: a@1,-1 b@1,0 b@30,29 > c | c: c@-40,-41 > d b | d: d@-40,-42 > c"},
		{-3, -1, ""},
		{40, 50, ""},
	} {
		list, err := st.Told(t.Context(), noon.Add(time.Duration(c.from)*time.Hour),
			noon.Add(time.Duration(c.to)*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		hours := func(at time.Time) int { return int(at.Sub(noon).Hours()) }
		var got []string
		for _, s := range list {
			line := name[s.ID] + ":"
			for _, a := range s.Items {
				line += fmt.Sprintf(" %s@%d,%d", a.Source, hours(a.Seen), hours(a.Published))
			}
			if len(s.Links) > 0 {
				line += " >"
			}
			for _, id := range s.Links {
				line += " " + name[id]
			}
			got = append(got, line)
			if l, err := st.List(t.Context(), feeds.Query{IDs: []string{s.ID}, Limit: 1}); err != nil ||
				!reflect.DeepEqual(l, []feeds.Listed{s.Listed}) {
				t.Errorf("%s is listed as %+v, %v; want %+v", name[s.ID], l, err, s.Listed)
			}
		}
		if all := strings.Join(got, " | "); all != c.want {
			t.Errorf("%d to %d: %s, want %s", c.from, c.to, all, c.want)
		}
	}
}
