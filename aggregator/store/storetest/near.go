package storetest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
)

// find returns the ids of the stories near an item, and their leads. A "=" marks stories that share
// an identity key, a "~" those found by likeness.
func find(t *testing.T, st Store, it aggregator.Signed) ([]string, map[string]dedupe.Printing) {
	t.Helper()
	// Another item first: the answer has the order of the items.
	stranger := aggregator.Signed{Item: it.Item, Signature: dedupe.Signature{Identity: []int64{-1}}}
	near, err := st.Near(t.Context(), []aggregator.Pending{stranger.Pending(), it.Pending()}, true)
	if err != nil {
		t.Fatal(err)
	}
	if len(near[0].Hits) > 0 {
		t.Errorf("stories are near an item that shares no key: %+v", near[0])
	}
	var out, ids []string
	for _, h := range near[1].Hits {
		out, ids = append(out, h.Story+marks(h)), append(ids, h.Story)
	}
	leads, err := st.Leads(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out, leads
}

func marks(h dedupe.Hit) (s string) {
	if h.Identical {
		s = "="
	}
	if h.Alike || h.About {
		s += "~"
	}
	return s
}

// known returns an item with its identity keys alone, alike with its bands, about with these names.
func known(it aggregator.Signed) aggregator.Signed {
	it.Signature = dedupe.Signature{Identity: it.Signature.Identity}
	return it
}

func alike(it aggregator.Signed) aggregator.Signed {
	it.Signature = dedupe.Signature{Bands: it.Signature.Bands}
	return it
}

func about(it aggregator.Signed, names ...uint32) aggregator.Signed {
	it.Signature = dedupe.Signature{Names: names}
	return it
}

// dated returns an item with another Published, seenAt with another Seen.
func dated(it aggregator.Signed, at time.Time) aggregator.Signed {
	it.Published = at
	return it
}

func seenAt(it aggregator.Signed, at time.Time) aggregator.Signed {
	it.Seen = at
	return it
}

func sorted(list ...string) []string {
	slices.Sort(list)
	return list
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
	itA, itB, itC := sign(a), sign(b), sign(c)
	idA, idB := aggregator.StoryID(a), aggregator.StoryID(b)
	switch sig := itA.Signature; {
	case len(sig.Bands) == 0, slices.Equal(itC.Signature.Bands, sig.Bands),
		len(sig.Identity) != 2, sig.Identity[1] != itB.Signature.Identity[1]:
		t.Fatal("the texts do not suit this test")
	}

	got, leads := find(t, st, known(itA))
	equal(t, "by address and words, also of long ago", got, sorted(idA+"=", idB+"="))
	want := dedupe.Printing{Source: "a", When: a.Published, Seen: noon, Signature: itA.Signature}
	if !reflect.DeepEqual(leads[idA], want) {
		t.Errorf("lead %+v, want %+v", leads[idA], want)
	}
	got, _ = find(t, st, known(itC))
	equal(t, "by a copy's address", got, []string{idA + "="})
	got, _ = find(t, st, alike(itA))
	equal(t, "by likeness, of these days", got, []string{idA + "~"})
	got, _ = find(t, st, alike(itB))
	equal(t, "by likeness, of those days", got, []string{idB + "~"})
	got, _ = find(t, st, dated(alike(itA), a.Published.Add(dedupe.Window)))
	equal(t, "by likeness, at the window's end", got, []string{idA + "~"})
	got, leads = find(t, st, dated(alike(itA), a.Published.Add(dedupe.Window+time.Millisecond)))
	if len(got) != 0 || len(leads) != 0 {
		t.Errorf("by likeness, past the window: %v", got)
	}
	got, _ = find(t, st, seenAt(alike(itA), noon.Add(dedupe.Window+time.Millisecond)))
	equal(t, "by likeness, seen past the window", got, nil)
	few := itA
	few.Signature = dedupe.Signature{Bands: itA.Signature.Bands[:2]}
	got, _ = find(t, st, few)
	equal(t, "by too little likeness", got, nil)
	got, _ = find(t, st, itA)
	equal(t, "by both, once", got, sorted(idA+"=~", idB+"="))
}

// nearApart tests that a story that is Apart from an item is counted and not returned.
func nearApart(t *testing.T, st Store) {
	a := entry("a", "1", "هاتف جديد")
	a.Body = "<p>" + news + "</p>"
	began(t, st, a)
	it, id := sign(a), aggregator.StoryID(a)
	other := it
	other.Signature = dedupe.Signature{Bands: it.Signature.Bands} // and none of its words
	apart := []dedupe.Hit{{Story: id, Alike: true, Apart: true}}
	for _, c := range []struct {
		items []aggregator.Pending
		all   bool
		want  []aggregator.Nearby
	}{
		{[]aggregator.Pending{other.Pending()}, false, []aggregator.Nearby{{Apart: dedupe.Crowd{Alike: 1}}}},
		{[]aggregator.Pending{other.Pending()}, true, []aggregator.Nearby{{Hits: apart}}},
		{[]aggregator.Pending{other.Pending(), known(it).Pending()}, false,
			[]aggregator.Nearby{{Apart: dedupe.Crowd{Alike: 1}}, {Hits: []dedupe.Hit{{Story: id, Identical: true}}}}},
	} {
		got, err := st.Near(t.Context(), c.items, c.all)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%d items, all %v: %+v, %v; want %+v", len(c.items), c.all, got, err, c.want)
		}
	}
}

// nearNames tests that stories that share rare names are near within a day.
func nearNames(t *testing.T, st Store) {
	a := entry("a", "1", "هاتف")
	const rare, name = 3, 9
	words := []uint32{5, 13, 21}
	it := about(sign(a), rare, 5, name, 13, 21)
	poll := aggregator.Poll{State: polite.State{ID: "a"}, Items: []aggregator.Signed{it}, Whole: true}
	if _, err := st.Polled(t.Context(), noon, poll); err != nil {
		t.Fatal(err)
	}
	id := aggregator.StoryID(a)
	p := aggregator.Placement{Pending: it.Pending(), Story: id, Born: true, Kind: feeds.Lead}
	p.Filed = dedupe.File(p.Printing)
	grouped(t, st, noon, p)
	got, _ := find(t, st, about(it, rare, 5, 19))
	equal(t, "by a rare name and a word", got, []string{id + "~"})
	got, _ = find(t, st, about(it, rare, 19, 35))
	equal(t, "by one name", got, nil)
	got, _ = find(t, st, about(it, rare, name))
	equal(t, "by a rare name and one that is not", got, []string{id + "~"})
	got, _ = find(t, st, about(it, 1, name))
	equal(t, "by a name that is rare on one side and one that is not", got, nil)
	got, _ = find(t, st, about(it, append(words, 19)...))
	equal(t, "by words alone", got, nil)
	got, _ = find(t, st, dated(about(it, rare, name), a.Published.Add(-dedupe.EventWindow)))
	equal(t, "a day before", got, []string{id + "~"})
	got, _ = find(t, st, dated(about(it, rare, name), a.Published.Add(-dedupe.EventWindow-time.Millisecond)))
	equal(t, "more than a day before", got, nil)
}

// nearSwept tests that the index drops stories that no later item can be near.
func nearSwept(t *testing.T, st Store) {
	var all []feeds.Item
	for i, day := range []int{0, 0, 3, 4} {
		it := entry("a", string(rune('1'+i)), "هاتف جديد")
		it.Body, it.Seen = "<p>"+news+"</p>", noon.AddDate(0, 0, day)
		it.Published = it.Seen
		all = append(all, it)
	}
	filed := func(it feeds.Item, yes bool) {
		t.Helper()
		polled(t, st, it.Seen, it)
		p := born(it)
		if !yes {
			p.Filed = dedupe.Filed{}
		}
		grouped(t, st, it.Seen, p)
	}
	filed(all[0], true)
	filed(all[1], false)
	filed(all[2], true)
	got, _ := find(t, st, alike(sign(all[0])))
	equal(t, "after three days", got, sorted(aggregator.StoryID(all[0])+"~", aggregator.StoryID(all[2])+"~"))
	filed(all[3], true)
	got, _ = find(t, st, alike(sign(all[2])))
	equal(t, "after four days", got, sorted(aggregator.StoryID(all[2])+"~", aggregator.StoryID(all[3])+"~"))
	got, _ = find(t, st, alike(sign(all[0])))
	equal(t, "for an item of the first day", got, []string{aggregator.StoryID(all[2]) + "~"})
}

// nearLead tests that a story whose lead changed is compared by its new words and still found by
// the old ones.
func nearLead(t *testing.T, st Store) {
	lead, update := entry("a", "1", "هاتف جديد"), entry("a", "2", "هاتف جديد، محدث")
	lead.Body, update.Body = "<p>"+news+"</p>", "<p>"+news+" وبلون أزرق</p>"
	began(t, st, lead)
	id := aggregator.StoryID(lead)
	polled(t, st, noon, update)
	p := joins(update, lead, feeds.Update)
	p.Filed = dedupe.File(p.Printing)
	grouped(t, st, noon, p)
	_, leads := find(t, st, known(sign(lead)))
	want := dedupe.Printing{Source: "a", When: update.Published, Seen: noon, Signature: sign(update).Signature}
	if !reflect.DeepEqual(leads[id], want) {
		t.Errorf("taken over: lead %+v, want %+v", leads[id], want)
	}
	edited := update
	edited.Published, edited.Seen = time.Time{}, noon.Add(time.Hour) // without a date, it keeps the one it had
	edited.Title = "سيارة كهربائية"
	edited.Body = "<p>كشفت شركة السيارات عن طراز كهربائي صغير يقطع ستمئة كيلومتر بشحنة واحدة " +
		"ويباع في المغرب ومصر والأردن بداية العام</p>"
	polled(t, st, noon, edited)
	now := sign(edited)
	got, leads := find(t, st, alike(now))
	want = dedupe.Printing{Source: "a", When: update.Published, Seen: noon, Signature: now.Signature}
	if !reflect.DeepEqual(leads[id], want) {
		t.Errorf("edited: lead %+v, want %+v", leads[id], want)
	}
	equal(t, "by likeness to the new words", got, []string{id + "~"})
	got, _ = find(t, st, known(now))
	equal(t, "by the new words", got, []string{id + "="})
	got, _ = find(t, st, known(sign(update)))
	equal(t, "by the old words", got, []string{id + "="})
}
