//go:build !linux && !darwin && !freebsd && !windows

package store

// remoteDisk names the network file system that a path is on; empty: it is on none, or none is known.
func remoteDisk(string) string { return "" }
