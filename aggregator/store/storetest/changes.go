package storetest

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// neverShown are the methods that alter nothing that a story shows.
const neverShown = "States Ahead Known Unstored Kin Ungrouped Near Articles Host Waits SetWait Stories List Told " +
	"Links Held Digests LastDigests SetDigest ForgetDigests " +
	"Changes Count ChangedSources Due Outlets Expiring Outputs SetOutputs Unpublished SetPublished " +
	"Entries Relisted Recall Reserve Settle Troubles SetTroubles Remembered Makers Forget Index Search " +
	"Targets MeetTargets ForgetTargets Notices WaitingNotices QueueNotices SetTarget"

// view is what stories show, by id, with their numbers and what is listed of them.
func view(t *testing.T, st Store) (shown map[string]feeds.Story, listed map[string]feeds.Listed, last int64) {
	t.Helper()
	shown, listed = map[string]feeds.Story{}, map[string]feeds.Listed{}
	for _, s := range stories(t, st, feeds.Query{Limit: 100}) {
		s.Translation.TitleTerms, s.Translation.BodyTerms = "", ""
		shown[s.ID] = s
	}
	list, err := st.List(t.Context(), feeds.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		listed[l.ID] = l
	}
	if last, err = st.Changes(t.Context()); err != nil {
		t.Fatal(err)
	}
	return shown, listed, last
}

// changes tests that a story has a new number after every write that alters what it shows, and that
// the store has one too.
func changes(t *testing.T, st Store) {
	third := entry("e", "1", "تعطل الخدمة")
	a, copied, update := entry("a", "1", "الأصل"), entry("b", "1", "النسخة"), entry("a", "2", "الأصل، محدث")
	event, other := entry("c", "1", "تعطل الخدمة"), entry("d", "1", "خبر لا يتغير")
	linked := born(event)
	linked.Links = []dedupe.Link{{Story: aggregator.StoryID(a), Why: "event"}}
	edited, editedEvent := copied, event
	edited.Title, editedEvent.Title = "النسخة، مصححة", "عادت الخدمة"
	poll := func(items ...feeds.Item) func(time.Time) error {
		return func(at time.Time) error { polled(t, st, at, items...); return nil }
	}
	group := func(p ...aggregator.Placement) func(time.Time) error {
		return func(at time.Time) error { return st.Grouped(t.Context(), at, p) }
	}
	translated := func(tr feeds.Translation) func(time.Time) error {
		return func(at time.Time) error {
			return st.Translated(t.Context(), at, map[string]feeds.Translation{aggregator.StoryID(a): tr})
		}
	}
	done := feeds.Translation{Text: feeds.Text{Lang: "en", Title: "News"}, State: feeds.Done, Engine: "mt"}
	doubted := done
	doubted.TitleDoubts = "numbers title"
	tested := map[string]bool{}
	for i, step := range []struct {
		method, what string
		do           func(at time.Time) error
		raised       string // sources of the leads that change
	}{
		{"Polled", "new items", poll(a, copied, update, event, other, third), ""},
		{"Grouped", "stories are born", group(born(a), born(other)), "a d"},
		{"Grouped", "a copy joins", group(joins(copied, a, feeds.Copy)), "a"},
		{"Grouped", "an update takes over", group(joins(update, a, feeds.Update)), "a"},
		{"Grouped", "a link", group(linked), "a c"},
		{"Grouped", "the same again", group(linked), ""},
		{"Grouped", "a copy joins a linked story", group(joins(third, event, feeds.Copy)), "a c"},
		{"Polled", "a copy is edited", poll(edited), "a c"},
		{"Polled", "a linked lead is edited", poll(editedEvent), "a c"},
		{"Polled", "the same again", poll(edited, editedEvent), ""},
		{"Polled", "a source gets a title", func(at time.Time) error {
			p := aggregator.Poll{State: polite.State{ID: "b", Title: "Bee", Polled: at}, Renamed: true}
			_, err := st.Polled(t.Context(), at, p)
			return err
		}, "a c"},
		{"Translated", "a translation", translated(done), "a c"},
		{"Translated", "the same again", translated(done), ""},
		{"Translated", "a doubt", translated(doubted), "a c"},
		{"Fetched", "an article", func(at time.Time) error {
			art := article(t, st, at, a)
			return st.Fetched(t.Context(), at, art, "<p>الخبر كله</p>")
		}, "a c"},
		{"Hide", "a linked story", func(time.Time) error {
			return st.Hide(t.Context(), aggregator.StoryID(event))
		}, "a"},
		{"Unhide", "the linked story", func(time.Time) error {
			return st.Unhide(t.Context(), aggregator.StoryID(event))
		}, "a c"},
		{"Hide", "the linked story again", func(time.Time) error {
			return st.Hide(t.Context(), aggregator.StoryID(event))
		}, "a"},
		{"Forget", "terms only", func(at time.Time) error {
			_, err := st.Forget(t.Context(), "mt", at, []translate.Key{{}})
			return err
		}, ""},
		{"Expire", "nothing old", func(at time.Time) error {
			_, err := st.Expire(t.Context(), noon, nil)
			return err
		}, ""},
		{"Expire", "a story", func(at time.Time) error {
			_, err := st.Expire(t.Context(), at.Add(time.Hour), []string{aggregator.StoryID(other)})
			return err
		}, ""},
	} {
		was, wasListed, before := view(t, st)
		if err := step.do(noon.Add(time.Duration(i) * time.Minute)); err != nil {
			t.Fatal(step.method, step.what, err)
		}
		now, listed, after := view(t, st)
		var raised []string
		for id, s := range now {
			l := listed[id]
			l.Titled = time.Time{} // see untold
			if l.Changed != wasListed[id].Changed {
				raised = append(raised, s.Items[0].SourceID)
			} else if !reflect.DeepEqual(s, was[id]) {
				t.Errorf("%s, %s: %s shows something else under the same number", step.method, step.what, id)
			}
			if want := (feeds.Listed{ID: id, Source: s.Items[0].SourceID, Lang: s.Lang, State: s.Translation.State,
				Published: s.Published, Updated: s.Updated, Changed: l.Changed}); l != want || l.Changed > after {
				t.Errorf("%s, %s: listed %+v, want %+v", step.method, step.what, l, want)
			}
		}
		slices.Sort(raised)
		equal(t, step.method+", "+step.what, raised, strings.Fields(step.raised))
		if !reflect.DeepEqual(now, was) && after <= before {
			t.Errorf("%s, %s: the last change has number %d, before it was %d", step.method, step.what, after, before)
		}
		tested[step.method] = true
	}
	methods := reflect.TypeFor[Store]()
	for i := range methods.NumMethod() {
		if name := methods.Method(i).Name; !tested[name] && !slices.Contains(strings.Fields(neverShown), name) {
			t.Errorf("does %s alter what a story shows? test it, or name it in neverShown", name)
		}
	}
}

func published(t *testing.T, st Store) {
	for _, c := range []struct {
		at    time.Time
		cause string
		want  []aggregator.Unpublished
	}{
		{noon, "", nil},
		{noon, "disk full", []aggregator.Unpublished{{Ours: true, Cause: "disk full", Since: noon, Last: noon}}},
		{noon.Add(time.Hour), "read-only", []aggregator.Unpublished{{Ours: true, Cause: "read-only", Since: noon,
			Last: noon.Add(time.Hour)}}},
		{noon.Add(2 * time.Hour), "", nil},
	} {
		if err := st.SetPublished(t.Context(), c.at, c.cause); err != nil {
			t.Fatal(err)
		}
		if got, err := st.Unpublished(t.Context()); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v, %v, want %+v", got, err, c.want)
		}
	}
}

func counts(t *testing.T, st Store) {
	a, b, c := entry("a", "1", "خبر أول"), entry("b", "1", "خبر ثان"), entry("c", "1", "خبر ثالث")
	began(t, st, a, b, c)
	copied := entry("b", "2", "خبر أول")
	polled(t, st, noon, copied)
	before, err := st.Changes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	grouped(t, st, noon, joins(copied, a, feeds.Copy))
	if ids, err := st.ChangedSources(t.Context(), before); err != nil || !slices.Equal(ids, []string{"a", "b"}) {
		t.Errorf("sources of the changed story: %v, %v", ids, err)
	}
	if ids, err := st.ChangedSources(t.Context(), 0); err != nil || len(ids) != 3 {
		t.Errorf("sources of all stories: %v, %v", ids, err)
	}
	check := func(want int, sources ...string) {
		t.Helper()
		if n, err := st.Count(t.Context(), sources...); err != nil || n != want {
			t.Errorf("%d stories of %v, %v; want %d", n, sources, err, want)
		}
	}
	check(3)
	check(2, "b")
	check(2, "a", "b")
	check(0, "d")
	if err := st.Hide(t.Context(), aggregator.StoryID(a)); err != nil {
		t.Fatal(err)
	}
	check(2)
	check(1, "a", "b")
}
