//go:build linux

package fleet_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/aggregator/store/storetest"
)

// disk mounts a small file system until the test ends.
func disk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=755,size="+size, "tmpfs",
		dir).CombinedOutput(); err != nil {
		t.Skipf("no file system of one's own to fill, which takes root: %v %s", err, out)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	for up := dir; up != os.TempDir() && up != "/"; up = filepath.Dir(up) { // the server runs as another user
		if err := os.Chmod(up, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fill fills the disk, and returns a function that frees it.
func fill(t *testing.T, dir string) (empty func()) {
	t.Helper()
	name := filepath.Join(dir, "ballast")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(f, zeros{}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Fatalf("filling the disk ended with %v", err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestFullDiskLong: members whose database's disk fills up wait and then continue, losing nothing
// but calls whose answers could not be stored.
func TestFullDiskLong(t *testing.T) {
	long(t)
	t.Parallel()
	dir := disk(t, "160m")
	c := storetest.NewClusterIn(t, dir)
	r := roundAt(t, c.Address, 60, "-rtt", "30ms", "-tr-latency", "20ms")
	var logs []string
	for _, name := range []string{"one", "two"} {
		logs = append(logs, r.member(t, name).start(t).Stdout.(*os.File).Name())
	}
	until(t, "a third is polled", func() bool { return number(t, r.db, "SELECT COUNT(*) FROM items") > r.entries/3 })
	empty := fill(t, dir)
	until(t, "the members say why they wait", func() bool {
		for _, name := range logs {
			if text, err := os.ReadFile(name); err != nil ||
				!strings.Contains(string(text), "No space left on device") {
				return false
			}
		}
		return true
	})
	time.Sleep(3 * time.Second)
	empty()
	// the server gave up, as it does if it can write no log: start it again
	if _, err := c.Process(); err != nil {
		t.Logf("the database is started again: %v", err)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	}
	r.ends(t, "one", "two")
	sources := len(r.farms) * r.spec.Feeds
	again, most := asked(t, r.farms, "feed_requests")-sources, 2*len(r.farms)*r.spec.PerHost*8
	if segments, twice := r.bought(t); again > most || twice > (hasty{}).Limits().Parallel*(hasty{}).Limits().Segments {
		t.Errorf("%d sources were asked again, at most %d can have been answered and not stored; %d of %d segments "+
			"were bought again", again, most, twice, segments)
	}
	r.politeness(t)
	if _, faults, err := store.Check(t.Context(), c.Address); err != nil || faults != nil {
		t.Errorf("the store has the faults %q, %v", faults, err)
	}
}
