package offline

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/offline/synthetic"
)

// TestNames holds that misspelled Latin words are corrected, except in raw mode.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	if err := synthetic.Write(dir, synthetic.Mumbler()); err != nil {
		t.Fatal(err)
	}
	e := New(in(dir))
	for _, tc := range []struct{ text, mended, raw string }{
		{"أطلقت OpenAI نموذج GPT-4.", "ATLQT OpenAI NMWDHJ GPT-4.", "ATLQT ObanAI NMWDHJ GBT-4."},
		{"«Perplexity»، وDeepSeek", "“Perplexity”, DeepSeek", "“Barblaxity”, WDaabSaak"},
		{
			"<g1>هاتف iPhone</g1> و<x2/> Pepper", "<g1>HATF iPhone</g1> W <x2/> Pepper",
			"<g1>HATF iBhona</g1> W <x2/> Babbar",
		},
	} {
		r := ask(tc.text)
		r.Codec = translate.Tagged
		for want, raw := range map[string]bool{tc.mended: false, tc.raw: true} {
			r.Raw = raw
			res, err := e.Translate(t.Context(), r)
			if err != nil || res.Texts[0] != want {
				t.Errorf("%s, raw %v\nis   %s\nwant %s\n%v", tc.text, raw, res.Texts[0], want, err)
			}
		}
	}
}

func TestKeepNames(t *testing.T) {
	for name, tc := range map[string]struct {
		source, target string
		origins        []int
		want           string
	}{
		"there already, in another writing": {"هاتف S24-FE", "the s24 fe phone", []int{0, 1, 1, 0}, "the s24 fe phone"},
		"misspelt": {
			"شركة Anthropic الناشئة", "the startup Entropic, too", []int{0, 2, 1, 2}, "the startup Anthropic, too",
		},
		"in two words": {
			"شركة Anthropic", "An tropic company", []int{1, 1, 0}, "Anthropic company",
		},
		"beside a word of its own": {
			"وOpenAI أعلنت", "and Opnai announced", []int{0, 0, 1}, "and OpenAI announced",
		},
		"with an end of its own": {"هاتف Samsung", "Samsing's phone", []int{1, 0}, "Samsung's phone"},
		"another name":           {"أعلن Musk", "(Elon) said", []int{1, 0}, "(Musk) said"},
		"an acronym spelt out": {
			"حلول AI", "artificial intelligence solutions", []int{1, 1, 0}, "artificial intelligence solutions",
		},
		"what is no name":        {"عبر Meta", "it is through", []int{1, 0, 0}, "it is through"},
		"nothing was made of it": {"عبر Meta", "through", []int{0}, "through"},
		"two in a word":          {"iPhone/iPad جديد", "iFone/iPad new", []int{0, 0}, "iPhone/iPad new"},
	} {
		t.Run(name, func(t *testing.T) {
			was := slices.Clone(tc.origins)
			got, origins := keepNames(tc.source, tc.target, tc.origins)
			if got != tc.want || len(origins) != len(wordSpans(got)) || !slices.Equal(tc.origins, was) {
				t.Errorf("%q with origins %v, want %q", got, origins, tc.want)
			}
		})
	}
}

// Words that cannot be names cost no time.
func TestKeepNamesBounded(t *testing.T) {
	began := time.Now()
	endless := strings.Repeat("x", 100_000)
	if got, _ := keepNames(endless, "y", []int{0}); got != "y" {
		t.Errorf("%.20q", got)
	}
	many := strings.TrimSpace(strings.Repeat("Anthropic ", 800))
	misspelled := strings.TrimSpace(strings.Repeat("Entropic ", 800))
	if got, _ := keepNames(many, misspelled, make([]int, 800)); !strings.Contains(got, "Anthropic") {
		t.Errorf("%.20q", got)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func FuzzKeepNames(f *testing.F) {
	f.Add("أطلقت OpenAI نموذج GPT-4", "Opnai launched 'GTP-4'", []byte{1, 0, 3})
	f.Fuzz(func(t *testing.T, source, target string, from []byte) {
		origins := make([]int, len(wordSpans(target)))
		for i := range origins {
			if len(from) > 0 {
				origins[i] = int(from[i%len(from)])
			}
		}
		if got, after := keepNames(source, target, origins); len(after) != len(wordSpans(got)) {
			t.Fatalf("%q is %d words with %d origins", got, len(wordSpans(got)), len(after))
		}
	})
}
