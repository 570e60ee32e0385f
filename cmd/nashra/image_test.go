//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
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

// image is a root file system with what deploy/Dockerfile puts into the image, and how it runs.
type image struct {
	root, dir     string
	user          uint32
	env           []string
	probe, daemon []string // HEALTHCHECK; ENTRYPOINT and CMD
}

// newImage follows the Dockerfile. Its first stage runs here: the release archive holds program.
func newImage(t *testing.T, program string) *image {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can change to another root folder")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	stage := map[string]string{"/archive/": t.TempDir(), "/out/": t.TempDir(), "/etc/ssl/": "/etc/ssl"}
	for name, from := range map[string]string{"nashra": program, "LICENSE": filepath.Join("..", "..", "LICENSE")} {
		copyTree(t, from, filepath.Join(stage["/archive/"], name))
	}
	texts := exec.Command("go", "run", ".", "-C", filepath.Join("..", ".."), "-texts")
	texts.Dir = filepath.Join("..", "..", ".ci", "licences")
	licences, err := texts.Output()
	if err == nil {
		err = os.WriteFile(filepath.Join(stage["/archive/"], "LICENCES"), licences, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	im := &image{root: t.TempDir()}
	if err := os.Chmod(im.root, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		what, rest, _ := strings.Cut(line, " ")
		im.follow(t, stage, what, rest)
	}
	return im
}

// follow does what one line of the Dockerfile says.
func (im *image) follow(t *testing.T, stage map[string]string, what, rest string) {
	t.Helper()
	var err error
	switch args := strings.Fields(rest); what {
	case "RUN":
		err = exec.Command("sh", "-euc", strings.ReplaceAll(rest, " /out/", " "+stage["/out/"]+"/")).Run()
	case "COPY":
		to := filepath.Join(im.root, args[len(args)-1])
		owner := ""
		for _, from := range args[:len(args)-1] {
			if name, ok := strings.CutPrefix(from, "--chown="); ok {
				owner = name
			}
			for place, dir := range stage {
				if rel, ok := strings.CutPrefix(from, place); ok && strings.HasSuffix(args[len(args)-1], "/") {
					copyTree(t, filepath.Join(dir, rel), filepath.Join(to, filepath.Base(rel)))
				} else if ok {
					copyTree(t, filepath.Join(dir, rel), to)
				}
			}
		}
		if owner != "" {
			err = exec.Command("chown", "-R", owner, to).Run()
		}
	case "ENV":
		im.env = append(im.env, args...)
	case "USER":
		_, err = fmt.Sscanf(rest, "%d:", &im.user)
	case "WORKDIR":
		im.dir = rest
	case "HEALTHCHECK":
		err = json.Unmarshal([]byte(rest[strings.Index(rest, "["):]), &im.probe)
	case "ENTRYPOINT", "CMD":
		var words []string
		err = json.Unmarshal([]byte(rest), &words)
		im.daemon = append(im.daemon, words...)
	}
	if err != nil {
		t.Fatalf("%s %s: %v", what, rest, err)
	}
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(to), 0o755)
	if err == nil {
		var out []byte
		out, err = exec.Command("cp", "-rL", from, to).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// command runs a program of the image as its user, with nothing but what the image has.
func (im *image) command(args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(im.root, args[0]), args[1:]...)
	cmd.Path, cmd.Dir, cmd.Env = args[0], im.dir, append([]string{"HOME=/"}, im.env...) // Docker's HOME
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: im.root,
		Credential: &syscall.Credential{Uid: im.user, Gid: im.user}}
	return cmd
}

// write puts the config where compose.yaml mounts it.
func (im *image) write(t *testing.T, config string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(im.root, "etc", "nashra"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(im.root, "etc", "nashra", "nashra.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
}

// mostBytes is what the image may hold: 45 MB.
const mostBytes = 45e6

// TestImage runs the image's root with the default engine: its daemon downloads the model, publishes
// English, and is healthy. It writes in /data only, and knows time zones.
func TestImage(t *testing.T) {
	p := newPuller(t)
	im := newImage(t, filepath.Join(p.dir, "nashra"))
	var size int64
	err := filepath.WalkDir(im.root, func(_ string, d fs.DirEntry, err error) error {
		if info, ierr := d.Info(); ierr == nil {
			size += info.Size()
		}
		return err
	})
	if t.Logf("%.1f MB", float64(size)/1e6); err != nil || size > mostBytes {
		t.Errorf("the image has %d bytes: %v", size, err)
	}
	metrics := freePort(t)
	im.write(t, fmt.Sprintf("timezone: Africa/Cairo\nserve: {metrics: %q}\nfetch: {allow_private: true}\n"+
		"sources:\n  - {id: souq, url: %q}\nengines: {offline: {type: offline, mirror: %q}}\n", metrics, p.source,
		p.registry.URL))
	for i, arg := range im.daemon {
		im.daemon[i] = strings.Replace(arg, ":8080", "127.0.0.1:0", 1)
	}
	log := &lockedBuffer{}
	daemon := im.command(im.daemon...)
	daemon.Stdout, daemon.Stderr = log, log
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Signal(syscall.SIGTERM)
		if err := daemon.Wait(); err != nil {
			t.Errorf("the daemon ended with %v\n%s", err, log.String())
		}
	})
	await(t, "English is published", func() bool {
		feed, _ := os.ReadFile(filepath.Join(im.root, "data", "public", "feed.json"))
		return bytes.Count(feed, []byte(`"state": "done"`)) == 5
	}, log)
	if _, err := os.Stat(filepath.Join(im.root, "data", "nashra", "models", "base-memory")); err != nil {
		t.Error(err)
	}
	for _, args := range [][]string{im.probe, {"/nashra", "status"}, {"/nashra", "fetch", "--dry-run", "--now"},
		{"/nashra", "model", "list"}, {"/nashra", "store", "backup", "copy.db"}} {
		if out, err := im.command(args...).CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	if code, _ := sitetest.Get(t, "http://"+metrics+"/readyz"); code != http.StatusOK {
		t.Errorf("readyz answers %d", code)
	}
}

// member runs nashra in the image whose /data is the working folder, as the image's user and under a
// host name of its own.
const member = `#!/bin/sh
exec unshare --uts sh -euc '
	root=$1; shift; basename "$root" >/proc/sys/kernel/hostname
	exec env -i HOME=/ %s NASHRA_STORE="${NASHRA_STORE-}" \
		unshare --root="$root" --wd=/data --setgid=%[2]d --setuid=%[2]d /nashra "$@"' - "${PWD%%/data}" "$@"
`

// intoImages moves the deployment into the root of an image, and returns a second member's folder.
// Without root, or unshare, the two are folders.
func (d *deployment) intoImages(t *testing.T) (second string) {
	t.Helper()
	if _, err := exec.LookPath("unshare"); err != nil || os.Geteuid() != 0 {
		return t.TempDir()
	}
	im, bin, other := newImage(t, d.program), t.TempDir(), filepath.Join(t.TempDir(), "other")
	if out, err := exec.Command("cp", "-a", im.root, other).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	d.dir, d.program = filepath.Join(im.root, im.dir), filepath.Join(bin, "nashra")
	if err := os.WriteFile(d.program, fmt.Appendf(nil, member, strings.Join(im.env, " "), im.user), 0o755); err != nil {
		t.Fatal(err)
	}
	d.env = append(d.env, "PATH="+bin+":"+os.Getenv("PATH"))
	return filepath.Join(other, im.dir)
}

// await waits until done, for at most a minute.
func await(t *testing.T, what string, done func() bool, log *lockedBuffer) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after a minute it is not so that %s\n%s", what, log.String())
		}
	}
}

// freePort returns an address on loopback that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return "127.0.0.1:" + port
}
