package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

func membership(t *testing.T, st Store) {
	lead, copied, update := entry("a", "1", "الأصل"), entry("b", "1", "النسخة"), entry("a", "2", "الأصل، محدث")
	copied.Published = noon.Add(-2 * time.Hour)
	began(t, st, lead)
	s := one(t, st, lead)
	equal(t, "born", members(s), []string{"a/1 lead "})
	if !s.Published.Equal(lead.Published) || !s.Updated.Equal(s.Published) || s.Title != lead.Title ||
		s.Translation.State != "" {
		t.Errorf("born: %+v", s)
	}

	polled(t, st, noon, copied)
	grouped(t, st, noon.Add(time.Minute), joins(copied, lead, feeds.Copy))
	s = one(t, st, lead)
	equal(t, "joined", members(s), []string{"a/1 lead ", "b/1 copy alike"})
	if !s.Published.Equal(lead.Published) || !s.Updated.Equal(noon.Add(time.Minute)) || s.Title != lead.Title {
		t.Errorf("joined: published %v, updated %v, %q", s.Published, s.Updated, s.Title)
	}

	polled(t, st, noon, update)
	grouped(t, st, noon.Add(2*time.Minute), joins(update, lead, feeds.Update))
	s = one(t, st, lead)
	equal(t, "taken over", members(s), []string{"a/2 lead ", "b/1 copy alike", "a/1 update alike"})
	if !s.Published.Equal(lead.Published) || !s.Updated.Equal(noon.Add(2*time.Minute)) || s.Title != update.Title {
		t.Errorf("taken over: published %v, updated %v, %q", s.Published, s.Updated, s.Title)
	}
	if list := stories(t, st, feeds.Query{Limit: 10}); len(list) != 1 || len(ungrouped(t, st)) != 0 {
		t.Errorf("%d stories, and ungrouped %v", len(list), ungrouped(t, st))
	}
}

// groupingAgain tests a call with a whole story, and the same call again, as after a kill.
func groupingAgain(t *testing.T, st Store) {
	lead, copied, update := entry("a", "1", "الأصل"), entry("b", "1", "النسخة"), entry("a", "2", "محدث")
	polled(t, st, noon, lead, copied, update)
	placements := []aggregator.Placement{born(lead), joins(update, lead, feeds.Update), joins(copied, lead, feeds.Copy)}
	want := []string{"a/2 lead ", "a/1 update alike", "b/1 copy alike"}
	for i := range 2 {
		at := noon.Add(time.Duration(i) * time.Hour)
		grouped(t, st, at, placements...)
		s := one(t, st, lead)
		equal(t, "members", members(s), want)
		if !s.Updated.Equal(noon) || s.Title != "محدث" {
			t.Errorf("stored %d times: updated %v, %q", i+1, s.Updated, s.Title)
		}
	}
}

func groupingIsWhole(t *testing.T, st Store) {
	a, b := entry("a", "1", "خ"), entry("b", "1", "خ")
	polled(t, st, noon, a, b)
	placements := []aggregator.Placement{born(a), joins(b, entry("no", "such", ""), feeds.Copy)}
	if err := st.Grouped(t.Context(), noon, placements); err == nil {
		t.Error("an item joins a story that is not there")
	}
	if list := stories(t, st, feeds.Query{Limit: 10}); len(list) != 0 || len(ungrouped(t, st)) != 2 {
		t.Errorf("left %v, ungrouped %v", ids(list), names(ungrouped(t, st)))
	}
}

// firstItemBack tests an item whose story id is taken: other items kept the story of that id.
func firstItemBack(t *testing.T, st Store) {
	a, b, c := entry("a", "1", "خ"), entry("a", "2", "خ"), entry("b", "3", "خ")
	began(t, st, a)
	polled(t, st, noon, b, c)
	again, other := born(b), born(c)
	again.Story, other.Story = aggregator.StoryID(a), aggregator.StoryID(a)
	grouped(t, st, noon, again, other)
	equal(t, "members", members(one(t, st, a)), []string{"a/2 lead ", "a/1 update ", "b/3 copy "})
}

func edits(t *testing.T, st Store) {
	lead, copied := entry("a", "1", "الأصل"), entry("b", "1", "النسخة")
	began(t, st, lead)
	polled(t, st, noon, copied)
	grouped(t, st, noon, joins(copied, lead, feeds.Copy))

	copied.Title = "النسخة، مصححة"
	polled(t, st, noon.Add(time.Hour), copied)
	s := one(t, st, lead)
	if s.Title != lead.Title || s.Items[1].Title != copied.Title || !s.Updated.Equal(noon.Add(time.Hour)) {
		t.Errorf("edited copy: %q, %q, updated %v", s.Title, s.Items[1].Title, s.Updated)
	}
	edited := lead
	later := noon.Add(2 * time.Hour)
	edited.Title, edited.Seen, edited.Published = "الأصل، مصحح", later, noon.Add(90*time.Minute)
	polled(t, st, later, edited)
	s = one(t, st, lead)
	if s.Title != edited.Title || !s.Items[0].Seen.Equal(noon) || !s.Published.Equal(lead.Published) ||
		!s.Updated.Equal(later) {
		t.Errorf("edited lead: %q, seen %v, published %v, updated %v", s.Title, s.Items[0].Seen, s.Published, s.Updated)
	}
	polled(t, st, noon.Add(3*time.Hour), edited, copied)
	if s = one(t, st, lead); !s.Updated.Equal(later) {
		t.Errorf("the same again moves Updated to %v", s.Updated)
	}
	edited.Title = "من ساعة متأخرة"
	polled(t, st, noon.Add(-48*time.Hour), edited)
	if s = one(t, st, lead); s.Updated.Before(s.Published) || s.Title != edited.Title {
		t.Errorf("an edit after the clock was set back: updated %v, published %v, %q", s.Updated, s.Published, s.Title)
	}
}

// pages tests that pages of any size hold the newest stories first, those of one time by id.
func pages(t *testing.T, st Store) {
	var items []feeds.Item
	for i := range 23 {
		it := entry("s", fmt.Sprint(i), "خبر")
		it.Published = noon.Add(-time.Duration(i/5) * time.Minute)
		items = append(items, it)
	}
	began(t, st, items...)
	slices.SortFunc(items, func(x, y feeds.Item) int {
		if c := y.Published.Compare(x.Published); c != 0 {
			return c
		}
		return strings.Compare(aggregator.StoryID(x), aggregator.StoryID(y))
	})
	var want []string
	for _, it := range items {
		want = append(want, aggregator.StoryID(it))
	}
	for _, size := range []int{1, 3, 7, 23, 100} {
		var got []string
		q := feeds.Query{Limit: size}
		for len(got) <= len(want) {
			page := stories(t, st, q)
			got = append(got, ids(page)...)
			if len(page) < size {
				break
			}
			last := page[len(page)-1]
			q.Before = feeds.Cursor{Published: last.Published, ID: last.ID}
		}
		equal(t, fmt.Sprintf("pages of %d", size), got, want)
	}
}

func choices(t *testing.T, st Store) {
	a, b, c := entry("a", "1", "أ"), entry("b", "1", "ب"), entry("c", "1", "ج")
	began(t, st, a, b)
	polled(t, st, noon, c)
	grouped(t, st, noon, joins(c, a, feeds.Copy))
	idA, idB := aggregator.StoryID(a), aggregator.StoryID(b)
	both := []string{idA, idB}
	slices.Sort(both)
	last := feeds.Cursor{Published: a.Published, ID: both[1]}
	for name, tc := range map[string]struct {
		q    feeds.Query
		want []string
	}{
		"all":                          {feeds.Query{Limit: 9}, both},
		"limit 0":                      {feeds.Query{}, nil},
		"by the lead's source":         {feeds.Query{Sources: []string{"a"}, Limit: 9}, []string{idA}},
		"by a copy's source":           {feeds.Query{Sources: []string{"c"}, Limit: 9}, []string{idA}},
		"by two sources of one story":  {feeds.Query{Sources: []string{"a", "c"}, Limit: 9}, []string{idA}},
		"by two sources":               {feeds.Query{Sources: []string{"b", "c"}, Limit: 9}, both},
		"by a source without items":    {feeds.Query{Sources: []string{"none"}, Limit: 9}, nil},
		"by id":                        {feeds.Query{IDs: []string{idB, "none"}, Limit: 9}, []string{idB}},
		"by id and source":             {feeds.Query{IDs: both, Sources: []string{"b"}, Limit: 9}, []string{idB}},
		"by id and source, after both": {feeds.Query{IDs: both, Before: last, Limit: 9}, nil},
		"from their time on":           {feeds.Query{From: last.Published, Limit: 9}, both},
		"from a time after both":       {feeds.Query{From: last.Published.Add(time.Millisecond), Limit: 9}, nil},
		"by an id that is none":        {feeds.Query{IDs: []string{"x"}, Limit: 9}, nil},
	} {
		equal(t, name, ids(stories(t, st, tc.q)), tc.want)
	}
}

// many tests every list that callers pass with more entries than one statement takes.
func many(t *testing.T, st Store) {
	const n = 1300
	items := make([]feeds.Item, n)
	for i := range items {
		items[i] = entry(fmt.Sprint("s", i%7), fmt.Sprint(i), "خبر")
		items[i].Published = noon.Add(-time.Duration(i) * time.Second)
	}
	began(t, st, items...)
	list := stories(t, st, feeds.Query{Limit: n + 1})
	if len(list) != n || list[n-1].Items[0].GUID != fmt.Sprint(n-1) {
		t.Fatalf("%d stories, want %d", len(list), n)
	}
	all := ids(list)
	equal(t, "by id", ids(stories(t, st, feeds.Query{IDs: all, Limit: n})), all)
	equal(t, "the first by id", ids(stories(t, st, feeds.Query{IDs: all, Limit: 5})), all[:5])
	done := map[string]feeds.Translation{}
	for _, id := range all {
		done[id] = feeds.Translation{Text: feeds.Text{Title: id}, State: feeds.Done}
	}
	if err := st.Translated(t.Context(), noon, done); err != nil {
		t.Fatal(err)
	}
	for _, s := range stories(t, st, feeds.Query{Limit: n}) {
		if s.Translation.Title != s.ID {
			t.Fatalf("story %s has the translation %+v", s.ID, s.Translation)
		}
	}
	if got := polled(t, st, noon.Add(48*time.Hour), items...); got != (aggregator.Arrived{}) {
		t.Errorf("the same again: %+v", got)
	}
}

func translated(t *testing.T, st Store) {
	it := entry("a", "1", "خبر")
	began(t, st, it)
	id := aggregator.StoryID(it)
	set := func(at time.Time, tr feeds.Translation) feeds.Story {
		t.Helper()
		if err := st.Translated(t.Context(), at, map[string]feeds.Translation{id: tr, "none": tr}); err != nil {
			t.Fatal(err)
		}
		return one(t, st, it)
	}
	tr := feeds.Translation{
		Text:  feeds.Text{Lang: "en", Title: "News", Summary: "<p>s</p>", Body: "<p>b</p>"},
		State: feeds.Partial, Engine: "mt", Model: "m", At: noon, Source: it.Hash(),
	}
	if s := set(noon, tr); s.Translation != tr || !s.Updated.Equal(noon) {
		t.Errorf("%+v, updated %v", s.Translation, s.Updated)
	}
	if s := set(noon.Add(time.Hour), tr); !s.Updated.Equal(noon) {
		t.Errorf("the same again moves Updated to %v", s.Updated)
	}
	tr.TitleTerms, tr.BodyTerms = "g", "h" // readers never see these
	if s := set(noon.Add(time.Hour), tr); s.Translation != tr || !s.Updated.Equal(noon) {
		t.Errorf("%+v, updated %v", s.Translation, s.Updated)
	}
	tr.State, tr.Body = feeds.Done, "<p>better</p>"
	tr.TitleDoubts, tr.BodyDoubts = "numbers title", "negation 1 names 2"
	if s := set(noon.Add(2*time.Hour), tr); s.Translation != tr || !s.Updated.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("%+v, updated %v", s.Translation, s.Updated)
	}
}

func outputs(t *testing.T, st Store) {
	page := aggregator.Output{Sum: [32]byte{2, 31: 3}, Made: [32]byte{5}, Size: 1 << 40, Modified: 1<<60 + 1,
		Waiting: true, Kept: noon}
	feed, other := aggregator.Output{Sum: [32]byte{1}}, aggregator.Output{Sum: [32]byte{4}}
	type files = map[string]aggregator.Output
	for _, step := range []struct {
		put  files
		gone []string
		want files
	}{
		{files{"feed.atom": feed, "index.html": page}, nil, files{"feed.atom": feed, "index.html": page}},
		{files{"feed.atom": other, "صفحة.html": {}}, []string{"index.html", "none"},
			files{"feed.atom": other, "صفحة.html": {}}},
		{nil, []string{"feed.atom"}, files{"صفحة.html": {}}},
		{files{"صفحة.html": page}, nil, files{"صفحة.html": page}},
	} {
		if err := st.SetOutputs(t.Context(), noon, step.put, step.gone); err != nil {
			t.Fatal(err)
		}
		if got, err := st.Outputs(t.Context()); err != nil || !maps.Equal(got, step.want) {
			t.Errorf("%v, %v, want %v", got, err, step.want)
		}
	}
}

// links tests that each of two stories shows the other until one is hidden.
func links(t *testing.T, st Store) {
	a, b, c := entry("a", "1", "تعطل الخدمة"), entry("b", "1", "الخدمة متوقفة"), entry("c", "1", "توقف")
	began(t, st, a)
	polled(t, st, noon, b, c)
	p, q := born(b), born(c)
	p.Links = []dedupe.Link{{Story: aggregator.StoryID(a), Why: "event: one"}}
	q.Links = []dedupe.Link{
		{Story: aggregator.StoryID(b), Why: "event: two"}, {Story: "0000000000000000", Why: "gone"},
	}
	later := noon.Add(time.Hour)
	grouped(t, st, later, p, q)
	grouped(t, st, later.Add(time.Hour), p, q) // changes nothing
	related := func(it feeds.Item) (out []string) {
		for _, m := range one(t, st, it).Related {
			out = append(out, m.SourceID+" "+string(m.Kind)+" "+m.Why)
		}
		return out
	}
	equal(t, "of the first", related(a), []string{"b event event: one"})
	equal(t, "of the second", related(b), []string{"a event event: one", "c event event: two"})
	copied, again := entry("d", "1", "تعطل الخدمة"), entry("d", "2", "تعطل الخدمة")
	copied.Seen, again.Seen = noon.Add(-time.Minute), later
	polled(t, st, noon, copied, again)
	grouped(t, st, later, joins(copied, a, feeds.Copy), joins(again, a, feeds.Copy))
	elsewhere := func() (out []string) {
		for _, e := range one(t, st, b).Elsewhere {
			out = append(out, fmt.Sprint(e.Source, " ", e.Seen.Sub(noon), " ", e.Published.Sub(noon)))
		}
		return out
	}
	equal(t, "elsewhere", elsewhere(), []string{"d -1m0s -1h0m0s", "a 0s -1h0m0s", "c 0s -1h0m0s"})
	if got := one(t, st, a).Updated; !got.Equal(later) {
		t.Errorf("the first was changed at %v, want %v", got, later)
	}
	if err := st.Hide(t.Context(), aggregator.StoryID(a)); err != nil {
		t.Fatal(err)
	}
	equal(t, "of the second, the first hidden", related(b), []string{"c event event: two"})
	equal(t, "elsewhere, the first hidden", elsewhere(), []string{"c 0s -1h0m0s"})
	hidden, err := st.Stories(t.Context(), feeds.Query{Hidden: true, Limit: 9})
	if err != nil || len(hidden) != 1 || hidden[0].ID != aggregator.StoryID(a) {
		t.Errorf("hidden: %v, %v", hidden, err)
	}
	if err := st.Unhide(t.Context(), aggregator.StoryID(a)); err != nil {
		t.Fatal(err)
	}
	equal(t, "of the second, the first shown again", related(b), []string{"a event event: one", "c event event: two"})
	if err := st.Unhide(t.Context(), "0123456789abcdef"); err == nil {
		t.Error("a story that is not there was unhidden")
	}
}
