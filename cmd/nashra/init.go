package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"

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

// writeNew writes text to path atomically, and never replaces a file.
func writeNew(path string, text []byte) error {
	if _, err := os.Lstat(path); err == nil {
		return usageError{hinted{fmt.Errorf("%s already exists", path), "name another file with -c"}}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return config.Write(path, text, 0o644) // readable by all: the template has no secret
}
