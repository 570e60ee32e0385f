package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// testdata/mistakes.txt has commands with a mistake in them, each with what nashra says: one line
// that names the place and the remedy.
func TestMistakesNamePlaceAndRemedyInOneLine(t *testing.T) {
	golden, err := filepath.Abs(filepath.Join("testdata", "mistakes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	t.Setenv("GOOGLE_API_KEY", "")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "")
	var got strings.Builder
	for line := range strings.Lines(string(want)) {
		command, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "$ nashra ")
		if !ok {
			continue
		}
		var stdout, stderr bytes.Buffer
		code := run(strings.Fields(command), &stdout, &stderr)
		fmt.Fprintf(&got, "$ nashra %s\n%s", command, stderr.String())
		if command == "init" && code == exitDone {
			continue
		}
		if said := stderr.String(); code != exitUsage || strings.Count(said, "\n") != 1 ||
			!strings.Contains(said, "; ") {
			t.Errorf("nashra %s: exit code %d, and not one line with a remedy: %q", command, code, said)
		}
		if stdout.Len() > 0 {
			t.Errorf("nashra %s: printed %q", command, stdout.String())
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got.String() != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}
