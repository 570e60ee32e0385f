package durable

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRenameReplacesAndReportsErrors(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "new"), filepath.Join(dir, "old")
	for name, text := range map[string]string{from: "new", to: "old"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Rename(from, to); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(to); string(b) != "new" {
		t.Errorf("%q, %v", b, err)
	}
	if err := Rename(from, to); err == nil {
		t.Error("a file that is gone is renamed")
	}
	if err := Folder(os.Open(filepath.Join(dir, "none"))); err == nil {
		t.Error("a folder that is gone is synced")
	}
}
