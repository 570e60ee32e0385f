package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
	"github.com/nashra/nashra/feeds"
	"github.com/nashra/nashra/feeds/site"
)

func serveCmd(opt *options) *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use: "serve", Short: "The daemon: poll each source by its schedule, publish what comes, and serve it over HTTP", Args: cobra.NoArgs,
		Long: "serve polls each source by its schedule, groups, translates and publishes what comes, and answers at serve.listen: the published\n" +
			"files, each tag and each source as feeds of their own, and search. A page that shows how things stand, metrics and health are at\n" +
			"serve.metrics, for the operator alone.\n" +
			"SIGHUP reads the config file anew; one with mistakes is refused and the old one kept. It ends at Ctrl-C, after what is under way.",
		Example: "  nashra serve\n  nashra serve --listen :8080",
		RunE: func(cmd *cobra.Command, _ []string) error {
			read := func() (*config.Config, error) {
				_, cfg, err := readConfig(opt)
				if err == nil && listen != "" {
					cfg.Serve.Listen = listen
				}
				return cfg, err
			}
			cfg, err := read()
			if err != nil {
				return err
			}
			log := newLogger(cfg.Serve.Log, cmd.ErrOrStderr())
			return mending(cmd.Context(), cfg.Store, func(text string) { log.Warn(text) }, func() error {
				return serve(cmd.Context(), cfg, read, log, cmd.OutOrStdout())
			})
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "", "answer here (default serve.listen)")
	return cmd
}

// newLogger returns a logger that writes each line to w at once, in the form that serve.log names: text or json.
func newLogger(form string, w io.Writer) *slog.Logger {
	if form == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// serve works and answers until ctx ends. read reads the config anew.
func serve(ctx context.Context, cfg *config.Config, read func() (*config.Config, error), log *slog.Logger, stdout io.Writer) error {
	st, err := store.Open(ctx, cfg.Store)
	if err != nil {
		return err
	}
	defer st.Close()
	release, err := st.Serving()
	if err != nil {
		return err
	}
	defer release()
	public, err := listen("serve.listen", cfg.Serve.Listen)
	if err != nil {
		return err
	}
	defer public.Close()
	var own net.Listener
	if cfg.Serve.Metrics != "" {
		if own, err = listen("serve.metrics", cfg.Serve.Metrics); err != nil {
			return err
		}
		defer own.Close()
	}
	d := &daemon{st: st, log: log, metrics: operator.NewMetrics(version()), calls: operator.NewCalls(), started: time.Now(), public: &swap{}, own: &swap{}}
	if err := d.take(ctx, cfg); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return answer(ctx, public, site.HTTP(d.public, log)) })
	fmt.Fprintf(stdout, "serving http://%s/\n", public.Addr())
	if own != nil {
		g.Go(func() error { return answer(ctx, own, site.HTTP(d.own, log)) })
		fmt.Fprintf(stdout, "metrics and health on http://%s/\n", own.Addr())
	}
	g.Go(func() error { return keepIndexed(ctx, st, log) })
	g.Go(func() error { return d.run(ctx, read) })
	tellSystemd("READY=1")
	return g.Wait()
}

// site is what is served of a.
func (w *wire) site(a *aggregator.Aggregator, seen func(site.Seen)) *site.Server {
	c := w.cfg
	return site.NewServer(site.Options{Dir: c.Publish.Dir, Reader: a.Catalog, Channels: c.Channels, Views: views(c), URL: c.Publish.URL, Hub: c.Publish.Hub,
		Token: string(c.Serve.Token), Log: w.log, Seen: seen})
}

// views are the channels that are served and not published: one a tag, one a source.
func views(c *config.Config) (out []feeds.Channel) {
	view := config.NewChannel()
	if len(c.Channels) == 1 {
		only := c.Channels[0]
		view.Wait, view.Layout, view.Titles, view.Events = only.Wait, only.Layout, only.Titles, only.Events
	}
	var tags []string
	for _, s := range c.Sources {
		v := view
		v.ID, v.Sources = "sources/"+s.ID, []string{s.ID}
		out = append(out, v)
		tags = append(tags, s.Tags...)
	}
	slices.Sort(tags)
	for _, tag := range slices.Compact(tags) {
		v := view
		v.ID, v.Tags, v.Title = "tags/"+tag, []string{tag}, c.Tags[tag]
		if len(v.Title) == 0 {
			v.Title = map[string]string{"en": tag}
		}
		out = append(out, v)
	}
	return out
}

func listen(key, address string) (net.Listener, error) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, hinted{fmt.Errorf("%s: %w", key, err), "is another nashra serving there? name another address under " + key}
	}
	return ln, nil
}

// drain is how long answers that are under way may take once the server is to end.
const drain = 8 * time.Second

// answer serves on ln until ctx ends, and lets answers that are under way come to theirs.
func answer(ctx context.Context, ln net.Listener, srv *http.Server) error {
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := srv.Shutdown(last); err != nil {
		srv.Close() // whoever is not done by now never will be
	}
	return nil
}

// indexEvery is how often stories that are new are made findable. A look that finds none costs some milliseconds.
const indexEvery = time.Minute

// keepIndexed keeps the index of words up to date until ctx ends. A search finds what was there at the last look.
func keepIndexed(ctx context.Context, st *store.Store, log *slog.Logger) error {
	for {
		begun := time.Now()
		n, err := st.Index(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			log.WarnContext(ctx, "cannot bring the index of words up to date", "error", err)
		case n > 0:
			log.DebugContext(ctx, "indexed", "stories", n, "took", time.Since(begun))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(indexEvery):
		}
	}
}
