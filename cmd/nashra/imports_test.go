package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/nashra/nashra/"

// mayImport lists which of our packages each package may import; "x/..." is x and all below it. A
// package that is not listed fails the test.
var mayImport = map[string]string{
	"translate/arabic":    "",
	"feeds/address":       "",
	"feeds/sanitize":      "feeds/address",
	"feeds":               "feeds/address translate/arabic",
	"durable":             "",
	"config":              "durable feeds feeds/page feeds/rules translate translate/arabic translate/score",
	"feeds/words":         "translate/arabic",
	"feeds/page":          "feeds feeds/address feeds/sanitize translate/arabic",
	"feeds/rules":         "feeds feeds/sanitize translate/arabic",
	"feeds/parse":         "feeds feeds/address feeds/page feeds/sanitize translate/arabic",
	"feeds/render":        "feeds feeds/sanitize translate/arabic",
	"feeds/fetch":         "feeds feeds/address feeds/sanitize",
	"feeds/article":       "feeds feeds/parse feeds/sanitize",
	"feeds/site":          "feeds feeds/words feeds/render feeds/sanitize translate/arabic",
	"feeds/site/sitetest": "",
	"translate/segment":   "translate/arabic",
	"translate/check":     "translate/arabic translate/score",
	"translate/score":     "",
	"translate/table":     "",
	"translate/glossary":  "translate/arabic translate/table",
	"translate": "translate/arabic translate/segment translate/check translate/glossary " +
		"translate/table",
	"translate/*":   "translate", // an engine
	"translate/tmx": "translate translate/segment",
	"translate/offline": "translate translate/arabic translate/glossary translate/score " +
		"translate/offline/...",
	"translate/offline/...":        "translate/offline/... translate/enginetest/english",
	"translate/enginetest":         "translate translate/segment translate/check translate/enginetest/english",
	"translate/enginetest/english": "translate/check",
	"aggregator/dedupe":            "feeds feeds/sanitize translate/arabic",
	"aggregator/polite":            "feeds feeds/fetch feeds/article",
	"aggregator/digest":            "feeds",
	"aggregator/notify":            "aggregator/polite aggregator/publish feeds feeds/fetch feeds/render feeds/site",
	"aggregator/publish": "aggregator/digest aggregator/polite durable feeds feeds/render feeds/rules feeds/sanitize " +
		"feeds/site translate translate/arabic",
	"aggregator": "feeds/... translate translate/arabic aggregator/dedupe aggregator/digest aggregator/notify " +
		"aggregator/polite aggregator/publish",
	"aggregator/store": "aggregator aggregator/dedupe aggregator/notify aggregator/polite durable feeds " +
		"feeds/sanitize feeds/site feeds/words translate translate/arabic",
	"aggregator/store/storetest": "aggregator aggregator/dedupe aggregator/notify aggregator/polite feeds feeds/site " +
		"translate translate/arabic",
	"aggregator/store/mend": "aggregator/store durable",
	"aggregator/fleet":      "aggregator",
	"cmd/feedfarm":          "translate/enginetest/english",
	"cmd/nashra/demo":       "",
	"cmd/nashra/operator": "aggregator aggregator/fleet aggregator/polite aggregator/store config feeds feeds/site " +
		"translate",
	"cmd/nashra": "feeds/... translate/... aggregator/... config cmd/nashra/demo cmd/nashra/operator",
}

// testPackages are imported only by tests, and only they may import testing.
var testPackages = []string{"translate/enginetest", "aggregator/store/storetest", "feeds/site/sitetest"}

// onlyIn lists the packages or files that may import a library. The longest matching prefix counts.
var onlyIn = map[string]string{
	"github.com/mmcdole/gofeed":       "feeds/parse",
	"github.com/gorilla/feeds":        "feeds/render",
	"github.com/andybalholm/cascadia": "feeds/page",
	"cloud.google.com/go":             "translate/google",
	"google.golang.org/api":           "translate/google",
	"github.com/robfig/cron":          "aggregator aggregator/digest aggregator/polite config cmd/nashra/wire.go",
	"github.com/riverqueue/river":     "aggregator/fleet",
	"modernc.org/sqlite":              "aggregator/store",
	"github.com/mattn/go-sqlite3":     "", // cgo
	// claims are held by a session
	"github.com/jackc/pgx": "aggregator/store aggregator/fleet",
	// River's listener needs the pool
	"github.com/jackc/pgx/v5/pgxpool":    "aggregator/store aggregator/fleet cmd/nashra/wire.go",
	"github.com/goccy/go-yaml":           "config",
	"github.com/spf13/cobra":             "cmd/nashra",
	"github.com/prometheus":              "cmd/nashra/operator",
	"github.com/go-analyze/charts":       "cmd/nashra/operator",
	"code.dny.dev/ssrf":                  "feeds/fetch",
	"github.com/microcosm-cc/bluemonday": "", // only the oracle of a test
	"github.com/temoto/robotstxt":        "feeds/article",
	"github.com/kljensen/snowball":       "feeds/words",
}

// blank lists what may be imported for its side effects: data of the toolchain, and a database
// driver.
var blank = map[string]string{"embed": "...", "time/tzdata": "cmd/nashra", "modernc.org/sqlite": "aggregator/store"}

// shipped calls each with the path and syntax of every Go file that is not a test.
func shipped(t *testing.T, each func(name string, file *ast.File)) {
	t.Helper()
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && p != root && (name == "testdata" || strings.HasPrefix(name, ".") ||
			strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		files++
		each(filepath.ToSlash(rel), file)
		return err
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files read: %v", files, err)
	}
}

// listed reports whether name is in a list of mayImport's form.
func listed(list, name string) bool {
	for _, p := range strings.Fields(list) {
		if beneath, all := strings.CutSuffix(p, "..."); p == name || all && strings.HasPrefix(name+"/", beneath) {
			return true
		}
	}
	return false
}

// mayRename lists who may rename files without durable.Rename: what it makes is verified when read
// (models), or put in its place by a rename that is durable (the log of a damaged store).
const mayRename = "durable/durable.go translate/offline/models.go aggregator/store/mend/mend.go"

func TestRenamesSurviveAPowerCut(t *testing.T) {
	shipped(t, func(name string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Rename" && !listed(mayRename, name) {
				if id, ok := s.X.(*ast.Ident); ok && id.Name == "os" {
					t.Errorf("%s renames a file and does not sync its folder: use durable.Rename", name)
				}
			}
			return true
		})
	})
}

func TestImports(t *testing.T) {
	shipped(t, func(name string, file *ast.File) {
		pkg := path.Dir(name)
		allowed, known := mayImport[pkg]
		switch {
		case known:
		case strings.HasPrefix(pkg, "translate/offline/"):
			allowed, known = mayImport["translate/offline/..."], true
		case path.Dir(pkg) == "translate":
			allowed, known = mayImport["translate/*"], true
		}
		if !known {
			t.Errorf("%s: package %s has no place in the house: give it a row in mayImport with what it may import",
				name, pkg)
			return
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			checkImport(t, name, pkg, allowed, imported)
			if spec.Name != nil && spec.Name.Name == "_" && !listed(blank[imported], pkg) {
				t.Errorf("%s: blank import of %s: nothing here registers itself by being imported; call a "+
					"constructor from cmd/nashra instead", name, imported)
			}
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: has an init function: do its work in a constructor, or in a function that makes the "+
					"table", name)
			}
		}
	})
}

// checkImport checks an import in the file name of package pkg, which may import allowed.
func checkImport(t *testing.T, name, pkg, allowed, imported string) {
	t.Helper()
	if ours, ok := strings.CutPrefix(imported, module); ok {
		switch {
		case slices.Contains(testPackages, ours):
			t.Errorf("%s: %s ⟶ %s: a test package in what ships; import it from _test.go files only", name, pkg, ours)
		case !listed(allowed, ours):
			t.Errorf("%s: %s ⟶ %s points uphill or sideways; %s may import [%s]: move what is needed down, or hand "+
				"it in from cmd/nashra", name, pkg, ours, pkg, allowed)
		}
		return
	}
	if (imported == "testing" || strings.HasPrefix(imported, "testing/")) && !slices.Contains(testPackages, pkg) {
		t.Errorf("%s: %s ⟶ %s: testing ships in nothing but %v; move the code to a _test.go file", name, pkg, imported,
			testPackages)
	}
	rule := ""
	for lib := range onlyIn {
		if (imported == lib || strings.HasPrefix(imported, lib+"/")) && len(lib) > len(rule) {
			rule = lib
		}
	}
	if rule != "" && !listed(onlyIn[rule], pkg) && !listed(onlyIn[rule], name) {
		t.Errorf("%s: %s ⟶ %s: that library is imported in [%s] only; put what is needed of it behind a function there",
			name, pkg, imported, onlyIn[rule])
	}
}
