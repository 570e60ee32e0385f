package offline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate/glossary"
	"github.com/nashra/nashra/translate/score"
)

func lines(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Skip(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// The columns are a source, what a small model may make of it, and what is right. An engine that
// takes no terms is given the glossary's names in English.
func TestUsualMisspellingsComeOutRight(t *testing.T) {
	g, err := glossary.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	table := lines(t, "testdata/names.tsv")
	right, was := 0, 0
	for _, line := range table {
		c := strings.Split(line, "\t")
		source := g.Protect(c[0])
		got, _ := keepNames(source, c[1], nil)
		if got == c[2] {
			right++
		} else {
			t.Logf("%s\n\tis   %s\n\twant %s", source, got, c[2])
		}
		if kept, _ := keepNames(source, c[2], nil); kept != c[2] {
			was++
			t.Errorf("%s\n\tthe right %s\n\tbecomes %s", source, c[2], kept)
		}
	}
	t.Logf("%d of %d misspelled lines come out right, %d right lines change", right, len(table), was)
	if len(table) < 190 || right < len(table)*95/100 {
		t.Errorf("%d of %d lines come out right", right, len(table))
	}
}

// Real outputs of base-memory: no right name is lost, and no score falls. NASHRA_TEST_FLORES names
// the folder of FLORES-200 with flores-dev and flores-test: .ar, .en and .bergamot-base-memory.en.
func TestRealOutputsKeepTheirNames(t *testing.T) {
	dir := os.Getenv("NASHRA_TEST_FLORES")
	if dir == "" {
		t.Skip("set NASHRA_TEST_FLORES to a folder with FLORES-200")
	}
	g, err := glossary.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, protect := range []bool{false, true} {
		for _, set := range []string{"flores-dev", "flores-test"} {
			sources, refs := lines(t, filepath.Join(dir, set+".ar")), lines(t, filepath.Join(dir, set+".en"))
			outputs := lines(t, filepath.Join(dir, set+".bergamot-base-memory.en"))
			repaired := slices.Clone(outputs)
			changed, lost := 0, 0
			for i, s := range sources {
				if protect {
					s = g.Protect(s)
				}
				repaired[i] = repairAtWorst(s, outputs[i])
				if repaired[i] != outputs[i] {
					changed++
					t.Logf("%s:%d %s\n\tis   %s\n\twas  %s\n\twant %s", set, i+1, s, repaired[i], outputs[i], refs[i])
				}
				for _, w := range strings.Fields(outputs[i]) {
					if nameWords(w) && strings.Contains(refs[i], w) && !strings.Contains(repaired[i], w) {
						lost++
					}
				}
			}
			bleu, chrf := score.BLEU(outputs, refs), score.ChrF(outputs, refs)
			bleu2, chrf2 := score.BLEU(repaired, refs), score.ChrF(repaired, refs)
			t.Logf("%s, glossary %v: %d lines change, %d right names lost, BLEU %.3f to %.3f, chrF %.3f to %.3f",
				set, protect, changed, lost, bleu, bleu2, chrf, chrf2)
			if lost > 0 || bleu2 < bleu || chrf2 < chrf {
				t.Error("a name is lost, or a score falls")
			}
		}
	}
}

// repairAtWorst repairs without attention, and then with one that relates every word to each name of
// the source in turn.
func repairAtWorst(source, target string) string {
	target, _ = keepNames(source, target, nil)
	for _, m := range mentions(source) {
		target, _ = keepNames(source, target, slices.Repeat([]int{m.word}, len(wordSpans(target))))
	}
	return target
}
