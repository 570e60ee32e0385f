package kernel

import "math"

// zeros replace a missing bias.
var zeros [512]float32

// least is the lower limit of a result.
func least(relu bool) float32 {
	if relu {
		return 0
	}
	return float32(math.Inf(-1))
}

func quantise(out []int8, x []float32, by float32) {
	// Adding 1.5·2²³ to a number within ±2²² rounds it to an integer, which is then the low bits.
	const round = 3 << 22
	out = out[:len(x)]
	for i, v := range x {
		v = float32(v * by)
		if !(v > -127) {
			v = -127
		}
		if v > 127 {
			v = 127
		}
		out[i] = int8(math.Float32bits(v + round))
	}
}

func dequantise(out []float32, sums []int32, by float32, bias []float32, low float32) {
	out, bias = out[:len(sums)], bias[:len(sums)]
	for i, v := range sums {
		y := float32(float32(v)*by) + bias[i]
		if !(y > low) {
			y = low
		}
		out[i] = y
	}
}

// dotFloats adds products in the fixed order: eight partial sums, added in pairs.
func dotFloats(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for len(a) >= 8 && len(b) >= 8 {
		s0 += float32(a[0] * b[0])
		s1 += float32(a[1] * b[1])
		s2 += float32(a[2] * b[2])
		s3 += float32(a[3] * b[3])
		s4 += float32(a[4] * b[4])
		s5 += float32(a[5] * b[5])
		s6 += float32(a[6] * b[6])
		s7 += float32(a[7] * b[7])
		a, b = a[8:], b[8:]
	}
	sums := [8]float32{s0, s1, s2, s3, s4, s5, s6, s7}
	for i, v := range a {
		sums[i] += float32(v * b[i])
	}
	return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
}

// sum adds the values of x in the same order as dotFloats.
func sum(x []float32) float32 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for len(x) >= 8 {
		s0 += x[0]
		s1 += x[1]
		s2 += x[2]
		s3 += x[3]
		s4 += x[4]
		s5 += x[5]
		s6 += x[6]
		s7 += x[7]
		x = x[8:]
	}
	sums := [8]float32{s0, s1, s2, s3, s4, s5, s6, s7}
	for i, v := range x {
		sums[i] += v
	}
	return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
}

func addScaled(y, x []float32, by float32) {
	x = x[:len(y)]
	for i, v := range x {
		y[i] += float32(v * by)
	}
}

// epsilon keeps the deviation of a constant row above 0. The models were trained with this value.
const epsilon = 1e-6

func addNorm(x, y, scale, bias []float32) {
	y = y[:len(x)]
	for i, v := range y {
		x[i] += v
	}
	n := float32(len(x))
	mean := sum(x) / n
	for i := range x {
		x[i] -= mean
	}
	by := 1 / float32(math.Sqrt(float64(dotFloats(x, x)/n+epsilon)))
	scale, bias = scale[:len(x)], bias[:len(x)]
	for i, v := range x {
		x[i] = float32(float32(v*by)*scale[i]) + bias[i]
	}
}

// Constants of exp, which computes 2^n times a polynomial of the rest r, within ±ln(2)/2. They are
// those of expf in the Cephes library; ln(2) is split so that n times its first part is exact.
const (
	expLeast, expMost      = -87.33654, 88.37626 // the ends of what float32 holds at full precision
	log2e, ln2High, ln2Low = 1.44269504088896341, 0.693359375, -2.12194440e-4
	exp7, exp6, exp5       = 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3
	exp4, exp3, exp2       = 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1
)

// exp returns e^x to two units in the last place, clamped to the range of float32; NaN gives the lower
// limit.
func exp(x float32) float32 {
	const round = 3 << 22 // as in quantise
	if !(x > expLeast) {
		x = expLeast
	}
	if x > expMost {
		x = expMost
	}
	n := float32(x*log2e) + round
	power := math.Float32bits(n)<<23 + 127<<23
	n -= round
	r := x - float32(n*ln2High)
	r -= float32(n * ln2Low)
	p := float32(r*exp7) + exp6
	p = float32(p*r) + exp5
	p = float32(p*r) + exp4
	p = float32(p*r) + exp3
	p = float32(p*r) + exp2
	p = float32(float32(p*r)*r) + r
	return (p + 1) * math.Float32frombits(power)
}
