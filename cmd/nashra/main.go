// Command nashra polls Arabic technology feeds, groups the items that tell the same news,
// translates the stories into English, and republishes them as one bilingual feed.
//
// Each command of the command line has a file here. wire.go makes the parts that the config
// describes, and engines.go lists the types of engine. docs/architecture.md describes the packages;
// imports_test.go checks what each may import.
package main

import (
	"math"
	"os"
	"runtime/debug"
)

// memoryLimit is the size of memory, in bytes, from which the collector works harder: twice what a
// pass over large feeds holds at once. With it, 32 feeds of 15 MB each took 204 MB at most, and 277
// MB without, for 3 % more CPU time.
const memoryLimit = 128 << 20

func main() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // GOMEMLIMIT is not set
		debug.SetMemoryLimit(memoryLimit)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
