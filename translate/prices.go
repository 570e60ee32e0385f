package translate

import (
	"bytes"
	_ "embed" // the price table
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nashra/nashra/translate/table"
)

//go:embed prices.tsv
var builtinPrices []byte

// Usage is what a call is billed for, or at most.
type Usage struct {
	Chars   int64 // characters sent, in Limits.Unit
	In, Out int64 // tokens read and written; 0: the engine bills characters
}

// Price is what an engine charges, in millionths of a dollar. The zero Price is free or unknown.
type Price struct {
	PerMillionChars int64  // characters sent; 0: they cost nothing
	PerMillionIn    int64  // tokens read
	PerMillionOut   int64  // tokens written
	Free            int64  // units a month that the vendor gives away, for information
	As              string // source and date of the figures
}

// Cost returns what u costs, rounded up to a millionth of a dollar so that a budget always holds.
func (p Price) Cost(u Usage) Cost {
	cost := float64(u.Chars)*float64(p.PerMillionChars) + float64(u.In)*float64(p.PerMillionIn) +
		float64(u.Out)*float64(p.PerMillionOut)
	return Cost{Chars: u.Chars, Micros: int64(math.Ceil(cost / 1e6))}
}

// Tokens for a character of Arabic technology news and its English, including a usual call's share
// of the prompt. Measured with o200k.
const (
	tokensIn  = 0.45
	tokensOut = 0.28
)

// Expected returns the likely cost of translating n characters. It estimates the tokens.
func (p Price) Expected(n int64) Cost {
	return p.Cost(Usage{Chars: n, In: int64(float64(n) * tokensIn), Out: int64(float64(n) * tokensOut)})
}

// Prices is a table of prices. The zero Prices is empty.
type Prices []tariff

// tariff is one line of a price table.
type tariff struct {
	engine, model, unit string // model "*": any
	micros, free        int64  // price of a million units; free units a month
	as                  string
}

// BuiltinPrices returns the table that is part of the program.
func BuiltinPrices() (Prices, error) { return Prices{}.With(bytes.NewReader(builtinPrices)) }

// With returns p extended by the lines of r, which override p's: tab-separated type, model, unit,
// dollars for a million, free units a month, date, source.
func (p Prices) With(r io.Reader) (Prices, error) {
	out := slices.Clone(p)
	err := table.Lines(r, "prices", func(line string) error {
		t, err := parseTariff(line)
		out = slices.DeleteFunc(out, func(o tariff) bool {
			return o.engine == t.engine && o.model == t.model && o.unit == t.unit
		})
		out = append(out, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func parseTariff(line string) (t tariff, err error) {
	f := strings.Split(line, "\t")
	if len(f) != 7 {
		return t, fmt.Errorf("has %d fields, want 7: type, model, unit, dollars, free units, date, source",
			len(f))
	}
	dollars, err := strconv.ParseFloat(f[3], 64)
	if err != nil || !(dollars >= 0 && dollars <= maxDollars) { // excludes NaN
		return t, fmt.Errorf("%.20q is not a price in dollars", f[3])
	}
	free, err := strconv.ParseInt(f[4], 10, 64)
	if err != nil || free < 0 {
		return t, fmt.Errorf("%.20q is not a number of free units", f[4])
	}
	if f[2] != "char" && f[2] != "in" && f[2] != "out" {
		return t, fmt.Errorf("unit %.20q is none of char, in and out", f[2])
	}
	return tariff{f[0], f[1], f[2], int64(math.Round(dollars * 1e6)), free, f[6] + ", " + f[5]}, nil
}

// maxDollars for a million units is far above any vendor's price and far below where sums overflow.
const maxDollars = 1e6

// Of returns the price of a type of engine with a model; zero if the table has no line for it.
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

// line returns the line that names the longest part of model, or nil.
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
