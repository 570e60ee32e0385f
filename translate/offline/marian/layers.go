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

// apply computes rows of y = xW + b.
func (l *linear) apply(y, x []float32, rows int, s *scratch) {
	q, sums := room(&s.quantised, rows*l.in), room(&s.sums, rows*l.out)
	quantise(q, x[:rows*l.in], l.quantum)
	kernel.MatMul(sums, q, l.weights, rows, l.out, l.in)
	for i := range rows {
		l.number(y[i*l.out:(i+1)*l.out], sums[i*l.out:])
	}
}

// number turns a row of sums into numbers.
func (l *linear) number(y []float32, sums []int32) {
	sums = sums[:len(y)]
	if l.bias == nil {
		for i, v := range sums {
			y[i] = float32(v) * l.scale
		}
		return
	}
	bias := l.bias[:len(y)]
	for i, v := range sums {
		y[i] = float32(float32(v)*l.scale) + bias[i]
	}
}

// quantise rounds x·by to whole numbers, halves to the even one, within ±127.
func quantise(q []int8, x []float32, by float32) {
	const even = 3 << 22 // adding 1.5·2²³ leaves a float32 no bits below one: the sum is rounded, halves to even
	q = q[:len(x)]
	for i, v := range x {
		v = float32(v * by)
		if v > 127 {
			v = 127
		}
		if v < -127 {
			v = -127
		}
		q[i] = int8(math.Float32bits(v + even))
	}
}

// normalise is what follows every sublayer: x becomes the layer norm of x + y, row by row.
func (n norm) normalise(x, y []float32, rows int) {
	const epsilon = 1e-6
	dim := len(n.scale)
	for i := range rows {
		x, y := x[i*dim:(i+1)*dim], y[i*dim:(i+1)*dim]
		var sum float32
		for j := range x {
			x[j] += y[j]
			sum += x[j]
		}
		mean := sum / float32(dim)
		var square float32
		for _, v := range x {
			square += (v - mean) * (v - mean)
		}
		by := 1 / float32(math.Sqrt(float64(square/float32(dim)+epsilon)))
		scale, bias := n.scale[:len(x)], n.bias[:len(x)]
		for j, v := range x {
			x[j] = (v-mean)*by*scale[j] + bias[j]
		}
	}
}

// apply adds a feed-forward layer to x.
func (f *feedForward) apply(x []float32, rows int, s *scratch) {
	hidden := room(&s.hidden, rows*f.wide.out)
	f.wide.apply(hidden, x, rows, s)
	relu(hidden)
	result := room(&s.result, rows*f.narrow.out)
	f.narrow.apply(result, hidden, rows, s)
	f.norm.normalise(x, result, rows)
}

func relu(x []float32) {
	for i, v := range x {
		x[i] = max(v, 0)
	}
}

// attend mixes values for each query: head by head, by how well its key answers. Keys and values are of one sentence; queries lie in
// rows of dim.
func attend(out, query, keys, values []float32, rows, dim, heads int, s *scratch) {
	n, width := len(keys)/dim, dim/heads
	scores := room(&s.scores, n)
	scale := float32(1 / math.Sqrt(float64(width)))
	for i := range rows {
		for h := range heads {
			at := h * width
			q := query[i*dim+at : i*dim+at+width]
			for j := range scores {
				scores[j] = dot(q, keys[j*dim+at:]) * scale
			}
			softmax(scores)
			mix := out[i*dim+at : i*dim+at+width]
			clear(mix)
			for j, by := range scores {
				addScaled(mix, values[j*dim+at:], by)
			}
		}
	}
}

// likeliest is the row of keys that answers the first head best, the last one left out, which is that of End. That head is the one
// that students are trained to align with.
func likeliest(query, keys []float32, dim int) (at int32) {
	best := float32(math.Inf(-1))
	for j := range len(keys)/dim - 1 {
		if v := dot(query, keys[j*dim:]); v > best {
			best, at = v, int32(j)
		}
	}
	return at
}

func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		a, b := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + (s2 + s3)
}

func addScaled(y, x []float32, by float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] += x[i] * by
	}
}

func softmax(x []float32) {
	most := x[0]
	for _, v := range x {
		most = max(most, v)
	}
	var sum float32
	for i, v := range x {
		x[i] = float32(math.Exp(float64(v - most)))
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

func sigmoid(x float32) float32 { return 1 / (1 + float32(math.Exp(-float64(x)))) }
