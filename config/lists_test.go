package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/nashra/nashra/feeds"
)

// following returns the config of a text that follows entries.
func following(t *testing.T, text string, entries ...feeds.Entry) *Config {
	t.Helper()
	c, err := parse("nashra.yaml", []byte(text), vars(map[string]string{"LIST": "https://secret.example/list?key=1"}))
	if err != nil {
		t.Fatal(err)
	}
	c.Follow(entries)
	return c
}

// inList returns an entry of the list one, as it is stored.
func inList(address string, change ...func(*feeds.Entry)) feeds.Entry {
	e := feeds.Entry{List: feeds.ListID("one"), ID: feeds.EntryID(address), URL: address, Lang: "ar",
		Title: feeds.Title{AR: "خبر"}, Site: "https://home.example/"}
	for _, c := range change {
		c(&e)
	}
	return e
}

func heard(e *feeds.Entry)  { e.Heard = true }
func left(e *feeds.Entry)   { e.Heard, e.Missed = true, feeds.Departure }
func once(e *feeds.Entry)   { e.Heard, e.Missed = true, feeds.Departure-1 }
func silent(e *feeds.Entry) { e.Missed = feeds.Departure }
func second(e *feeds.Entry) { e.List = feeds.ListID("two") }

// What a list names gets the tags, the schedule and translate of the list, and nothing else of it.
func TestListedInherits(t *testing.T) {
	c := following(t, `sources:
  - {id: own, url: https://own.example/feed, headers: {Authorization: secret}, tags: [other]}
  - {id: one, opml: https://list.example/l.opml, tags: [shared, more], schedule: "@every 3h", translate: title}
channels: [{id: mine, tags: [shared]}]
`, inList("https://a.example/feed"), inList("https://b.example/feed", func(e *feeds.Entry) { e.Lang = "../x" }))
	on := true
	want := feeds.Source{ID: feeds.EntryID("https://a.example/feed"), URL: "https://a.example/feed", Lang: "ar",
		Title: feeds.Title{AR: "خبر"}, Site: "https://home.example/", Tags: []string{"shared", "more"},
		Schedule: "@every 3h", Translate: "title", Content: "full", FullText: "never", Timezone: "UTC",
		Enabled: &on, Via: "one"}
	if len(c.Listed) != 2 || !reflect.DeepEqual(c.Listed[0], want) || c.Listed[1].Lang != "" {
		t.Errorf("%+v, want\n%+v", c.Listed, want)
	}
	if ids := idsOf(c.Feeds()); ids != "own "+c.Listed[0].ID+" "+c.Listed[1].ID {
		t.Errorf("sources %s", ids)
	}
	if lists := c.Lists(); len(lists) != 1 || lists[0].ID != "one" || lists[0].Max != listMax {
		t.Errorf("lists %+v", lists)
	}
}

func idsOf(sources []feeds.Source) string {
	var ids []string
	for _, s := range sources {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids, " ")
}

// Which entries are polled (+), known for the stories that they had (-), or no source, and how they are counted.
func TestFollow(t *testing.T) {
	const a, b, c = "https://a.example/feed", "https://b.example/feed", "https://www.c.example/feed/"
	const one, max1 = "  - {id: one, opml: https://list.example/l.opml, tags: [x]}\n",
		"  - {id: one, opml: https://list.example/l.opml, max: 1}\n"
	const two = "  - {id: two, opml: https://other.example/l.opml, tags: [x, y]}\n"
	for what, tc := range map[string]struct {
		config  string
		entries []feeds.Entry
		want    string // for each source: + or -, its host, its tags
		counts  Listing
	}{
		"all": {one,
			[]feeds.Entry{inList(a), inList(b, heard)}, "+a[x] +b[x]", Listing{Named: 2, Polled: 2}},
		"missed once": {one, []feeds.Entry{inList(a, once)}, "+a[x]", Listing{Named: 1, Polled: 1}},
		"left": {one,
			[]feeds.Entry{inList(a, left), inList(b)}, "-a[x] +b[x]", Listing{Named: 1, Polled: 1, Left: 1}},
		"left without a success": {one, []feeds.Entry{inList(a, silent)}, "", Listing{Left: 1}},
		"beyond max": {max1,
			[]feeds.Entry{inList(a), inList(b, heard), inList(c)}, "+a[] -b[]",
			Listing{Named: 3, Polled: 1, Beyond: 2}},
		"one that left gives its place away": {max1, []feeds.Entry{inList(a, left), inList(b)}, "-a[] +b[]",
			Listing{Named: 1, Polled: 1, Left: 1}},
		"in the file": {"  - {id: own, url: http://c.example/feed}\n" + one, []feeds.Entry{inList(c)}, "",
			Listing{Named: 1, Configured: 1}},
		"in the file, and polled before": {"  - {id: own, url: http://c.example/feed}\n" + one,

			[]feeds.Entry{inList(c, heard)}, "+c[x]", Listing{Named: 1, Configured: 1}}, // a twin: see TestTwinOfListed
		"in the file, switched off": {"  - {id: own, url: http://c.example/feed, enabled: false}\n" + one,
			[]feeds.Entry{inList(c, heard)}, "-c[x]", Listing{Named: 1, Configured: 1}},
		"in the file, with headers": {"  - {id: own, url: http://c.example/feed, headers: {X: y}}\n" + one,
			[]feeds.Entry{inList(c, heard)}, "-c[x]", Listing{Named: 1, Configured: 1}},
		"in the file, takes no place": {"  - {id: own, url: http://c.example/feed}\n" + max1,
			[]feeds.Entry{inList(c), inList(a)}, "+a[]", Listing{Named: 2, Polled: 1, Configured: 1}},
		"itself and another list": {one + two, []feeds.Entry{inList("http://list.example/l.opml"),
			inList("https://other.example/l.opml"), inList(a)}, "+a[x]", Listing{Named: 1, Polled: 1}},
		"switched off": {"  - {id: one, opml: https://list.example/l.opml, enabled: false}\n",
			[]feeds.Entry{inList(a), inList(b, heard)}, "-b[]", Listing{Named: 2}},
		"in two lists": {one + two,
			[]feeds.Entry{inList(a), inList(a, second)}, "+a[x y]", Listing{Named: 1, Polled: 1}},
		"left one of two": {one + two,
			[]feeds.Entry{inList(a, left), inList(a, second, heard)}, "+a[x y]", Listing{Left: 1}},
		"an id that the file has": {"  - {id: " + feeds.EntryID(a) + ", url: https://d.example/}\n" + one,
			[]feeds.Entry{inList(a)}, "", Listing{}},
		"of a list that is gone": {one, []feeds.Entry{inList(a, second, heard)}, "", Listing{}},
	} {
		cfg := following(t, "sources:\n"+tc.config, tc.entries...)
		var got []string
		for _, s := range cfg.Listed {
			host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s.URL, "https://"), "www."), ".")
			got = append(got, fmt.Sprintf("%s%s%v", map[bool]string{true: "+", false: "-"}[s.On()], host, s.Tags))
		}
		if text := strings.Join(got, " "); text != tc.want || cfg.Listings["one"] != tc.counts {
			t.Errorf("%s: %s, %+v; want %s, %+v", what, text, cfg.Listings["one"], tc.want, tc.counts)
		}
	}
}

// A source of the file is polled in place of one that a list brought before.
func TestTwinOfListed(t *testing.T) {
	c := following(t, "sources:\n"+
		"  - {id: one, opml: https://list.example/l.opml}\n  - {id: own, url: http://a.example/feed}\n",
		inList("https://a.example/feed", heard))
	if twins := feeds.Twins(c.Feeds()); twins[c.Listed[0].ID] != "own" || len(twins) != 1 {
		t.Errorf("twins: %v", twins)
	}
}

// Addresses that may be secret are hidden, as nobody reads warnings about them.
func TestListedSecretsAreHidden(t *testing.T) {
	for _, tc := range []struct {
		list, address string
		private       bool
	}{
		{"https://list.example/l.opml", "https://a.example/feed", false},
		{"https://list.example/l.opml", "https://user:pass@a.example/feed", true},
		{"https://list.example/l.opml", "https://a.example/feed?token=abc", true},
		{`"${LIST}"`, "https://a.example/feed", true},
	} {
		c := following(t, "sources: [{id: one, opml: "+tc.list+"}]\n", inList(tc.address))
		if c.Listed[0].Private != tc.private || strings.Contains(c.Listed[0].ID, "pass") {
			t.Errorf("%s in %s: %+v", tc.address, tc.list, c.Listed[0])
		}
	}
}

// A channel may choose by the tag of a list that names nothing yet, but not by the list.
func TestChannelsChooseByTagsOfLists(t *testing.T) {
	const list = "sources: [{id: one, opml: https://list.example/l.opml, tags: [shared]}]\n" +
		"tags: {shared: {en: Shared}}\n"
	if c := following(t, list+"channels: [{id: mine, tags: [shared]}]\n"); len(c.Listed) != 0 {
		t.Errorf("%+v", c.Listed)
	}
	if _, err := parse("nashra.yaml", []byte(list+"channels: [{id: mine, sources: [one]}]\n"), none); err == nil {
		t.Error("a channel of a list is accepted")
	}
}
