package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/demo"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/translate"
)

func demoCmd() *cobra.Command {
	var listen, dir string
	var noServe bool
	cmd := &cobra.Command{
		Use: "demo", Short: "A first look: the whole pipeline on sample publishers, without key or network", Args: cobra.NoArgs,
		Long: "demo starts sample publishers on loopback, runs the same pass as fetch on them, and serves the result.\n" +
			"Its translations are a bundled memory, made by people, of exactly these samples: it shows the pipeline, not an engine.",
		Example: "  nashra demo\n  nashra demo --dir /tmp/nashra-demo --no-serve",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				tmp, err := os.MkdirTemp("", "nashra-demo-")
				if err != nil {
					return err
				}
				defer os.RemoveAll(tmp)
				dir = tmp
			}
			if err := runDemo(cmd.Context(), dir, cmd.OutOrStdout(), cmd.ErrOrStderr()); err != nil || noServe {
				return err
			}
			return serveDemo(cmd.Context(), filepath.Join(dir, "public"), listen, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "where to serve the result; another port is taken where this one is not free")
	cmd.Flags().StringVar(&dir, "dir", "", "keep store and feeds in this folder (default a temporary one)")
	cmd.Flags().BoolVar(&noServe, "no-serve", false, "write the feeds and end")
	return cmd
}

// runDemo publishes the samples beneath dir.
func runDemo(ctx context.Context, dir string, stdout, stderr io.Writer) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start the sample publishers: %w", err)
	}
	publishers := &http.Server{Handler: demo.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = publishers.Serve(ln) }() // until Close
	defer publishers.Close()
	cfg, err := demoConfig(dir, "http://"+ln.Addr().String())
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Sample publishers: %d invented outlets, served on %s.\n", len(cfg.Sources), ln.Addr())
	fmt.Fprintln(stdout, "Engine: memory, over a bundled translation memory of these samples. It can translate nothing else.")
	w, err := newWire(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer w.client.CloseIdle()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	st, err := store.Open(ctx, cfg.Store)
	if err != nil {
		return err
	}
	defer st.Close()
	_, skipped, err := remember(ctx, st, pairOf(cfg), demo.Memory(), translate.Everyones)
	if err != nil {
		return err
	}
	if skipped > 0 {
		return fmt.Errorf("translation memory: %d units make no sense", skipped)
	}
	f := fetchFlags{now: true}
	rep, err := pass(ctx, w, st, f, stderr)
	if err != nil {
		return err
	}
	return f.report(rep, cfg, stdout, stderr)
}

// demoConfig is the built-in config with the sample publishers for sources.
func demoConfig(dir, base string) (*config.Config, error) {
	cfg, err := config.Default()
	if err != nil {
		return nil, err
	}
	cfg.Store = filepath.Join(dir, "nashra.db")
	cfg.Publish.Dir = filepath.Join(dir, "public")
	cfg.Fetch.AllowPrivate, cfg.Fetch.MinInterval = true, 0 // our own publishers, on loopback
	cfg.Translate.Engines, cfg.Translate.Bodies = []string{translate.MemoryName}, nil
	cfg.Sources = nil
	for _, p := range demo.Publishers() {
		cfg.Sources = append(cfg.Sources, feeds.Source{ID: p.ID, URL: base + "/" + p.File, Timezone: p.Timezone, Tags: []string{p.Tag}})
	}
	return cfg, nil
}

// serveDemo serves dir until ctx ends.
func serveDemo(ctx context.Context, dir, listen string, stdout io.Writer) error {
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		if ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return fmt.Errorf("serve the result: %w", err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	server := &http.Server{Handler: published(http.FileServerFS(root.FS())), ReadHeaderTimeout: 5 * time.Second}
	fmt.Fprintf(stdout, "\nThe page:           http://%s/\nThe bilingual feed: http://%s/%s\nCtrl-C ends the demo.\n", ln.Addr(), ln.Addr(), feeds.Path("feed", feeds.Bilingual, feeds.Atom))
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// published gives each feed its media type: the system's table may lack them.
func published(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := feeds.Format(strings.TrimPrefix(path.Ext(r.URL.Path), ".")); slices.Contains(feeds.Formats, f) {
			w.Header().Set("Content-Type", f.MediaType()+"; charset=utf-8")
		}
		next.ServeHTTP(w, r)
	})
}
