package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/config"
)

func configCmd(opt *options) *cobra.Command {
	return group("config", "Check, print or describe the config file", "  nashra config check\n  nashra config show",
		&cobra.Command{
			Use: "check", Short: "Report every mistake in the config file", Args: cobra.NoArgs,
			Example: "  nashra config check\n  nashra config check -c /etc/nashra.yaml",
			RunE: func(cmd *cobra.Command, _ []string) error {
				path, cfg, err := readConfig(opt)
				if err != nil {
					return err
				}
				for _, w := range cfg.Warnings {
					fmt.Fprintln(cmd.ErrOrStderr(), "warning:", w)
				}
				sources := count(len(cfg.Feeds()), "source")
				if n := len(cfg.Lists()); n > 0 {
					sources += ", " + count(n, "list") + " of sources"
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: ok, %s, %s\n", cmp.Or(path, "built-in config"), sources,
					count(len(cfg.Channels), "channel"))
				return err
			},
		},
		&cobra.Command{
			Use: "show", Short: "Print the effective config, with defaults, secrets masked", Args: cobra.NoArgs,
			Example: "  nashra config show",
			RunE: func(cmd *cobra.Command, _ []string) error {
				_, cfg, err := readConfig(opt)
				if err != nil {
					return err
				}
				text, err := cfg.Show()
				if err != nil {
					return err
				}
				_, err = cmd.OutOrStdout().Write(text)
				return err
			},
		},
		&cobra.Command{
			Use: "schema", Short: "Print the config file's JSON Schema, for editors", Args: cobra.NoArgs,
			Example: "  nashra config schema > nashra.schema.json",
			RunE: func(cmd *cobra.Command, _ []string) error {
				text, err := configReader().Schema()
				if err != nil {
					return err
				}
				_, err = cmd.OutOrStdout().Write(text)
				return err
			},
		})
}

// readConfig reads the config that -c names, or the usual one; path is "" for the built-in config.
func readConfig(opt *options) (path string, cfg *config.Config, err error) {
	path, err = config.Find(opt.config)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, mistake("--config", "there is no file "+opt.config, "nashra init -c "+opt.config+" writes one")
	} else if err != nil {
		return "", nil, usageError{err}
	}
	if cfg, err = configReader().Read(path); err != nil {
		return "", nil, usageError{err}
	}
	return path, cfg, nil
}
