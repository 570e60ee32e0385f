package storetest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

// find gives the ids of the stories near one signature, those that share an identity key marked with "=".
func find(t *testing.T, st Store, sig dedupe.Signature, since time.Time) ([]string, map[string]dedupe.Candidate) {
	t.Helper()
	// another signature in front: answers keep the order of what was asked
	hits, leads, err := st.Near(t.Context(), []dedupe.Signature{{Identity: []int64{-1}}, sig}, since)
	if err != nil {
		t.Fatal(err)
	}
	if len(hits) != 2 || len(hits[0]) != 0 {
		t.Fatalf("%d answers for 2 signatures; of a key that nobody has: %v", len(hits), hits[0])
	}
	var out []string
	for _, h := range hits[1] {
		if leads[h.Story].Story != h.Story {
			t.Errorf("story %s has no lead among %v", h.Story, leads)
		}
		if h.Identical {
			h.Story += "="
		}
		out = append(out, h.Story)
	}
	slices.Sort(out)
	return out, leads
}

func only(bands bool, sig dedupe.Signature) dedupe.Signature {
	if bands {
		return dedupe.Signature{Bands: sig.Bands}
	}
	return dedupe.Signature{Identity: sig.Identity}
}

func near(t *testing.T, st Store) {
	a, b, c := entry("a", "1", "هاتف جديد"), entry("b", "1", "هاتف جديد"), entry("c", "1", "نسخة")
	for _, it := range []*feeds.Item{&a, &b, &c} {
		it.Body = "<p>" + news + "</p>"
	}
	b.Published = noon.Add(-30 * 24 * time.Hour)
	c.Body += "<p>زيادة</p>"
	began(t, st, a, b)
	polled(t, st, noon, c)
	grouped(t, st, noon, joins(c, a, feeds.Copy))
	sigA, sigB, sigC := dedupe.Sign(a, arabic.Lexicon{}), dedupe.Sign(b, arabic.Lexicon{}), dedupe.Sign(c, arabic.Lexicon{})
	idA, idB := aggregator.StoryID(a), aggregator.StoryID(b)
	if len(sigA.Bands) == 0 || len(sigA.Identity) != 2 || sigA.Identity[1] != sigB.Identity[1] || slices.Equal(sigC.Bands, sigA.Bands) {
		t.Fatal("the texts of this test are not what it needs")
	}
	both := []string{idA + "=", idB + "="}
	slices.Sort(both)
	window := noon.Add(-72 * time.Hour)

	got, leads := find(t, st, only(false, sigA), window)
	equal(t, "by address and words, also of long ago", got, both)
	want := dedupe.Candidate{Story: idA, Source: "a", When: a.Published, Signature: sigA}
	if !reflect.DeepEqual(leads[idA], want) {
		t.Errorf("lead %+v, want %+v", leads[idA], want)
	}
	got, _ = find(t, st, only(false, sigC), window)
	equal(t, "by a copy's address", got, []string{idA + "="})
	got, _ = find(t, st, only(true, sigA), window)
	equal(t, "by likeness, in the window", got, []string{idA})
	got, _ = find(t, st, only(true, sigA), b.Published)
	unmarked := []string{idA, idB}
	slices.Sort(unmarked)
	equal(t, "by likeness, in a wide window", got, unmarked)
	got, leads = find(t, st, only(true, sigA), noon)
	if len(got) != 0 || len(leads) != 0 {
		t.Errorf("by likeness, before the window: %v", got)
	}
	got, _ = find(t, st, dedupe.Signature{Bands: sigA.Bands[:2]}, window)
	equal(t, "by too little likeness", got, nil)
	got, _ = find(t, st, sigA, window)
	equal(t, "by both, once", got, both)
}

// nearLead: after a take-over and after an edit a story is compared by the words it shows now, and still found by the old.
func nearLead(t *testing.T, st Store) {
	lead, update := entry("a", "1", "هاتف جديد"), entry("a", "2", "هاتف جديد، محدث")
	lead.Body, update.Body = "<p>"+news+"</p>", "<p>"+news+" وبلون أزرق</p>"
	began(t, st, lead)
	id := aggregator.StoryID(lead)
	polled(t, st, noon, update)
	grouped(t, st, noon, joins(update, lead, feeds.Update))
	_, leads := find(t, st, only(false, dedupe.Sign(lead, arabic.Lexicon{})), noon)
	if want := (dedupe.Candidate{Story: id, Source: "a", When: update.Published, Signature: dedupe.Sign(update, arabic.Lexicon{})}); !reflect.DeepEqual(leads[id], want) {
		t.Errorf("taken over: lead %+v, want %+v", leads[id], want)
	}
	edited := update
	edited.Published, edited.Seen = time.Time{}, noon.Add(time.Hour) // undated: filed under when it was first seen
	edited.Title, edited.Body = "سيارة كهربائية", "<p>كشفت شركة السيارات عن طراز كهربائي صغير يقطع ستمئة كيلومتر بشحنة واحدة ويباع في المغرب ومصر والأردن بداية العام</p>"
	polled(t, st, noon, edited)
	sig, window := dedupe.Sign(edited, arabic.Lexicon{}), noon.Add(-72*time.Hour)
	got, leads := find(t, st, only(true, sig), window)
	if want := (dedupe.Candidate{Story: id, Source: "a", When: noon, Signature: sig}); !reflect.DeepEqual(leads[id], want) {
		t.Errorf("edited: lead %+v, want %+v", leads[id], want)
	}
	equal(t, "by likeness to the new words", got, []string{id})
	got, _ = find(t, st, only(false, sig), window)
	equal(t, "by the new words", got, []string{id + "="})
	old := dedupe.Sign(update, arabic.Lexicon{})
	got, _ = find(t, st, only(false, old), window)
	equal(t, "by the old words", got, []string{id + "="})
	got, _ = find(t, st, only(true, old), window)
	equal(t, "by likeness to the old words", got, nil)
}
