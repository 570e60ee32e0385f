//go:build !amd64 && !arm64

package kernel

// available lists what this processor can run, best first.
func available() []*set { return []*set{portable} }
