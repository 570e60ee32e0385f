package translate_test

import (
	"strings"
	"testing"

	"github.com/nashra/nashra/translate"
)

func TestBuiltinPrices(t *testing.T) {
	prices, err := translate.BuiltinPrices()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		engine, model string
		chars, in     int64 // micro-dollars a million
		out, free     int64
	}{
		{"google", "", 20_000_000, 0, 0, 500_000},
		{"google", "general/nmt", 20_000_000, 0, 0, 500_000},
		{"google", "projects/9/locations/global/models/general/translation-llm", 35_000_000, 0, 0, 0},
		{"deepl", "", 25_000_000, 0, 0, 0},
		{"deepl", "quality_optimized:fx", 0, 0, 0, 500_000},
		{"azure", "", 10_000_000, 0, 0, 0},
		{"chat", "deepseek-flash", 0, 300_000, 1_200_000, 0},
		{"chat", "openai/gpt-6-luna-2026-09-01", 0, 125_000, 500_000, 0}, // a broker's name
		{"chat", "gpt-99", 0, 2_500_000, 10_000_000, 0},                  // unknown: the dearest price, never 0
		{"libretranslate", "", 0, 0, 0, 0},
	} {
		p := prices.Of(c.engine, c.model)
		if p.PerMillionChars != c.chars || p.PerMillionIn != c.in || p.PerMillionOut != c.out || p.Free != c.free {
			t.Errorf("%s %s: %+v", c.engine, c.model, p)
		}
		if known := c.engine != "libretranslate"; known != strings.Contains(p.As, "2026-") {
			t.Errorf("%s %s: as %q, want a source with its date", c.engine, c.model, p.As)
		}
	}
}

func TestOwnPricesWin(t *testing.T) {
	prices, err := translate.BuiltinPrices()
	if err == nil {
		prices, err = prices.With(strings.NewReader("# mine\nchat\tgpt-99\tin\t0.5\t0\t2027-01\tthe " +
			"contract\ngoogle\t*\tchar\t19.5\t0\t2027-01\tthe contract\n"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if p := prices.Of("google", ""); p.PerMillionChars != 19_500_000 || p.As != "the contract, 2027-01" {
		t.Errorf("%+v", p)
	}
	// out: from the line for all models
	if p := prices.Of("chat", "gpt-99"); p.PerMillionIn != 500_000 || p.PerMillionOut != 10_000_000 {
		t.Errorf("%+v", p)
	}
	for line, want := range map[string]string{
		"google\t*\tchar\t20":                    "line 1: has 4 fields",
		"google\t*\tpage\t20\t0\t2026-11\tx":     `unit "page"`,
		"google\t*\tchar\tfree\t0\t2026-11\tx":   `"free" is not a price`,
		"google\t*\tchar\t-1\t0\t2026-11\tx":     `"-1" is not a price`,
		"google\t*\tchar\t1e300\t0\t2026-11\tx":  "is not a price",
		"google\t*\tchar\tNaN\t0\t2026-11\tx":    "is not a price",
		"google\t*\tchar\t20\tsome\t2026-11\tx":  "free units",
		"\n\ngoogle\t*\tchar\tx\t0\t2026-11\tx":  "line 3",
		strings.Repeat("x", 70_000) + "\tno end": "read prices",
	} {
		if _, err := prices.With(strings.NewReader(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", line, err, want)
		}
	}
}

func TestCost(t *testing.T) {
	for name, c := range map[string]struct {
		price translate.Price
		usage translate.Usage
		want  int64
	}{
		"characters": {translate.Price{PerMillionChars: 20_000_000},
			translate.Usage{Chars: 500}, 10_000},
		"a millionth is begun": {translate.Price{PerMillionChars: 190_000}, translate.Usage{Chars: 1}, 1},
		"tokens, not characters": {translate.Price{PerMillionIn: 300_000, PerMillionOut: 1_200_000},
			translate.Usage{Chars: 4000, In: 2000, Out: 1000}, 1800},
		"free": {translate.Price{}, translate.Usage{Chars: 4000, In: 2000, Out: 1000}, 0},
		"more than a product of int64 holds": {translate.Price{PerMillionChars: 1e12}, translate.Usage{Chars: 9e12},
			9e18},
	} {
		if got := c.price.Cost(c.usage); got.Micros != c.want || got.Chars != c.usage.Chars {
			t.Errorf("%s: %+v, want %d", name, got, c.want)
		}
	}
}
