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
	if !strings.Contains(stages[0].BaseName, "@sha256:") {
		t.Errorf("the image %s is not pinned", stages[0].BaseName)
	}
	if !bytes.Contains(text, []byte("\nHEALTHCHECK ")) || bytes.Contains(text, []byte("\nEXPOSE 8080 9090")) {
		t.Error("the image has no health check, or exposes the operator's port")
	}
	if bad := lintDockerfile(t, []byte("from golang AS Build\nRUN true\nCMD nashra serve\nMAINTAINER me\n")); len(
		bad) < 2 {
		t.Errorf("the linter finds only %q in a bad file", bad)
	}
}

func loadCompose(t *testing.T, file string) (*types.Project, error) {
	t.Helper()
	env := cli.WithEnv([]string{"POSTGRES_PASSWORD=mellon", "NASHRA_PASSWORD=friend"})
	o, err := cli.NewProjectOptions([]string{file}, env, cli.WithInterpolation(true))
	if err != nil {
		t.Fatal(err)
	}
	return o.LoadProject(context.Background())
}

// TestCompose: nashra runs with no rights beyond a user's, keeps store and models in volumes, and answers
// on the host's loopback alone.
func TestCompose(t *testing.T) {
	for _, dir := range []string{"sqlite", "postgres"} {
		p, err := loadCompose(t, filepath.Join("..", dir, "compose.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		n, ok := p.Services["nashra"]
		if !ok || !n.ReadOnly || !slices.Contains(n.CapDrop, "ALL") ||
			!slices.Contains(n.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: nashra's container has more rights than it needs: %+v", dir, n)
		}
		if _, err := os.Stat(filepath.Join(n.Build.Context, n.Build.Dockerfile)); err != nil {
			t.Error(err)
		}
		volumes := map[string]string{}
		for _, v := range n.Volumes {
			volumes[v.Target] = v.Type
			if _, err := os.Stat(v.Source); v.Type == "bind" && err != nil {
				t.Error(err)
			}
		}
		if volumes["/etc/nashra/nashra.yaml"] != "bind" ||
			volumes["/data"] != "volume" && volumes["/data/nashra/models"] != "volume" {
			t.Errorf("%s: the config or the models are not kept: %v", dir, volumes)
		}
		for name, s := range p.Services {
			for _, port := range s.Ports {
				if port.HostIP != "127.0.0.1" {
					t.Errorf("%s: port %s of %s is open to other machines", dir, port.Published, name)
				}
			}
			if name != "nashra" && !strings.Contains(s.Image, "@sha256:") {
				t.Errorf("%s: the image %s is not pinned", dir, s.Image)
			}
		}
		if server, ok := p.Services["postgres"]; ok {
			if d := n.DependsOn["postgres"]; d.Condition != "service_healthy" || server.HealthCheck == nil {
				t.Errorf("nashra does not wait for PostgreSQL: %+v", d)
			}
			if n.Environment["POSTGRES_PASSWORD"] != nil {
				t.Error("nashra gets the superuser's password")
			}
		}
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
