package kernel

import "golang.org/x/sys/cpu"

// available lists what this processor can run, best first. Every arm64 processor has NEON; the dot product came with ARMv8.2 and is in
// all of Apple's, and in servers' and phones' since about 2018.
func available() []*set {
	sets := []*set{{name: "neon", step: 16, high: 4, panel: panelNEON, row: rowNEON}, portable}
	if cpu.ARM64.HasASIMDDP {
		sets = append([]*set{{name: "neon-dotprod", step: 16, high: 4, panel: panelDot, row: rowDot}}, sets...)
	}
	return sets
}

//go:noescape
func panelDot(out *int32, a, b *int8, quads, n, k, turns int)

//go:noescape
func rowDot(out *int32, a, b *int8, idx *int32, quads, k, turns int)

//go:noescape
func panelNEON(out *int32, a, b *int8, quads, n, k, turns int)

//go:noescape
func rowNEON(out *int32, a, b *int8, idx *int32, quads, k, turns int)
