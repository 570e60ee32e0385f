// Package check checks the files for deployment: the Dockerfile with the linter of docker build,
// the compose file with the specification's schema, the workflows with actionlint, the module as Go's
// proxy does. It is a separate module, because nashra itself needs none of these.
package check

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
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

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// lintDockerfile returns the warnings of docker build --check.
func lintDockerfile(t *testing.T, text []byte) (found []string) {
	t.Helper()
	ast, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range ast.Warnings {
		found = append(found, w.Short)
	}
	l := linter.New(&linter.Config{Warn: func(rule, _, _, msg string, _ []parser.Range) {
		found = append(found, rule+": "+msg)
	}})
	if _, _, err := instructions.Parse(ast.AST, l); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestDockerfile(t *testing.T) {
	text := readFile(t, "Dockerfile")
	for _, f := range lintDockerfile(t, text) {
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
		t.Errorf("the image is built from %s, want scratch: only the program", last.BaseName)
	}
	user := ""
	for _, c := range last.Commands {
		if u, ok := c.(*instructions.UserCommand); ok {
			user = u.User
		}
	}
	if user == "" || strings.HasPrefix(user, "0") || strings.HasPrefix(user, "root") {
		t.Errorf("the image runs as %q, want a user that is not root", user)
	}
	if !bytes.Contains(text, []byte("CGO_ENABLED=0")) {
		t.Error("the program is not built with CGO_ENABLED=0")
	}
	if bad := lintDockerfile(t, []byte("from golang AS Build\nRUN true\nCMD nashra serve\nMAINTAINER me\n")); len(
		bad) < 2 {
		t.Errorf("the linter finds only %q in a bad file", bad)
	}
}

func loadCompose(t *testing.T, file string) (*types.Project, error) {
	t.Helper()
	env := cli.WithEnv([]string{"POSTGRES_PASSWORD=mellon"})
	o, err := cli.NewProjectOptions([]string{file}, env, cli.WithInterpolation(true))
	if err != nil {
		t.Fatal(err)
	}
	return o.LoadProject(context.Background())
}

func TestCompose(t *testing.T) {
	p, err := loadCompose(t, filepath.Join("..", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	n, ok := p.Services["nashra"]
	if !ok || !n.ReadOnly || !slices.Contains(n.CapDrop, "ALL") ||
		!slices.Contains(n.SecurityOpt, "no-new-privileges:true") {
		t.Errorf("nashra's container has more rights than it needs: %+v", n)
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
	if _, err := loadCompose(t, bad); err == nil {
		t.Error("an unknown key is accepted")
	}
}

// TestWorkflows runs actionlint. An action is named by its commit: a tag can be moved.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil || len(files) < 3 {
		t.Fatalf("found only the workflows %q: %v", files, err)
	}
	l, err := actionlint.NewLinter(os.Stderr, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	uses := regexp.MustCompile(`(?m)^.*\buses:.*$`)
	pinned := regexp.MustCompile(`uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, file := range append(files, "../static-site.yml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found, err := l.Lint(filepath.Base(file), text, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Error(f)
		}
		for _, line := range uses.FindAllString(string(text), -1) {
			if !pinned.MatchString(line) {
				t.Errorf("%s: %s: want a commit and its version", file, line)
			}
		}
	}
}
