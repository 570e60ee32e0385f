package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeNamesWhatExists: links, `paths` beneath the repository's folders, and the ./paths of the go commands.
func TestReadmeNamesWhatExists(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no README.md")
	}
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, pattern := range []string{
		`\]\(([^)#:\s]+)\)`, // a link that is no address
		"`((?:feeds|translate|aggregator|config|cmd|deploy|bench|\\.ci)/[\\w./-]*)`",
		"`([\\w-]+\\.md|Makefile|LICENSE)`",
		`go (?:run|build|test|install|vet)[^\n]*?\s\./([\w/-]+)(?:\s|$|/\.\.\.)`,
	} {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
			named = append(named, m[1])
		}
	}
	if len(named) < 3 {
		t.Errorf("only %q are recognised as paths: has README.md another form now?", named)
	}
	for _, p := range named {
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(strings.TrimSuffix(p, "...")))); err != nil {
			t.Errorf("README.md names %s, which is not there", p)
		}
	}
}
