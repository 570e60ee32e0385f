// Package check holds what is to be deployed to its own tools' rules: the Dockerfile to the checks of docker build, the compose file to the
// specification's schema, the workflow to actionlint. It is a module of its own: nashra needs none of them.
package check

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/rhysd/actionlint"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// lint is what docker build --check says.
func lint(t *testing.T, text []byte) (found []string) {
	t.Helper()
	ast, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range ast.Warnings {
		found = append(found, w.Short)
	}
	l := linter.New(&linter.Config{Warn: func(rule, _, _, msg string, _ []parser.Range) { found = append(found, rule+": "+msg) }})
	if _, _, err := instructions.Parse(ast.AST, l); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDockerfile(t *testing.T) {
	text := read(t, "Dockerfile")
	for _, f := range lint(t, text) {
		t.Error(f)
	}
	ast, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	stages, _, err := instructions.Parse(ast.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	last := stages[len(stages)-1]
	if last.BaseName != "scratch" {
		t.Errorf("the image is made from %s: it is to hold the program alone", last.BaseName)
	}
	user := ""
	for _, c := range last.Commands {
		if u, ok := c.(*instructions.UserCommand); ok {
			user = u.User
		}
	}
	if user == "" || strings.HasPrefix(user, "0") || strings.HasPrefix(user, "root") {
		t.Errorf("the image's user is %q: it is not to be root", user)
	}
	if !bytes.Contains(text, []byte("CGO_ENABLED=0")) {
		t.Error("the program may not be static")
	}
	if bad := lint(t, []byte("from golang AS Build\nRUN true\nCMD nashra serve\nMAINTAINER me\n")); len(bad) < 2 {
		t.Errorf("the linter finds only %q in a bad file", bad)
	}
}

func load(t *testing.T, file string) (*types.Project, error) {
	t.Helper()
	o, err := cli.NewProjectOptions([]string{file}, cli.WithEnv([]string{"POSTGRES_PASSWORD=mellon"}), cli.WithInterpolation(true))
	if err != nil {
		t.Fatal(err)
	}
	return o.LoadProject(context.Background())
}

func TestCompose(t *testing.T) {
	p, err := load(t, filepath.Join("..", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	n, ok := p.Services["nashra"]
	if !ok || !n.ReadOnly || !slices.Contains(n.CapDrop, "ALL") || !slices.Contains(n.SecurityOpt, "no-new-privileges:true") {
		t.Errorf("nashra's container is not as closed as it was: %+v", n)
	}
	if d := n.DependsOn["postgres"]; d.Condition != "service_healthy" {
		t.Errorf("nashra does not wait for PostgreSQL: %+v", d)
	}
	if _, err := os.Stat(filepath.Join(n.Build.Context, n.Build.Dockerfile)); err != nil {
		t.Error(err)
	}
	bad := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(bad, []byte("services: {nashra: {image: x, read_onyl: true}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, bad); err == nil {
		t.Error("a key that there is not is taken")
	}
}

func TestWorkflow(t *testing.T) {
	l, err := actionlint.NewLinter(os.Stderr, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"static-site.yml", "../.github/workflows/govulncheck.yml"} {
		found, err := l.Lint(filepath.Base(file), read(t, file), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Error(f)
		}
	}
}
