package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// naive is the definition of MatMul, in 64 bits.
func naive(a, b []int8, m, n, k int) []int32 {
	out := make([]int32, m*n)
	for i := range m {
		for j := range n {
			var s int64
			for l := range k {
				s += int64(a[i*k+l]) * int64(b[j*k+l])
			}
			out[i*n+j] = int32(s)
		}
	}
	return out
}

// fills are values that overflow narrower arithmetic, and random ones.
var fills = map[string]func(*rand.Rand) int8{
	"any":     func(r *rand.Rand) int8 { return int8(r.Uint32()) },
	"lowest":  func(*rand.Rand) int8 { return -128 },
	"highest": func(*rand.Rand) int8 { return 127 },
	"ends":    func(r *rand.Rand) int8 { return int8(127 + r.IntN(2)) },
	"weights": func(r *rand.Rand) int8 { return int8(r.IntN(255) - 127) },
}

func filled(r *rand.Rand, n int, fill func(*rand.Rand) int8) []int8 {
	s := make([]int8, n)
	for i := range s {
		s[i] = fill(r)
	}
	return s
}

// dirty returns an output that no call has written, so that omissions show, with a margin that must
// stay unchanged.
func dirty(n int) []int32 {
	out := make([]int32, n+8)
	for i := range out {
		out[i] = 0x5A5A5A5A
	}
	return out
}

func untouched(t *testing.T, rest []int32) {
	t.Helper()
	for _, v := range rest {
		if v != 0x5A5A5A5A {
			t.Fatalf("wrote past the end of out: %v", rest)
		}
	}
}

func TestMatMulIsExact(t *testing.T) {
	sizes := [][3]int{ // m, n, k
		{0, 0, 0}, {0, 5, 64}, {3, 0, 64}, {3, 5, 0}, {1, 1, 1}, {1, 3, 64}, {1, 4, 64}, {1, 5, 63}, {2, 4, 16},
		{3, 9, 100}, {4, 4, 64},
		{5, 7, 65}, {6, 6, 127}, {7, 384, 384}, {8, 13, 1}, {9, 66, 192}, {16, 8, 15}, {2, 31, 512}, {33, 23, 1536},
		{5, 6, 2049}, {2, 5, 5000},
		{1, 4, 131072 - 1}, {2, 5, 30000},
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		sizes = append(sizes, [3]int{r.IntN(14), r.IntN(80), r.IntN(300)})
	}
	for _, size := range sizes {
		m, n, k := size[0], size[1], size[2]
		for fa, fillA := range fills {
			for fb, fillB := range fills {
				if m*n*k > 100_000 && fa != fb {
					continue
				}
				a, b := filled(r, m*k, fillA), filled(r, n*k, fillB)
				want := naive(a, b, m, n, k)
				for _, s := range available() {
					out := dirty(m * n)
					s.matMul(out, a, b, m, n, k)
					if !slices.Equal(out[:m*n], want) {
						t.Fatalf("%s: %d×%d×%d, %s by %s: got %v, want %v", s.name, m, n, k, fa, fb, out[:m*n], want)
					}
					untouched(t, out[m*n:])
				}
			}
		}
	}
}

func TestSumsWrapAlike(t *testing.T) { // past what int32 holds
	const k = 200_003
	lowest := filled(nil, 5*k, fills["lowest"])
	want := naive(lowest, lowest, 2, 5, k)
	for _, s := range available() {
		out := make([]int32, 10)
		if s.matMul(out, lowest, lowest, 2, 5, k); !slices.Equal(out, want) {
			t.Errorf("%s: got %v, want %v", s.name, out, want)
		}
	}
}

func TestRowsIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, s := range available() {
		t.Run(s.name, func(t *testing.T) {
			for _, size := range [][2]int{{0, 64}, {1, 384}, {3, 64}, {4, 64}, {5, 384}, {7, 100}, {8, 15},
				{37, 512}, {100, 256}, {6, 0}, {9, 1}} {
				n, k := size[0], size[1]
				for name, fill := range fills {
					a, b := filled(r, k, fill), filled(r, 50*k, fill)
					idx := make([]int32, n)
					chosen := make([]int8, 0, n*k)
					for j := range idx {
						idx[j] = int32(r.IntN(50))
						chosen = append(chosen, b[int(idx[j])*k:][:k]...)
					}
					out := dirty(n)
					s.rows(out, a, b, idx, k)
					if want := naive(a, chosen, 1, n, k); !slices.Equal(out[:n], want) {
						t.Fatalf("%d rows of %d, %s: got %v, want %v", n, k, name, out[:n], want)
					}
					untouched(t, out[n:])
				}
			}
		})
	}
}

func TestShortSlicesPanic(t *testing.T) { // before the assembly could read or write beyond them
	long, sums := make([]int8, 8*64), make([]int32, 8*8)
	calls := map[string]func(*set){
		"out":          func(s *set) { s.matMul(sums[:63], long, long, 8, 8, 64) },
		"a":            func(s *set) { s.matMul(sums, long[:511], long, 8, 8, 64) },
		"b":            func(s *set) { s.matMul(sums, long, long[:511], 8, 8, 64) },
		"negative":     func(s *set) { s.matMul(sums, long, long, -8, -8, 64) },
		"rows out":     func(s *set) { s.rows(sums[:3], long, long, []int32{0, 1, 2, 3}, 64) },
		"rows a":       func(s *set) { s.rows(sums, long[:63], long, []int32{0, 1, 2, 3}, 64) },
		"row too high": func(s *set) { s.rows(sums, long, long, []int32{0, 1, 2, 8}, 64) },
		"row below 0":  func(s *set) { s.rows(sums, long, long, []int32{0, 1, 2, -1}, 64) },
	}
	for _, s := range available() {
		for name, call := range calls {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic at a short %s", s.name, name)
					}
				}()
				call(s)
			}()
		}
	}
}

func TestKindIsTheFirstAvailable(t *testing.T) {
	if sets := available(); Kind() != sets[0].name || sets[len(sets)-1] != portable {
		t.Errorf("%s was chosen of %d sets", Kind(), len(sets))
	}
}
