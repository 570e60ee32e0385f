package digest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// noon is in the middle of the period of the tests, of a day.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

var day = feeds.EventQuery{From: noon.Add(-12 * time.Hour), To: noon.Add(12 * time.Hour), Top: 20}

// item returns an item from "source" or "source+hours" or "source+hours,age": hours after noon when it
// was first seen, and its age then in hours.
func item(t *testing.T, text string) feeds.Appearance {
	t.Helper()
	source, when, _ := strings.Cut(text, "@")
	var hours, age int
	if when != "" {
		if _, err := fmt.Sscanf(when+",0", "%d,%d", &hours, &age); err != nil {
			t.Fatal(text, err)
		}
	}
	seen := noon.Add(time.Duration(hours) * time.Hour)
	return feeds.Appearance{Source: source, Seen: seen, Published: seen.Add(-time.Duration(age) * time.Hour)}
}

// told returns stories from "id: items > links | id: items".
func told(t *testing.T, text string) (out []feeds.Told) {
	t.Helper()
	at := map[string]int{}
	lines := strings.Split(text, " | ")
	if text == "" {
		return nil
	}
	for _, l := range lines {
		id, rest, _ := strings.Cut(l, ": ")
		items, _, _ := strings.Cut(rest, ">")
		s := feeds.Told{Listed: feeds.Listed{ID: id}}
		for _, text := range strings.Fields(items) {
			s.Items = append(s.Items, item(t, text))
		}
		at[id] = len(out)
		out = append(out, s)
	}
	for i, l := range lines {
		_, links, _ := strings.Cut(l, ">")
		for _, id := range strings.Fields(links) {
			out[i].Links = append(out[i].Links, id)
			if j, ok := at[id]; ok {
				out[j].Links = append(out[j].Links, out[i].ID)
			}
		}
	}
	return out
}

// said returns events as "stories; outlets; reports", with what they follow in parentheses.
func said(events []feeds.Event) string {
	var out []string
	for _, e := range events {
		line := fmt.Sprintf("%s; %s; %d", strings.Join(e.Stories, " "), strings.Join(e.Outlets, " "), e.Reports)
		if e.Follows != nil {
			line += " (" + strings.Join(e.Follows, " ") + ")"
		}
		out = append(out, line)
	}
	return strings.Join(out, " | ")
}

// outlet takes a capital letter for another feed of the outlet.
func outlet(source string) string { return strings.ToLower(source) }

func all(feeds.Told) bool { return true }

// rules has a case for each rule of the ranking.
var rules = []struct {
	rule string
	with func(q *feeds.EventQuery)
	told string
	want string
}{
	{"nothing is told", nil, "", ""},
	{"one story", nil, "1: a", "1; a; 1"},
	{"most outlets first", nil, "1: a b | 2: a b c | 3: a", "2; a b c; 1 | 1; a b; 1 | 3; a; 1"},
	{"two feeds of one outlet count once", nil, "1: a A a | 2: a b", "2; a b; 1 | 1; a; 1"},
	{"linked stories are one event, headed by that of most outlets", nil, "1: a > 2 | 2: b c", "2 1; a b c; 2"},
	{"of equal ones the lower id heads", nil, "2: a > 1 | 1: b", "1 2; a b; 2"},
	{"an event reaches one hop", nil, "1: a > 2 | 2: b > 3 | 3: c > 4 | 4: d > 5 | 5: e f",
		"5 3 4; c d e f; 3 | 1 2; a b; 2"},
	{"a story counts for one event", nil, "1: a b c > 2 | 2: d | 3: e f > 2", "1 2 3; a b c d e f; 3"},
	{"then most own outlets", nil, "1: a b > 2 | 2: c | 3: a b c", "3; a b c; 1 | 1 2; a b c; 2"},
	{"then most reports", nil, "1: a b > 2 | 2: c | 3: a b > 4 5 | 4: c | 5: c",
		"3 4 5; a b c; 3 | 1 2; a b c; 2"},
	{"then the lower id", nil, "2: a b | 1: c d", "1; c d; 1 | 2; a b; 1"},
	{"outlets take turns, newest first", nil, "1: a@3 | 2: a@2 | 3: a@1 | 4: b@-1 | 5: b@-2 | 6: c@-3",
		"1; a; 1 | 4; b; 1 | 6; c; 1 | 2; a; 1 | 5; b; 1 | 3; a; 1"},
	{"newest is what was published last", nil, "1: a@0,5 | 2: a@0,4 | 3: b@0,6", "2; a; 1 | 3; b; 1 | 1; a; 1"},
	{"an outlet alone has three turns", nil, "1: a@1 | 2: a@2 | 3: a@3 | 4: a@4 | 5: b | 6: a b",
		"6; a b; 1 | 4; a; 1 | 5; b; 1 | 3; a; 1 | 2; a; 1"},
	{"no more than asked for", func(q *feeds.EventQuery) { q.Top = 2 }, "1: a | 2: b | 3: c d", "3; c d; 1 | 1; a; 1"},
	{"no number is all", func(q *feeds.EventQuery) { q.Top = 0 }, "1: a | 2: b", "1; a; 1 | 2; b; 1"},
	{"fewer outlets than asked for", func(q *feeds.EventQuery) { q.MinOutlets = 2 }, "1: a | 2: b c", "2; b c; 1"},
	{"the period ends before its end", nil, "1: a@12 | 2: b@-12 | 3: c@-13", "2; b; 1"},
	{"what comes after it does not count", nil, "1: a b@13 > 2 | 2: c@13", "1; a; 1"},
	{"an item is old when it was published two days before", nil, "1: a@0,49 | 2: b@0,48", "2; b; 1"},
	{"an old copy is an earlier report", nil, "1: a b@0,60 | 2: c > 1", "1 2; a c; 2"},
	{"by publication the day it was seen does not matter", func(q *feeds.EventQuery) { q.ByPublished = true },
		"1: a@100,99 | 2: b@1,14", "1; a; 1"},
	{"an outlet that reported before does not count", nil, "1: a@-20 b c", "1; b c; 1"},
	{"nor where it reported before in a linked story", nil, "1: a b > 2 | 2: a@-20", "1; b; 1 (2)"},
	{"nothing new is not listed", nil, "1: a > 2 | 2: a@-20", ""},
	{"one that follows may be followed twice", nil, "1: a b > 3 | 2: c d > 3 | 3: e@-20",
		"1; a b; 1 (3) | 2; c d; 1 (3)"},
	{"outlets come in the order of their reports", nil, "1: c@2 b@1 > 2 | 2: a@3 b@5 d@1,2", "2 1; d b c a; 2"},
	{"a listed event is not listed again", func(q *feeds.EventQuery) {
		q.Listed = []feeds.Event{{Stories: []string{"1"}, Outlets: []string{"x", "y"}}}
	}, "1: x@-20 y@-20 a | 2: b", "2; b; 1"},
	{"it is with two new outlets", func(q *feeds.EventQuery) {
		q.Listed = []feeds.Event{{Stories: []string{"1"}, Outlets: []string{"x", "y"}}}
	}, "1: x@-20 y@-20 a b", "1; a b; 1"},
	{"an outlet that it was listed with is not new", func(q *feeds.EventQuery) {
		q.Listed = []feeds.Event{{Stories: []string{"1"}, Outlets: []string{"a", "b"}}}
	}, "1: a b c", ""},
	{"nor is a story that follows it", func(q *feeds.EventQuery) {
		q.Listed = []feeds.Event{{Stories: []string{"1"}, Outlets: []string{"x"}}}
	}, "1: x@-20 | 2: a > 1 | 3: b c > 1", "3; b c; 1 (1)"},
	{"what is only here comes after, of one outlet", func(q *feeds.EventQuery) { q.Top, q.Only = 1, 2 },
		"1: a b c | 2: a b | 3: a@1 | 4: a | 5: b", "1; a b c; 1 | 3; a; 1 | 5; b; 1"},
	{"also where events need more outlets", func(q *feeds.EventQuery) { q.MinOutlets, q.Only = 3, 9 },
		"1: a b c | 2: a b | 3: a", "1; a b c; 1 | 3; a; 1"},
	{"what was known counts when it was published", func(q *feeds.EventQuery) { q.Known = noon },
		"1: a@0,13 b@1 | 2: c@0,13 | 3: d@-5,1", "1; b; 1 | 3; d; 1"},
	{"links to stories that are hidden lead nowhere", nil, "1: a > 9", "1; a; 1"},
}

func TestRank(t *testing.T) {
	for _, c := range rules {
		q := day
		if c.with != nil {
			c.with(&q)
		}
		list := told(t, c.told)
		for range 5 {
			if got := said(Rank(list, q, outlet, all)); got != c.want {
				t.Errorf("%s:\n%s, want\n%s", c.rule, got, c.want)
				break
			}
			rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
	}
}

func TestOnlyStoriesOfAChannelAreHeadlines(t *testing.T) {
	list := told(t, "1: a b c > 2 | 2: d | 3: e | 4: f g")
	of := func(s feeds.Told) bool { return s.ID == "2" || s.ID == "3" }
	if got, want := said(Rank(list, day, outlet, of)), "2 1; a b c d; 2 | 3; e; 1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A day of 5,000 stories, each linked with ten others, is ranked in 40 ms; all of them too.
func TestThousandsOfStoriesADay(t *testing.T) {
	var list []feeds.Told
	id := func(i int) string { return fmt.Sprintf("%04x", i) }
	for i := range 5000 {
		s := feeds.Told{Listed: feeds.Listed{ID: id(i)}}
		for k := range 1 + i%7 {
			s.Items = append(s.Items, item(t, fmt.Sprintf("o%d@%d", (i*k)%40, i%12)))
		}
		for k := 1; k <= 5; k++ {
			s.Links = append(s.Links, id(i-k), id(i+k))
		}
		list = append(list, s)
	}
	for _, top := range []int{20, 0} {
		q, begun := day, time.Now()
		q.Top = top
		events := Rank(list, q, outlet, all)
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("the best %d of 5,000 took %v", top, took)
		} else {
			t.Logf("the best %d of 5,000: %d events in %v", top, len(events), took)
		}
	}
}
