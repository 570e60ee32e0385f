package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/config"
)

func initCmd(opt *options) *cobra.Command {
	return &cobra.Command{
		Use: "init", Short: "Write a commented nashra.yaml with the best-attested Arabic sources", Args: cobra.NoArgs,
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

// writeNew writes text to path whole or not at all, and never over a file that is there.
func writeNew(path string, text []byte) error {
	if _, err := os.Lstat(path); err == nil {
		return usageError{hinted{fmt.Errorf("%s is already there", path), "name another file with -c"}}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".nashra-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(tmp.Name()) // gone already when all went well
	_, err = tmp.Write(text)
	// readable by its group and others, like any file under version control: the template holds no secret
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(tmp.Name(), path)
}
