//go:build unix

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds/site/sitetest"
)

// The daemon polls by schedule, publishes and serves. A second one on its store fails, a config
// with mistakes is rejected, a good one applied, and SIGTERM stops it within ten seconds.
func TestDaemon(t *testing.T) {
	t.Parallel()
	origin := httptest.NewServer(&origin{dir: filepath.Join("demo", "samples")})
	defer origin.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "nashra.yaml")
	write := func(more string) {
		t.Helper()
		text := fmt.Sprintf("store: %s\npublish: {dir: %s}\nserve: {listen: 127.0.0.1:0, metrics: \"\"}\nschedule: "+
			"\"@every 1s\"\n"+
			"fetch: {allow_private: true, min_interval: 0s}\ntranslate: {engines: []}\nsources:\n  - {id: souq, "+
			"url: %q}\n%s",
			filepath.Join(dir, "nashra.db"), filepath.Join(dir, "public"), origin.URL+"/souqphone-windows1256.xml",
			more)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	log := &lockedBuffer{}
	bin := filepath.Join(build(t), "nashra")
	start := func() *exec.Cmd { return exec.Command(bin, "serve", "-c", file) }
	cmd := start()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill() //nolint:errcheck // it has already ended if all went well
	await := func(what string, ok func() bool) {
		t.Helper()
		for range 300 {
			if ok() {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("%s: not in half a minute\n%s", what, log.String())
	}
	said := func(text string) func() bool { return func() bool { return strings.Contains(log.String(), text) } }
	await("serving", said("serving "))
	_, rest, _ := strings.Cut(log.String(), "serving ")
	address, _, _ := strings.Cut(rest, "\n")
	await("its stories", func() bool {
		status, body := sitetest.Get(t, address+"feed.atom")
		return status == http.StatusOK && strings.Count(body, "<entry") == 5
	})

	if out, err := start().CombinedOutput(); err == nil ||
		!strings.Contains(string(out), "another nashra serves the store") {
		t.Errorf("a second daemon: %v, %s", err, out)
	}

	write("sorces: []\n")
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	await("refused", said("the old one stays"))
	write(fmt.Sprintf("  - {id: gulf, url: %q}\n", origin.URL+"/gulfit-atom.xml"))
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	await("taken", said("sources=2"))
	await("the new source's stories", func() bool {
		_, body := sitetest.Get(t, address+"feed.atom")
		return strings.Count(body, "<entry") > 5
	})
	if status, _ := sitetest.Get(t, address+"sources/gulf.atom"); status != http.StatusOK {
		t.Errorf("the new source's own feed: %d", status)
	}

	told := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || time.Since(told) > 10*time.Second {
		t.Errorf("it ended after %v with %v\n%s", time.Since(told), err, log.String())
	}
}
