// Package fleet does the aggregator's work in any number of processes on one PostgreSQL. River's
// queue only says that there may be work, and spreads it. What is to be done stands in the store's
// own rows, and who is doing it in advisory locks, which end with the session that holds them. So
// the queue may be emptied and a member killed at any moment: the tick that the leader enqueues
// every few seconds finds what was left.
//
// A poll job polls some of a host's sources one after the other, and a host has no more such jobs
// than it may get requests at once. Each request, for a feed, an article or a robots.txt, also
// after a redirect, takes one of the host's places, so that the limit holds over all members. One
// member groups at a time, one writes digests, one sends messages, and one translates: two would buy
// the same text twice. Publishing is no job: each member writes its own files when another tells it of news.
package fleet

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"golang.org/x/sync/semaphore"

	"github.com/nashra/nashra/aggregator"
)

// Options configures a member.
type Options struct {
	Name string // shown in lists of members; empty: the host's name
	// Enter is called before a step runs, by several steps at once: see aggregator.Enter. nil:
	// steps never wait.
	Enter  aggregator.Enter
	Tick   time.Duration // how often to look for due sources; 0: 5 s
	Rescue time.Duration // when the queue gives up the jobs of a silent member; 0: 5 min
}

const (
	// looking for due sources reads every source's row, and nobody notices five seconds
	tickEvery = 5 * time.Second
	// River's settings: the job of a killed member stays "running" until it is rescued
	jobTimeout  = 2 * time.Minute
	rescueAfter = 5 * time.Minute
	// how long running steps may go on after ctx ends, so that paid answers are stored; stopping
	// takes ten seconds at most
	drain = 8 * time.Second
	// how long cancelled work may take to return
	lastWords = time.Second
	// finished jobs are not worth keeping, as the store has what happened
	keptFinished = 10 * time.Minute
	keptFailed   = 24 * time.Hour
)

// member is one process of a fleet.
type member struct {
	*aggregator.Aggregator
	Options
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
	claims *claims
	steps  map[string]aggregator.Step // by name
	ending context.Context            // ends when the member is to stop; running steps may go on a while

	behind     sync.WaitGroup      // polls, including those that gave their workers back
	crowd      *semaphore.Weighted // how many of these may be
	came, news aggregator.Signal   // a poll brought items; there may be something to publish
}

// Run runs one member until ctx ends, and returns within ten seconds of that. While the database is
// away, it waits and logs; an error means that waiting would not help.
func Run(ctx context.Context, a *aggregator.Aggregator, pool *pgxpool.Pool, o Options) error {
	o.defaults()
	m := &member{Aggregator: a, Options: o, pool: pool, ending: ctx, came: aggregator.NewSignal(),
		news: aggregator.NewSignal(), crowd: semaphore.NewWeighted(int64(a.Crowd()))}
	m.steps = map[string]aggregator.Step{}
	for _, s := range a.Steps(nil) {
		m.steps[s.Name] = s
	}
	working, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	m.claims = newClaims(working, pool, o.Name)
	defer m.claims.close()
	if a.Client != nil {
		a.Client.LimitHostsBy(func(ctx context.Context, host string) (func(), error) {
			return m.claims.seat(ctx, host, max(1, a.PerHost))
		})
	}
	if err := m.start(ctx, working); err != nil || ctx.Err() != nil {
		return err
	}
	a.Log.Info("joined the fleet", "member", o.Name)
	var wg sync.WaitGroup
	for _, loop := range []func(context.Context){m.claims.watch, m.listen, m.gather, m.publish} {
		wg.Go(func() { loop(ctx) })
	}
	<-ctx.Done()
	hard := time.AfterFunc(drain, cut)
	defer hard.Stop()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain+lastWords)
	defer cancel()
	if err := m.client.Stop(last); err != nil {
		a.Log.Warn("jobs are left to the others", "error", err)
	}
	m.behind.Wait()
	wg.Wait()
	a.Log.Info("left the fleet", "member", o.Name)
	return nil
}

func (o *Options) defaults() {
	if o.Name == "" {
		if o.Name, _ = os.Hostname(); o.Name == "" {
			o.Name = "nashra"
		}
	}
	if o.Tick <= 0 {
		o.Tick = tickEvery
	}
	if o.Rescue <= 0 {
		o.Rescue = rescueAfter
	}
	if o.Enter == nil {
		o.Enter = func(context.Context) (func(), error) { return func() {}, nil }
	}
}

// start creates the queue's tables and starts the client. It waits while the database is away.
func (m *member) start(ctx, working context.Context) error {
	for failures := 0; ; failures++ {
		err := m.try(ctx, working)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if final(err) {
			return fmt.Errorf("join the fleet: %w", err)
		}
		wait := aggregator.Retry(failures)
		m.Log.Warn("the database is away: waiting", "error", err, "next", wait)
		pause(ctx, wait)
	}
}

func (m *member) try(ctx, working context.Context) error {
	if err := migrate(ctx, m.pool); err != nil {
		return err
	}
	if err := m.claims.open(); err != nil {
		return err
	}
	client, err := river.NewClient(riverpgxv5.New(m.pool), m.config())
	if err != nil {
		return err
	}
	if err := client.Start(working); err != nil {
		return err
	}
	m.client = client
	return nil
}

// config returns River's config.
func (m *member) config() *river.Config {
	return &river.Config{
		ID:                   m.claims.id,
		Logger:               slog.New(atLeast{m.Log.Handler(), slog.LevelWarn}),
		ErrorHandler:         failed{m.Log},
		Workers:              m.workers(),
		Queues:               m.queues(),
		PeriodicJobs:         m.periodic(),
		JobTimeout:           min(jobTimeout, m.Rescue/2),
		RescueStuckJobsAfter: m.Rescue,
		RetryPolicy:          retry{},

		CompletedJobRetentionPeriod: keptFinished,
		CancelledJobRetentionPeriod: keptFinished,
		DiscardedJobRetentionPeriod: keptFailed,
	}
}

// claimed runs work unless another member has claimed name, and reports whether it ran. The context
// of work ends with the claim and not with the job's timeout, so that paid answers are stored.
func (m *member) claimed(name string, work func(ctx context.Context) error) (bool, error) {
	leave, err := m.Enter(m.claims.base)
	if err != nil {
		return false, err
	}
	defer leave()
	session, release, err := m.claims.take(name)
	if err != nil || release == nil {
		return false, err
	}
	defer release()
	return true, work(session)
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
