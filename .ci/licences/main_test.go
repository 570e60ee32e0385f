package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestLicences(t *testing.T) {
	mit, err := os.ReadFile(filepath.Join("..", "..", "LICENSE"))
	if err != nil {
		t.Fatal(err)
	}
	if names, err := licences(mit); err != nil || strings.Join(names, ", ") != "MIT" {
		t.Errorf("our own: %q, %v", names, err)
	}
	const gpl = "This program is free software: you can redistribute it and/or modify it under the terms of the GNU " +
		"General Public License as published by " +
		"the Free Software Foundation, either version 3 of the License, or (at your option) any later version."
	for what, text := range map[string]string{"the GPL": gpl, "MIT and the GPL": string(mit) + "\n" + gpl,
		"nothing": "", "all rights": "All rights reserved. Ask us.",
		"MIT and more": string(mit) + strings.Repeat(
			"But whoever uses it on a Sunday owes us a cake of his own baking. ", 20)} {
		if names, err := licences([]byte(text)); err == nil {
			t.Errorf("%s is taken for %q", what, names)
		}
	}
}

// A module without a licence, and a list that is not so any longer, are failures.
func TestModules(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module x.example/x\n\ngo 1.26\n\nrequire y.example/y v0.0.0\n\nreplace y.example/y " +
			"=> ./y\n",
		"cmd/nashra/main.go": "package main\n\nimport _ \"y.example/y/z\"\n\nfunc main() {}\n",
		"y/go.mod":           "module y.example/y\n\ngo 1.26\n", "y/z/z.go": "package z\n", "docs/x": ""} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(dir, true, false); err == nil || !strings.Contains(err.Error(), "y.example/y") {
		t.Errorf("without a licence: %v", err)
	}
	if out, err := exec.Command("cp", filepath.Join("..", "..", "LICENSE"),
		filepath.Join(dir, "y")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := run(dir, false, false); err == nil {
		t.Error("a list that is not there is right")
	}
	if err := run(dir, true, false); err != nil {
		t.Fatal(err)
	}
	if err := run(dir, false, false); err != nil {
		t.Error(err)
	}
	page, err := os.ReadFile(filepath.Join(dir, "docs", "LICENCES.md"))
	if err != nil || !strings.Contains(string(page), "| y.example/y | v0.0.0 | MIT |") {
		t.Errorf("%v: %s", err, page)
	}
}
