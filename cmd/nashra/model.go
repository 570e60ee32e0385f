package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/translate/offline"
	"github.com/nashra/nashra/translate/offline/kernel"
	"github.com/nashra/nashra/translate/score"
)

func modelCmd(opt *options) *cobra.Command {
	return group("model", "The offline engine's models", "  nashra model list\n  nashra model pull",
		modelPullCmd(opt), modelCheckCmd(opt), listModelsCmd(opt),
		&cobra.Command{
			Use: "remove [NAME]", Short: "Delete a model", Args: cobra.MaximumNArgs(1),
			Example: "  nashra model remove base",
			RunE: func(cmd *cobra.Command, args []string) error {
				return withWire(cmd, opt, func(_ context.Context, w *wire) error {
					models, name := w.models.Models(), modelName(args)
					list, err := models.List()
					if err != nil {
						return err
					}
					if known := modelNames(list); !slices.Contains(known, name) {
						return unknown("model remove", "installed model", name, known, "nashra model list")
					}
					if err := models.Remove(name); err != nil {
						return err
					}
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "removed %s\n", name)
					return err
				})
			},
			ValidArgsFunction: completeModels(opt),
		})
}

// modelName is the model named on the command line, or the default one.
func modelName(args []string) string { return append(args, offline.Names()...)[0] }

func modelNames(list []offline.Installed) (names []string) {
	for _, m := range list {
		names = append(names, m.Name)
	}
	return names
}

func modelPullCmd(opt *options) *cobra.Command {
	var from string
	var trust bool
	cmd := &cobra.Command{
		Use: "pull [NAME]", Short: "Download and install a model; an interrupted download is continued",
		Args:    cobra.MaximumNArgs(1),
		Example: "  nashra model pull\n  nashra model pull base-memory --from /media/usb --trust",
		RunE: func(cmd *cobra.Command, args []string) error {
			name, source := modelName(args), ""
			if from == "" && !slices.Contains(offline.Names(), name) {
				return unknown("model pull", "model", name, offline.Names(), "nashra model list")
			}
			return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
				models, err := w.models.Make()
				if err != nil {
					return hinted{err, "name a folder under models in the config file"}
				}
				if from == "" {
					err = w.pullNamed(ctx, models, name, trust)
				} else if err = models.InstallFolder(name, from, trust); err != nil {
					err = fmt.Errorf("install %s: %w", name, err)
				} else {
					source = " from " + from
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "installed %s%s in %s\n", name, source, models.Dir)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "",
		"install the files of this folder: model*.bin, lex*.bin, vocab*.spm; .gz and .zst too")
	cmd.Flags().BoolVar(&trust, "trust", false, "accept files with an unknown hash")
	cmd.ValidArgsFunction = completeModels(opt)
	return cmd
}

// pullNamed downloads a model from the mirror that the config names for the offline engine.
func (w *wire) pullNamed(ctx context.Context, models offline.Models, name string, trust bool) error {
	registry := offline.NewRegistry(offlineEntry(w.cfg).Mirror, nil)
	hc, err := w.client.Engine(registry.URL)
	if err != nil {
		return usageError{fmt.Errorf("the models' mirror: %w", err)}
	}
	registry.Client = hc
	if err := w.pullModel(ctx, models, registry, name, trust); err != nil {
		return hinted{fmt.Errorf("pull %s: %w", name, err),
			"try again: what was downloaded is kept; without a network, copy the files and use --from DIR --trust"}
	}
	return nil
}

// offlineEntry returns the config's engine named offline if it is of that type, else any of that
// type.
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

func listModelsCmd(opt *options) *cobra.Command {
	var asJSON *bool
	cmd := &cobra.Command{
		Use: "list", Short: "Print the installed models and those that can be pulled", Args: cobra.NoArgs,
		Example: "  nashra model list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withWire(cmd, opt, func(_ context.Context, w *wire) error {
				installed, err := w.models.Models().List()
				if err != nil {
					return err
				}
				return modelList(installed).print(cmd.OutOrStdout(), *asJSON)
			})
		},
	}
	asJSON = jsonFlag(cmd)
	return cmd
}

// modelJSON is a model in JSON.
type modelJSON struct {
	Name      string    `json:"name"`
	Installed bool      `json:"installed"` // if not, it can be pulled
	At        time.Time `json:"at,omitzero"`
	Bytes     int64     `json:"bytes"`
	From      string    `json:"from,omitempty"`  // source and version
	State     string    `json:"state,omitempty"` // whose weights they are, and how they were checked
}

func modelList(installed []offline.Installed) list[modelJSON] {
	l := list[modelJSON]{columns: func(m modelJSON) string {
		if !m.Installed {
			return fmt.Sprintf("%s\tnot installed\t\t\tnashra model pull %s", m.Name, m.Name)
		}
		return fmt.Sprintf("%s\tinstalled %s\t%.1f MB\tfrom %s\t%s", m.Name, m.At.Format(time.DateOnly),
			float64(m.Bytes)/1e6, m.From, m.State)
	}}
	for _, m := range installed {
		l.rows = append(l.rows, modelJSON{m.Name, true, m.At, m.Bytes, strings.TrimSpace(m.Source + " " + m.Version),
			installedState(m)})
	}
	for _, name := range offline.Names() {
		if !slices.Contains(modelNames(installed), name) {
			l.rows = append(l.rows, modelJSON{Name: name})
		}
	}
	return l
}

func modelCheckCmd(opt *options) *cobra.Command {
	var model string
	cmd := &cobra.Command{
		Use: "check FILE", Short: "Translate reference pairs; print BLEU, chrF2 and words a second",
		Args: cobra.ExactArgs(1),
		Long: "FILE has one pair a line, Arabic and English with a tab between, or is a TMX file. The result for an\n" +
			"installed model is stored, and `nashra model list` prints it.",
		Example: "  nashra model check pairs.tsv\n  nashra model check pairs.tsv --model ./folder",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withWire(cmd, opt, func(ctx context.Context, w *wire) error {
				return w.checkModel(ctx, args[0], model, cmd.OutOrStdout())
			})
		},
	}
	cmd.Flags().StringVar(&model, "model", offline.Names()[0], "name of an installed model, or a folder")
	completeFlag(cmd, "model", completeModels(opt))
	return cmd
}

// checkModel translates the pairs of a file with a model, which is installed or in a folder.
func (w *wire) checkModel(ctx context.Context, file, model string, stdout io.Writer) error {
	pairs, err := w.readPairs("model check", file)
	if err != nil {
		return usageError{err}
	}
	models := w.models.Models()
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
	proof := offline.Proof{At: time.Now().UTC().Truncate(time.Second), Lines: len(pairs),
		BLEU: score.BLEU(m.answers, refs), CHRF: score.ChrF(m.answers, refs)}
	if installed {
		err = models.SetProof(model, proof)
	}
	fmt.Fprintf(stdout, "%s: BLEU %.1f, chrF2 %.1f; %.0f words a second on %d processors (%s)\n",
		count(proof.Lines, "line"), proof.BLEU, proof.CHRF, float64(words)/m.took.Seconds(), e.Limits().Parallel,
		kernel.Kind())
	return err
}
