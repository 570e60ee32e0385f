//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
)

// Keys and addresses with secrets are written into a config: only its owner may read it, whatever the
// umask. A mode that the operator set stays when nashra edits the file.
func TestConfigIsForItsOwner(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	path := filepath.Join(t.TempDir(), "nashra.yaml")
	if err := writeNew(path, config.Template()); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o600, 0o640} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%v, %v, want %v", info.Mode(), err, mode)
		}
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		source := feeds.Source{URL: "https://site.example/feed?secret=" + mode.String()}
		if _, err := configReader().AddSources(path, false, source); err != nil {
			t.Fatal(err)
		}
	}
}
