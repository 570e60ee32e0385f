package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNetworkFileSystemsAreRefusedForNewStores(t *testing.T) {
	dir := t.TempDir()
	remote := func(path string) string {
		if !strings.HasPrefix(path, dir) {
			t.Errorf("asked for %s", path)
		}
		return "NFS"
	}
	path := filepath.Join(dir, "n.db")
	if _, err := open(t.Context(), path, migrations(), remote); err == nil || !strings.Contains(err.Error(), "(NFS)") {
		t.Errorf("a new store: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"an empty file", "a store"} {
		st, err := open(t.Context(), path, migrations(), remote)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !strings.Contains(st.Warning, "(NFS)") {
			t.Errorf("%s: warning %q", what, st.Warning)
		}
		st.Close()
	}
	if st := opened(t, path); st.Warning != "" {
		t.Errorf("on a local disk: %s", st.Warning)
	}
}
