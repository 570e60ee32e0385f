package kernel

import "golang.org/x/sys/cpu"

// available lists what this processor can run, best first.
func available() []*set {
	var sets []*set
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512VNNI {
		sets = append(sets, &set{name: "avx512-vnni", step: 64, high: 4, panel: panelAVX512, row: rowAVX512})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasAVXVNNI {
		sets = append(sets, &set{name: "avx-vnni", step: 32, high: 2, panel: panelAVXVNNI, row: rowAVXVNNI})
	}
	if cpu.X86.HasAVX2 {
		sets = append(sets, &set{name: "avx2", step: 16, high: 2, panel: panelAVX2, row: rowAVX2})
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
