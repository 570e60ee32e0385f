//go:build unix

package offline

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// The bytes of a model lie outside of the heap: there the collector would let everything else grow by as much again before it looks.

// allocate is room for n bytes, which release gives back.
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
		_ = unix.Munmap(b) // it can only fail where b is not from allocate
	}
}
