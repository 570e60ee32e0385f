package main

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
)

// daemon polls and serves. wire and agg are replaced when the config is reloaded.
type daemon struct {
	st      *store.Store
	log     *slog.Logger
	metrics *operator.Metrics
	calls   *operator.Calls
	started time.Time

	public, private handler // at serve.listen and serve.metrics

	wire *wire
	agg  *aggregator.Aggregator
}

// handler is an http.Handler that can be replaced while it serves.
type handler struct{ current atomic.Pointer[http.Handler] }

func (h *handler) replace(by http.Handler) { h.current.Store(&by) }

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*h.current.Load()).ServeHTTP(w, r)
}

// apply replaces the daemon's parts by those that cfg describes. If it fails, the old parts stay.
func (d *daemon) apply(ctx context.Context, cfg *config.Config) error {
	w, err := newWire(cfg, d.log)
	if err != nil {
		return err
	}
	w.calls, w.serving = d.calls, true
	if err := d.use(ctx, w); err != nil {
		return err
	}
	for _, warning := range cfg.Warnings {
		d.log.Warn(warning.Error())
	}
	return nil
}

// use replaces the daemon's parts by those of w. If it fails, the old parts stay.
func (d *daemon) use(ctx context.Context, w *wire) error {
	a, err := w.aggregator(ctx, d.st)
	if err != nil {
		return err
	}
	p, err := w.process(d.st, a, d.started)
	if err != nil {
		return err
	}
	if d.wire != nil {
		d.wire.client.CloseIdle()
	}
	d.wire, d.agg = w, a
	d.public.replace(w.site(a, d.metrics.Seen))
	host, _, _ := net.SplitHostPort(w.cfg.Serve.Metrics) // checked with the config
	names := slices.Concat(w.cfg.Serve.Hosts, []string{host})
	d.private.replace(operator.Guard(d.metrics.Handler(a.Catalog, p.Status), names))
	return nil
}

// run polls and publishes until ctx ends. SIGHUP reloads the config.
func (d *daemon) run(ctx context.Context, read func() (*config.Config, error)) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	failed := make(chan error, 1)
	ctx, end := context.WithCancel(ctx)
	defer end()
	for ctx.Err() == nil {
		working, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			if err := d.runSteps(working); err != nil {
				failed <- err
				end()
			}
			close(ended)
		}()
		d.reload(ctx, hup, read, func() { stop(); <-ended })
		stop()
		<-ended
	}
	notifySystemd("STOPPING=1")
	d.wire.client.CloseIdle()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// runSteps runs the steps until ctx ends, alone or as a member of the fleet that shares the store.
func (d *daemon) runSteps(ctx context.Context) error {
	if !d.st.Shared() {
		ctx, end := context.WithCancel(ctx)
		harm := make(chan error, 1)
		go func() {
			harm <- d.st.Harm(ctx)
			end()
		}()
		lock := func(ctx context.Context) (func(), error) { return d.st.Pass(ctx, lockWait) }
		d.agg.Serve(ctx, aggregator.Turns(lock))
		end()
		return <-harm
	}
	pool, err := fleet.Open(ctx, d.wire.cfg.Store)
	if err != nil {
		return err
	}
	defer pool.Close()
	enter := func(ctx context.Context) (func(), error) { return d.st.Share(ctx, lockWait) }
	return fleet.Run(ctx, d.agg, pool, fleet.Options{Enter: enter})
}

// lookEvery is how often a daemon looks whether it, or another process on its store, has read a list of sources
// that names others now. A look reads a row per list.
const lookEvery = 10 * time.Second

// reload waits for SIGHUP, reads the config, calls idle and applies the config; or it waits until a list of
// sources has changed, calls idle and follows the list. It returns then, or when ctx ends. If the config cannot
// be read, it keeps waiting.
func (d *daemon) reload(
	ctx context.Context, hup <-chan os.Signal, read func() (*config.Config, error), idle func(),
) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			if !d.relisted(ctx) {
				continue
			}
			idle()
			d.follow(ctx)
			return
		case <-hup:
		}
		cfg, err := read()
		if err != nil {
			d.log.Error("cannot read the new config; the old one stays", "error", err)
			continue
		}
		old := d.wire.cfg
		if cfg.Store != old.Store || cfg.Serve.Listen != old.Serve.Listen || cfg.Serve.Metrics != old.Serve.Metrics {
			d.log.Warn("store, serve.listen and serve.metrics change only at a restart")
			cfg.Store, cfg.Serve.Listen, cfg.Serve.Metrics = old.Store, old.Serve.Listen, old.Serve.Metrics
		}
		idle()
		if err := d.apply(ctx, cfg); err != nil {
			d.log.Error("cannot apply the new config; the old one stays", "error", err)
		} else {
			d.log.Info("config reloaded", "sources", len(cfg.Feeds()), "channels", len(cfg.Channels))
		}
		return
	}
}

// relisted reports whether a list of sources names others than when the daemon last followed it.
func (d *daemon) relisted(ctx context.Context) bool {
	if len(d.wire.cfg.Lists()) == 0 {
		return false
	}
	n, err := d.st.Relisted(ctx)
	return err == nil && n != d.wire.relisted
}

// follow replaces the sources that lists name. The config and the engines stay.
func (d *daemon) follow(ctx context.Context) {
	w, cfg := *d.wire, *d.wire.cfg // requests in progress read the old ones
	w.cfg, w.made = &cfg, maps.Clone(w.made)
	if err := d.use(ctx, &w); err != nil {
		if ctx.Err() == nil {
			d.log.Error("cannot follow the lists of sources; the old sources stay", "error", err)
		}
		return
	}
	d.log.Info("a list of sources changed", "sources", len(cfg.Feeds()), "of lists", len(cfg.Listed))
}

// notifySystemd sends a state to systemd, if it started this process as a service of type notify
// (sd_notify(3)).
func notifySystemd(state string) {
	address := os.Getenv("NOTIFY_SOCKET")
	if address == "" {
		return
	}
	conn, err := net.DialTimeout("unixgram", address, time.Second)
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}
