package marian

import (
	"math"

	"github.com/nashra/nashra/translate/offline/kernel"
)

// scratch holds the buffers of one translation, for reuse by its layers and by later translations.
type scratch struct {
	quantised []int8
	sums      []int32
	scores    []float32
	x         []float32 // of the encoder
	y         []float32 // of the decoder
	kept      []float32 // keys and values for the decoder

	query, key, value, mixed, result, hidden []float32
}

// sized returns s with n elements of any value.
func sized[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	return (*s)[:n]
}

// blockRows are computed at once, so that their sums stay in the second-level cache (400 KB for rows of
// 1,536).
const blockRows = 64

// apply computes rows of y = xW + b; if relu, negative results become 0.
func (l *linear) apply(y, x []float32, rows int, relu bool, s *scratch) {
	for at := 0; at < rows; at += blockRows {
		n := min(blockRows, rows-at)
		q, sums := sized(&s.quantised, n*l.in), sized(&s.sums, n*l.out)
		kernel.Quantise(q, x[at*l.in:(at+n)*l.in], l.quantum)
		kernel.MatMul(sums, q, l.weights, n, l.out, l.in)
		kernel.Dequantise(y[at*l.out:], sums, l.scale, l.bias, relu)
	}
}

// normalise sets x to the layer norm of x + y, row by row, as after every sublayer.
func (n norm) normalise(x, y []float32, rows int) {
	dim := len(n.scale)
	for i := range rows {
		kernel.AddNorm(x[i*dim:(i+1)*dim], y[i*dim:(i+1)*dim], n.scale, n.bias)
	}
}

// apply adds a feed-forward layer to x.
func (f *feedForward) apply(x []float32, rows int, s *scratch) {
	in := f.wide.in
	for at := 0; at < rows; at += blockRows {
		n := min(blockRows, rows-at)
		x := x[at*in : (at+n)*in]
		hidden, result := sized(&s.hidden, n*f.wide.out), sized(&s.result, n*in)
		f.wide.apply(hidden, x, n, true, s)
		f.narrow.apply(result, hidden, n, false, s)
		f.norm.normalise(x, result, n)
	}
}

// attend computes multi-head attention of queries, in rows of dim, over the keys and values of one
// sentence.
func attend(out, query, keys, values []float32, rows, dim, heads int, s *scratch) {
	n, width := len(keys)/dim, dim/heads
	scores := sized(&s.scores, n)
	scale := float32(1 / math.Sqrt(float64(width)))
	for i := range rows {
		for at := 0; at < dim; at += width {
			row := i*dim + at
			kernel.Scores(scores, query[row:row+width], keys[at:], dim, scale)
			kernel.Softmax(scores)
			kernel.Mix(out[row:row+width], scores, values[at:], dim)
		}
	}
}

// likeliest returns the row of keys with the highest score in the first head, without the last row,
// which is End. Students are trained to align with that head.
func likeliest(query, keys []float32, dim int, s *scratch) (at int32) {
	scores := sized(&s.scores, len(keys)/dim-1)
	kernel.Scores(scores, query, keys, dim, 1)
	for j, v := range scores {
		if v > scores[at] {
			at = int32(j)
		}
	}
	return at
}
