package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestManPagesKeepHelpTexts checks that no text of a command's help is lost in its manual page. The
// texts pass through Markdown, which drops what stands in angle brackets, and asterisks.
func TestManPagesKeepHelpTexts(t *testing.T) {
	dir := t.TempDir()
	if code := run([]string{"man", dir}, io.Discard, io.Discard); code != exitDone {
		t.Fatalf("exit %d", code)
	}
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	fonts := regexp.MustCompile(`\\f[BIPR]|\\&`)
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		if !cmd.IsAvailableCommand() {
			return
		}
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		page := words(strings.ReplaceAll(fonts.ReplaceAllString(string(text), ""), `\`, ""))
		want := append(strings.Split(cmd.Long, "\n\n"), cmd.UseLine(), cmd.Short, cmd.Example)
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { want = append(want, f.Usage) })
		for _, w := range want {
			if !strings.Contains(page, strings.TrimLeft(strings.ReplaceAll(words(w), "`", ""), "# ")) {
				t.Errorf("%s lacks %q", name, w)
			}
		}
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(rootCmd())
}
