//go:build linux

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestFullDisk fills the disk below the store in the middle of a pass: the pass says so, what was published stays whole, and with room
// again the next one has everything.
func TestFullDisk(t *testing.T) {
	if out, err := exec.Command("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", t.TempDir()).CombinedOutput(); err != nil {
		t.Skipf("no file system of one's own to fill: %v %s", err, out)
	}
	d := deployed(t)
	out := d.bash(t, `exec 2>&1
		mkdir disk
		exec unshare -rm bash -euo pipefail -c '
			mount -t tmpfs -o size=8m tmpfs disk
			cp nashra.yaml disk && cd disk
			echo "channels: [{id: feed, sources: [souq]}]" >> nashra.yaml
			nashra fetch --only souq
			cp -r public before
			cat /dev/zero > ballast || true
			truncate -s -64K ballast
			if nashra fetch --only gulf; then exit 3; fi
			nashra store check
			diff -r before public && echo "what was published is whole"
			rm ballast
			nashra fetch
			nashra store check'`)
	t.Log(out)
	for _, want := range []string{"nashra: ", "database or disk is full", "1 sources, 5 items", "what was published is whole", "2 sources"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
	if n := strings.Count(out, "nashra: "); n != 1 {
		t.Errorf("%d errors are told, one is right", n)
	}
}
