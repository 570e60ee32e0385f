package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/demo"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
	"github.com/nashra/nashra/translate"
	"github.com/nashra/nashra/translate/tmx"
)

func demoCmd() *cobra.Command {
	var listen, dir string
	var noServe bool
	cmd := &cobra.Command{
		Use: "demo", Short: "A first look: the whole pipeline on sample publishers, without key or network",
		Args: cobra.NoArgs,
		Long: "demo starts sample publishers on loopback, runs the same pass as fetch on them, and serves the\n" +
			"result. The translations come from a bundled memory of these samples, made by people: no engine is\n" +
			"called.",
		Example: "  nashra demo\n  nashra demo --dir /tmp/nashra-demo --no-serve",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("config") {
				return mistake("demo", "--config: the demo has a config of its own",
					"nashra fetch --config FILE uses yours")
			}
			if err := checkListen("demo", listen); err != nil {
				return err
			}
			if dir == "" {
				tmp, err := makeTemp("nashra-demo-")
				if err != nil {
					return err
				}
				defer os.RemoveAll(tmp)
				dir = tmp
			}
			cfg, err := runDemo(cmd.Context(), dir, cmd.OutOrStdout(), cmd.ErrOrStderr())
			if err != nil || noServe {
				return err
			}
			return serveDemo(cmd.Context(), cfg, listen, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080",
		"address to serve the result at; if it is taken, another port")
	cmd.Flags().StringVar(&dir, "dir", "", "keep the store and the feeds in this folder (default: a temporary one)")
	cmd.Flags().BoolVar(&noServe, "no-serve", false, "write the feeds and exit")
	return cmd
}

// runDemo publishes the samples in dir and returns the config that it used.
func runDemo(ctx context.Context, dir string, stdout, stderr io.Writer) (*config.Config, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the sample publishers: %w", err)
	}
	publishers := &http.Server{Handler: demo.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = publishers.Serve(ln) }() // until Close
	defer publishers.Close()
	cfg, err := demoConfig(dir, "http://"+ln.Addr().String())
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(stdout, "Sample publishers: %d invented outlets, served on %s.\n", len(cfg.Sources), ln.Addr())
	fmt.Fprintln(stdout, "Engine: memory, over a bundled translation memory of these samples. It can translate "+
		"nothing else.")
	w, err := demoWire(cfg)
	if err != nil {
		return nil, err
	}
	defer w.client.CloseIdle()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, cfg.Store)
	if err != nil {
		return nil, err
	}
	defer st.Close()
	_, skipped, err := importMemory(ctx, st, w.pair(), demo.Memory(), tmx.Everyones)
	if err != nil {
		return nil, err
	}
	if skipped > 0 {
		return nil, fmt.Errorf("translation memory: %d units are invalid", skipped)
	}
	f := fetchFlags{now: true}
	_, rep, err := pass(ctx, w, st, f, stderr)
	if err != nil {
		return nil, err
	}
	if err := f.report(ctx, rep, cfg, st, stdout, stderr); err != nil {
		return nil, err
	}
	a, err := w.aggregator(ctx, st)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(stdout)
	d := digestFlags{since: "24h", lang: "both", format: "text"}
	return cfg, d.run(ctx, stdout, stderr, w, a, []string{demoDigest})
}

// demoDigest is the built-in config's digest channel.
const demoDigest = "daily"

// demoWire returns the parts of the demo, at the end of its sample day.
func demoWire(cfg *config.Config) (*wire, error) {
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err == nil {
		w.now = func() time.Time { return demo.Day.AddDate(0, 0, 1) }
	}
	return w, err
}

// demoConfig is the built-in config with the sample publishers as sources.
func demoConfig(dir, base string) (*config.Config, error) {
	cfg, err := configReader().Read("")
	if err != nil {
		return nil, err
	}
	cfg.Store = filepath.Join(dir, "nashra.db")
	cfg.Publish.Dir = filepath.Join(dir, "public")
	cfg.Fetch.AllowPrivate, cfg.Fetch.MinInterval = true, 0 // the publishers are on loopback
	cfg.Translate.Engines, cfg.Translate.Bodies = []string{translate.MemoryName}, nil
	for i := range cfg.Channels {
		if d := &cfg.Channels[i].Digest; d.On() {
			d.Cron = "@daily" // the sample day is one of its periods
		}
	}
	cfg.Sources = nil
	for _, p := range demo.Publishers() {
		cfg.Sources = append(cfg.Sources, feeds.Source{ID: p.ID, Title: feeds.Title{EN: p.Name},
			URL: base + "/" + p.File, Timezone: p.Timezone, Tags: []string{p.Tag}})
	}
	return cfg, nil
}

// serveDemo serves what cfg describes until ctx ends.
func serveDemo(ctx context.Context, cfg *config.Config, listen string, stdout io.Writer) error {
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		if ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return fmt.Errorf("serve the result: %w", err)
		}
	}
	defer ln.Close()
	w, err := demoWire(cfg)
	if err != nil {
		return err
	}
	defer w.client.CloseIdle()
	st, err := store.Open(ctx, cfg.Store)
	if err != nil {
		return err
	}
	defer st.Close()
	a, err := w.aggregator(ctx, st)
	if err != nil {
		return err
	}
	if _, err := st.Index(ctx); err != nil {
		return err
	}
	fmt.Fprintln(stdout)
	for _, to := range [][2]string{
		{"This bulletin:", feeds.Digest{Channel: demoDigest, From: demo.Day}.Path()},
		{"Its feed:", feeds.Path(demoDigest, feeds.English, feeds.Atom)},
		{"All stories:", ""},
		{"Their feed:", feeds.Path("feed", feeds.Bilingual, feeds.Atom)},
	} {
		fmt.Fprintf(stdout, "%-15s http://%s/%s\n", to[0], ln.Addr(), to[1])
	}
	fmt.Fprintln(stdout, "Ctrl-C ends the demo.")
	return serveUntil(ctx, ln, site.HTTP(w.site(a, nil), nil))
}
