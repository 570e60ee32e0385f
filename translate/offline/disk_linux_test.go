package offline

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

// A full disk is said as such, and what was installed before stays.
func TestPullFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1200k"); err != nil {
		t.Skipf("no small disk can be mounted here (run as root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	f, m := newRegistry(t), Models{dir}
	if _, err := f.pull(m, true); err != nil {
		t.Fatal(err)
	}
	_, err := f.pull(m, true) // there is no room for a second one beside the first
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "no space left") {
		t.Fatalf("%v", err)
	}
	got, err := m.Find("base-memory")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := loadStudent(got); err != nil {
		t.Error(err)
	}
}
