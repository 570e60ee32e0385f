// Package durable puts files in their place so that a power cut does not take them back.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Rename renames a file, whose content the caller has synced, and syncs the folder of the new name.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return Folder(os.Open(filepath.Dir(to)))
}

// Folder makes what was created, renamed and removed in an open folder durable, and closes it. It
// takes the results of os.Open. Windows cannot sync a folder, and some file systems need not.
func Folder(d *os.File, err error) error {
	if err != nil {
		return err
	}
	err = d.Sync()
	if runtime.GOOS == "windows" || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
