package kernel

import "golang.org/x/sys/cpu"

// available lists the sets that this processor supports, best first.
func available() []*set {
	var sets []*set
	avx2 := &floats{quantise: quantiseAVX2, dequantise: dequantiseAVX2, scores: scoresAVX2, mix: mixAVX2,
		exp: expAVX2, gate: gateAVX2,
		addNorm: addNormAVX2}
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VNNI {
		sets = append(sets, &set{name: "avx512-vnni", step: 64, high: 4, panel: panelAVX512, row: rowAVX512,
			floats: avx2})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasAVXVNNI {
		sets = append(sets, &set{name: "avx-vnni", step: 32, high: 2, panel: panelAVXVNNI, row: rowAVXVNNI,
			floats: avx2})
	}
	if cpu.X86.HasAVX2 {
		sets = append(sets, &set{name: "avx2", step: 16, high: 2, panel: panelAVX2, row: rowAVX2, floats: avx2})
	}
	if cpu.X86.HasSSE41 && cpu.X86.HasSSSE3 {
		sets = append(sets, &set{name: "sse4", step: 8, high: 2, panel: panelSSE4, row: rowSSE4})
	}
	return append(sets, portable)
}

//go:noescape
func panelAVX512(out *int32, a, b *int8, quads, n, k, turns int)

//go:noescape
func rowAVX512(out *int32, a, b *int8, idx *int32, quads, k, turns int)

//go:noescape
func panelAVXVNNI(out *int32, a, b *int8, quads, n, k, turns int)

//go:noescape
func rowAVXVNNI(out *int32, a, b *int8, idx *int32, quads, k, turns int)

//go:noescape
func panelAVX2(out *int32, a, b *int8, quads, n, k, turns int)

//go:noescape
func rowAVX2(out *int32, a, b *int8, idx *int32, quads, k, turns int)

//go:noescape
func panelSSE4(out *int32, a, b *int8, quads, n, k, turns int)

//go:noescape
func rowSSE4(out *int32, a, b *int8, idx *int32, quads, k, turns int)

//go:noescape
func quantiseAVX2(out *int8, x *float32, n int, by float32)

//go:noescape
func dequantiseAVX2(out *float32, sums *int32, bias *float32, n int, by, least float32)

//go:noescape
func scoresAVX2(out, query, keys *float32, quads, n, stride int, by float32)

//go:noescape
func mixAVX2(out, weights, values *float32, rows, n, stride int)

//go:noescape
func expAVX2(x *float32, n int, less float32)

//go:noescape
func gateAVX2(cell, gate, fresh *float32, n int)

//go:noescape
func addNormAVX2(x, y, scale, bias *float32, n int)
