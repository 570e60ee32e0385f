package dedupe_test

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/aggregator/dedupe"
	"github.com/nashra/nashra/feeds"
)

// article is one of SaudiNewsNet as it is grouped and judged.
type article struct {
	dedupe.Article
	at    time.Time
	grams []uint64 // hashes of the distinct 4-grams of title and text, ascending
}

func (a *article) item() feeds.Item {
	var body strings.Builder
	for p := range strings.Lines(a.Content) {
		if p = strings.TrimSpace(p); p != "" {
			body.WriteString("<p>" + html.EscapeString(p) + "</p>")
		}
	}
	return feeds.Item{SourceID: strings.ToLower(a.Source), GUID: a.URL, URL: a.URL, Published: a.at, Seen: noon,
		Text: feeds.Text{Lang: "ar", Title: a.Title, Body: body.String()}}
}

// readNews reads the articles with a title and more than 150 characters of text, each address once.
func readNews(t *testing.T, dir string) (out []article) {
	t.Helper()
	seen := map[string]bool{}
	for _, from := range dedupe.Articles(t, dir) {
		a := article{Article: from}
		if u, err := url.PathUnescape(a.URL); err == nil {
			a.URL = strings.TrimSpace(u)
		}
		if a.Title == "" || utf8.RuneCountInString(a.Content) <= 150 || seen[a.URL] {
			continue
		}
		seen[a.URL] = true
		var err error
		if a.at, err = time.Parse(time.DateTime, a.Extracted); err != nil {
			t.Fatal(err)
		}
		a.grams = gramsOf(a.Title + " " + a.Content)
		out = append(out, a)
	}
	return out
}

var (
	vowels   = regexp.MustCompile(`[\x{64b}-\x{652}\x{640}]`)
	alefs    = strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا", "ى", "ي", "ة", "ه")
	notWords = regexp.MustCompile(`[^\x{621}-\x{64a}0-9a-z ]`)
	seed     = maphash.MakeSeed()
)

// gramsOf splits a text in a way of its own, so that the measure does not depend on what is measured.
func gramsOf(text string) (out []uint64) {
	text = alefs.Replace(vowels.ReplaceAllString(strings.ToLower(text), ""))
	words := strings.Fields(notWords.ReplaceAllString(text, " "))
	for i := 4; i <= len(words); i++ {
		out = append(out, maphash.Comparable(seed, [4]string(words[i-4:i])))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// overlap of two articles: the share of their 4-grams, and of the shorter's, that both have.
type overlap struct {
	a, b               int
	jaccard, contained float64
}

func overlapOf(all []article, i, j int) overlap {
	a, b, both := all[i].grams, all[j].grams, 0
	for x, y := 0, 0; x < len(a) && y < len(b); {
		switch c := cmp.Compare(a[x], b[y]); {
		case c < 0:
			x++
		case c > 0:
			y++
		default:
			x, y, both = x+1, y+1, both+1
		}
	}
	if both == 0 {
		return overlap{a: i, b: j}
	}
	return overlap{i, j, ratio(both, len(a)+len(b)-both), ratio(both, min(len(a), len(b)))}
}

// meantPairs returns the pairs of two outlets, at most 72 hours apart, of which one has the text of the
// other: near ones have half of all 4-grams in common, shortened ones .6 of the shorter's.
func meantPairs(all []article) (near, shortened []overlap) {
	where, common := map[uint64][]int{}, map[[2]int]int{}
	for i := range all {
		for _, g := range all[i].grams {
			where[g] = append(where[g], i)
		}
	}
	for _, list := range where {
		if len(list) > 25 { // a set phrase
			continue
		}
		for n := range list {
			for _, i := range list[:n] {
				common[[2]int{i, list[n]}]++
			}
		}
	}
	for p, n := range common {
		a, b := &all[p[0]], &all[p[1]]
		if n < 12 || a.Source == b.Source || a.at.Sub(b.at).Abs() > dedupe.Window {
			continue
		}
		switch o := overlapOf(all, p[0], p[1]); {
		case o.jaccard >= .5:
			near = append(near, o)
		case o.contained >= .6:
			shortened = append(shortened, o)
		}
	}
	return near, shortened
}

// newsFigures groups three days of real news, which outlets copy from the same wires.
func newsFigures(t *testing.T, dir, out string) []figure {
	t.Helper()
	all := readNews(t, dir)
	items := make([]feeds.Item, len(all))
	for i := range all {
		items[i] = all[i].item()
	}
	made := group(t, items)
	near, shortened := meantPairs(all)
	missed := map[*[]overlap][]overlap{}
	count := func(pairs *[]overlap) (folded, found float64) {
		f, l := 0, 0
		for _, o := range *pairs {
			switch {
			case made[o.a].story == made[o.b].story:
				f++
				continue
			case made[o.a].linked[made[o.b].story] != "":
				l++
			}
			missed[pairs] = append(missed[pairs], o)
		}
		return 100 * ratio(f, len(*pairs)), 100 * ratio(f+l, len(*pairs))
	}
	nearFolded, _ := count(&near)
	shortFolded, shortFound := count(&shortened)
	folds, links := ties(all, made)
	events := 0
	for _, o := range links {
		if strings.HasPrefix(made[o.a].linked[made[o.b].story], "event") {
			events++
		}
	}
	t.Logf("%d articles, %d folded, %d links; %d near pairs, %d shortened", len(all), len(folds), len(links), len(near),
		len(shortened))
	if out != "" {
		write(t, filepath.Join(out, "folds.tsv"), all, made, folds)
		write(t, filepath.Join(out, "links.tsv"), all, made, links)
		write(t, filepath.Join(out, "missed.tsv"), all, made, slices.Concat(missed[&near], missed[&shortened]))
	}
	return []figure{
		least("days: near copies folded, %", "93", nearFolded, 99),
		least("days: shortened copies folded or linked, %", "46", shortFound, 98),
		least("days: shortened copies folded, %", "36", shortFolded, 78),
		least("days: links of independent reports", "112", float64(events), 200),
		most("days: texts compared, an item", "-", candidates(items), 3),
	}
}

// candidates returns how many texts the index finds for an item.
func candidates(items []feeds.Item) float64 {
	var keys []dedupe.Keys
	for i := range items {
		p := printing(items[i])
		keys = append(keys, p.Signature.Keys())
	}
	index, found := dedupe.NewIndex(keys), 0
	for i := range keys {
		found += len(index.Near(keys[i]))
		index.Insert(int64(i), keys[i])
	}
	return ratio(found, len(keys))
}

// ties returns the items beside the lead of their story, and the leads of linked stories; those of the
// least overlap first.
func ties(all []article, made []placed) (folds, links []overlap) {
	leads := map[string]int{}
	for i, p := range made {
		if p.kind == feeds.Lead {
			leads[p.story] = i
		}
	}
	for i, p := range made {
		if lead := leads[p.story]; lead != i {
			folds = append(folds, overlapOf(all, lead, i))
			continue
		}
		for other := range p.linked {
			if other > p.story {
				links = append(links, overlapOf(all, i, leads[other]))
			}
		}
	}
	for _, list := range [][]overlap{folds, links} {
		slices.SortFunc(list, func(x, y overlap) int {
			return cmp.Or(cmp.Compare(x.jaccard, y.jaccard), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
		})
	}
	return folds, links
}

// write writes pairs with the reason that grouping gave for them.
func write(t *testing.T, name string, all []article, made []placed, pairs []overlap) {
	t.Helper()
	var b strings.Builder
	for _, o := range pairs {
		x, y := &all[o.a], &all[o.b]
		why := cmp.Or(made[o.a].linked[made[o.b].story], made[o.b].why)
		fmt.Fprintf(&b, "%.2f\t%.2f\t%s\n", o.jaccard, o.contained, strings.Join([]string{x.Source, x.Title, y.Source,
			y.Title, why, x.URL, y.URL}, "\t"))
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pairFigures groups labelled pairs, each alone in its own four days.
func pairFigures(t *testing.T, dir string) []figure {
	t.Helper()
	ans, sem := pairsOf(t, filepath.Join(dir, "ans.tsv")), pairsOf(t, filepath.Join(dir, "semeval.tsv"))
	return []figure{
		most("ANS: contradicting headlines folded, of 300", "17", ans["disagree fold"], 3),
		least("ANS: agreeing headlines folded, of 300", "46", ans["agree fold"], 60),
		least("SemEval: same event linked or folded, of 12", "0", sem["1-same fold"]+sem["1-same link"], 5),
		most("SemEval: other news linked or folded, of 24", "0", sem["4-other fold"]+sem["4-other link"], 0),
	}
}

// pairsOf counts pairs by label and by what became of them. A line is label, headlines[, texts].
func pairsOf(t *testing.T, name string) map[string]float64 {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var items []feeds.Item
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	for n, line := range lines {
		col := append(strings.Split(line, "\t"), "", "")
		for k := range 2 {
			it := item(fmt.Sprint("o", k), fmt.Sprint("p", n), col[1+k], "<p>"+html.EscapeString(col[3+k])+"</p>")
			it.Published = noon.Add(time.Duration(k)*time.Hour - time.Duration(4*n)*24*time.Hour)
			items = append(items, it)
		}
	}
	made, count := group(t, items), map[string]float64{}
	for n, line := range lines {
		label, _, _ := strings.Cut(line, "\t")
		switch a, b := made[2*n], made[2*n+1]; {
		case a.story == b.story:
			count[label+" fold"]++
			t.Log(line)
		case a.linked[b.story] != "":
			count[label+" link"]++
		}
	}
	return count
}
