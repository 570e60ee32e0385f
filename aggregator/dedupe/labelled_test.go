package dedupe_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// labelled is a line of testdata: an item, its story and the event that it reports. A family is the part
// of a story's name before the hyphen. Rel relates the item to the first of its family: copy and update
// tell the same story; event reports the same event independently, or in English; follow-up and
// look-alike are other news. Texts and outlets are our own; some of the events happened, some did not.
type labelled struct {
	Story, Event, Rel, Source, GUID, URL, Lang, Title, Body string
	When                                                    time.Time
}

// half returns the half that a line belongs to. Families are never split.
func (l labelled) half() int {
	family, _, _ := strings.Cut(l.Story, "-")
	return half(family)
}

func (l labelled) item() feeds.Item {
	return feeds.Item{
		SourceID:  l.Source,
		GUID:      l.GUID,
		URL:       l.URL,
		Text:      feeds.Text{Lang: l.Lang, Title: l.Title, Body: l.Body},
		Published: l.When,
		Seen:      l.When,
	}
}

func read(t *testing.T, file string) (out []labelled) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		var l labelled
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v in %s", file, err, s.Bytes())
		}
		out = append(out, l)
	}
	return out
}

// labelledFigures groups both halves of the labelled set, and the later set, and compares the outcome with
// the labels. testdata/README.md says what was chosen on which half.
func labelledFigures(t *testing.T) (out []figure) {
	t.Helper()
	sets := map[string][]labelled{"later": read(t, "testdata/later.jsonl")}
	for _, l := range read(t, "testdata/labelled.jsonl") {
		name := fmt.Sprint("half ", l.half())
		sets[name] = append(sets[name], l)
	}
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		out = append(out, labelledSet(t, name, sets[name])...)
	}
	return out
}

// labelledBars has, by set, the figures before and the bars: F1 of copies, F1 of events, links of other news.
var labelledBars = map[string]struct{ copies, bar, events, linked, most float64 }{
	"half 1": {.946, 1, .905, 0, 0},
	"half 2": {.919, .987, .938, 0, 1}, // of one maker in two countries, of which one title names none
	"later":  {1, 1, .839, 4, 2},
}

func labelledSet(t *testing.T, name string, in []labelled) []figure {
	t.Helper()
	items := make([]feeds.Item, len(in))
	for i, l := range in {
		items[i] = l.item()
	}
	made := group(t, items)
	copies := pairs(in, func(a, b labelled) bool { return a.Story == b.Story },
		func(i, j int) bool { return made[i].story == made[j].story },
		func(i, j int, wrong bool) {
			what := map[bool]string{true: "folded", false: "not folded"}[wrong]
			t.Logf("%s: %q and %q (%s; %s)", what, in[i].Title, in[j].Title, made[i].why, made[j].why)
		})
	// Only leads count, each pair of stories once: copies say nothing about events.
	events := pairs(in, func(a, b labelled) bool { return a.leads() && b.leads() && a.Event == b.Event },
		func(i, j int) bool { return in[i].leads() && in[j].leads() && made[i].linked[made[j].story] != "" },
		func(i, j int, wrong bool) {
			what := map[bool]string{true: "linked", false: "not linked"}[wrong]
			t.Logf("%s: %q and %q (%s)", what, in[i].Title, in[j].Title, made[i].linked[made[j].story])
		})
	both := pairs(in, func(a, b labelled) bool { return a.Event == b.Event },
		func(i, j int) bool { return made[i].story == made[j].story || made[i].linked[made[j].story] != "" }, nil)
	t.Logf("%s: %d items; copies: %v; events: %v; either: %v", name, len(in), copies, events, both)
	folded, linked := 0, 0 // follow-ups and look-alikes
	for i, a := range in {
		for j, b := range in {
			switch {
			case a.Rel != "follow-up" && a.Rel != "look-alike":
			case made[i].story == made[j].story && a.Story != b.Story:
				folded++
			case b.leads() && made[i].linked[made[j].story] != "" && a.Event != b.Event:
				linked++
			}
		}
	}
	was := labelledBars[name]
	return []figure{
		least(name+": copies, F1", fmt.Sprint(was.copies), copies.f1(), was.bar),
		least(name+": copies, precision", "1", copies.precision(), 1),
		least(name+": events folded or linked, F1", fmt.Sprint(was.events), both.f1(), .8),
		most(name+": other news folded", "0", float64(folded), 0),
		most(name+": links of other news", fmt.Sprint(was.linked), float64(linked), was.most),
	}
}

// leads reports whether l is the first item of its story.
func (l labelled) leads() bool { return l.Rel != "copy" && l.Rel != "update" }

// pairs compares the pairs that belong together with those that were put together, and calls differ, if
// not nil, for each pair that is only one of the two.
func pairs(in []labelled, meant func(a, b labelled) bool, put func(i, j int) bool,
	differ func(i, j int, wrong bool)) (n tally) {
	for i := range in {
		for j := range i {
			want, got := meant(in[i], in[j]), put(i, j)
			switch {
			case want && got:
				n.right++
			case got:
				n.wrong++
			case want:
				n.missed++
			}
			if want != got && differ != nil {
				differ(i, j, got)
			}
		}
	}
	return n
}

// TestKinds holds that joined items get the right kind, and that stories have one language.
func TestKinds(t *testing.T) {
	all := read(t, "testdata/labelled.jsonl")
	items := make([]feeds.Item, len(all))
	for i, l := range all {
		items[i] = l.item()
	}
	made := group(t, items)
	langs := map[string]string{}
	for i, l := range all {
		if lang, known := langs[made[i].story]; known && lang != l.Lang {
			t.Errorf("%q is in a story of another language", l.Title)
		}
		langs[made[i].story] = l.Lang
		if k := string(made[i].kind); (l.Rel == "copy" || l.Rel == "update") && k != string(feeds.Lead) && k != l.Rel {
			t.Errorf("%q is %s, want %s (%s)", l.Title, k, l.Rel, made[i].why)
		}
	}
}

// TestDeepSeek holds that one copy is found among look-alikes: the attack on the company and the next
// day's market are other news.
func TestDeepSeek(t *testing.T) {
	all := read(t, "testdata/deepseek.jsonl")
	items := make([]feeds.Item, len(all))
	at := map[string]int{}
	for i, l := range all {
		items[i], at[l.GUID] = l.item(), i
	}
	made := group(t, items)
	first, printed := at["https://tiqani.example/?p=5101"], at["kt-77120"]
	if d := made[printed]; d.story != made[first].story || d.kind != feeds.Copy {
		t.Errorf("the copy: %+v", d)
	} else {
		t.Log(d.why)
	}
	for _, guid := range []string{"kt-77115", "8841"} {
		if d := made[at[guid]]; d.kind != feeds.Lead {
			t.Errorf("%s joined: %+v", guid, d)
		}
	}
}
