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
		Use: "serve", Short: "Run the daemon: poll by schedule, publish, and serve the result over HTTP",
		Args: cobra.NoArgs,
		Long: "serve polls each source by its schedule, groups, translates and publishes. At serve.listen it serves\n" +
			"the published files, a feed for each tag and each source, and search. At serve.metrics, for the\n" +
			"operator only, it serves a status page, metrics and health checks. SIGHUP reloads the config file;\n" +
			"if it has mistakes, the old config stays. Ctrl-C stops the daemon after the requests in flight.",
		Example: "  nashra serve\n  nashra serve --listen :8080",
		RunE: func(cmd *cobra.Command, _ []string) error {
			read := func() (*config.Config, error) {
				_, cfg, err := readConfig(opt)
				if err == nil && listen != "" {
					cfg.Serve.Listen = listen
				}
				return cfg, err
			}
			if err := checkListen("serve", listen); err != nil {
				return err
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
	cmd.Flags().StringVar(&listen, "listen", "", "address to serve at (default serve.listen)")
	return cmd
}

// newLogger returns a logger that writes each line to w at once, in the form that serve.log names:
// text or json.
func newLogger(form string, w io.Writer) *slog.Logger {
	if form == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// serve runs the daemon until ctx ends. read reads the config again.
func serve(
	ctx context.Context, cfg *config.Config, read func() (*config.Config, error), log *slog.Logger, stdout io.Writer,
) error {
	if err := checkClock(time.Now()); err != nil {
		return err
	}
	st, err := store.Open(ctx, cfg.Store)
	if err != nil {
		return err
	}
	defer st.Close()
	if st.Warning != "" {
		log.Warn(st.Warning)
	}
	if st.Forward != "" {
		log.Info(st.Forward)
	}
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
	var private net.Listener
	if cfg.Serve.Metrics != "" {
		if private, err = listen("serve.metrics", cfg.Serve.Metrics); err != nil {
			return err
		}
		defer private.Close()
	}
	d := &daemon{st: st, log: log, metrics: operator.NewMetrics(version()), calls: operator.NewCalls(),
		started: time.Now()}
	if err := d.apply(ctx, cfg); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return serveUntil(ctx, &reporting{Listener: public, log: log}, site.HTTP(&d.public, log))
	})
	fmt.Fprintf(stdout, "serving http://%s/\n", public.Addr())
	if private != nil {
		g.Go(func() error { return serveUntil(ctx, private, site.HTTP(&d.private, log)) })
		fmt.Fprintf(stdout, "metrics and health on http://%s/\n", private.Addr())
	}
	g.Go(func() error { return keepIndexed(ctx, st, log) })
	g.Go(func() error { return d.run(ctx, read) })
	notifySystemd("READY=1")
	return g.Wait()
}

// site returns the server of the published files and pages. seen is told of each request.
func (w *wire) site(a *aggregator.Aggregator, seen func(site.Seen)) *site.Server {
	c := w.cfg
	tags, sources := views(c)
	return site.NewServer(site.Options{Dir: c.Publish.Dir, Reader: a.Catalog, Channels: c.Channels, Tags: tags,
		Views: sources, Web: c.Publish.Web(), URL: c.Publish.URL, Hub: c.Publish.Hub, Token: string(c.Serve.Token),
		Proxies: c.Serve.Proxies(), Log: w.log, Seen: seen})
}

// views returns the channels of tags, which are published like other channels, and those of sources,
// which are only served.
func views(c *config.Config) (tags, sources []feeds.Channel) {
	view := config.NewChannel()
	if len(c.Channels) == 1 {
		only := c.Channels[0]
		view.Wait, view.Layout, view.Titles, view.Events = only.Wait, only.Layout, only.Titles, only.Events
	}
	var names []string
	for _, s := range c.Feeds() {
		v := view
		v.ID, v.Sources = "sources/"+s.ID, []string{s.ID}
		sources = append(sources, v)
		names = append(names, s.Tags...)
	}
	slices.Sort(names)
	for _, tag := range slices.Compact(names) {
		v := view
		v.ID, v.Tags, v.Title = "tags/"+tag, []string{tag}, c.Tags[tag]
		if len(v.Title) == 0 {
			v.Title = map[string]string{"en": tag}
		}
		tags = append(tags, v)
	}
	return tags, sources
}

// checkListen reports a mistake if the value of --listen, which may be empty, is no address.
func checkListen(place, address string) error {
	if _, err := net.ResolveTCPAddr("tcp", address); err != nil && address != "" {
		return mistake(place, fmt.Sprintf("--listen: %q is no address", address),
			"write HOST:PORT, like 127.0.0.1:8080, or :PORT")
	}
	return nil
}

func listen(key, address string) (net.Listener, error) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		hint := "is another nashra serving there? set another address under " + key
		return nil, hinted{fmt.Errorf("%s: %w", key, err), hint}
	}
	return ln, nil
}

// drainTime is how long requests in flight may take when the server stops.
const drainTime = 8 * time.Second

// serveUntil serves on ln until ctx ends, then lets requests in flight finish.
func serveUntil(ctx context.Context, ln net.Listener, srv *http.Server) error {
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := srv.Shutdown(last); err != nil {
		srv.Close()
	}
	return nil
}

// indexEvery is how often new stories are added to the search index. Without new stories this takes
// milliseconds.
const indexEvery = time.Minute

// keepIndexed keeps the search index up to date until ctx ends.
func keepIndexed(ctx context.Context, st *store.Store, log *slog.Logger) error {
	for {
		begun := time.Now()
		n, err := st.Index(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			log.WarnContext(ctx, "cannot update the search index", "error", err)
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
