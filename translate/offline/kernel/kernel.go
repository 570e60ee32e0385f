// Package kernel is the offline engine's arithmetic: int8 dot products by the processor's own
// instructions, if it has them, and the float32 work between them. The results are bit-for-bit the same
// on every processor.
//
// Each instruction set has assembly for a panel, a few rows of a times rows of b, four at a time, and
// for a row, one row of a times arbitrary rows of b. Odd sizes and blocking for the cache are Go, the
// same for all sets.
package kernel

// MatMul sets out[i*n+j] to the sum over l of a[i*k+l]*b[j*k+l]: m rows of a, n of b, k values each.
// Sums are exact up to k = 131,071, then wrap as int32. It panics if a slice is too short.
func MatMul(out []int32, a, b []int8, m, n, k int) { chosen.matMul(out, a, b, m, n, k) }

// Rows sets out[j] to the sum over l of a[l]*b[idx[j]*k+l]: MatMul of one row with the rows of b that
// idx lists, in that order, with repetitions. It panics if idx lists a row that b lacks.
func Rows(out []int32, a, b []int8, idx []int32, k int) { chosen.rows(out, a, b, idx, k) }

// Kind names the instruction set chosen at start: "avx512-vnni", "avx-vnni", "avx2", "sse4",
// "neon-dotprod", "neon" or "portable".
func Kind() string { return chosen.name }

// chosen is the best set that this processor supports.
var chosen = available()[0]

// A set is an implementation: with an instruction set of the processor, or in plain Go.
type set struct {
	name string
	step int // values of k that one turn of the assembly's loops takes
	high int // rows of a in a panel

	// panel sets out[i*n+j] for i < high and j < 4*quads, over the first step*turns values of each row
	// of k. quads and turns are positive.
	panel func(out *int32, a, b *int8, quads, n, k, turns int)
	// row does the same for one row of a and the rows of b in idx, or the first rows if idx is nil.
	row func(out *int32, a, b *int8, idx *int32, quads, k, turns int)

	floats *floats // nil: all in Go
}

// blockBytes of b are multiplied with all of a before the next block, so that they stay in the
// first-level cache (32 KiB or more) beside a panel of a.
const blockBytes = 24 << 10

func (s *set) matMul(out []int32, a, b []int8, m, n, k int) {
	if m < 0 || n < 0 || k < 0 || len(out) < m*n || len(a) < m*k || len(b) < n*k {
		panic("kernel: MatMul of slices shorter than their shape")
	}
	if s.panel == nil || n < 4 || k < s.step || m == 0 {
		matMul(out, a, b, m, n, k)
		return
	}
	width := max(4, blockBytes/k&^3) // rows of b in a block
	for j := 0; j < n; j += width {
		j := min(j, n-4) // a last block of less than four rows takes some of those before it once more
		s.block(out[j:], a, b[j*k:], m, min(width, n-j), n, k)
	}
	s.tail(out, a, b, m, n, k)
}

// block sets out[i*n+j] for all i < m and j < width, at least 4, except for the values of k after the
// last whole step.
func (s *set) block(out []int32, a, b []int8, m, width, n, k int) {
	quads, turns := width/4, k/s.step
	odd := width - 4 // where the last four begin if they are not a quad by themselves
	i := 0
	for ; m-i > 1 && m >= s.high; i += s.high {
		i = min(i, m-s.high) // likewise for rows of a
		s.panel(&out[i*n], &a[i*k], &b[0], quads, n, k, turns)
		if width%4 != 0 {
			s.panel(&out[i*n+odd], &a[i*k], &b[odd*k], 1, n, k, turns)
		}
	}
	for ; i < m; i++ {
		s.row(&out[i*n], &a[i*k], &b[0], nil, quads, k, turns)
		if width%4 != 0 {
			s.row(&out[i*n+odd], &a[i*k], &b[odd*k], nil, 1, k, turns)
		}
	}
}

// tail adds the products of the last k%step values.
func (s *set) tail(out []int32, a, b []int8, m, n, k int) {
	from := k - k%s.step
	if from == k {
		return
	}
	for i := range m {
		for j := range n {
			out[i*n+j] += dot(a[i*k+from:(i+1)*k], b[j*k+from:(j+1)*k])
		}
	}
}

func (s *set) rows(out []int32, a, b []int8, idx []int32, k int) {
	n := len(idx)
	if len(out) < n || len(a) < k {
		panic("kernel: Rows of slices shorter than their shape")
	}
	for _, r := range idx {
		_ = b[int(r)*k : int(r)*k+k : len(b)] // the assembly does not look
	}
	if s.row == nil || n < 4 || k < s.step {
		for j, r := range idx {
			out[j] = dot(a[:k], b[int(r)*k:][:k])
		}
		return
	}
	turns := k / s.step
	s.row(&out[0], &a[0], &b[0], &idx[0], n/4, k, turns)
	if n%4 != 0 {
		s.row(&out[n-4], &a[0], &b[0], &idx[n-4], 1, k, turns)
	}
	if from := turns * s.step; from < k {
		for j, r := range idx {
			out[j] += dot(a[from:k], b[int(r)*k+from:][:k-from])
		}
	}
}
