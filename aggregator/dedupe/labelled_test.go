package dedupe_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
)

// labelled is a line of testdata: an item and the story that it tells. Rel is what it is to the first of its family: copy and update
// tell the same story; event, follow-up and look-alike do not.
type labelled struct {
	Half                                             int
	Story, Rel, Source, GUID, URL, Lang, Title, Body string
	When                                             time.Time
}

func (l labelled) item() feeds.Item {
	return feeds.Item{SourceID: l.Source, GUID: l.GUID, URL: l.URL, Text: feeds.Text{Lang: l.Lang, Title: l.Title, Body: l.Body},
		Published: l.When, Seen: l.When}
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

// TestLabelled groups the two halves of the labelled set. Cuts were chosen on the first half; the second must reach the figures.
func TestLabelled(t *testing.T) {
	all := read(t, "testdata/labelled.jsonl")
	for half := 1; half <= 2; half++ {
		var in []labelled
		var items []feeds.Item
		for _, l := range all {
			if l.Half == half {
				in, items = append(in, l), append(items, l.item())
			}
		}
		made := group(t, items)
		n := pairs(in, made, func(i, j int, wrong bool) {
			if wrong {
				t.Logf("half %d, joined: %q and %q (%s; %s)", half, in[i].Title, in[j].Title, made[i].why, made[j].why)
			} else {
				t.Logf("half %d, apart: %q and %q", half, in[i].Title, in[j].Title)
			}
		})
		t.Logf("half %d: %d items, %d pairs; precision %.3f, recall %.3f, F1 %.3f", half, len(in), n.right+n.missed, n.precision(), n.recall(), n.f1())
		if half == 2 && (n.precision() < 0.99 || n.f1() < 0.97 || n.right < 40) {
			t.Errorf("precision %.3f, F1 %.3f of %d pairs found; want 0.99 and 0.97 of 40 at least", n.precision(), n.f1(), n.right)
		}
	}
}

// pairs counts pairs that tell the same story and pairs that were joined, telling each that is not both.
func pairs(in []labelled, made []placed, differ func(i, j int, wrong bool)) (n tally) {
	for i := range in {
		for j := range i {
			same, joined := in[i].Story == in[j].Story, made[i].story == made[j].story
			switch {
			case same && joined:
				n.right++
			case joined:
				n.wrong++
				differ(i, j, true)
			case same:
				n.missed++
				differ(i, j, false)
			}
		}
	}
	return n
}

// TestKinds holds that what the program joins, it joins as what it is.
func TestKinds(t *testing.T) {
	all := read(t, "testdata/labelled.jsonl")
	items := make([]feeds.Item, len(all))
	for i, l := range all {
		items[i] = l.item()
	}
	made := group(t, items)
	for i, l := range all {
		if k := string(made[i].kind); (l.Rel == "copy" || l.Rel == "update") && k != string(feeds.Lead) && k != l.Rel {
			t.Errorf("%q is %s, want %s (%s)", l.Title, k, l.Rel, made[i].why)
		}
	}
}

// TestDeepSeek holds the case of one copy among look-alikes: the attack on the company and the day after are other news.
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
