package storetest

import (
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// origins tests that the outlets that an item names come with it, count where items are counted, and are
// replaced with it.
func origins(t *testing.T, st Store) {
	named := []feeds.Origin{
		{ID: "one", Title: feeds.Title{EN: "One", AR: "واحد"}, URL: "https://one.example/1", ItemTitle: "عنوان",
			Published: noon},
		{ID: "two", URL: "https://www.two.example/9"}, {URL: "https://two.example/10"},
	}
	lead, other := entry("a", "1", "الخبر"), entry("b", "1", "خبر قريب")
	lead.Origins = named
	polled(t, st, noon, lead, other)
	linked := born(other)
	linked.Links = []dedupe.Link{{Story: aggregator.StoryID(lead), Why: "same event"}}
	grouped(t, st, noon, born(lead), linked)
	equal(t, "origins", one(t, st, lead).Items[0].Origins, named)
	equal(t, "of another source", one(t, st, other).Items[0].Origins, nil)
	sources := func(list []feeds.Appearance) (out []string) {
		for _, a := range list {
			out = append(out, a.Source)
		}
		return out
	}
	want := []string{"a/one.example", "a/two.example"}
	equal(t, "elsewhere", sources(one(t, st, other).Elsewhere), want)
	told, err := st.Told(t.Context(), noon.Add(-3*time.Hour), noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range told {
		if s.ID == aggregator.StoryID(lead) {
			equal(t, "told", sources(s.Items), want)
		}
	}
	lead.Origins = named[:1]
	before := one(t, st, lead)
	polled(t, st, noon.Add(time.Hour), lead)
	after := one(t, st, lead)
	equal(t, "replaced", after.Items[0].Origins, named[:1])
	if !after.Updated.After(before.Updated) {
		t.Errorf("updated %v, before %v", after.Updated, before.Updated)
	}
	lead.Origins = []feeds.Origin{{ID: "else", Title: feeds.Title{EN: "Another name"}, URL: "https://one.example/1"}}
	polled(t, st, noon.Add(2*time.Hour), lead)
	if again := one(t, st, lead); !again.Updated.Equal(after.Updated) {
		t.Errorf("another name of the same outlet is news: updated %v", again.Updated)
	}
}
