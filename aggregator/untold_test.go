package aggregator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

// numbered is a feed of reports with these numbers, each published that many minutes after eight.
func numbered(numbers ...int) string {
	var list []string
	for _, n := range numbers {
		it := article(fmt.Sprint(n), fmt.Sprintf("خبر رقم %d عن شركة %d", 1000+n*37, n),
			fmt.Sprintf("أعلنت الشركة رقم %d عن منتج بسعر %d دولار.", n, 500+n*91), lastText)
		list = append(list, strings.Replace(it, "08:00:00", fmt.Sprintf("08:%02d:00", n), 1))
	}
	return rss(list...)
}

// shows returns the last parts of the links of an edition's entries, in order, and their ids and dates.
func (r *rig) shows(t *testing.T, name string) (numbers string, entries []string) {
	t.Helper()
	var feed struct {
		Items []struct {
			ID, URL   string
			Published time.Time `json:"date_published"`
		}
	}
	if err := json.Unmarshal([]byte(r.files(t)[name+".json"]), &feed); err != nil {
		t.Fatal(err)
	}
	for _, it := range feed.Items {
		numbers += it.URL[strings.LastIndexByte(it.URL, '/')+1:] + " "
		entries = append(entries, it.ID+" "+it.Published.String())
	}
	return strings.TrimSpace(numbers), entries
}

// untold is a rig whose channel waits for headlines.
func untold(t *testing.T, first string) *rig {
	r := newRig(t, map[string]string{"/one": first})
	r.opt.Channels[0].Untranslated, r.opt.Channels[0].Limit = "hold", 3
	return r
}

// bring polls a document, while the engine is down.
func (r *rig) bring(t *testing.T, numbers ...int) {
	t.Helper()
	r.time = r.time.Add(time.Hour)
	r.broken, r.pages["/one"] = true, numbered(numbers...)
	r.pass(t)
}

// tell translates the headlines of the reports with these numbers, and publishes.
func (r *rig) tell(t *testing.T, numbers ...int) {
	t.Helper()
	r.time, r.broken = r.time.Add(time.Minute), false
	list, err := r.st.Stories(t.Context(), feeds.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range list {
		for _, n := range numbers {
			if strings.HasSuffix(s.Items[0].URL, fmt.Sprintf("/%d", n)) {
				ids = append(ids, s.ID)
			}
		}
	}
	a := r.over(r.st)
	if _, err := a.Translate(t.Context(), translate.Title, ids...); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) expect(t *testing.T, when, english, all string) {
	t.Helper()
	if got, _ := r.shows(t, "feed.en"); got != english {
		t.Errorf("%s: the English edition shows %q, want %q", when, got, english)
	}
	for _, name := range []string{"feed", "feed.ar"} {
		if got, _ := r.shows(t, name); got != all {
			t.Errorf("%s: %s shows %q, want %q", when, name, got, all)
		}
	}
}

// A story that waited for its headline enters the English edition at its top, however many came since, and no
// date and no id moves.
func TestEnglishEditionWaitsForHeadlines(t *testing.T) {
	r := untold(t, numbered(1, 2))
	r.broken = true
	r.pass(t)
	r.expect(t, "before any headline", "", "2 1")
	b, err := r.over(r.st).Catalog.Backlog(t.Context())
	if err != nil || b.Held != 2 || !b.HeldSince.Equal(noon) {
		t.Errorf("%d held since %v, %v", b.Held, b.HeldSince, err)
	}
	r.tell(t, 2)
	r.expect(t, "the second", "2", "2 1")
	_, before := r.shows(t, "feed")
	r.bring(t, 2, 1, 3, 4, 5)
	r.expect(t, "three more wait", "2", "5 4 3")
	r.tell(t, 3, 4, 5)
	r.expect(t, "they are told", "5 4 3", "5 4 3")
	r.tell(t, 1)
	r.expect(t, "the first, which the others have left", "1 5 4", "5 4 3")
	if b, err = r.over(r.st).Catalog.Backlog(t.Context()); err != nil || b.Held != 0 || !b.HeldSince.IsZero() {
		t.Errorf("%d held since %v, %v", b.Held, b.HeldSince, err)
	}
	if _, found := r.files(t)[feeds.StoryPath(aggregator.StoryID(feeds.Item{SourceID: "one", GUID: "1"}))]; !found {
		t.Error("the first has no page")
	}
	files := r.files(t)
	r.time = r.time.Add(time.Minute)
	if p, err := r.over(r.st).Publish(t.Context()); err != nil || len(p.Written) > 0 {
		t.Errorf("publishing again wrote %q, %v", p.Written, err)
	}
	// all at once, without waiting, they have the same ids and dates
	r.opt.Channels[0].Untranslated, r.opt.Channels[0].Limit = "show", 100
	if _, err := r.over(r.st).Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.expect(t, "shown all", "1 5 4 3 2", "5 4 3 2 1")
	_, after := r.shows(t, "feed")
	if after[4] != before[1] || after[3] != before[0] {
		t.Errorf("entries %q became %q", before, after)
	}
	_, en := r.shows(t, "feed.en")
	if held := files["feed.en.json"]; !strings.Contains(held, strings.Fields(en[0])[0]) {
		t.Errorf("the id of the first moved to %s", en[0])
	}
}

// Turning the waiting on or off withdraws nothing that was published.
func TestSwitchingTheWaitingWithdrawsNothing(t *testing.T) {
	r := untold(t, numbered(1, 2))
	ch := &r.opt.Channels[0]
	ch.Untranslated, ch.Limit, r.broken = "show", 100, true
	r.pass(t)
	r.expect(t, "shown", "2 1", "2 1")
	ch.Untranslated = "hold"
	r.bring(t, 1, 2, 3)
	r.expect(t, "held", "2 1", "3 2 1")
	r.tell(t, 1)
	r.expect(t, "what was shown keeps its place", "2 1", "3 2 1")
	ch.Untranslated = "show"
	r.bring(t, 1, 2, 3, 4)
	r.expect(t, "shown again", "4 3 2 1", "4 3 2 1")
	ch.Untranslated = "hold"
	r.bring(t, 1, 2, 3, 4, 5)
	r.expect(t, "held again", "4 3 2 1", "5 4 3 2 1")
	r.tell(t, 5, 3)
	r.expect(t, "told", "5 4 3 2 1", "5 4 3 2 1")
}

// What is never translated does not wait: English, and sources that ask for no translation.
func TestWhatIsNotTranslatedDoesNotWait(t *testing.T) {
	r := newRig(t, map[string]string{"/ar": numbered(1, 2), "/en": rss(article("en", "Chips are scarce",
		"The makers of chips say that they are scarce.", "They will be so for two more years."))})
	r.opt.Channels[0].Untranslated, r.opt.Sources[0].Translate, r.broken = "hold", "none", true
	r.pass(t)
	if got, _ := r.shows(t, "feed.en"); got != "2 1 en" {
		t.Errorf("the English edition shows %q", got)
	}
}

// A budget that holds stories back from every edition, a daemon's patience and a window go together with the
// waiting: what any of them held back enters at the top, and by the time when it does.
func TestWaitingForHeadlinesGoesWithOtherWaiting(t *testing.T) {
	t.Run("budget", func(t *testing.T) {
		r := untold(t, numbered(1))
		r.opt.OnBudget, r.limits = "titles", []translate.Limit{{Engine: "mt", Day: true, Chars: 1}}
		r.pass(t)
		r.expect(t, "without a headline", "", "")
		r.bring(t, 1, 2, 3, 4)
		r.limits = nil
		r.tell(t, 2, 3, 4)
		r.expect(t, "others", "4 3 2", "4 3 2")
		r.tell(t, 1)
		r.expect(t, "the first", "1 4 3", "4 3 2")
	})
	t.Run("patience", func(t *testing.T) {
		r := untold(t, numbered(1, 2))
		r.opt.Hold, r.opt.Channels[0].Wait, r.broken = true, 10*time.Minute, true
		r.pass(t)
		r.expect(t, "at first", "", "")
		r.time = noon.Add(11 * time.Minute)
		if _, err := r.over(r.st).Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.expect(t, "after ten minutes", "", "2 1")
		r.tell(t, 1)
		r.expect(t, "the first", "1", "2 1")
	})
	t.Run("window", func(t *testing.T) {
		r := untold(t, "")
		r.opt.Channels[0].Limit, r.opt.Channels[0].Window = 40, 24*time.Hour
		var many []int
		for n := range 30 {
			many = append(many, n+1)
		}
		r.broken, r.pages["/one"] = true, numbered(many...)
		r.pass(t)
		r.time = noon.Add(48 * time.Hour)
		r.tell(t, many[5:]...)
		r.tell(t, 1)
		got, _ := r.shows(t, "feed.en")
		if list := strings.Fields(got); len(list) != 26 || list[0] != "1" || list[1] != "30" {
			t.Errorf("two days later the English edition shows %q", got)
		}
		r.time = r.time.Add(48 * time.Hour)
		if _, err := r.over(r.st).Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, _ = r.shows(t, "feed.en"); len(strings.Fields(got)) != 20 {
			t.Errorf("four days later it shows %q", got)
		}
	})
}

// The server makes the English edition as the files have it.
func TestServedEnglishEditionWaitsToo(t *testing.T) {
	r := untold(t, numbered(1, 2))
	r.broken = true
	r.pass(t)
	r.tell(t, 1)
	a := r.over(r.st)
	for e, want := range map[feeds.Edition]int{feeds.English: 1, feeds.Bilingual: 2, feeds.Arabic: 2} {
		_, list, err := a.Catalog.Channel(t.Context(), r.opt.Channels[0], e)
		if err != nil || len(list) != want {
			t.Errorf("edition %q has %d stories, %v; want %d", e, len(list), err, want)
		}
	}
	if left, err := a.Untranslated(t.Context()); err != nil || !slices.ContainsFunc(left,
		func(u aggregator.Untranslated) bool { return u.Part == translate.Title && len(u.Stories) == 1 }) {
		t.Errorf("to translate: %+v, %v", left, err)
	}
}
