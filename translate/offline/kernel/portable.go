package kernel

// portable is the implementation in plain Go, for processors without the instructions above. Tests
// compare the other sets with it.
var portable = &set{name: "portable"}

// pairBlock values of k are summed at a time: few enough for the lower of two sums to stay an int32
// (131,072), and 16 KiB of pairs stay in the first-level cache.
const pairBlock = 2048

// matMul packs two rows of b into one row of 64-bit values, b0 + b1<<32, so that one multiplication
// makes two products. The low 32 bits of the result are the first sum, the rest the second.
func matMul(out []int32, a, b []int8, m, n, k int) {
	clear(out[:m*n])
	var pairs [pairBlock]int64
	j := 0
	for ; j+1 < n; j += 2 {
		for from := 0; from < k; from += pairBlock {
			to := min(from+pairBlock, k)
			b0, b1 := b[j*k+from:j*k+to], b[(j+1)*k+from:(j+1)*k+to]
			p := pairs[:len(b0)]
			for l := range p {
				p[l] = int64(b0[l]) + int64(b1[l])<<32
			}
			for i := range m {
				both := dotPairs(a[i*k+from:i*k+to], p)
				out[i*n+j] += int32(both)
				out[i*n+j+1] += int32((both - int64(int32(both))) >> 32)
			}
		}
	}
	for ; j < n; j++ {
		for i := range m {
			out[i*n+j] = dot(a[i*k:][:k], b[j*k:][:k])
		}
	}
}

func dotPairs(a []int8, pairs []int64) int64 {
	var s, t int64
	for len(a) >= 4 && len(pairs) >= 4 {
		s += int64(a[0])*pairs[0] + int64(a[1])*pairs[1]
		t += int64(a[2])*pairs[2] + int64(a[3])*pairs[3]
		a, pairs = a[4:], pairs[4:]
	}
	for l, v := range a {
		s += int64(v) * pairs[l]
	}
	return s + t
}

func dot(a, b []int8) int32 {
	var s, t int32
	for len(a) >= 4 && len(b) >= 4 {
		s += int32(a[0])*int32(b[0]) + int32(a[1])*int32(b[1])
		t += int32(a[2])*int32(b[2]) + int32(a[3])*int32(b[3])
		a, b = a[4:], b[4:]
	}
	for l, v := range a {
		s += int32(v) * int32(b[l])
	}
	return s + t
}
