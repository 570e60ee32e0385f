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
	_ "time/tzdata" // minimal systems have no time zones
)

// memoryLimit is the soft limit of the garbage collector in bytes, twice what a pass over large
// feeds holds. 32 feeds of 15 MB took 204 MB with it and 277 MB without, for 3 % more CPU.
const memoryLimit = 128 << 20

func main() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // GOMEMLIMIT is not set
		debug.SetMemoryLimit(memoryLimit)
	}
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
