//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestClockYearsBehind: the time of a machine that has not reached its time server yet is refused.
func TestClockYearsBehind(t *testing.T) {
	err := checkClock(time.Unix(3600, 0))
	if err == nil || !strings.Contains(err.Error(), "the clock says 1970-01-01") {
		t.Errorf("%v", err)
	}
	if err := checkClock(time.Now()); err != nil {
		t.Error(err)
	}
}

// TestPoorMachines runs the program where something is missing that it usually has: it does without, or
// says in one line what is missing. Each script ends in a folder where nothing but nashra.yaml was.
func TestPoorMachines(t *testing.T) {
	ownDisks(t)
	p := newPuller(t)
	many := ""
	for i := range 40 {
		many += fmt.Sprintf("  - {id: s%d, url: %q}\n", i, fmt.Sprintf("%s?%d", p.source, i))
	}
	const readOnly, beside = "mkdir ro; mount -t tmpfs -o ro tmpfs ro; ", "test -d nashra-models/base-memory"
	for name, c := range map[string]struct {
		config, script string
		says           string // lines that are printed; empty: English is published without a warning
		exit           int
	}{
		"HOME is read-only":               {script: readOnly + "HOME=$PWD/ro nashra fetch; " + beside},
		"no HOME":                         {script: "env -u HOME nashra fetch; env -u HOME nashra status; " + beside},
		"HOME does not exist, and cannot": {script: "HOME=/proc/none nashra fetch"},
		"models cannot be kept": {config: "models: ro/models\n", script: readOnly + "nashra fetch",
			says: "could not be fetched: make a folder for models: mkdir ro/models: read-only file system"},
		"models' folder is full": {config: "models: full\n",
			script: "mkdir full; mount -t tmpfs -o size=200k tmpfs full; nashra fetch",
			says:   "could not be fetched: unpack model.spell.bin: write full/"},
		"no folder for temporary files": {exit: 1,
			script: "export TMPDIR=$PWD/none; nashra fetch; nashra store backup copy.db; nashra fetch --dry-run",
			says: "nashra: make a temporary folder: stat .*/none: no such file or directory\n" +
				"hint: set TMPDIR to a folder that can be written"},
		"no network": {script: "unshare -n nashra fetch || true",
			says: "warning: source souq: fetch .*: network is unreachable"},
		"64 files": {config: "sources:\n" + many, script: "ulimit -n 64; nashra fetch; nashra status"},
		"64 files, 100 readers": {script: `ulimit -n 64; nashra fetch
			nashra serve >log 2>&1 & until grep -q serving log; do sleep 0.1; done
			port=$(grep -o '127[^/]*' log | head -1 | cut -d: -f2)
			ulimit -Sn 64; (for i in {1..50}; do exec {fd}<>"/dev/tcp/127.0.0.1/$port"; done; sleep 2) &
			(for i in {1..50}; do exec {fd}<>"/dev/tcp/127.0.0.1/$port"; done; sleep 2); wait $!
			exec 3<>"/dev/tcp/127.0.0.1/$port"; printf 'GET /feed.json HTTP/1.0\r\n\r\n' >&3; head -1 <&3
			kill %1; wait %1
			grep -o 'cannot accept.*open files' log`,
			says: "HTTP/1.0 200 OK\ncannot accept connections.*too many open files"},
		"umask 077": {script: "umask 077; nashra fetch"},
		"umask 000": {script: "umask 000; nashra fetch; test -z \"$(find . -mindepth 1 -perm /022 -print)\""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			config := fmt.Sprintf("serve: {listen: \"127.0.0.1:0\", metrics: \"\"}\n"+
				"fetch: {allow_private: true, min_interval: 0s}\nengines: {offline: {type: offline, mirror: %q}}\n",
				p.registry.URL) + c.config
			if !strings.Contains(config, "sources:") {
				config += fmt.Sprintf("sources:\n  - {id: souq, url: %q}\n", p.source)
			}
			if err := os.WriteFile(filepath.Join(dir, "nashra.yaml"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("unshare", "-rm", "bash", "-euo", "pipefail", "-c", c.script)
			cmd.Dir = dir
			cmd.Env = []string{"PATH=" + p.dir + ":" + os.Getenv("PATH"), "HOME=" + filepath.Join(dir, "home")}
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != c.exit {
				t.Errorf("exit code %d, want %d", code, c.exit)
			}
			for _, line := range strings.Split(c.says, "\n") {
				if !regexp.MustCompile(line).Match(out) {
					t.Errorf("not said: %s", line)
				}
			}
			feed, _ := os.ReadFile(filepath.Join(dir, "public", "feed.json"))
			if english := strings.Contains(string(feed), `"state": "done"`); c.says == "" &&
				(!english || strings.Contains(string(out), "warning")) {
				t.Errorf("English: %v", english)
			}
			if t.Failed() {
				t.Logf("%s", out)
			}
		})
	}
}
