package marian

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate/offline/synthetic"
)

// Correct engines round differently. So a student is nudged by more than engines differ; where its
// output stays the same, another engine must agree. See ../testdata/oracle/README.md.
const (
	nudges = 4 // in pairs of opposite ones
	// what each bias is moved by: four units in the last place of numbers between 2 and 4, as activations are
	nudge        = 1.0 / (1 << 20)
	mostStrays   = 3   // lines that part though no nudge moves them; of 66 students one had 2, seven had 1
	leastSettled = 20  // lines that no nudge moves; the least of 66 students was 26
	mostMargin   = 0.1 // where a line may part from the oracle's,
	// or so many times where nudged ones do, if that is more: they part four times as often
	ownMargins = 1.5
)

// TestOracle compares the engine with the recorded output of Bergamot on the same random students.
func TestOracle(t *testing.T) {
	compare(t, filepath.Join("..", "testdata", "oracle", "golden"), 1, true)
	if fresh := os.Getenv("NASHRA_ORACLE"); fresh != "" {
		dir, seed, _ := strings.Cut(fresh, ":")
		n, err := strconv.ParseUint(seed, 10, 32)
		if err != nil {
			t.Fatalf("NASHRA_ORACLE=%s is not WORKDIR:SEED", fresh)
		}
		compare(t, dir, n, false)
	}
}

// compare applies the rule to the students of a seed. Known seeds must also reach the number of
// identical lines; for others that is luck.
func compare(t *testing.T, dir string, seed uint64, known bool) {
	for _, c := range synthetic.Cases(seed) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			m, short := load(t, c)
			sources, want := golden(t, filepath.Join(dir, c.Name+".tsv"))
			got, err := m.translate(t.Context(), short, sources, true)
			if err != nil {
				t.Fatal(err)
			}
			settled, own := settled(t, m, short, sources, got)
			same, sure, strays, worst := 0, 0, 0, float32(0)
			for i, g := range got {
				at := parting(g.target, want[i])
				equal := at == len(g.target) && at == len(want[i])
				switch {
				case equal:
					same++
				case at == len(g.margins):
					t.Errorf("line %d: we stop at the limit of %d pieces, the oracle goes on", i+1, at)
				default:
					worst = max(worst, g.margins[at])
				}
				if settled[i] {
					sure++
					if !equal {
						strays++
					}
				}
			}
			t.Logf("%d of %d lines identical, all but %d of %d settled ones,"+
				" largest margin at a first difference %.3f (from ourselves %.3f)",
				same, len(want), strays, sure, worst, own)
			margin, identical := max(mostMargin, ownMargins*own), 0
			if known {
				margin, identical = mostMargin, c.Identical
			}
			if len(want) != 100 || same < identical || worst >= margin || strays > mostStrays || sure < leastSettled {
				t.Errorf("want %d of 100 lines identical, all but %d of at least %d settled ones,"+
					" margins below %.3f", identical, mostStrays, leastSettled, margin)
			}
		})
	}
}

// parting is how many pieces two targets begin with alike.
func parting(a, b []int32) (at int) {
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	return at
}

// settled says which lines come out the same however the student is nudged, and the largest margin where one did not.
func settled(t *testing.T, m *Model, short *Shortlist, sources [][]int32, want []*sentence) (out []bool,
	worst float32) {
	t.Helper()
	out = slices.Repeat([]bool{true}, len(want))
	for n := range nudges {
		got, err := nudged(m, n).translate(t.Context(), short, sources, true)
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range got {
			if at := parting(g.target, want[i].target); at < max(len(g.target), len(want[i].target)) {
				out[i] = false
				worst = max(worst, want[i].margins[min(at, len(want[i].margins)-1)])
			}
		}
	}
	return out, worst
}

// nudged is m with every bias moved up or down at random; with n odd, the other way than with the one before.
func nudged(m *Model, n int) *Model {
	r := rand.New(rand.NewPCG(uint64(n/2), 6))
	move := func(bias []float32, size int) []float32 {
		out := make([]float32, size)
		copy(out, bias)
		for i := range out {
			if (r.IntN(2)+n)%2 == 0 {
				out[i] += nudge
			} else {
				out[i] -= nudge
			}
		}
		return out
	}
	layer := func(l linear) linear {
		l.bias = move(l.bias, l.out)
		return l
	}
	even := func(n norm) norm { return norm{n.scale, move(n.bias, len(n.bias))} }
	look := func(a attention) attention {
		return attention{layer(a.query), layer(a.key), layer(a.value), layer(a.out), even(a.norm)}
	}
	feed := func(f feedForward) feedForward { return feedForward{layer(f.wide), layer(f.narrow), even(f.norm)} }
	out := &Model{Config: m.Config, source: m.source, target: m.target, output: m.output, positions: m.positions}
	for _, l := range m.encoder {
		out.encoder = append(out.encoder, encoderLayer{look(l.self), feed(l.ffn)})
	}
	for _, l := range m.decoder {
		out.decoder = append(out.decoder, decoderLayer{layer(l.cell), layer(l.gate), even(l.norm), look(l.context),
			feed(l.ffn)})
	}
	return out
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
