package marian

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate/offline/synthetic"
)

// mostMargin is how near a tie must be for two right engines to decide it differently.
const mostMargin = 0.1

// TestOracle holds the engine against what Bergamot's own said of the same random students (../testdata/oracle/README.md).
func TestOracle(t *testing.T) {
	compare(t, filepath.Join("..", "testdata", "oracle", "golden"), 1, 0)
	if fresh := os.Getenv("NASHRA_ORACLE"); fresh != "" {
		dir, seed, _ := strings.Cut(fresh, ":")
		n, err := strconv.ParseUint(seed, 10, 32)
		if err != nil {
			t.Fatalf("NASHRA_ORACLE=%s is not WORKDIR:SEED", fresh)
		}
		compare(t, dir, n, 3)
	}
}

// compare allows the count of identical lines so many standard deviations below its bar: with other seeds it is a draw.
func compare(t *testing.T, dir string, seed uint64, deviations float64) {
	for _, c := range synthetic.Cases(seed) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			m, short := load(t, c)
			sources, want := golden(t, filepath.Join(dir, c.Name+".tsv"))
			got, err := m.translate(t.Context(), short, sources, true)
			if err != nil {
				t.Fatal(err)
			}
			same, worst := 0, float32(0)
			for i, g := range got {
				at := 0
				for at < len(g.target) && at < len(want[i]) && g.target[at] == want[i][at] {
					at++
				}
				switch {
				case at == len(g.target) && at == len(want[i]):
					same++
				case at == len(g.margins):
					t.Errorf("line %d: we stop at the limit of %d pieces, the oracle goes on", i+1, at)
				default:
					worst = max(worst, g.margins[at])
				}
			}
			bar := float64(c.Identical)
			bar -= deviations * math.Sqrt(bar*(100-bar)/100)
			t.Logf("%d of %d lines identical, largest margin at a first difference %.3f", same, len(want), worst)
			if len(want) != 100 || float64(same) < bar || worst >= mostMargin {
				t.Errorf("%d of %d lines identical, want %.0f; largest margin %.3f, want below %.1f", same, len(want), bar, worst, mostMargin)
			}
		})
	}
}

func load(t testing.TB, c synthetic.Case) (*Model, *Shortlist) {
	t.Helper()
	m, err := Load(c.Model())
	if err != nil {
		t.Fatal(err)
	}
	list := c.Shortlist()
	if list == nil {
		return m, nil
	}
	short, err := ReadShortlist(list, m.Vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	return m, short
}

// golden reads lines of source and target, whose words are their own ids.
func golden(t testing.TB, name string) (sources, targets [][]int32) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		source, target, _ := strings.Cut(strings.TrimSpace(line), "\t")
		sources, targets = append(sources, numbers(t, source)), append(targets, numbers(t, target))
	}
	return sources, targets
}

func numbers(t testing.TB, words string) (out []int32) {
	t.Helper()
	for w := range strings.FieldsSeq(words) {
		n, err := strconv.Atoi(strings.TrimPrefix(w, "t"))
		if err != nil {
			t.Fatalf("%q is no number", w)
		}
		out = append(out, int32(n))
	}
	return out
}
