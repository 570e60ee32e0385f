package kernel

// The work between the products, in float32. The order of every sum is fixed: eight partial sums of
// every eighth term, added in pairs. Products are rounded before they are added.

// Quantise sets out[i] to x[i]*by, rounded to the nearest integer, ties to even, and clamped to ±127.
// NaN becomes -127.
func Quantise(out []int8, x []float32, by float32) { chosen.quantise(out[:len(x)], x, by) }

// Dequantise sets out to sums*by + bias, for each row of len(bias) values; if relu, negative results
// become 0. A nil bias adds nothing.
func Dequantise(out []float32, sums []int32, by float32, bias []float32, relu bool) {
	chosen.dequantise(out[:len(sums)], sums, by, bias, relu)
}

// Scores sets out[j] to by times the sum over l of query[l]*keys[j*stride+l].
func Scores(out, query, keys []float32, stride int, by float32) {
	chosen.scores(out, query, keys, stride, by)
}

// Mix sets out[l] to the sum over j, in this order, of weights[j]*values[j*stride+l].
func Mix(out, weights, values []float32, stride int) { chosen.mix(out, weights, values, stride) }

// Softmax replaces x by its exponentials, divided by their sum. An empty x stays as it is.
func Softmax(x []float32) { chosen.softmax(x) }

// Gate sets cell to g*cell + (1-g)*fresh, where g is the sigmoid of gate.
func Gate(cell, gate, fresh []float32) {
	chosen.gate(cell, gate[:len(cell)], fresh[:len(cell)])
}

// AddNorm replaces a row x by the layer norm of x + y: minus its mean, divided by its deviation, times
// scale, plus bias.
func AddNorm(x, y, scale, bias []float32) {
	chosen.addNorm(x, y[:len(x)], scale[:len(x)], bias[:len(x)])
}

// floats are a set's assembly functions for this. Lengths n are positive multiples of 8, or of 16 where
// noted.
type floats struct {
	quantise   func(out *int8, x *float32, n int, by float32)                           // 16
	dequantise func(out *float32, sums *int32, bias *float32, n int, by, least float32) // out is never below least
	// of four keys at a time, n values each
	scores  func(out, query, keys *float32, quads, n, stride int, by float32)
	mix     func(out, weights, values *float32, rows, n, stride int) // 16
	exp     func(x *float32, n int, less float32)                    // x becomes exp(x - less)
	gate    func(cell, gate, fresh *float32, n int)
	addNorm func(x, y, scale, bias *float32, n int)
}

func (s *set) quantise(out []int8, x []float32, by float32) {
	done := 0
	if s.floats != nil {
		if done = len(x) &^ 15; done > 0 {
			s.floats.quantise(&out[0], &x[0], done, by)
		}
	}
	quantise(out[done:], x[done:], by)
}

func (s *set) dequantise(out []float32, sums []int32, by float32, bias []float32, relu bool) {
	if len(bias) == 0 {
		bias = zeros[:]
	}
	for len(sums) > 0 {
		n := min(len(bias), len(sums))
		done := 0
		if s.floats != nil {
			if done = n &^ 7; done > 0 {
				s.floats.dequantise(&out[0], &sums[0], &bias[0], done, by, least(relu))
			}
		}
		dequantise(out[done:n], sums[done:n], by, bias[done:n], least(relu))
		out, sums = out[n:], sums[n:]
	}
}

func (s *set) scores(out, query, keys []float32, stride int, by float32) {
	n := len(out)
	if n == 0 {
		return
	}
	_ = keys[(n-1)*stride:][:len(query)]
	if s.floats == nil || n < 4 || len(query) == 0 || len(query)%8 != 0 {
		for j := range out {
			out[j] = dotFloats(query, keys[j*stride:]) * by
		}
		return
	}
	s.floats.scores(&out[0], &query[0], &keys[0], n/4, len(query), stride, by)
	if n%4 != 0 { // the last four once more
		s.floats.scores(&out[n-4], &query[0], &keys[(n-4)*stride], 1, len(query), stride, by)
	}
}

func (s *set) mix(out, weights, values []float32, stride int) {
	done := 0
	if s.floats != nil && len(weights) > 0 {
		_ = values[(len(weights)-1)*stride:][:len(out)]
		if done = len(out) &^ 15; done > 0 {
			s.floats.mix(&out[0], &weights[0], &values[0], len(weights), done, stride)
		}
	}
	if out = out[done:]; len(out) > 0 {
		clear(out)
		for j, w := range weights {
			addScaled(out, values[j*stride+done:], w)
		}
	}
}

func (s *set) softmax(x []float32) {
	if len(x) == 0 {
		return
	}
	most := x[0]
	for _, v := range x {
		if v > most {
			most = v
		}
	}
	done := 0
	if s.floats != nil {
		if done = len(x) &^ 7; done > 0 {
			s.floats.exp(&x[0], done, most)
		}
	}
	for i, v := range x[done:] {
		x[done+i] = exp(v - most)
	}
	by := 1 / sum(x)
	for i := range x {
		x[i] *= by
	}
}

func (s *set) gate(cell, gate, fresh []float32) {
	done := 0
	if s.floats != nil {
		if done = len(cell) &^ 7; done > 0 {
			s.floats.gate(&cell[0], &gate[0], &fresh[0], done)
		}
	}
	for i := done; i < len(cell); i++ {
		g := 1 / (1 + exp(-gate[i]))
		cell[i] = float32(g*cell[i]) + float32((1-g)*fresh[i])
	}
}

func (s *set) addNorm(x, y, scale, bias []float32) {
	if s.floats != nil && len(x) > 0 && len(x)%8 == 0 {
		s.floats.addNorm(&x[0], &y[0], &scale[0], &bias[0], len(x))
		return
	}
	addNorm(x, y, scale, bias)
}
