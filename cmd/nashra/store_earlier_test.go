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
	const held = "; 4 sources, 12 items, 11 stories, 10 of them shown, 58 remembered translations"
	for _, c := range []struct{ verb, want string }{
		{"store check", ": ok, schema 1, which the next fetch or serve will bring forward to schema 12" + held},
		{"fetch", "the store " + db + " is brought from schema 1 to 12; a copy from before is " + db + ".before-12\n"},
		{"fetch", "published: 10 stories"},
		{"store check", ": ok, schema 12" + held},
	} {
		var out bytes.Buffer
		code := run(append(strings.Fields(c.verb), "-c", config), &out, &out)
		if code != exitDone || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s exits with %d and says %q, want %q", c.verb, code, out.String(), c.want)
		}
	}
	if _, err := os.Stat(db + ".before-12"); err != nil {
		t.Errorf("no copy from before: %v", err)
	}
}
