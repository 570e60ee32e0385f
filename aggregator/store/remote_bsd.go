//go:build darwin || freebsd

package store

import "golang.org/x/sys/unix"

// remoteDisk names the network file system that a path is on; empty: it is on none, or none is known.
func remoteDisk(path string) string {
	var fs unix.Statfs_t
	if unix.Statfs(path, &fs) != nil || fs.Flags&unix.MNT_LOCAL != 0 {
		return ""
	}
	return unix.ByteSliceToString(fs.Fstypename[:])
}
