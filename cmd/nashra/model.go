package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate/offline"
	"github.com/nashra/nashra/translate/offline/kernel"
	"github.com/nashra/nashra/translate/score"
)

func modelCmd(opt *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "model", Short: "The offline engine's models", Args: cobra.NoArgs, Example: "  nashra model list\n  nashra model pull",
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var from, name string
	var trust bool
	pull := &cobra.Command{
		Use: "pull [NAME]", Short: "Fetch a model and install it; a broken download is continued", Args: cobra.MaximumNArgs(1),
		Example: "  nashra model pull\n  nashra model pull base-memory --from /media/usb --trust",
		RunE: func(cmd *cobra.Command, args []string) error {
			return pullCommand(cmd.Context(), opt, nameOf(args), from, trust, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	pull.Flags().StringVar(&from, "from", "", "install the files of this folder: model*.bin, lex*.bin, vocab*.spm; .gz and .zst too")
	pull.Flags().BoolVar(&trust, "trust", false, "take files whose hash is not known")
	chk := &cobra.Command{
		Use: "check FILE", Short: "Translate reference pairs; print BLEU, chrF2 and words a second", Args: cobra.ExactArgs(1),
		Long:    "FILE has one pair a line, Arabic and English with a tab between, or is a TMX file. What an installed model shows is noted, and `nashra model list` says so.",
		Example: "  nashra model check pairs.tsv\n  nashra model check pairs.tsv --model ./folder",
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := readWire(opt)
			if err != nil {
				return err
			}
			defer w.client.CloseIdle()
			return w.checkModel(cmd.Context(), args[0], name, cmd.OutOrStdout())
		},
	}
	chk.Flags().StringVar(&name, "model", offline.Names()[0], "name of an installed model, or a folder")
	cmd.AddCommand(pull, chk,
		&cobra.Command{
			Use: "list", Short: "Print the models that are installed and those that may be", Args: cobra.NoArgs, Example: "  nashra model list",
			RunE: func(cmd *cobra.Command, _ []string) error { return listModels(cmd.OutOrStdout()) },
		},
		&cobra.Command{
			Use: "remove [NAME]", Short: "Delete a model", Args: cobra.MaximumNArgs(1), Example: "  nashra model remove base",
			RunE: func(cmd *cobra.Command, args []string) error {
				models, err := offline.UserModels()
				if err != nil {
					return err
				}
				if err := models.Remove(nameOf(args)); err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "removed %s\n", nameOf(args))
				return err
			},
		})
	return cmd
}

func nameOf(args []string) string { return append(args, offline.Names()...)[0] }

func pullCommand(ctx context.Context, opt *options, name, from string, trust bool, stdout, stderr io.Writer) error {
	models, err := offline.UserModels()
	if err != nil {
		return err
	}
	if from != "" {
		if err := models.InstallFolder(name, from, trust); err != nil {
			return fmt.Errorf("install %s: %w", name, err)
		}
		_, err := fmt.Fprintf(stdout, "installed %s from %s in %s\n", name, from, models.Dir)
		return err
	}
	if !slices.Contains(offline.Names(), name) {
		return usageError{fmt.Errorf("no model %q; there are %s", name, strings.Join(offline.Names(), ", "))}
	}
	w, err := readWire(opt)
	if err != nil {
		return err
	}
	defer w.client.CloseIdle()
	registry := offline.NewRegistry(offlineEntry(w.cfg).Mirror, nil)
	hc, err := w.client.Engine(registry.URL)
	if err != nil {
		return usageError{fmt.Errorf("the models' mirror: %w", err)}
	}
	registry.Client, w.shown = hc, &bar{out: stderr}
	if err := w.pullModel(ctx, models, registry, name, trust); err != nil {
		return hinted{fmt.Errorf("pull %s: %w", name, err), "try again: what came is kept; a machine without network takes the files from a folder with --from DIR --trust"}
	}
	_, err = fmt.Fprintf(stdout, "installed %s in %s\n", name, models.Dir)
	return err
}

// offlineEntry is the config's entry of the offline engine: the one of that name, else any of the type.
func offlineEntry(cfg *config.Config) config.Engine {
	if e := cfg.Engines[offline.TypeName]; e.Type == offline.TypeName {
		return e
	}
	for _, e := range cfg.Engines {
		if e.Type == offline.TypeName {
			return e
		}
	}
	return config.Engine{Type: offline.TypeName}
}

func listModels(out io.Writer) error {
	models, err := offline.UserModels()
	if err != nil {
		return err
	}
	list, err := models.List()
	if err != nil {
		return err
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, m := range list {
		fmt.Fprintf(tw, "%s\tinstalled %s\t%.1f MB\tfrom %s\t%s\n", m.Name, m.At.Format(time.DateOnly), float64(m.Bytes)/1e6, strings.TrimSpace(m.Source+" "+m.Version), standing(m))
	}
	for _, name := range offline.Names() {
		if !slices.ContainsFunc(list, func(m offline.Installed) bool { return m.Name == name }) {
			fmt.Fprintf(tw, "%s\tnot installed\t\t\tnashra model pull %s\n", name, name)
		}
	}
	return tw.Flush()
}

// standing says what is known of a model.
func standing(m offline.Installed) string {
	switch {
	case m.Proof != nil && m.Known:
		return fmt.Sprintf("checked %s: BLEU %.1f, chrF2 %.1f on %d lines", m.Proof.At.Format(time.DateOnly), m.Proof.BLEU, m.Proof.CHRF, m.Proof.Lines)
	case m.Known:
		return "Mozilla's weights, unproved until nashra model check has been run with them"
	}
	return "not weights that this nashra knows: unproved"
}

// checkModel translates the pairs of a file with a model, which is installed or stands in a folder.
func (w *wire) checkModel(ctx context.Context, file, model string, stdout io.Writer) error {
	pairs, err := w.readPairs(file)
	if err != nil {
		return usageError{err}
	}
	models, err := offline.UserModels()
	if err != nil {
		return err
	}
	dir, installed := model, !offline.IsFolder(model)
	if installed {
		if dir, err = models.Find(model); err != nil {
			return hinted{err, offlineHint}
		}
	}
	name, err := w.useFolder(dir)
	if err != nil {
		return err
	}
	e, err := w.engine(ctx, name)
	if err != nil {
		return err
	}
	m, err := w.measure(ctx, e, pairs)
	if err != nil {
		return err
	}
	if len(m.rep.Failures) > 0 {
		return m.rep.Failures[0]
	}
	refs, words := make([]string, len(pairs)), 0
	for i, p := range pairs {
		refs[i] = p.target
		words += len(strings.Fields(p.source))
	}
	proof := offline.Proof{At: time.Now().UTC().Truncate(time.Second), Lines: len(pairs), BLEU: score.BLEU(m.answers, refs), CHRF: score.ChrF(m.answers, refs)}
	if installed {
		err = models.SetProof(model, proof)
	}
	fmt.Fprintf(stdout, "%d lines: BLEU %.1f, chrF2 %.1f; %.0f words a second on %d processors (%s)\n", proof.Lines, proof.BLEU, proof.CHRF,
		float64(words)/m.took.Seconds(), e.Limits().Parallel, kernel.Kind())
	return err
}
