package marian

import (
	"math"

	"github.com/nashra/nashra/translate/offline/kernel"
)

// scratch is the room that a translation works in, used again for every layer and by the next translation.
type scratch struct {
	quantised []int8
	sums      []int32
	scores    []float32
	x         []float32 // of the encoder
	y         []float32 // of the decoder
	kept      []float32 // keys and values for the decoder

	query, key, value, mixed, result, hidden []float32
}

// room is s with n elements, whatever they hold.
func room[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	return (*s)[:n]
}

// blockRows are computed at once: their sums stay in the second-level cache (400 KB where a row has 1,536).
const blockRows = 64

// apply computes rows of y = xW + b, and where relu is set nothing below 0.
func (l *linear) apply(y, x []float32, rows int, relu bool, s *scratch) {
	for at := 0; at < rows; at += blockRows {
		n := min(blockRows, rows-at)
		q, sums := room(&s.quantised, n*l.in), room(&s.sums, n*l.out)
		kernel.Quantise(q, x[at*l.in:(at+n)*l.in], l.quantum)
		kernel.MatMul(sums, q, l.weights, n, l.out, l.in)
		kernel.Dequantise(y[at*l.out:], sums, l.scale, l.bias, relu)
	}
}

// normalise is what follows every sublayer: x becomes the layer norm of x + y, row by row.
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
		hidden, result := room(&s.hidden, n*f.wide.out), room(&s.result, n*in)
		f.wide.apply(hidden, x, n, true, s)
		f.narrow.apply(result, hidden, n, false, s)
		f.norm.normalise(x, result, n)
	}
}

// attend mixes values for each query: head by head, by how well its key answers. Keys and values are of one sentence; queries lie in
// rows of dim.
func attend(out, query, keys, values []float32, rows, dim, heads int, s *scratch) {
	n, width := len(keys)/dim, dim/heads
	scores := room(&s.scores, n)
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

// likeliest is the row of keys that answers the first head best, the last one left out, which is that of End. That head is the one
// that students are trained to align with.
func likeliest(query, keys []float32, dim int, s *scratch) (at int32) {
	scores := room(&s.scores, len(keys)/dim-1)
	kernel.Scores(scores, query, keys, dim, 1)
	for j, v := range scores {
		if v > scores[at] {
			at = int32(j)
		}
	}
	return at
}
