package main

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate/offline"
)

// completion proposes words for an argument or a flag's value to a shell.
type completion = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// proposing completes with what words returns. A config file with mistakes proposes nothing.
func proposing(opt *options, words func(ctx context.Context, cfg *config.Config) []string) completion {
	return func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		_, cfg, err := readConfig(opt)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return words(cmd.Context(), cfg), cobra.ShellCompDirectiveNoFileComp
	}
}

func completeSources(opt *options) completion {
	return proposing(opt, func(ctx context.Context, cfg *config.Config) (words []string) {
		followStored(ctx, cfg)
		for _, s := range cfg.Feeds() {
			words = append(words, cobra.CompletionWithDesc(s.ID, s.Title.In(feeds.Bilingual)))
		}
		return words
	})
}

func completeChannels(opt *options) completion {
	return proposing(opt, func(_ context.Context, cfg *config.Config) (words []string) {
		for _, ch := range cfg.Channels {
			words = append(words, cobra.CompletionWithDesc(ch.ID, ch.Title["en"]))
		}
		return words
	})
}

func completeEngines(opt *options) completion {
	return proposing(opt, func(_ context.Context, cfg *config.Config) []string {
		return slices.Sorted(maps.Keys(cfg.Engines))
	})
}

func completeTargets(opt *options) completion {
	return proposing(opt, func(_ context.Context, cfg *config.Config) (words []string) {
		for _, t := range cfg.Notify {
			words = append(words, cobra.CompletionWithDesc(t.ID, t.Channel))
		}
		return words
	})
}

func completeModels(opt *options) completion {
	return proposing(opt, func(_ context.Context, cfg *config.Config) []string {
		installed, _ := modelPlaces(cfg).Models().List() // without them those that can be pulled are proposed
		words := append(modelNames(installed), offline.Names()...)
		slices.Sort(words)
		return slices.Compact(words)
	})
}

// completeStories proposes the newest stories, of those that are hidden or of those that are not.
func completeStories(opt *options, hidden bool) completion {
	return proposing(opt, func(ctx context.Context, cfg *config.Config) (words []string) {
		st, err := store.OpenExisting(ctx, cfg.Store)
		if err != nil {
			return nil
		}
		defer st.Close()
		newest, _ := st.Stories(ctx, feeds.Query{Limit: listLimit, Hidden: hidden})
		for _, s := range newest {
			words = append(words, cobra.CompletionWithDesc(s.ID, s.Title))
		}
		return words
	})
}

// completeFlag completes the values of a flag of cmd.
func completeFlag(cmd *cobra.Command, flag string, with completion) {
	if err := cmd.RegisterFlagCompletionFunc(flag, with); err != nil {
		panic(err) // cmd has the flag
	}
}
