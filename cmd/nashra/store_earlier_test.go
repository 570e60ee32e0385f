package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nashra/nashra/aggregator/store/storetest"
)

// A store of 2026-11-25 is checked, brought forward by fetch, and checked again.
func TestFetchBringsEarlierStoreForward(t *testing.T) {
	packed := storetest.Unzipped(t, "../../aggregator/store/testdata/layouts/16-fec5766.db.gz")
	dir := t.TempDir()
	config, db := filepath.Join(dir, "nashra.yaml"), filepath.Join(dir, "nashra.db")
	text := "store: " + db + "\npublish: {dir: " + filepath.Join(dir, "public") +
		"}\ntranslate: {engines: []}\nsources: []\n"
	for name, data := range map[string][]byte{config: []byte(text), db: packed} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := newestSchema(t)
	copied := db + ".before-" + n
	const held = "; 4 sources, 12 items, 11 stories, 10 of them shown, 58 remembered translations"
	for _, c := range []struct{ verb, want string }{
		{"store check", ": ok, schema 1, which the next fetch or serve will bring forward to schema " + n + held},
		{"fetch", "the store " + db + " is brought from schema 1 to " + n + "; a copy from before is " + copied + "\n"},
		{"fetch", "published: 10 stories"},
		{"store check", ": ok, schema " + n + held},
	} {
		var out bytes.Buffer
		code := run(append(strings.Fields(c.verb), "-c", config), &out, &out)
		if code != exitDone || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s exits with %d and says %q, want %q", c.verb, code, out.String(), c.want)
		}
	}
	if _, err := os.Stat(copied); err != nil {
		t.Errorf("no copy from before: %v", err)
	}
}

// newestSchema returns the number of the last migration.
func newestSchema(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../../aggregator/store/migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return strings.TrimLeft(filepath.Base(files[len(files)-1])[:4], "0")
}
