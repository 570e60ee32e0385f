//go:build linux

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ownDisks skips a test that cannot mount file systems.
func ownDisks(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs",
		t.TempDir()).CombinedOutput(); err != nil {
		t.Skipf("no file system of one's own: %v %s", err, out)
	}
}

// TestFoldersThatTakeNothing: if the store's or the published folder is full or read-only, a pass
// fails and names it. Published files stay whole, and the next pass publishes everything.
func TestFoldersThatTakeNothing(t *testing.T) {
	t.Parallel()
	ownDisks(t)
	for name, c := range map[string]struct{ config, harm, mend, says string }{
		"store, full": {"store: small/nashra.db",
			"cat /dev/zero > small/ballast || true; truncate -s -64K small/ballast", "rm small/ballast",
			"database or disk is full"},
		"published, full": {"publish: {dir: small/public}",
			"cat /dev/zero > small/ballast || true; truncate -s -16K small/ballast", "rm small/ballast",
			"no space left on device"},
		"store, read-only": {"store: small/nashra.db", "mount -o remount,ro small", "mount -o remount,rw small",
			"nashra.db"},
		"published, read-only": {"publish: {dir: small/public}", "mount -o remount,ro small",
			"mount -o remount,rw small", "read-only file system"},
	} {
		t.Run(name, func(t *testing.T) {
			d := deployed(t)
			out := d.bash(t, `exec 2>&1
				mkdir small
				echo '`+c.config+`' >> nashra.yaml
				exec unshare -rm bash -euo pipefail -c '
					mount -t tmpfs -o size=8m tmpfs small
					nashra fetch --only souq
					public=public; if [[ -d small/public ]]; then public=small/public; fi
					cp -r $public before
					`+c.harm+`
					code=0; nashra fetch --only gulf || code=$?; echo "exit $code"
					nashra status > said || true; sed "s/^/status: /" said
					cp -r $public meanwhile
					`+c.mend+`
					nashra fetch
					nashra store check
					nashra status > said; sed "s/^/then: /" said
					cp -r $public after'`)
			t.Log(out)
			var counts []int
			for _, when := range []string{"before", "meanwhile", "after"} {
				now, err := published(filepath.Join(d.dir, when))
				if err != nil {
					t.Errorf("%s: %v", when, err)
				}
				counts = append(counts, len(now))
			}
			if counts[0] == 0 || counts[1] < counts[0] || counts[2] <= counts[0] {
				t.Errorf("entries before, meanwhile and after: %v", counts)
			}
			health := "status: failing\nstatus: publishing small/public: "
			if strings.HasPrefix(name, "store") { // a status only reads
				health = "status: "
			}
			for _, want := range []string{"exit 1", "nashra: ", c.says, "small", "2 sources", health,
				"then: healthy\n"} {
				if !strings.Contains(out, want) {
					t.Errorf("no %q", want)
				}
			}
		})
	}
}

// TestFullDisk fills the disk below the store during a pass. The pass fails, the published files
// stay whole, and the next pass with free space publishes everything.
func TestFullDisk(t *testing.T) {
	ownDisks(t)
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
	for _, want := range []string{"nashra: ", "database or disk is full", "1 source, 5 items",
		"what was published is whole", "2 sources"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
	if n := strings.Count(out, "nashra: "); n != 1 {
		t.Errorf("%d errors are told, one is right", n)
	}
}
