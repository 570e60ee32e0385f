//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds/site/sitetest"
)

// TestUnitTranslates has systemd run the unit as it is shipped, with the default engine: its daemon
// downloads the model to where the unit may write, and publishes English.
func TestUnitTranslates(t *testing.T) {
	if _, err := os.Stat("/lib/systemd/systemd"); err != nil || os.Geteuid() != 0 {
		t.Skip("needs root and systemd (apt-get install systemd)")
	}
	p := newPuller(t)
	work, public := t.TempDir(), freePort(t)
	copyTree(t, filepath.Join(p.dir, "nashra"), filepath.Join(work, "nashra"))
	copyTree(t, filepath.Join("..", "..", "deploy", "nashra.service"), filepath.Join(work, "nashra.service"))
	config := fmt.Sprintf("timezone: Africa/Cairo\nserve: {listen: %q, metrics: \"\"}\nfetch: {allow_private: true}\n"+
		"sources:\n  - {id: souq, url: %q}\nengines: {offline: {type: offline, mirror: %q}}\n", public, p.source,
		p.registry.URL)
	if err := os.WriteFile(filepath.Join(work, "nashra.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	boot := exec.Command("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
		"--mount-proc", "--cgroup", "--ipc", "--uts", filepath.Join("testdata", "unit", "boot.sh"), work)
	boot.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: ownGroup(t)}
	console := &lockedBuffer{}
	boot.Stdout, boot.Stderr = console, console
	if err := boot.Start(); err != nil {
		t.Skipf("no namespaces of one's own: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- boot.Wait() }()
	told := func(name string) string {
		text, _ := os.ReadFile(filepath.Join(work, name))
		return string(text)
	}
	defer func() {
		_ = boot.Process.Kill()
		<-ended
	}()
	for end := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		feed := ""
		if strings.Contains(told("state"), "ActiveState=active") {
			_, feed = sitetest.Get(t, "http://"+public+"/feed.json")
		}
		if strings.Count(feed, `"state": "done"`) == 5 && strings.Contains(told("state"), "\nbase-memory") {
			break
		}
		select {
		case err := <-ended:
			ended <- err
			if boot.ProcessState.ExitCode() == 77 {
				t.Skipf("systemd cannot be booted here: %s", console.String())
			}
			t.Fatalf("systemd ended with %v\n%s", err, console.String())
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("no English after a minute\n%s\n%s\n%s", told("state"), told("log"), console.String())
		}
	}
	if state := told("state"); !strings.Contains(state, "NRestarts=0") || !strings.Contains(state, "Result=success") ||
		strings.Contains(told("log"), "denied") {
		t.Errorf("%s\n%s", state, told("log"))
	}
}

// ownGroup makes a control group for the test, removed at its end, and opens it.
func ownGroup(t *testing.T) (fd int) {
	t.Helper()
	mounts, err := os.ReadFile("/proc/mounts")
	if err != nil {
		t.Fatal(err)
	}
	at := ""
	for line := range strings.Lines(string(mounts)) {
		if f := strings.Fields(line); f[2] == "cgroup2" {
			at = f[1]
		}
	}
	dir := filepath.Join(at, fmt.Sprintf("nashra-test-%d", os.Getpid()))
	if err := os.Mkdir(dir, 0o755); at == "" || err != nil {
		t.Skipf("no control group of one's own: %v", err)
	}
	t.Cleanup(func() {
		// its processes take a moment to end
		for end := time.Now().Add(5 * time.Second); !removeGroup(dir) && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond)
		}
	})
	f, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return int(f.Fd())
}

// removeGroup removes a control group and those below it. It fails as long as one has a process.
func removeGroup(dir string) bool {
	var groups []string
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			groups = append(groups, path)
		}
		return nil
	})
	for _, group := range slices.Backward(groups) {
		_ = syscall.Rmdir(group)
	}
	_, err := os.Stat(dir)
	return err != nil
}
