package translate

import (
	"bufio"
	"bytes"
	_ "embed" // the price table
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

//go:embed prices.tsv
var builtinPrices []byte

// Usage is what a call is billed for, or may be at most.
type Usage struct {
	Chars   int64 // sent, in Limits.Unit
	In, Out int64 // tokens read and written; 0: the engine bills characters
}

// Price is what an engine charges, in millionths of a dollar; the zero Price is free or unknown.
type Price struct {
	PerMillionChars int64  // characters sent; 0: they cost nothing
	PerMillionIn    int64  // tokens read
	PerMillionOut   int64  // tokens written
	Free            int64  // units a month that the vendor gives away; nothing here counts on it
	As              string // where the figure is from, and of which date
}

// Cost is what u costs, rounded up to the millionth of a dollar: a budget holds to the last.
func (p Price) Cost(u Usage) Cost {
	cost := float64(u.Chars)*float64(p.PerMillionChars) + float64(u.In)*float64(p.PerMillionIn) + float64(u.Out)*float64(p.PerMillionOut)
	return Cost{Chars: u.Chars, Micros: int64(math.Ceil(cost / 1e6))}
}

// Tokens for a character of Arabic technology news and its English, the prompt of a usual call included; measured with o200k.
const (
	tokensIn  = 0.45
	tokensOut = 0.28
)

// Expected is what translating a text of n characters is likely to cost: of a price by the token an estimate.
func (p Price) Expected(n int64) Cost {
	return p.Cost(Usage{Chars: n, In: int64(float64(n) * tokensIn), Out: int64(float64(n) * tokensOut)})
}

// Prices finds the price of an engine. The zero Prices knows none.
type Prices []tariff

// tariff is one line of a price table.
type tariff struct {
	engine, model, unit string // model "*": any
	micros, free        int64  // for a million units; units a month
	as                  string
}

// BuiltinPrices is the table that comes with the program.
func BuiltinPrices() (Prices, error) { return Prices{}.With(bytes.NewReader(builtinPrices)) }

// With is p and the lines read from r, which win: tab-separated type, model, unit, dollars for a million, free units a month, date and
// source. Lines that start with # are skipped.
func (p Prices) With(r io.Reader) (Prices, error) {
	out := slices.Clone(p)
	sc := bufio.NewScanner(io.LimitReader(r, maxGlossaryBytes))
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		t, err := readTariff(line)
		if err != nil {
			return nil, fmt.Errorf("prices line %d: %w", n, err)
		}
		out = slices.DeleteFunc(out, func(o tariff) bool { return o.engine == t.engine && o.model == t.model && o.unit == t.unit })
		out = append(out, t)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	return out, nil
}

func readTariff(line string) (t tariff, err error) {
	f := strings.Split(line, "\t")
	if len(f) != 7 {
		return t, fmt.Errorf("has %d fields, want type, model, unit, dollars, free, date and source, with tabs between", len(f))
	}
	dollars, err := strconv.ParseFloat(f[3], 64)
	if err != nil || !(dollars >= 0 && dollars <= maxDollars) { // NaN is neither
		return t, fmt.Errorf("%.20q is no price in dollars", f[3])
	}
	free, err := strconv.ParseInt(f[4], 10, 64)
	if err != nil || free < 0 {
		return t, fmt.Errorf("%.20q is no number of free units", f[4])
	}
	if f[2] != "char" && f[2] != "in" && f[2] != "out" {
		return t, fmt.Errorf("unit %.20q is none of char, in and out", f[2])
	}
	return tariff{f[0], f[1], f[2], int64(math.Round(dollars * 1e6)), free, f[6] + ", " + f[5]}, nil
}

// for a million units: far above any vendor's price, far below where sums overflow
const maxDollars = 1e6

// Of is the price of an engine of the type with the model; zero where the table has no line for it.
func (p Prices) Of(engine, model string) (out Price) {
	for _, u := range []struct {
		name  string
		price *int64
	}{{"char", &out.PerMillionChars}, {"in", &out.PerMillionIn}, {"out", &out.PerMillionOut}} {
		if t := p.line(engine, model, u.name); t != nil {
			*u.price = t.micros
			out.Free, out.As = max(out.Free, t.free), t.as
		}
	}
	return out
}

// line is the one that fits best: with the longest part of model; nil: none.
func (p Prices) line(engine, model, unit string) (best *tariff) {
	for i, t := range p {
		if t.engine != engine || t.unit != unit || t.model != "*" && !strings.Contains(model, t.model) {
			continue
		}
		if best == nil || best.model == "*" || t.model != "*" && len(t.model) > len(best.model) {
			best = &p[i]
		}
	}
	return best
}
