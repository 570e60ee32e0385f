//go:build unix

package offline

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// A model's memory lies outside the Go heap. On it, the garbage collector would let the rest of the heap
// grow by the model's size before it runs.

// allocate returns n bytes of memory; release frees them.
func allocate(n int) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("%d bytes of memory: %w", n, err)
	}
	return b, nil
}

func release(b []byte) {
	if b != nil {
		_ = unix.Munmap(b) // fails only if b is not from allocate
	}
}
