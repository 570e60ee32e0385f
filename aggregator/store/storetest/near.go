package storetest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// find returns the ids of the stories near an item, and their leads. A "=" marks stories that share
// an identity key, a "~" those with texts that share keys.
func find(t *testing.T, st Store, it aggregator.Signed) ([]string, map[string]dedupe.Printing) {
	t.Helper()
	// Another item first: each gets its own.
	stranger := aggregator.Signed{Item: it.Item, Signature: dedupe.Signature{Identity: []int64{-1}}}.Pending()
	shelf, err := st.Near(t.Context(), []aggregator.Pending{stranger, it.Pending()})
	if err != nil {
		t.Fatal(err)
	}
	if near := shelf.Near(0); len(near) > 0 {
		t.Errorf("stories are near an item that shares no key: %+v", near)
	}
	var out []string
	leads := map[string]dedupe.Printing{}
	for _, c := range shelf.Near(1) {
		how := ""
		if c.Identical {
			how = "="
		}
		if len(c.Texts) > 0 {
			how += "~"
		}
		out, leads[c.Story] = append(out, c.Story+how), *c.Lead
	}
	slices.Sort(out)
	return out, leads
}

// known returns an item with its identity keys alone, alike without them.
func known(it aggregator.Signed) aggregator.Signed {
	it.Signature = dedupe.Signature{Identity: it.Signature.Identity}
	return it
}

func alike(it aggregator.Signed) aggregator.Signed {
	it.Signature.Identity = nil
	return it
}

// seenAt returns an item with another Seen.
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
	c.Body += "<p>زيادة</p>"
	began(t, st, a, b)
	polled(t, st, noon, c)
	grouped(t, st, noon, joins(c, a, feeds.Copy))
	itA, itB, itC := sign(a), sign(b), sign(c)
	idA, idB := aggregator.StoryID(a), aggregator.StoryID(b)
	if sig := itA.Signature; len(sig.Keys().Hashes) == 0 || len(sig.Identity) != 2 ||
		sig.Identity[1] != itB.Signature.Identity[1] {
		t.Fatal("the texts do not suit this test")
	}

	got, leads := find(t, st, known(itA))
	equal(t, "by address and words", got, sorted(idA+"=", idB+"="))
	want := dedupe.Printing{Source: "a", When: a.Published, Seen: noon, Signature: itA.Signature}
	if !reflect.DeepEqual(leads[idA], want) {
		t.Errorf("lead %+v, want %+v", leads[idA], want)
	}
	got, _ = find(t, st, known(itC))
	equal(t, "by a copy's address", got, []string{idA + "="})
	got, _ = find(t, st, alike(itA))
	equal(t, "by likeness", got, sorted(idA+"~", idB+"~"))
	got, _ = find(t, st, seenAt(alike(itA), noon.Add(dedupe.Window)))
	equal(t, "by likeness, at the window's end", got, sorted(idA+"~", idB+"~"))
	got, leads = find(t, st, seenAt(alike(itA), noon.Add(dedupe.Window+time.Millisecond)))
	if len(got) != 0 || len(leads) != 0 {
		t.Errorf("by likeness, seen past the window: %v", got)
	}
	got, _ = find(t, st, seenAt(known(itA), noon.AddDate(0, 1, 0)))
	equal(t, "by address, of long ago", got, sorted(idA+"=", idB+"="))
	got, _ = find(t, st, itA)
	equal(t, "by both, once", got, sorted(idA+"=~", idB+"=~"))
}

// nearMember tests that a story is found by a text that is not its lead's, with its lead, unless that
// text was not filed.
func nearMember(t *testing.T, st Store) {
	a, b := entry("a", "1", "هاتف جديد"), entry("b", "1", "سيارة كهربائية")
	a.Body, b.Body = "<p>"+news+"</p>", "<p>"+otherNews+"</p>"
	began(t, st, a)
	polled(t, st, noon, b)
	p := joins(b, a, feeds.Copy)
	p.Filed = true
	grouped(t, st, noon, p)
	got, leads := find(t, st, alike(sign(b)))
	equal(t, "by a text of the story", got, []string{aggregator.StoryID(a) + "~"})
	if want := sign(a).Pending().Printing; !reflect.DeepEqual(leads[aggregator.StoryID(a)], want) {
		t.Errorf("lead %+v, want %+v", leads[aggregator.StoryID(a)], want)
	}
}

// nearSwept tests that the index drops texts that no later item can be near.
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
		p.Filed = yes
		grouped(t, st, it.Seen, p)
	}
	filed(all[0], true)
	filed(all[1], false)
	filed(all[2], true)
	got, _ := find(t, st, alike(sign(all[0])))
	equal(t, "after three days", got, sorted(aggregator.StoryID(all[0])+"~", aggregator.StoryID(all[2])+"~"))
	filed(all[3], true)
	got, _ = find(t, st, alike(sign(all[0])))
	equal(t, "after four days", got, sorted(aggregator.StoryID(all[2])+"~", aggregator.StoryID(all[3])+"~"))
}

const otherNews = "كشفت شركة السيارات عن طراز كهربائي صغير يقطع ستمئة كيلومتر بشحنة واحدة " +
	"ويباع في المغرب ومصر والأردن بداية العام"

// nearLead tests that a story whose lead changed is compared by its new words and still found by
// the old ones.
func nearLead(t *testing.T, st Store) {
	lead, update := entry("a", "1", "هاتف جديد"), entry("a", "2", "هاتف جديد، محدث")
	lead.Body, update.Body = "<p>"+news+"</p>", "<p>"+news+" وبلون أزرق</p>"
	began(t, st, lead)
	id := aggregator.StoryID(lead)
	polled(t, st, noon, update)
	p := joins(update, lead, feeds.Update)
	p.Filed = true
	grouped(t, st, noon, p)
	_, leads := find(t, st, known(sign(lead)))
	want := dedupe.Printing{Source: "a", When: update.Published, Seen: noon, Signature: sign(update).Signature}
	if !reflect.DeepEqual(leads[id], want) {
		t.Errorf("taken over: lead %+v, want %+v", leads[id], want)
	}
	edited := update
	edited.Published, edited.Seen = time.Time{}, noon.Add(time.Hour) // without a date, it keeps the one it had
	edited.Title = "سيارة كهربائية"
	edited.Body = "<p>" + otherNews + "</p>"
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
