package score

import (
	"compress/gzip"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func lines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// The scores are those that sacrebleu gives for these outputs; the BLEU scores are also Mozilla's
// published ones.
func TestPublishedScores(t *testing.T) {
	ref := lines(t, "flores-test.en")
	for name, want := range map[string]struct{ bleu, chrf float64 }{
		"flores-test.bergamot-base.en":        {38.9, 64.9},
		"flores-test.bergamot-base-memory.en": {38.6, 64.7},
	} {
		hyp := lines(t, name)
		bleu, chrf := BLEU(hyp, ref), ChrF(hyp, ref)
		t.Logf("%s: BLEU %.3f, chrF2 %.3f", name, bleu, chrf)
		if math.Abs(bleu-want.bleu) > 0.1 || math.Abs(chrf-want.chrf) > 0.1 {
			t.Errorf("%s: BLEU %.2f, want %.1f; chrF2 %.2f, want %.1f", name, bleu, want.bleu, chrf, want.chrf)
		}
	}
	if bleu, chrf := BLEU(ref, ref), ChrF(ref, ref); math.Abs(bleu-100) > 1e-6 || math.Abs(chrf-100) > 1e-6 {
		t.Errorf("itself: %f, %f", bleu, chrf)
	}
}

// The tokens are those of mteval-v13a.
func TestTokens(t *testing.T) {
	for line, want := range map[string]string{
		`Prices rose 3.5% to $1,000.`:      `Prices rose 3.5 % to $ 1,000 .`,
		`It's "GPT-4", isn't it?`:          `It's " GPT-4 " , isn't it ?`,
		`in 2020-2021 (a/b) &quot;x&quot;`: `in 2020 - 2021 ( a / b ) " x "`,
		`ends. `:                           `ends .`,
		`3.`:                               `3 .`,
		`e.g.,x`:                           `e . g . , x`,
		`«نص» — text`:                      `«نص» — text`, // marks beyond ASCII stay with their words
	} {
		if got := strings.Join(tokens(line), " "); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestEdges(t *testing.T) {
	for name, c := range map[string]struct {
		hyp, ref   []string
		bleu, chrf float64
	}{
		"no lines":        {nil, nil, 0, 0},
		"nothing alike":   {[]string{"aaa"}, []string{"zzz"}, 0, 0},
		"an empty answer": {[]string{""}, []string{"a b c d"}, 0, 0},
		"smoothed": {[]string{"the cat sat on"}, []string{"the dog lay on"},
			100 * math.Exp((math.Log(2.0/4)+math.Log(1.0/(2*3))+math.Log(1.0/(4*2))+math.Log(1.0/(8*1)))/4), -1},
		"half as long":      {[]string{"a b c d"}, []string{"a b c d e f g h"}, 100 * math.Exp(-1), -1},
		"too short for one": {[]string{"a b"}, []string{"a b"}, 0, 100},
	} {
		if got := BLEU(c.hyp, c.ref); math.Abs(got-c.bleu) > 1e-9 {
			t.Errorf("%s: BLEU %f, want %f", name, got, c.bleu)
		}
		if got := ChrF(c.hyp, c.ref); c.chrf >= 0 && math.Abs(got-c.chrf) > 1e-9 {
			t.Errorf("%s: chrF %f, want %f", name, got, c.chrf)
		}
	}
	if got := runs([]rune("abab"), 2); !slices.Equal([]int{got["ab"], got["ba"]}, []int{2, 1}) {
		t.Errorf("%v", got)
	}
}
