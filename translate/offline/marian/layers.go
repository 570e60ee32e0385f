package marian

import (
	"math"

	"github.com/nashra/nashra/translate/offline/kernel"
)

// scratch is the room that a translation works in, used again for every layer.
type scratch struct {
	quantised             []int8
	sums                  []int32
	query, key, value     []float32
	mixed, result, hidden []float32
	scores                []float32
}

// room is s with n elements, whatever they hold.
func room[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	return (*s)[:n]
}

// apply computes rows of y = xW + b, and where relu is set nothing below 0.
func (l *linear) apply(y, x []float32, rows int, relu bool, s *scratch) {
	q, sums := room(&s.quantised, rows*l.in), room(&s.sums, rows*l.out)
	kernel.Quantise(q, x[:rows*l.in], l.quantum)
	kernel.MatMul(sums, q, l.weights, rows, l.out, l.in)
	kernel.Dequantise(y, sums, l.scale, l.bias, relu)
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
	hidden := room(&s.hidden, rows*f.wide.out)
	f.wide.apply(hidden, x, rows, true, s)
	result := room(&s.result, rows*f.narrow.out)
	f.narrow.apply(result, hidden, rows, false, s)
	f.norm.normalise(x, result, rows)
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
