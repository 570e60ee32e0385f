//go:build !amd64 && !arm64

package kernel

// available lists the sets that this processor supports, best first.
func available() []*set { return []*set{portable} }
