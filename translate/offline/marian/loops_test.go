package marian

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// after is after how many pieces of a target it is found to go round in a loop; 0: never.
func after(source, target []int32) int {
	l := newLoops(source)
	for n := range target {
		if l.add(target[:n+1]) {
			return n + 1
		}
	}
	return 0
}

// counted are as many pieces, all of them different.
func counted(from, n int32) (out []int32) {
	for i := range n {
		out = append(out, from+i)
	}
	return out
}

func TestLoops(t *testing.T) {
	long := counted(1000, 60) // a source that repeats nothing
	turns := func(p, n int) []int32 { return slices.Repeat(counted(100, int32(p)), n) }
	for name, tc := range map[string]struct {
		source, target []int32
		want           int
	}{
		"a piece again and again":        {long, turns(1, 100), 25},
		"after a good beginning":         {long, slices.Concat(counted(10, 30), turns(1, 80)), 55},
		"two in turn":                    {long, turns(2, 50), 26},
		"a phrase":                       {long, turns(7, 15), 31},
		"a clause":                       {long, turns(12, 9), 48},
		"the longest that is looked for": {long, turns(16, 7), 64},
		"too long to be one":             {long, turns(17, 7), 0},
		"a phrase thrice":                {long, turns(16, 3), 0},
		"ha ha ha, twelve times":         {long, turns(1, 12), 0},
		"a number of 24 noughts":         {long, slices.Concat(counted(10, 3), turns(1, 24), counted(20, 3)), 0},
		"a name at the head of every line": {
			long,
			slices.Concat(turns(2, 1), counted(10, 5), turns(2, 1), counted(20, 4), turns(2, 1), counted(30, 5),
				turns(2, 1), counted(40, 5)),
			0,
		},
		"a rule of dashes as the source has": {turns(1, 120), turns(1, 120), 0},
		"words as often as in the source": {
			slices.Concat(counted(1, 9), turns(1, 40)), slices.Concat(counted(1, 9), turns(2, 40)), 0,
		},
		"emoji of four bytes":                {turns(4, 30), turns(4, 30), 0},
		"many times what the source repeats": {slices.Concat(turns(1, 3), long), turns(1, 126), 31},
	} {
		if got := after(tc.source, tc.target); got != tc.want {
			t.Errorf("%s: found after %d pieces, want %d", name, got, tc.want)
		}
	}
}

// Every loop is found within the turns and pieces of the rule, wherever it starts and whatever precedes
// it.
func TestLoopsFindAll(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		p := 1 + r.IntN(longestTurn)
		turn, before := make([]int32, p), make([]int32, r.IntN(40))
		for _, pieces := range [][]int32{turn, before} {
			for i := range pieces {
				pieces[i] = int32(r.IntN(5))
			}
		}
		target := slices.Concat(before, slices.Repeat(turn, 80/p+leastTurns))
		if got, most := after(nil, target), len(before)+p+max(leastLoop, (leastTurns-1)*p); got == 0 || got > most {
			t.Fatalf("%v after %v: found after %d pieces, want at most %d", turn, before, got, most)
		}
	}
}

// What people wrote is no loop, even letter by letter, which repeats more than pieces do.
func TestLoopsSpareTexts(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "..", "check", "testdata", "reference-en.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	letters := func(s string) (out []int32) {
		for _, r := range s {
			out = append(out, r)
		}
		return out
	}
	n := 0
	for line := range strings.Lines(string(file)) {
		var pair struct{ Ar, En string }
		if err := json.Unmarshal([]byte(line), &pair); err != nil {
			t.Fatal(err)
		}
		if at := after(letters(pair.Ar), letters(pair.En)); at != 0 {
			t.Errorf("found after %d letters of %q", at, pair.En)
		}
		n++
	}
	if n < 100 {
		t.Errorf("%d pairs", n)
	}
}

func FuzzLoops(f *testing.F) {
	f.Add([]byte("abc"), []byte("ababababababababababababababababababab"))
	f.Fuzz(func(t *testing.T, source, target []byte) {
		pieces := func(b []byte) (out []int32) {
			for _, c := range b {
				out = append(out, int32(c))
			}
			return out
		}
		// a target that says what its source says, twice as long at most, is none
		if at := after(pieces(target), pieces(target)); at != 0 {
			t.Fatalf("%q is a loop of itself after %d", target, at)
		}
		if at := after(pieces(source), pieces(target)); at != 0 && at <= leastLoop {
			t.Fatalf("%q for %q: found after %d pieces", target, source, at)
		}
	})
}
