package dedupe_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/parse"
)

// told is an entry of the farm and the story that it tells.
type told struct {
	feeds.Item
	story, kind string
}

// farm reads the feeds of a farm of n, and the truth about their entries.
func farm(t testing.TB, n int) (out []told) {
	t.Helper()
	dir := t.TempDir()
	truth, docs := filepath.Join(dir, "truth.json"), filepath.Join(dir, "feeds")
	dump := exec.Command("go", "run", "../../cmd/feedfarm",
		"dump", "-n", strconv.Itoa(n), "-dir", docs, "-truth", truth)
	if msg, err := dump.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	var entries []struct {
		Link, Cluster, Kind string
	}
	b, err := os.ReadFile(truth)
	if err == nil {
		err = json.Unmarshal(b, &entries)
	}
	if err != nil {
		t.Fatal(err)
	}
	items := map[string]feeds.Item{}
	files, _ := filepath.Glob(filepath.Join(docs, "*"))
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		id, _, _ := strings.Cut(filepath.Base(name), ".")
		number, _ := strconv.Atoi(id)
		doc := feeds.Document{URL: "http://127.0.0.1:8900/f/" + id, Body: body, At: noon}
		feed, err := parse.Feed(feeds.Source{ID: fmt.Sprint("f", number)}, doc)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, it := range feed.Items {
			it.Seen = noon.Add(48 * time.Hour)
			items[feeds.CleanURL(it.URL)] = it
		}
	}
	for _, e := range entries {
		it, ok := items[feeds.CleanURL(e.Link)]
		if !ok {
			t.Fatalf("entry %s was not read", e.Link)
		}
		out = append(out, told{it, e.Cluster, e.Kind})
	}
	return out
}

// core are the kinds of printings whose pairs recall is counted on: whole texts in the same words.
var core = map[string]bool{"exact": true, "light": true, "orthography": true}

// farmTally counts the pairs of in that were joined, and those of whole printings that were not.
func farmTally(in []told, story []string) (n tally) {
	type cell struct{ all, core int }
	both, found, meant := map[[2]string]cell{}, map[string]cell{}, map[string]cell{}
	for i, it := range in {
		c := cell{all: 1}
		if core[it.kind] {
			c.core = 1
		}
		k := [2]string{story[i], it.story}
		both[k] = cell{both[k].all + 1, both[k].core + c.core}
		found[story[i]] = cell{all: found[story[i]].all + 1}
		meant[it.story] = cell{core: meant[it.story].core + c.core}
	}
	pairs := func(n int) int { return n * (n - 1) / 2 }
	core := 0
	for _, c := range both {
		n.right += pairs(c.all)
		core += pairs(c.core)
	}
	for _, c := range found {
		n.wrong += pairs(c.all)
	}
	n.wrong -= n.right
	for _, c := range meant {
		n.missed += pairs(c.core)
	}
	n.missed -= core
	n.whole = core
	return n
}

// half is 1 or 2: whether a story's id hashes to an odd or an even number.
func half(id string) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32()%2) + 1
}

// farmFigures groups a farm: texts that are copied, edited and told in other words by rules.
func farmFigures(t *testing.T) (out []figure) {
	t.Helper()
	const n = 200 // feeds, of some 30 entries
	all := farm(t, n)
	items := make([]feeds.Item, len(all))
	for i, it := range all {
		items[i] = it.Item
	}
	grouped := group(t, items)
	tells := map[string]string{} // a story's id ⇒ what its first item tells
	for i, it := range all {
		if grouped[i].kind == feeds.Lead {
			tells[grouped[i].story] = it.story
		}
	}
	story := make([]string, len(all))
	links, right := 0, 0 // seen by both sides' items: copies count each link again
	for i, it := range all {
		story[i] = grouped[i].story
		links += len(grouped[i].linked)
		for other := range grouped[i].linked {
			if tells[other] == it.story {
				right++
			}
		}
	}
	pairs := farmTally(all, story)
	t.Logf("farm: %d items, %d pairs, %d of whole printings, %d links", len(all), pairs.right+pairs.wrong,
		pairs.whole+pairs.missed, links)
	return []figure{
		least("farm: precision", "1", pairs.precision(), .99),
		least("farm: recall of whole printings", "0.986", ratio(pairs.whole, pairs.whole+pairs.missed), .98),
		least("farm: links, precision", "0.911", ratio(right, links), .85),
	}
}
