// Command licences lists the licences of all modules that nashra is built from and tested with, in
// docs/LICENCES.md, and fails where one is unknown or may not go into an MIT program. It is a
// module of its own: nashra needs none of it.
//
//	go run . -C ../..           # check that docs/LICENCES.md says what is so
//	go run . -C ../.. -write    # write it
//	go run . -C ../.. -texts    # print the licences themselves, to go with a binary that is given away
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

func main() {
	root := flag.String("C", ".", "the project's folder")
	write := flag.Bool("write", false, "write docs/LICENCES.md")
	texts := flag.Bool("texts", false, "print the licences of what the program is built from")
	flag.Parse()
	if err := run(*root, *write, *texts); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

// systems are those that .ci/run builds for: each has dependencies of its own.
var systems = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

// accepted are licences under which a module may go into a program under MIT, by SPDX's names. Of
// MPL-2.0 and FTL that holds as long as the module is taken as it is and named, as docs/LICENCES.md
// does.
var accepted = map[string]bool{"MIT": true, "MIT-0": true, "ISC": true, "BSD-2-Clause": true, "BSD-3-Clause": true,
	"Apache-2.0": true, "0BSD": true, "CC0-1.0": true,
	"Unlicense": true, "Zlib": true, "MPL-2.0": true, "FTL": true}

// read are texts that no program tells and somebody has read, by the first bytes of their SHA-256:
// a text that changes is to be read again.
var read = map[string][]string{
	"d3ba056adc2b7909": {"FTL"},                                 // freetype: one's choice of the two that follow
	"f4b133e25df1f86a": {"FTL"},                                 // freetype: ours
	"c4120c6752c910c2": nil,                                     // freetype: GPL, not chosen
	"f597097efe3d9702": {"BSD-2-Clause", "BSD-3-Clause", "MIT"}, // modernc.org/libc: of the works that it comes from
	"5ae5bee3072a8413": nil,                                     // modernc.org/memory: of a picture
	"8438c9c89b849131": {"public domain"},                       // modernc.org/sqlite: SQLite's own
}

// module is one that is built from.
type module struct {
	path, version string
	shipped       bool            // in the program; else tests alone need it
	files         map[string]bool // licences that cover packages of it that are used
}

func run(root string, write, texts bool) error {
	modules, err := dependencies(root)
	if err != nil {
		return err
	}
	if texts {
		return printTexts(root, modules)
	}
	page, err := render(modules)
	if err != nil {
		return err
	}
	file := filepath.Join(root, "docs", "LICENCES.md")
	if write {
		return os.WriteFile(file, page, 0o644)
	}
	have, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, page) {
		return errors.New("docs/LICENCES.md is not what the dependencies are: go run . -C ../.. -write, in " +
			".ci/licences")
	}
	fmt.Printf("%d modules, all under licences that go with MIT\n", len(modules))
	return nil
}

// dependencies are all modules but our own, by path.
func dependencies(root string) ([]*module, error) {
	found := map[string]*module{}
	for _, system := range systems {
		if err := list(root, system, found, true, "./cmd/nashra"); err != nil {
			return nil, err
		}
	}
	if err := list(root, systems[0], found, false, "-test", "./..."); err != nil {
		return nil, err
	}
	var out []*module
	for _, m := range found {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b *module) int { return strings.Compare(a.path, b.path) })
	return out, nil
}

func list(root, system string, found map[string]*module, shipped bool, args ...string) error {
	const form = `{{with .Module}}{{if not .Main}}{{.Path}}	{{.Version}}	{{.Dir}}	{{$.Dir}}{{end}}{{end}}`
	cmd := exec.Command("go", append([]string{"list", "-deps", "-f", form}, args...)...)
	goos, goarch, _ := strings.Cut(system, "/")
	cmd.Dir, cmd.Stderr, cmd.Env = root, os.Stderr, append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos,
		"GOARCH="+goarch)
	text, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list for %s: %w", system, err)
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 4 {
			continue
		}
		m := found[f[0]]
		if m == nil {
			m = &module{path: f[0], version: f[1], files: map[string]bool{}}
			found[f[0]] = m
		}
		m.shipped = m.shipped || shipped
		if err := m.cover(f[2], f[3]); err != nil {
			return err
		}
	}
	return nil
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)`)

// cover adds the licences that stand in a package's folder, and in those above it up to the
// module's.
func (m *module) cover(top, dir string) error {
	for {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if licenceName.MatchString(e.Name()) && filepath.Ext(e.Name()) != ".go" {
				m.collect(filepath.Join(dir, e.Name()))
			}
		}
		if dir == top || len(dir) <= len(top) {
			return nil
		}
		dir = filepath.Dir(dir)
	}
}

// collect adds a licence, or those of a folder of licences.
func (m *module) collect(path string) {
	_ = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			m.files[name] = true
		}
		return err
	})
}

// enough is how much of a licence's text has to be known words, in per cent: the rest is names,
// years and remarks.
const enough = 60

// licences are the names of a text's licences.
func licences(text []byte) ([]string, error) {
	sum := sha256.Sum256(text)
	if names, ok := read[hex.EncodeToString(sum[:8])]; ok {
		return names, nil
	}
	cover := licensecheck.Scan(text)
	var names []string
	for _, match := range cover.Match {
		if !match.IsURL {
			names = append(names, match.ID)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 || cover.Percent < enough {
		return nil, fmt.Errorf("no known licence (%.0f %% of it are the words of %q)", cover.Percent, names)
	}
	for _, n := range names {
		if !accepted[n] {
			return nil, fmt.Errorf("%s does not go with MIT, or nobody has looked at it", n)
		}
	}
	return names, nil
}

// licences of all that is used of the module.
func (m *module) licences() ([]string, error) {
	var all []string
	for _, file := range m.sorted() {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		names, err := licences(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, names...)
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) == 0 {
		return nil, fmt.Errorf("%s %s: has no licence", m.path, m.version)
	}
	return all, nil
}

func (m *module) sorted() (files []string) {
	for file := range m.files {
		files = append(files, file)
	}
	slices.Sort(files)
	return files
}

const head = `# Licences

nashra is under the MIT licence. These are the modules that the program and its tests are built from, on all
systems, with their licences. Go itself and its library are under BSD-3-Clause. ` + "`.ci/run licences`" + `
checks the list. In ` + "`.ci/licences`, `go run . -C ../.. -write`" + ` writes it, and ` + "`-texts`" + ` prints
the licences themselves, which must accompany a binary that is passed on. Models for offline translation are not
part of the program: ` + "`nashra model pull`" + ` prints their licence. The English words that the checks know
are SCOWL's: ` + "`translate/check/english.LICENSE`" + `.
`

// render is the page; an error names all that may not be used.
func render(modules []*module) ([]byte, error) {
	var b bytes.Buffer
	var bad []error
	b.WriteString(head)
	for _, part := range []struct {
		title   string
		shipped bool
	}{{"In the program", true}, {"In tests alone", false}} {
		fmt.Fprintf(&b, "\n## %s\n\n| module | version | licences |\n| --- | --- | --- |\n", part.title)
		for _, m := range modules {
			if m.shipped != part.shipped {
				continue
			}
			names, err := m.licences()
			if err != nil {
				bad = append(bad, err)
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", m.path, m.version, strings.Join(names, ", "))
		}
	}
	return b.Bytes(), errors.Join(bad...)
}

// printTexts prints each licence of what the program is built from: Go, the list of English words,
// and the modules.
func printTexts(root string, modules []*module) error {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	if err := printText("Go", filepath.Join(strings.TrimSpace(string(goroot)), "LICENSE")); err != nil {
		return err
	}
	if err := printText("SCOWL", filepath.Join(root, "translate", "check", "english.LICENSE")); err != nil {
		return err
	}
	for _, m := range modules {
		if !m.shipped {
			continue
		}
		for _, file := range m.sorted() {
			if err := printText(m.path+" "+m.version, file); err != nil {
				return err
			}
		}
	}
	return nil
}

func printText(work, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("==== %s: %s\n\n%s\n\n", work, filepath.Base(file), bytes.TrimSpace(text))
	return err
}
