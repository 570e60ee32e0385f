package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nashra/nashra/translate/arabic"
)

// TestReadmeCommandsRun runs every nashra command of README.md, each in a new folder.
func TestReadmeCommandsRun(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	sample, err := filepath.Abs(filepath.Join("demo", "samples"))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", &origin{dir: sample})
	page, err := os.ReadFile(filepath.Join("..", "..", "feeds", "page", "testdata", "01-wordpress-classic.html"))
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("/tech", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) })
	mux.HandleFunc("/hook", func(http.ResponseWriter, *http.Request) {})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	config := "fetch: {allow_private: true}\nsources:\n  - {id: ID, url: " + srv.URL +
		"/gulfit-atom.xml}\ntranslate: {engines: []}\n" +
		"notify: [{id: hook, channel: feed, url: " + srv.URL + "/hook}]\n"
	config = strings.ReplaceAll(config, "ID", "gulfit")
	var commands [][]string
	block := regexp.MustCompile(`(?m)^(?:go run \./cmd/)?nashra ([^#\n]+)`)
	inline := regexp.MustCompile("`(?:go run \\./cmd/)?nashra ([^\n`]+)`")
	for i, part := range strings.Split(string(text), "```") { // every second part is a block of commands
		if i%2 == 1 {
			commands = append(commands, block.FindAllStringSubmatch(part, -1)...)
		} else {
			commands = append(commands, inline.FindAllStringSubmatch(part, -1)...)
		}
	}
	shown := regexp.MustCompile("(?m)^(?:polled|grouped:|translated:|published:) .*$").FindAllString(string(text), -1)
	bulletin := regexp.MustCompile("(?s)\n```\n(28 January 2025 .*?)```").FindStringSubmatch(string(text))
	if len(commands) < 12 || len(shown) != 2 || bulletin == nil {
		t.Fatalf("only %d commands and %q are recognised: has README.md another form now?", len(commands), shown)
	}
	for _, c := range commands {
		args := strings.Fields(strings.NewReplacer("ID,…", "gulfit", "ID", "gulfit",
			"news.example/tech", srv.URL+"/tech --yes").Replace(c[1])) // there is no terminal to ask at
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			t.Setenv("XDG_CONFIG_HOME", t.TempDir())
			// otherwise Google's library asks the network whether this is one of its machines
			t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none"))
			switch args[0] {
			case "demo":
				args = append(args, "--no-serve", "--dir", "demo")
			case "init":
			case "serve":
				t.Skip("it runs until it is told to end: TestDaemon and deploy/README.md's test run it")
			default:
				if err := os.WriteFile("nashra.yaml", []byte(config), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var stdout, stderr bytes.Buffer
			if code := run(args, &stdout, &stderr); code != exitDone || stdout.Len() == 0 {
				t.Errorf("exit %d\n%s%s", code, stdout.String(), stderr.String())
			}
			if args[0] == "demo" && !strings.Contains(arabic.StripBidi(stdout.String()), bulletin[1]) {
				t.Errorf("README.md shows another bulletin than the demo:\n%s", stdout.String())
			}
			for _, line := range shown {
				line, _, _ = strings.Cut(line, " in /") // the folder
				if args[0] == "demo" && !strings.Contains(stdout.String(), line) {
					t.Errorf("README.md shows %q, the demo\n%s", line, stdout.String())
				}
			}
		})
	}
}
