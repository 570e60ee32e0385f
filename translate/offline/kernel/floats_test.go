package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// lengths are those of the models' rows and heads, and odd ones.
var lengths = []int{0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 64, 100, 256, 384, 512, 1536}

// awkward are values at which rounding, limits and signs go wrong.
var awkward = []float32{0, float32(math.Copysign(0, -1)), 0.5, -0.5, 1.5, 2.5, -2.5, 126.5, 127.5, -127.5, 1e9,
	-1e9, 3e38, -3e38, 1e-40,
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 0.49999997, -87.3, 88.4, 1e-6}

func numbers(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64() * 3)
	}
	return x
}

// same reports whether two rows are bit-for-bit equal; all NaNs are equal.
func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool {
		return math.Float32bits(x) == math.Float32bits(y) || x != x && y != y
	})
}

// near reports whether every number is as expected, to 1e-5 of the largest.
func near(got []float32, want []float64) error {
	most := 1e-30
	for _, v := range want {
		most = max(most, math.Abs(v))
	}
	for i, v := range want {
		if math.Abs(float64(got[i])-v) > 1e-5*most || got[i] != got[i] {
			return fmt.Errorf("element %d is %v, want %v", i, got[i], v)
		}
	}
	return nil
}

// everySet calls f with every set and the same seed, and compares the results with the portable set's.
func everySet(t *testing.T, name string, f func(s *set, r *rand.Rand) []float32) {
	t.Helper()
	want := f(portable, rand.New(rand.NewPCG(7, 7)))
	for _, s := range available() {
		if got := f(s, rand.New(rand.NewPCG(7, 7))); !same(got, want) {
			t.Errorf("%s of %s differs:\n%v, portable\n%v", name, s.name, got, want)
		}
	}
}

func TestQuantiseRoundsHalvesToEvenWithin127(t *testing.T) {
	for _, n := range lengths {
		for _, by := range []float32{1, 0.37, 41.7} {
			x := numbers(rand.New(rand.NewPCG(5, uint64(n))), n)
			for i := range x {
				switch i % 3 {
				case 0:
					x[i] = awkward[i/3%len(awkward)]
				case 1:
					x[i] *= 20
				}
			}
			for _, s := range available() {
				out := make([]int8, n)
				s.quantise(out, x, by)
				for i, v := range x {
					want := math.RoundToEven(float64(float32(v * by)))
					if want = min(max(want, -127), 127); want != want {
						want = -127
					}
					if float64(out[i]) != want {
						t.Fatalf("%s: %v*%v became %d, want %v", s.name, v, by, out[i], want)
					}
				}
			}
		}
	}
}

func TestDequantise(t *testing.T) {
	for _, n := range lengths {
		for _, relu := range []bool{false, true} {
			for _, withBias := range []bool{false, true} {
				everySet(t, "Dequantise", func(s *set, r *rand.Rand) []float32 {
					var bias []float32
					if withBias {
						bias = numbers(r, n)
					}
					sums := make([]int32, 3*n)
					for i := range sums {
						sums[i] = int32(r.Uint32())
					}
					out := make([]float32, len(sums))
					s.dequantise(out, sums, 1e-9, bias, relu)
					for i, v := range sums {
						want := float32(float32(v) * 1e-9)
						if withBias {
							want += bias[i%n]
						}
						if relu && want < 0 {
							want = 0
						}
						if out[i] != want {
							t.Fatalf("%s: sum %d became %v, want %v", s.name, v, out[i], want)
						}
					}
					return out
				})
			}
		}
	}
}

func TestReLUMakesNoNegativeZero(t *testing.T) {
	for _, s := range available() {
		out := make([]float32, 9)
		s.dequantise(out, make([]int32, 9), -1, slices.Repeat(awkward[1:2], 9), true) // 0 * -1 + -0
		for _, v := range out {
			if math.Float32bits(v) != 0 {
				t.Errorf("%s: 0 became %v", s.name, out)
			}
		}
	}
}

func TestScoresAndMix(t *testing.T) {
	for _, rows := range []int{0, 1, 2, 3, 4, 5, 7, 8, 33} {
		for _, width := range []int{0, 1, 8, 20, 32, 48, 64} {
			stride := width + 11
			everySet(t, "Scores", func(s *set, r *rand.Rand) []float32 {
				query, keys, out := numbers(r, width), numbers(r, rows*stride), make([]float32, rows)
				s.scores(out, query, keys, stride, 0.14)
				want := make([]float64, rows)
				for j := range want {
					for l, q := range query {
						want[j] += float64(q) * float64(keys[j*stride+l]) * 0.14
					}
				}
				if err := near(out, want); err != nil {
					t.Fatalf("%s, %d keys of %d: %v", s.name, rows, width, err)
				}
				return out
			})
			everySet(t, "Mix", func(s *set, r *rand.Rand) []float32 {
				weights, values, out := numbers(r, rows), numbers(r, rows*stride), numbers(r, width)
				s.mix(out, weights, values, stride)
				want := make([]float64, width)
				for j, w := range weights {
					for l := range want {
						want[l] += float64(w) * float64(values[j*stride+l])
					}
				}
				if err := near(out, want); err != nil {
					t.Fatalf("%s, %d values of %d: %v", s.name, rows, width, err)
				}
				return out
			})
		}
	}
}

func TestSoftmax(t *testing.T) {
	for _, n := range lengths {
		everySet(t, "Softmax", func(s *set, r *rand.Rand) []float32 {
			x := numbers(r, n)
			want, sum := make([]float64, n), 0.0
			for i, v := range x {
				want[i] = math.Exp(float64(v))
				sum += want[i]
			}
			for i := range want {
				want[i] /= sum
			}
			s.softmax(x)
			if err := near(x, want); err != nil {
				t.Fatalf("%s of %d: %v", s.name, n, err)
			}
			return x
		})
	}
	everySet(t, "Softmax", func(s *set, _ *rand.Rand) []float32 { // far apart: one takes all
		x := []float32{-1e30, 5, -200, 4.5e10, 0, 0, 0, 0, -1, float32(math.Inf(-1))}
		s.softmax(x)
		if x[3] != 1 || x[0] > 1e-30 {
			t.Errorf("%s: %v", s.name, x)
		}
		return x
	})
}

func TestGate(t *testing.T) {
	for _, n := range lengths {
		everySet(t, "Gate", func(s *set, r *rand.Rand) []float32 {
			cell, gate, fresh := numbers(r, n), numbers(r, n), numbers(r, n)
			want := make([]float64, n)
			for i := range want {
				g := 1 / (1 + math.Exp(-float64(gate[i])))
				want[i] = g*float64(cell[i]) + (1-g)*float64(fresh[i])
			}
			s.gate(cell, gate, fresh)
			if err := near(cell, want); err != nil {
				t.Fatalf("%s of %d: %v", s.name, n, err)
			}
			return cell
		})
	}
	everySet(t, "Gate", func(s *set, r *rand.Rand) []float32 { // at the ends it is one or the other
		cell, fresh := numbers(r, len(awkward)), numbers(r, len(awkward))
		s.gate(cell, awkward, fresh)
		return cell
	})
}

func TestAddNorm(t *testing.T) {
	for _, n := range lengths[1:] {
		everySet(t, "AddNorm", func(s *set, r *rand.Rand) []float32 {
			x, y, scale, bias := numbers(r, n), numbers(r, n), numbers(r, n), numbers(r, n)
			var mean, square float64
			for i := range x {
				mean += float64(x[i]+y[i]) / float64(n)
			}
			for i := range x {
				square += math.Pow(float64(x[i]+y[i])-mean, 2) / float64(n)
			}
			want := make([]float64, n)
			for i := range want {
				want[i] = (float64(x[i]+y[i])-mean)/math.Sqrt(square+epsilon)*float64(scale[i]) + float64(bias[i])
			}
			s.addNorm(x, y, scale, bias)
			if err := near(x, want); err != nil && n > 1 { // of one it is 0/0.001 and rounding decides
				t.Fatalf("%s of %d: %v", s.name, n, err)
			}
			return x
		})
	}
}

func TestExpIsRightToTwoUnits(t *testing.T) {
	for x := float32(-87.3); x < 88.3; x += 0.0137 {
		want := float32(math.Exp(float64(x)))
		if off := int(math.Float32bits(exp(x))) - int(math.Float32bits(want)); off < -2 || off > 2 {
			t.Fatalf("exp(%v) is %v, %d units from %v", x, exp(x), off, want)
		}
	}
	if exp(0) != 1 || exp(float32(math.Inf(-1))) > 2e-38 || math.IsInf(float64(exp(1e30)), 0) {
		t.Error("exp is wrong at 0 or at its ends")
	}
}
