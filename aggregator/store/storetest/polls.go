package storetest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/aggregator/polite"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/arabic"
)

func statesComeBack(t *testing.T, st Store) {
	want := polite.State{
		ID: "s", Address: "https://s.example/feed", URL: "https://new.example/feed",
		Validators: feeds.Validators{ETag: `W/"x"`, LastModified: "Tue, 24 Nov 2026 10:00:00 GMT"},
		Digest:     [32]byte{1, 31: 2},
		Title:      "تقنية", Site: "https://s.example/", Lang: "ar",
		TTL: 90 * time.Minute, Skip: feeds.Skip{Hours: 1<<23 | 1, Days: 1 << time.Friday},
		Due: noon.Add(time.Hour), Why: "fresh", Held: noon.Add(time.Minute), Gone: true,
		Polled: noon, Succeeded: noon.Add(-time.Millisecond), Clock: noon.Add(-time.Hour),
		Failures: 3, Error: "status 410", Class: "status 410",
		Note: "2 of its items could not be read", Charset: "windows-1256", Shared: "00c0ffee00c0ffee",
	}
	for _, m := range []polite.State{{ID: "s"}, want, {ID: "never"}} {
		if _, err := st.Polled(t.Context(), noon, aggregator.Poll{State: m}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := st.States(t.Context())
	if err != nil || !reflect.DeepEqual(got, map[string]polite.State{"s": want, "never": {ID: "never"}}) {
		t.Errorf("%+v, %v, want the last of each", got, err)
	}
	want = polite.State{ID: "s", Title: want.Title, Site: want.Site, Succeeded: want.Succeeded, Gone: true, Failures: 3}
	got, err = st.Outlets(t.Context())
	if err != nil || !reflect.DeepEqual(got, map[string]polite.State{"s": want, "never": {ID: "never"}}) {
		t.Errorf("for publishing: %+v, %v", got, err)
	}
	behind := time.Hour - time.Millisecond
	for at, want := range map[time.Time][]time.Duration{noon: {behind}, noon.Add(time.Hour): nil} {
		ahead, err := st.Ahead(t.Context(), at.Add(-time.Minute), at.Add(time.Minute))
		if err != nil || !slices.Equal(ahead, want) {
			t.Errorf("clocks at %s: %v, %v, want %v", at, ahead, err, want)
		}
	}
}

func dueSourcesAreFound(t *testing.T, st Store) {
	dues := map[string]time.Duration{"long": -time.Hour, "now": 0, "soon": time.Second, "later": time.Hour}
	for id, due := range dues {
		poll := aggregator.Poll{State: polite.State{ID: id, Due: noon.Add(due)}}
		gone := aggregator.Poll{State: polite.State{ID: "gone", Gone: true}}
		if _, err := st.Polled(t.Context(), noon, poll, gone); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		at   time.Time
		also []string
		want string
		next time.Time
	}{
		{noon.Add(-time.Minute), nil, "long", noon},
		{noon, nil, "long now", noon.Add(time.Second)},
		{noon, []string{"gone", "later", "unknown"}, "gone later long now", noon.Add(time.Second)},
		{noon.Add(time.Hour), nil, "later long now soon", time.Time{}},
	} {
		states, next, err := st.Due(t.Context(), c.at, c.also...)
		got := strings.Join(slices.Sorted(maps.Keys(states)), " ")
		if err != nil || got != c.want || !next.Equal(c.next) {
			t.Errorf("at %s and %q: %s, next at %s, %v, want %s, %s", c.at, c.also, got, next, err, c.want, c.next)
		}
	}
}

func itemsComeBack(t *testing.T, st Store) {
	want := feeds.Item{
		SourceID: "s", GUID: "معرف?%_'\"", URL: "https://s.example/أ",
		Text:    feeds.Text{Lang: "ar", Title: "عنوان", Summary: "<p>م</p>", Body: "<p>ن</p>"},
		Authors: []string{"أ", "ب, \"ج\""}, Categories: []string{"هواتف"},
		Enclosures: []feeds.Enclosure{{URL: "https://s.example/a.mp3", Type: "audio/mpeg", Length: 1 << 40}},
		Images:     []feeds.Enclosure{{URL: "https://s.example/a.png"}}, Rights: "©",
		Published: noon.Add(-time.Hour), Updated: noon.Add(-time.Minute), Seen: noon,
	}
	bare := feeds.Item{SourceID: "t", GUID: "z", Seen: noon}
	polled(t, st, noon, want, bare)
	waiting := ungrouped(t, st)
	if len(waiting) != 2 || !reflect.DeepEqual(waiting[0].Signature, dedupe.Sign(want, arabic.Lexicon{})) ||
		!waiting[0].When.Equal(want.Published) || !waiting[1].When.Equal(noon) {
		t.Errorf("ungrouped: %+v", waiting)
	}
	grouped(t, st, noon, born(want), born(bare))
	for _, it := range []feeds.Item{want, bare} {
		if got := one(t, st, it).Items[0].Item; !reflect.DeepEqual(got, it) {
			t.Errorf("%+v, want %+v", got, it)
		}
	}
}

func pollsAreWhole(t *testing.T, st Store) {
	good := aggregator.Poll{State: polite.State{ID: "a"}, Items: []aggregator.Signed{sign(entry("a", "1", "خبر"))}}
	bad := aggregator.Poll{
		State: polite.State{ID: "b"},
		Items: []aggregator.Signed{sign(entry("b", "1", "خبر")), sign(entry("b", "", "no guid"))},
	}
	if n, err := st.Polled(t.Context(), noon, good, bad); err == nil || n != (aggregator.Arrived{}) {
		t.Errorf("an item without a guid is stored: %v, %v", n, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.Polled(ended, noon, good); err == nil {
		t.Error("a poll is stored after its context ended")
	}
	memos, err := st.States(t.Context())
	if items := ungrouped(t, st); err != nil || len(memos) != 0 || len(items) != 0 {
		t.Errorf("a failed poll left %v and %v, %v", memos, items, err)
	}
}

func pollsCount(t *testing.T, st Store) {
	first, second := entry("s", "1", "واحد"), entry("s", "2", "اثنان")
	if n := polled(t, st, noon, first, second); n != (aggregator.Arrived{New: 2}) {
		t.Errorf("first poll: %+v", n)
	}
	again := []feeds.Item{first, second}
	for i := range again {
		again[i].Seen = noon.Add(time.Hour)
		again[i].Published = noon.Add(time.Minute) // some publishers move it at each poll
		again[i].URL += "?utm_source=feed"
	}
	if n := polled(t, st, noon.Add(time.Hour), again...); n != (aggregator.Arrived{}) {
		t.Errorf("the same again: %+v", n)
	}
	edited := []feeds.Item{again[0], again[1], entry("s", "3", "ثلاثة"), entry("s", "3", "ثلاثة")}
	edited[0].Title = "واحد، مصحح"
	edited[1].Enclosures = []feeds.Enclosure{{URL: "https://s.example/2.mp3"}}
	edited[3].Seen = noon.Add(2 * time.Hour)
	if n := polled(t, st, noon.Add(2*time.Hour), edited...); n != (aggregator.Arrived{New: 1, Changed: 2}) {
		t.Errorf("two edits, and one new that is there twice: %+v", n)
	}
	grouped(t, st, noon, born(edited[0]))
	if it := one(t, st, edited[0]).Items[0]; it.Title != "واحد، مصحح" || !it.Seen.Equal(noon) {
		t.Errorf("the edited item has not its new title and its old Seen: %+v", it)
	}
}

func guidsAreTheirSources(t *testing.T, st Store) {
	// A key is source, zero byte and guid: "a" with "-1" is not "a-1".
	a, b, c := entry("a", "1", "من أ"), entry("b", "1", "من ب"), entry("a-1", "1", "من أ-1")
	if n := polled(t, st, noon, a, b, c); n.New != 3 {
		t.Errorf("%d new, want 3", n.New)
	}
	long := strings.Repeat("طويل", 2000)
	d, e := entry("a", long+"1", "د"), entry("a", long+"2", "ه")
	if n := polled(t, st, noon, d, e); n.New != 2 {
		t.Errorf("of two long guids %d are new", n.New)
	}
	if n := polled(t, st, noon, d, e, a); n != (aggregator.Arrived{}) {
		t.Errorf("the same again: %+v", n)
	}
}

func hostileTexts(t *testing.T, st Store) {
	it := entry("s", "g\x00uid", "a\x00b\xff'; DROP TABLE items; --")
	it.Authors = []string{"x\x00y\xff"}
	poll := aggregator.Poll{
		State: polite.State{ID: "s", Error: "zero \x00 byte"}, Items: []aggregator.Signed{sign(it)}, Whole: true,
	}
	if _, err := st.Polled(t.Context(), noon, poll); err != nil {
		t.Fatal(err)
	}
	got := ungrouped(t, st)
	if len(got) != 1 || got[0].GUID != "guid" {
		t.Fatalf("%+v", got)
	}
	if n := polled(t, st, noon, it); n != (aggregator.Arrived{}) {
		t.Errorf("the same again: %+v", n)
	}
	held := feeds.Item{SourceID: got[0].Source, GUID: got[0].GUID, Seen: got[0].Seen}
	grouped(t, st, noon, born(held))
	if title := one(t, st, held).Title; title != "ab\uFFFD'; DROP TABLE items; --" {
		t.Errorf("title %q", title)
	}
	if left := ungrouped(t, st); len(left) != 0 {
		t.Errorf("grouping does not find it again: %v", names(left))
	}
}

// orderOfGrouping tests the order by Seen, When, source and guid, the last two byte by byte.
func orderOfGrouping(t *testing.T, st Store) {
	late := entry("a", "late", "خ")
	late.Seen, late.Published = noon.Add(time.Second), time.Time{}
	undated := entry("z", "undated", "خ")
	undated.Published = time.Time{}
	want := []string{}
	for _, source := range []string{"a", "a-b", "a0", "ab", "b"} {
		for _, guid := range []string{"-", "A", "B", "a", "a b", "a-b", "ab", "b", "ä", "ء", "أ", "ا", "ب"} {
			want = append(want, source+"/"+guid)
		}
	}
	items := []feeds.Item{late, undated}
	for i := len(want) - 1; i >= 0; i-- {
		source, guid, _ := strings.Cut(want[i], "/")
		items = append(items, entry(source, guid, "خ"))
	}
	polled(t, st, noon, items...)
	all := ungrouped(t, st)
	equal(t, "order", names(all), append(want, "z/undated", "a/late"))
	some, err := st.Ungrouped(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the first three", names(some), want[:3])
}

// writers tests polls that are stored at once, as jobs on several machines do.
func writers(t *testing.T, st Store) {
	errs := make(chan error)
	const writers, each = 8, 20
	for w := range writers {
		go func() {
			p := aggregator.Poll{State: polite.State{ID: fmt.Sprint("s", w)}, Whole: true}
			for i := range each {
				p.Items = append(p.Items, sign(entry(p.State.ID, fmt.Sprint(i), "خبر")))
			}
			_, err := st.Polled(context.Background(), noon, p)
			errs <- err
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := len(ungrouped(t, st)); n != writers*each {
		t.Errorf("%d items, want %d", n, writers*each)
	}
}

// remembered: the list of a source is that of the last poll that had one.
func remembered(t *testing.T, st Store) {
	for i, list := range [][]byte{[]byte("first"), nil, {}, []byte("last")} {
		before, err := st.Known(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		poll := aggregator.Poll{State: polite.State{ID: "a"}, Known: list}
		if _, err := st.Polled(t.Context(), noon, poll, aggregator.Poll{State: polite.State{ID: "b"}}); err != nil {
			t.Fatal(err)
		}
		want := list
		if list == nil {
			want = before
		}
		if got, err := st.Known(t.Context(), "a"); err != nil || !bytes.Equal(got, want) {
			t.Errorf("poll %d: %q, %v, want %q", i, got, err, want)
		}
	}
	if got, err := st.Known(t.Context(), "b"); err != nil || got != nil {
		t.Errorf("of another source: %q, %v", got, err)
	}
}

// unstored: an item need not be stored again while its words, names and links are the same, but
// marked as seen after a day.
func unstored(t *testing.T, st Store) {
	same, edited, added := entry("a", "1", "الخبر"), entry("a", "2", "قبل"), entry("a", "3", "الجديد")
	polled(t, st, noon, same, edited)
	edited.Title = "بعد"
	same.Published = noon.Add(time.Hour)
	for _, c := range []struct {
		hours int
		want  []string
	}{{1, []string{"2", "3"}}, {25, []string{"1 same", "2", "3"}}, {26, []string{"2", "3"}}} {
		at := noon.Add(time.Duration(c.hours) * time.Hour)
		out, err := st.Unstored(t.Context(), at, []aggregator.Signed{{Item: same}, {Item: edited}, {Item: added}})
		var got []string
		var seen aggregator.Poll
		for _, it := range out {
			if it.Same {
				it.Title = "not made" // marks need no text
				seen.Items = append(seen.Items, it)
				it.GUID += " same"
			}
			got = append(got, it.GUID)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("after %d hours: %v, %v", c.hours, got, err)
		}
		seen.State.ID = "a"
		if n, err := st.Polled(t.Context(), at, seen); err != nil || n != (aggregator.Arrived{}) {
			t.Errorf("after %d hours: %+v, %v", c.hours, n, err)
		}
	}
}

// undated tests that an item without a date has that of its place when it is new, and keeps a date.
func undated(t *testing.T, st Store) {
	placed := sign(entry("a", "1", "خبر"))
	placed.Published, placed.Placed = time.Time{}, noon.AddDate(0, 0, -1)
	for i, want := range []string{"قبل", "بعد"} {
		placed.Title = want
		at := noon.Add(time.Duration(i) * time.Hour)
		poll := aggregator.Poll{State: polite.State{ID: "a", Polled: at}, Items: []aggregator.Signed{placed}}
		if _, err := st.Polled(t.Context(), at, poll); err != nil {
			t.Fatal(err)
		}
		if got := ungrouped(t, st); len(got) != 1 || !got[0].When.Equal(placed.Placed) {
			t.Errorf("%s: %+v", want, got)
		}
		placed.Seen = placed.Seen.Add(time.Hour)
	}
	placed.Placed = noon
	grouped(t, st, noon, born(placed.Item))
	if it := one(t, st, placed.Item).Items[0]; !it.Published.Equal(noon.AddDate(0, 0, -1)) {
		t.Errorf("published %v", it.Published)
	}
}

func doubtful(t *testing.T, st Store) {
	dated := func(guid, title string, hours int) aggregator.Signed {
		it := entry("a", guid, title)
		it.Published = noon.Add(time.Duration(hours) * time.Hour)
		return aggregator.Signed{Item: it}
	}
	polled(t, st, noon, dated("1", "قبل", 0).Item, dated("2", "قبل", 0).Item, dated("3", "قبل", 0).Item)
	for _, c := range []struct {
		items []aggregator.Signed
		want  []bool
	}{
		{[]aggregator.Signed{dated("1", "بعد", 0), dated("2", "بعد", 1), dated("4", "جديد", 1)},
			[]bool{false, true, true}},
		// the date of what did not change is another too
		{[]aggregator.Signed{dated("2", "بعد", 1), dated("4", "جديد", 1), dated("3", "قبل", 1)}, []bool{false, true}},
	} {
		out, err := st.Unstored(t.Context(), noon, c.items)
		var got []bool
		for _, it := range out {
			got = append(got, it.Doubtful)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("doubtful: %v, %v, want %v", got, err, c.want)
		}
	}
}

func kin(t *testing.T, st Store) {
	stored := func(source, guid, title, page string) feeds.Item {
		it := entry(source, guid, title)
		it.URL, it.Body = page, "<p>"+title+": "+news+"</p>"
		return it
	}
	began(t, st, stored("a", "1", "هاتف", "http://www.a.example/1"), stored("a", "2", "حاسوب", "https://a.example/2"),
		stored("a", "3", "سيارة", "https://a.example/3"), stored("b", "1", "هاتف", "http://www.a.example/1"))
	for _, c := range []struct {
		what string
		it   feeds.Item
		want []string
	}{
		{"its key", stored("a", "1", "خبر", ""), []string{"1"}},
		{"its page's other address", stored("a", "9", "خبر", "https://a.example/1"), []string{"1"}},
		{"its words", stored("a", "9", "حاسوب", ""), []string{"2"}},
		{"nothing", stored("a", "9", "خبر", "https://a.example/9"), nil},
	} {
		found, err := st.Kin(t.Context(), []aggregator.Signed{sign(c.it)}, false)
		var got []string
		for _, it := range found {
			got = append(got, it.GUID)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("by %s: %v, %v, want %v", c.what, got, err, c.want)
		}
	}
}
