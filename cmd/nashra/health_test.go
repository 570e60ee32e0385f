//go:build unix

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/nashra/nashra/aggregator/store/storetest"
)

// A member that cannot publish is failing, and the others, whose readers have everything, are told
// of it. Once it can, all are healthy.
func TestHealthOfMembers(t *testing.T) {
	t.Parallel()
	database, second := storetest.Postgres(t), t.TempDir()
	d := deployed(t)
	d.env = append(d.env, "NASHRA_STORE="+database)
	d.bash(t, "echo 'store: ${NASHRA_STORE}' >> nashra.yaml; echo a file > public; cp nashra.yaml "+second)
	d.serve(t, d.dir)
	d.serve(t, second)
	d.members(t, 2)
	begins := func(in, want string) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
			out := d.bash(t, "cd "+in+"; nashra status")
			if strings.HasPrefix(out, want) {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("status in %s:\n%s\nwant %q first", in, out, want)
			}
		}
	}
	begins(d.dir, "failing\npublishing public: ")
	begins(second, "degraded\nmember ")
	d.bash(t, "rm public")
	begins(d.dir, "healthy\n")
	begins(second, "healthy\n")
}
