//go:build unix

package store

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Addresses of sources and what private feeds say are for the owner of the store alone, whatever the
// umask; so are copies.
func TestFilesOfAStoreAreForTheirOwner(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := t.TempDir()
	path := filepath.Join(dir, "n.db")
	st := opened(t, path)
	fill1(t, st)
	if err := Copy(t.Context(), path, filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	st2, err := open(t.Context(), path, grown(t, "ALTER TABLE items ADD COLUMN more TEXT;"), remoteDisk)
	if err != nil {
		t.Fatal(err)
	}
	defer st2.Close()
	files, err := filepath.Glob(filepath.Join(dir, "*db*"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, name := range files {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", filepath.Base(name), info.Mode(), err)
		}
	}
}

// What the operator set stays.
func TestModeOfAnExistingStoreStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.db")
	opened(t, path).Close()
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	opened(t, path).Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
