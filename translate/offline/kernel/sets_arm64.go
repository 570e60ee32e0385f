package kernel

import "golang.org/x/sys/cpu"

// available lists the sets that this processor supports, best first. Every arm64 processor has NEON;
// the dot product came with ARMv8.2, in all of Apple's processors and most others since about 2018.
func available() []*set {
	neon := &floats{quantise: quantiseNEON, dequantise: dequantiseNEON, scores: scoresNEON, mix: mixNEON,
		exp: expNEON, gate: gateNEON,
		addNorm: addNormNEON}
	var sets []*set
	if cpu.ARM64.HasASIMDDP {
		sets = append(sets, &set{name: "neon-dotprod", step: 16, high: 4, panel: panelDot, row: rowDot, floats: neon})
	}
	return append(sets, &set{name: "neon", step: 16, high: 4, panel: panelNEON, row: rowNEON, floats: neon}, portable)
}

//go:noescape
func panelDot(out *int32, a, b *int8, quads, n, k, turns int)

//go:noescape
func rowDot(out *int32, a, b *int8, idx *int32, quads, k, turns int)

//go:noescape
func panelNEON(out *int32, a, b *int8, quads, n, k, turns int)

//go:noescape
func rowNEON(out *int32, a, b *int8, idx *int32, quads, k, turns int)

//go:noescape
func quantiseNEON(out *int8, x *float32, n int, by float32)

//go:noescape
func dequantiseNEON(out *float32, sums *int32, bias *float32, n int, by, least float32)

//go:noescape
func scoresNEON(out, query, keys *float32, quads, n, stride int, by float32)

//go:noescape
func mixNEON(out, weights, values *float32, rows, n, stride int)

//go:noescape
func expNEON(x *float32, n int, less float32)

//go:noescape
func gateNEON(cell, gate, fresh *float32, n int)

//go:noescape
func addNormNEON(x, y, scale, bias *float32, n int)
