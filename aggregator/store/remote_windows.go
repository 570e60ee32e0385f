package store

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// remoteDisk names the network file system that a path is on; empty: it is on none, or none is known.
func remoteDisk(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(abs) + `\`)
	if err != nil || windows.GetDriveType(root) != windows.DRIVE_REMOTE {
		return ""
	}
	return "a network drive"
}
