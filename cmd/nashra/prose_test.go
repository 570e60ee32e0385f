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

// README.md, CONTRIBUTING.md and docs/architecture.md name only files and folders that exist: in
// links, in `paths`, and in go commands.
func TestDocsNameExistingPaths(t *testing.T) {
	root := filepath.Join("..", "..")
	patterns := []string{
		`\]\(([^)#:\s]+)\)`, // a link that is not an address
		"`((?:feeds|translate|aggregator|config|cmd|deploy|docs|\\.ci|\\.github)/[\\w./-]*)`",
		"`([\\w-]+\\.md|Makefile|LICENSE)`",
		`go (?:run|build|test|install|vet)[^\n]*?\s\./([\w/-]+)(?:\s|$|/\.\.\.)`,
	}
	for _, doc := range []string{"README.md", "CONTRIBUTING.md", "docs/architecture.md"} {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(doc)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		paths := 0
		for i, pattern := range patterns {
			for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
				paths++
				base := root
				if i == 0 {
					base = filepath.Join(root, filepath.FromSlash(filepath.Dir(doc)))
				}
				if _, err := os.Stat(filepath.Join(base,
					filepath.FromSlash(strings.TrimSuffix(m[1], "...")))); err != nil {
					t.Errorf("%s names %s, which does not exist", doc, m[1])
				}
			}
		}
		if paths < 3 {
			t.Errorf("only %d paths are recognized in %s: has its form changed?", paths, doc)
		}
	}
}
