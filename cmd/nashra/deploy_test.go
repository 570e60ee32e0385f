//go:build unix

package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/nashra/nashra/aggregator/store/storetest"
)

// deployment is a folder with a config for the sample publishers, and the program on PATH.
type deployment struct {
	dir, program string
	env          []string
}

func deployed(t *testing.T) *deployment {
	t.Helper()
	srv := httptest.NewServer(&origin{dir: filepath.Join("demo", "samples")})
	t.Cleanup(srv.Close)
	bin := build(t)
	d := &deployment{dir: t.TempDir(), program: filepath.Join(bin, "nashra"),
		env: append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "XDG_CONFIG_HOME="+t.TempDir())}
	d.config(t, fmt.Sprintf("serve: {listen: 127.0.0.1:0, metrics: \"\"}\nfetch: {allow_private: true}\ntranslate: "+
		"{engines: []}\nsources:\n"+
		"  - {id: souq, url: %[1]q}\n  - {id: gulf, url: %[2]q}\n", srv.URL+"/souqphone-windows1256.xml",
		srv.URL+"/gulfit-atom.xml"))
	return d
}

func (d *deployment) config(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, "nashra.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// bash runs commands and stops at the first that fails.
func (d *deployment) bash(t *testing.T, commands string) string {
	t.Helper()
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", commands)
	cmd.Dir, cmd.Env = d.dir, d.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v\n%s", commands, err, out)
	}
	return string(out)
}

// serve starts a daemon in a folder and returns a function that stops it.
func (d *deployment) serve(t *testing.T, dir string) (stop func()) {
	t.Helper()
	log := &lockedBuffer{}
	cmd := exec.Command(d.program, "serve")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, d.env, log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("nashra serve ended with %v\n%s", err, log.String())
		}
	}
	t.Cleanup(stop)
	for end := time.Now().Add(30 * time.Second); !strings.Contains(log.String(),
		"serving "); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("nashra does not serve\n%s", log.String())
		}
	}
	return stop
}

// TestDeployReadmeCommandsRun runs every line of the sh blocks in deploy/README.md, in order, with
// the sample publishers as sources. Where it can, each member runs in an image's root of its own.
func TestDeployReadmeCommandsRun(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	database := storetest.Postgres(t)
	d := deployed(t)
	config, err := os.ReadFile(filepath.Join(d.dir, "nashra.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(d.dir, "nashra.yaml")); err != nil {
		t.Fatal(err)
	}
	var stops []func()
	second := d.intoImages(t)
	status, fleet := "", false
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			switch {
			case line == "nashra serve" && !fleet:
				stops = append(stops, d.serve(t, d.dir))
			case line == "nashra serve":
				d.bash(t, "cp -p nashra.yaml "+second)
				stops = append(stops, d.serve(t, d.dir), d.serve(t, second))
				d.members(t, 2)
			case strings.HasPrefix(line, "export NASHRA_STORE="):
				d.env = append(d.env, "NASHRA_STORE="+database)
			// the README says to stop the daemon first
			case strings.HasPrefix(line, "nashra store copy "), strings.HasPrefix(line, "cp nashra-backup.db "):
				for _, stop := range stops {
					stop()
				}
				stops, fleet = nil, strings.HasPrefix(line, "nashra store copy ")
				d.bash(t, line)
			case line == "nashra status":
				status = d.bash(t, line)
			default:
				d.bash(t, line)
				if line == "nashra init" {
					d.config(t, string(config)) // its sources need the network
				}
			}
		}
	}
	if !fleet || strings.Count(status, "\nmember ") != 2 || !strings.Contains(status, "no story waits") {
		t.Errorf("at the end the status is\n%s", status)
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		a, b := tree(d.dir), tree(second)
		if len(a) > 10 && maps.Equal(a, b) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("one member publishes %d files, the other %d, and they are not the same", len(a), len(b))
		}
	}
}

// members waits until the status lists n members, one of them the leader.
func (d *deployment) members(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		out := d.bash(t, "nashra status")
		if strings.Count(out, "\nmember ") == n && strings.Contains(out, ", leader since ") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d members are not at work:\n%s", n, out)
		}
	}
}

// tree returns the published files in dir.
func tree(dir string) map[string]string {
	out := map[string]string{}
	names, _ := filepath.Glob(filepath.Join(dir, "public", "*.*"))
	pages, _ := filepath.Glob(filepath.Join(dir, "public", "*", "*.html"))
	for _, name := range append(names, pages...) {
		if b, err := os.ReadFile(name); err == nil {
			rel, _ := filepath.Rel(dir, name)
			out[rel] = string(b)
		}
	}
	return out
}

// TestStaticSite runs the commands of deploy/static-site.yml twice, with a release made here. The
// first run has no store and says so.
func TestStaticSite(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil || runtime.GOOS != "linux" {
		t.Skip("the workflow's commands need curl and Ubuntu's tools (apt-get install curl)")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "static-site.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var flow struct {
		Jobs struct {
			Publish struct {
				Steps []struct {
					Name, Run string
					Env       map[string]string
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &flow); err != nil {
		t.Fatal(err)
	}
	d := deployed(t)
	runner := d.release(t)
	run := func() (out string) {
		steps, installs := 0, false
		for _, s := range flow.Jobs.Publish.Steps {
			if s.Run == "" {
				continue
			}
			steps++
			installs = installs || s.Env["RELEASE"] != ""
			out += d.bash(t, s.Run)
			if path, err := os.ReadFile(filepath.Join(runner, "path")); err == nil {
				d.env = append(d.env, "PATH="+strings.Join(strings.Fields(string(path)), ":")+":/usr/bin:/bin")
			}
		}
		if steps < 4 || !installs {
			t.Errorf("%d steps are commands: has the workflow another form now?", steps)
		}
		return out
	}
	if out := run(); !strings.Contains(out, "::warning::no nashra.db") || strings.Contains(out, " 0 new items") {
		t.Errorf("the first run says\n%s", out)
	}
	first := tree(d.dir)
	if out := run(); strings.Contains(out, "::warning::") || !strings.Contains(out, " 0 new items") {
		t.Errorf("the second run says\n%s", out)
	}
	if len(first) < 10 || !maps.Equal(first, tree(d.dir)) {
		t.Error("a run without news changed what is published")
	}
	kept := "          path: |\n            nashra.db\n            nashra.db-wal\n            public\n" +
		"          key: nashra-${{ github.run_id }}-${{ github.run_attempt }}\n"
	if strings.Count(string(text), kept) != 2 || !strings.Contains(string(text), "restore-keys: nashra-\n") {
		t.Errorf("the workflow does not restore and save\n%s", kept)
	}
}

// release serves a release of the program, which alone will be on PATH, at $RELEASE. It returns the folder of GitHub's
// runner.
func (d *deployment) release(t *testing.T) (runner string) {
	t.Helper()
	assets := t.TempDir()
	srv := httptest.NewServer(http.FileServer(http.Dir(assets)))
	t.Cleanup(srv.Close)
	runner = t.TempDir()
	d.bash(t, fmt.Sprintf("cd %q && tar -czf nashra_linux_amd64.tar.gz -C %q nashra && sha256sum *.gz >checksums.txt",
		assets, filepath.Dir(d.program)))
	d.env = append(d.env, "PATH=/usr/bin:/bin", "RELEASE="+srv.URL, "RUNNER_TEMP="+runner,
		"GITHUB_PATH="+filepath.Join(runner, "path"))
	return runner
}

// TestUnit has systemd check the unit.
func TestUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("no systemd-analyze (apt-get install systemd)")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "nashra.service"))
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "nashra.service") // the unit requires that the program exists
	if err := os.WriteFile(unit, bytes.ReplaceAll(text, []byte("/usr/local/bin/nashra"), []byte(deployed(t).program)),
		0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput(); err != nil ||
		strings.Contains(string(out), "nashra.service") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", unit).CombinedOutput()
	if m := regexp.MustCompile(`Overall exposure level for nashra.service: (\d+)\.`).FindSubmatch(out); m == nil ||
		string(m[1]) > "2" || len(m[1]) > 1 {
		t.Errorf("the unit is not as closed as it was (below 3 of 10): %v\n%s", err, out)
	}
}
