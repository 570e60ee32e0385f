package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// TestInstallable checks what `go install github.com/nashra/nashra/cmd/nashra@latest` needs: a module
// whose files have names that Go's proxy packs, and no replaced requirement.
func TestInstallable(t *testing.T) {
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(mod.Replace) > 0 || len(mod.Exclude) > 0 {
		t.Error("go.mod replaces or excludes modules: go install refuses it")
	}
	if err := exec.Command("git", "-C", "../..", "rev-parse", "HEAD").Run(); err != nil {
		t.Skip("not in a git repository")
	}
	clone := filepath.Join(t.TempDir(), "clone")
	if out, err := exec.Command("git", "clone", "-q", "../..", clone).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	packed, err := os.Create(filepath.Join(t.TempDir(), "module.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	version := module.Version{Path: mod.Module.Mod.Path, Version: "v0.0.1"}
	if err := zip.CreateFromVCS(packed, version, clone, "HEAD", ""); err != nil {
		t.Error(err)
	}
}

// TestGateLeavesNothing runs a step of .ci/run whose program leaves a read-only folder and ends well,
// fails, or stops the gate.
func TestGateLeavesNothing(t *testing.T) {
	const leave = "#!/bin/sh\nmkdir -p $TMPDIR/clone && touch $TMPDIR/clone/file && chmod 500 $TMPDIR/clone\n"
	for name, c := range map[string]struct{ end, want string }{
		"done":    {"exit 0", "== vet: ok"},
		"failed":  {"exit 1", "== vet: FAILED"},
		"stopped": {"kill -TERM $(cat $GATE); sleep 1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			bin, tmp, gate := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "pid")
			if err := os.WriteFile(filepath.Join(bin, "go"), []byte(leave+c.end+"\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("sh", "-c", "echo $$ >$GATE; exec ../../.ci/run vet")
			cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "GATE="+gate, "PATH="+bin+":"+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			if (err == nil) != (c.end == "exit 0") || !strings.Contains(string(out), c.want) {
				t.Errorf("%v\n%s", err, out)
			}
			if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
				t.Errorf("%v stays in the folder for temporary files: %v", left, err)
			}
		})
	}
}
