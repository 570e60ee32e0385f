package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// said runs a command and returns its output.
func said(command func(*options) *cobra.Command, opt options, args ...string) (string, error) {
	cmd, out := command(&opt), &bytes.Buffer{}
	cmd.SetArgs(args)
	cmd.SetOut(out)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.Execute()
	return out.String(), err
}

func TestInitThenCheck(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	if out, err := said(configCmd, options{}, "check"); err != nil ||
		out != "built-in config: ok, 7 sources, 2 channels\n" {
		t.Errorf("without a file: %q, %v", out, err)
	}
	if out, err := said(initCmd, options{}); err != nil || !strings.HasPrefix(out, "wrote nashra.yaml;") {
		t.Fatalf("init: %q, %v", out, err)
	}
	if out, err := said(configCmd, options{}, "check"); err != nil ||
		out != "nashra.yaml: ok, 7 sources, 2 channels\n" {
		t.Errorf("with the file: %q, %v", out, err)
	}
	before, err := os.ReadFile("nashra.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = said(initCmd, options{})
	var usage usageError
	var hint hinted
	if !errors.As(err, &usage) || !errors.As(err, &hint) {
		t.Errorf("over a file that is there: %v", err)
	}
	if after, _ := os.ReadFile("nashra.yaml"); !bytes.Equal(before, after) {
		t.Error("init wrote over a file")
	}
	if left, _ := os.ReadDir("."); len(left) != 1 {
		t.Errorf("init left %v behind", left)
	}
}

func TestConfigMistakesAreUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("bad.yaml", []byte("stor: x\ntimezone: Nowhere\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"check", "show"} {
		_, err := said(configCmd, options{config: "bad.yaml"}, verb)
		var usage usageError
		if !errors.As(err, &usage) || strings.Count(err.Error(), "bad.yaml:") != 2 {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if _, err := said(configCmd, options{config: "absent.yaml"}, "check"); err == nil {
		t.Error("a file that is not there was checked")
	}
}
