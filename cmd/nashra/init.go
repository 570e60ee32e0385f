package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/config"
)

func initCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use: "init", Short: "Write a commented nashra.yaml with well-known Arabic sources", Args: cobra.NoArgs,
		Example: "  nashra init\n  nashra init -c feeds/nashra.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			path := cmp.Or(opt.config, "nashra.yaml")
			if err := writeNew(path, config.Template()); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "wrote %s; next: nashra sources check, then nashra fetch\n", path)
			return err
		},
	}
}

// writable reports a mistake if no new file of that name can be made.
func writable(place, name string) error {
	if dir := filepath.Dir(name); !isFolder(dir) {
		return mistake(place, "there is no folder "+dir, "make it first: mkdir -p "+dir)
	}
	if _, err := os.Lstat(name); err == nil {
		return mistake(place, name+" already exists", "name another file")
	}
	return nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// writeNew writes text to path atomically, and never replaces a file.
func writeNew(path string, text []byte) error {
	if err := writable("init", path); err != nil {
		return err
	}
	return config.Write(path, text, 0o600) // keys and addresses with secrets come into it
}
