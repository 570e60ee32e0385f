package main

import (
	"errors"
	"go/parser"
	"go/token"
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

// TestTourNamesWhatExists: the packages and files that the command's package comment leads through.
func TestTourNamesWhatExists(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	root, tour := filepath.Join("..", ".."), file.Doc.Text()
	names := regexp.MustCompile(`\b(?:feeds|translate|aggregator|config|cmd)(?:/\w+)+\b|\b\w+\.go\b`).FindAllString(tour, -1)
	if len(names) < 15 {
		t.Errorf("only %q are recognised as files and packages: has the tour another form now?", names)
	}
	for _, name := range names {
		var found []string
		for _, place := range []string{name, "*/" + name, "*/*/" + name} {
			list, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(place)))
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, list...)
		}
		if len(found) == 0 {
			t.Errorf("the tour names %s, which is not there", name)
		}
	}
}
