package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nashra/nashra/aggregator"
	"github.com/nashra/nashra/aggregator/fleet"
	"github.com/nashra/nashra/aggregator/store"
	"github.com/nashra/nashra/cmd/nashra/operator"
	"github.com/nashra/nashra/config"
)

// daemon is what works and answers under one config at a time.
type daemon struct {
	st          *store.Store
	log         *slog.Logger
	metrics     *operator.Metrics
	calls       *operator.Calls
	started     time.Time
	public, own *swap

	wire *wire
	agg  *aggregator.Aggregator
}

// swap is a handler that another may take the place of.
type swap struct{ now atomic.Pointer[http.Handler] }

func (s *swap) put(h http.Handler) { s.now.Store(&h) }

func (s *swap) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*s.now.Load()).ServeHTTP(w, r) }

// take makes the parts that cfg describes and has them answer from now on; on an error those before stay.
func (d *daemon) take(ctx context.Context, cfg *config.Config) error {
	w, err := newWire(cfg, d.log)
	if err != nil {
		return err
	}
	w.calls, w.serving = d.calls, true
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
	d.public.put(w.site(a, d.metrics.Seen))
	d.own.put(d.metrics.Handler(a.Catalog, p.Status))
	return nil
}

// run works until ctx ends, under another config after each SIGHUP that finds one without mistakes.
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
			if err := d.work(working); err != nil {
				failed <- err
				end()
			}
			close(ended)
		}()
		d.reload(ctx, hup, read, func() { stop(); <-ended })
		stop()
		<-ended
	}
	tellSystemd("STOPPING=1")
	d.wire.client.CloseIdle()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// work does the steps until ctx ends: alone, or as one of those that share the store.
func (d *daemon) work(ctx context.Context) error {
	if !d.st.Shared() {
		ctx, end := context.WithCancel(ctx)
		harm := make(chan error, 1)
		go func() {
			harm <- d.st.Harm(ctx)
			end()
		}()
		d.agg.Serve(ctx, aggregator.Turns(func(ctx context.Context) (func(), error) { return d.st.Pass(ctx, lockWait) }))
		end()
		return <-harm
	}
	pool, err := fleet.Open(ctx, d.wire.cfg.Store)
	if err != nil {
		return err
	}
	defer pool.Close()
	return fleet.Run(ctx, d.agg, pool, fleet.Options{Enter: func(ctx context.Context) (func(), error) { return d.st.Share(ctx, lockWait) }})
}

// reload returns when a config was taken, before which it calls idle, or when ctx ends.
func (d *daemon) reload(ctx context.Context, hup <-chan os.Signal, read func() (*config.Config, error), idle func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
		}
		cfg, err := read()
		if err == nil && (cfg.Store != d.wire.cfg.Store || cfg.Serve.Listen != d.wire.cfg.Serve.Listen || cfg.Serve.Metrics != d.wire.cfg.Serve.Metrics) {
			d.log.Warn("store, serve.listen and serve.metrics change at the next start only")
			cfg.Store, cfg.Serve.Listen, cfg.Serve.Metrics = d.wire.cfg.Store, d.wire.cfg.Serve.Listen, d.wire.cfg.Serve.Metrics
		}
		if err == nil {
			idle()
			err = d.take(ctx, cfg)
			if err == nil {
				d.log.Info("the config was read anew", "sources", len(cfg.Sources), "channels", len(cfg.Channels))
				return
			}
			d.log.Error("the config is refused, and the old one stays", "error", err)
			return
		}
		d.log.Error("the config is refused, and the old one stays", "error", err)
	}
}

// tellSystemd says how this service stands, where a manager listens (sd_notify(3)).
func tellSystemd(state string) {
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
