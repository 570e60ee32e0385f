package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/feeds/site/sitetest"
)

// A daemon that is killed right after its answers has logged all of them.
func TestKilledDaemonHasLoggedItsAnswers(t *testing.T) {
	bin := filepath.Join(build(t), "nashra")
	for form, line := range map[string]string{"text": "msg=served", "json": `"msg":"served"`} {
		t.Run(form, func(t *testing.T) {
			dir := t.TempDir()
			file, store := filepath.Join(dir, "nashra.yaml"), filepath.Join(dir, "nashra.db")
			text := fmt.Sprintf("store: %s\npublish: {dir: %s}\nserve: {listen: 127.0.0.1:0, metrics: \"\", log: %s}\n"+
				"translate: {engines: []}\nsources: []\n", store, filepath.Join(dir, "public"), form)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			stdout, stderr := &lockedBuffer{}, &lockedBuffer{}
			cmd := exec.Command(bin, "serve", "-c", file)
			cmd.Stdout, cmd.Stderr = stdout, stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill() //nolint:errcheck // it is killed already if all goes well
			var address string
			for deadline := time.Now().Add(30 * time.Second); address == ""; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("it does not serve: %s", stderr.String())
				}
				if _, rest, ok := strings.Cut(stdout.String(), "serving "); ok {
					address = strings.TrimSpace(rest)
				}
			}
			for range 5 {
				sitetest.Get(t, address)
			}
			time.Sleep(20 * time.Millisecond) // a line is written once its answer is sent
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			if n := strings.Count(stderr.String(), line); n != 5 {
				t.Errorf("%d of 5 answers are logged:\n%s", n, stderr.String())
			}
		})
	}
}
