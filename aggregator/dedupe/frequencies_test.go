package dedupe

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate/arabic"
)

var corpus = flag.String("corpus", "", "folder of SaudiNewsNet's zip files; rewrites frequencies.bin")

const (
	listed      = 5000 // the commonest terms
	leastOfOurs = 2    // families of our own samples that must have a term
)

// TestFrequencies holds that the table is whole. With -corpus it writes the table anew: of each term the
// greatest share of reports that have it, in the news and in our own samples by language.
func TestFrequencies(t *testing.T) {
	if *corpus != "" {
		writeFrequencies(t)
	}
	n := len(frequencies) / 4
	if n < 1000 || len(frequencies)%4 != 0 {
		t.Fatalf("%d bytes", len(frequencies))
	}
	var last uint32
	for i := range n {
		v := binary.LittleEndian.Uint32([]byte(frequencies[4*i:]))
		if v>>termShift <= last>>termShift && i > 0 || v&termWeight > unlisted {
			t.Fatalf("entry %d is %#x, after %#x", i, v, last)
		}
		last = v
	}
}

func writeFrequencies(t *testing.T) {
	ours := map[string]map[string][]uint32{"ar": {}, "en": {}} // language, family => terms
	for _, name := range []string{"testdata/labelled.jsonl", "testdata/later.jsonl"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			var l struct{ Story, Lang, Title, Body string }
			if err := json.Unmarshal(line, &l); err != nil {
				t.Fatal(err)
			}
			family, _, _ := strings.Cut(l.Story, "-")
			ours[l.Lang][family] = append(ours[l.Lang][family], distinct(l.Title, l.Body, l.Lang == "en")...)
		}
	}
	best := map[uint32]float64{}
	raise := func(docs [][]uint32, least int) {
		n := map[uint32]int{}
		for _, d := range docs {
			slices.Sort(d)
			for _, term := range slices.Compact(d) {
				n[term]++
			}
		}
		for term, k := range n {
			if k >= least {
				best[term] = max(best[term], float64(k)/float64(len(docs)))
			}
		}
	}
	raise(news(t), 1)
	for _, families := range ours {
		var docs [][]uint32
		for _, d := range families {
			docs = append(docs, d)
		}
		raise(docs, leastOfOurs)
	}
	type entry struct {
		term  uint32
		share float64
	}
	var all []entry
	for term, share := range best {
		all = append(all, entry{term, share})
	}
	slices.SortFunc(all, func(x, y entry) int {
		if x.share != y.share {
			return int(math.Copysign(1, y.share-x.share))
		}
		return int(int64(x.term) - int64(y.term))
	})
	all = all[:min(len(all), listed)]
	t.Logf("%d terms, the rarest in %.5f of all", len(all), all[len(all)-1].share)
	slices.SortFunc(all, func(x, y entry) int { return int(int64(x.term) - int64(y.term)) })
	var out []byte
	for _, e := range all {
		out = binary.LittleEndian.AppendUint32(out, e.term|uint32(math.Round(-math.Log2(e.share))))
	}
	if err := os.WriteFile("frequencies.bin", out, 0o644); err != nil {
		t.Fatal(err)
	}
}

// news returns the terms of each article of the corpus.
func news(t *testing.T) (docs [][]uint32) {
	seen := map[string]bool{}
	for _, a := range Articles(t, *corpus) {
		if !seen[a.URL] {
			docs = append(docs, distinct(a.Title, a.Content, false))
		}
		seen[a.URL] = true
	}
	return docs
}

// distinct returns the terms of a report, each once, without kinds and weights.
func distinct(title, body string, english bool) (out []uint32) {
	for _, s := range []string{title, body} {
		ts := tokens(split(arabic.Fold(strings.NewReplacer("<p>", " ", "</p>", " ").Replace(s)), nil),
			arabic.Lexicon{}, nil)
		for i := range ts[:min(len(ts), termWords)] {
			if term, _ := termAt(ts, i, english); term != 0 {
				out = append(out, term>>termShift<<termShift)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
