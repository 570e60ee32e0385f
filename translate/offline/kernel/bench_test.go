package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// productsPerCycle is the limit of a core: two multiply instructions a cycle; in plain Go one, for two
// products. Source: uops.info, optimization guides of ARM and Apple.
var productsPerCycle = map[string]float64{
	"avx512-vnni": 2 * 64, "avx-vnni": 2 * 32, "avx2": 2 * 16, "sse4": 2 * 8, "neon-dotprod": 2 * 16, "neon": 2 * 8,
	"portable": 2,
}

// gigahertz measures the clock by a chain of multiplications, each of which waits three cycles for the
// one before on AMD and Intel processors.
func gigahertz() float64 {
	const n = 300_000 // a tenth of the time that a program is left alone for on a busy machine
	best := 0.0
	for range 100 {
		begun, x := time.Now(), uint64(3)
		for range n {
			x *= x
		}
		best = max(best, 3*n/float64(time.Since(begun).Nanoseconds())*float64(x&1))
	}
	return best
}

// BenchmarkMatMul prints billions of operations a second (a multiply-add is two) and their share of the
// limit, for shapes of the base-memory model.
func BenchmarkMatMul(b *testing.B) {
	limit := 2 * gigahertz()
	for _, shape := range [][3]int{{1, 384, 384}, {1, 18432, 384}, {4, 18432, 384}, {4, 384, 1536}, {8, 384, 384},
		{32, 1536, 384}, {64, 384, 1536}, {512, 384, 384}, {512, 384, 1536}} {
		m, n, k := shape[0], shape[1], shape[2]
		r := rand.New(rand.NewPCG(1, 1))
		x, w, out := filled(r, m*k, fills["weights"]), filled(r, n*k, fills["weights"]), make([]int32, m*n)
		for _, s := range available() {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", m, n, k, s.name), func(b *testing.B) {
				rate(b, m*n*k, limit*productsPerCycle[s.name], func() { s.matMul(out, x, w, m, n, k) })
			})
		}
	}
}

func BenchmarkRows(b *testing.B) {
	limit := 2 * gigahertz()
	const n, k = 1000, 384
	r := rand.New(rand.NewPCG(1, 1))
	x, w, out, idx := filled(r, k, fills["weights"]), filled(r, 32000*k, fills["weights"]), make([]int32, n),
		make([]int32, n)
	for j := range idx {
		idx[j] = r.Int32N(32000)
	}
	for _, s := range available() {
		b.Run(fmt.Sprintf("%dof32000x%d/%s", n, k, s.name), func(b *testing.B) {
			rate(b, n*k, limit*productsPerCycle[s.name], func() { s.rows(out, x, w, idx, k) })
		})
	}
}

// rate reports the best of many turns of f, since other programs disturb the measurement.
func rate(b *testing.B, products int, limit float64, f func()) {
	times := 1 + 4_000_000/products // so that the clock does not count
	best := time.Duration(math.MaxInt64)
	for b.Loop() {
		begun := time.Now()
		for range times {
			f()
		}
		best = min(best, time.Since(begun))
	}
	gops := 2 * float64(products*times) / float64(best.Nanoseconds())
	b.ReportMetric(gops, "GOPS")
	b.ReportMetric(100*gops/limit, "%limit")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFloats prints nanoseconds per row of the base-memory model: 384 values, 1536 in the
// feed-forward layer, one head of 48 over 32 words.
func BenchmarkFloats(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y, scale, bias, cell := numbers(r, 384), make([]float32, 384), numbers(r, 384), numbers(r, 384), numbers(r, 384)
	wide, quantised, sums, wideBias := numbers(r, 1536), make([]int8, 1536), make([]int32, 1536), make([]float32, 1536)
	keys, weights := numbers(r, 32*384), make([]float32, 32)
	sets := available()
	for _, s := range []*set{sets[0], sets[len(sets)-1]} {
		for _, work := range []struct {
			name string
			do   func()
		}{
			{"quantise1536", func() { s.quantise(quantised, wide, 30) }},
			{"dequantise1536", func() { s.dequantise(wide, sums, 1, wideBias, true) }},
			{"scores32x48", func() { s.scores(weights, x[:48], keys, 384, 0.1) }},
			{"mix32x48", func() { s.mix(y[:48], weights, keys, 384) }},
			{"softmax32", func() { s.softmax(weights) }},
			{"gate384", func() { s.gate(cell, x, bias) }},
			{"addNorm384", func() { s.addNorm(x, y, scale, bias) }},
		} {
			b.Run(work.name+"/"+s.name, func(b *testing.B) {
				for b.Loop() {
					work.do()
				}
			})
		}
	}
}
