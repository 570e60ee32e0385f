package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestListAsksNobody: without settings for Google, no command that only lists looks for credentials at
// the machine's metadata server.
func TestListAsksNobody(t *testing.T) {
	var asked atomic.Int64
	metadata := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer metadata.Close()
	dir := t.TempDir()
	for name, value := range map[string]string{"GCE_METADATA_HOST": strings.TrimPrefix(metadata.URL, "http://"),
		"GOOGLE_APPLICATION_CREDENTIALS": "", "GOOGLE_API_KEY": "", "HOME": dir, "XDG_DATA_HOME": dir} {
		t.Setenv(name, value)
	}
	file := filepath.Join(dir, "nashra.yaml")
	text := "store: " + filepath.Join(dir, "nashra.db") + "\nserve: {metrics: \"\"}\nsources: []\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"engines list", "model list", "config show", "status", "stories list"} {
		var out, said strings.Builder
		if code := run(append(strings.Fields(args), "-c", file), &out, &said); code != exitDone {
			t.Errorf("%s exits with %d: %s", args, code, said.String())
		}
		if args == "engines list" && !strings.Contains(out.String(), "google: it has no key and no credentials") {
			t.Errorf("%s prints\n%s", args, out.String())
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the metadata server was asked %d times", n)
	}
}
