package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

// manCmd writes the manual pages, which release archives contain.
func manCmd() *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "Write the manual pages into a folder", Hidden: true, Args: cobra.ExactArgs(1),
		Example: "  nashra man /usr/local/share/man/man1",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root := cmd.Root()
			escapeMarks(root)
			root.DisableAutoGenTag = true // it has the time; SOURCE_DATE_EPOCH sets the pages' own date
			return doc.GenManTree(root, &doc.GenManHeader{Source: "nashra " + version(), Manual: "nashra"}, args[0])
		},
	}
}

// escapeMarks escapes Markdown's marks in the help of cmd and its subcommands: cobra makes the pages
// from Markdown, which would take them out.
func escapeMarks(cmd *cobra.Command) {
	marks := strings.NewReplacer("*", `\*`, "<", `\<`, "_", `\_`)
	cmd.Use, cmd.Short, cmd.Long = marks.Replace(cmd.Use), marks.Replace(cmd.Short), marks.Replace(cmd.Long)
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { f.Usage = marks.Replace(f.Usage) })
	for _, sub := range cmd.Commands() {
		escapeMarks(sub)
	}
}
