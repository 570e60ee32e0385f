// Package fleet does the aggregator's work in any number of processes on one PostgreSQL. River's queue says that there may be work, and
// spreads it; what there is to do, and what is done, stands in our own rows alone, and who is at it in locks of the database that end
// with the session that holds them. So the queue may be emptied at any time, and a member may be killed at any moment: the tick that
// the leader enqueues every few seconds finds what was left.
//
// A job polls some of a host's sources, one after the other, and a host has no more such jobs than it may be asked at once. Each request,
// for a feed, an article or a robots.txt, also where a redirect leads, takes one of the host's places, which are as many: so its limit
// holds over all members. Grouping is one member's at a time, and so is translating, in batches: two at once would buy what both have to
// say twice, and ask a vendor at twice its pace. Publishing is no job: every member serves, so every member writes its own files, when
// one says that there is news.
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

	"github.com/nashra/nashra/aggregator"
)

// Options of a member.
type Options struct {
	Name string // for people, in lists of members; empty: the host's
	// Enter is asked before a step works, and what it returns is called after: see aggregator.Serve. Several steps enter at once. nil: nobody else is to be kept out.
	Enter  aggregator.Enter
	Tick   time.Duration // how often what is due is looked for; 0: 5 s
	Rescue time.Duration // after which the queue gives up a job whose member is silent; 0: 5 min
}

const (
	// a source is due to the minute: nobody sees five seconds, and looking for what is due reads every source's row
	tickEvery = 5 * time.Second
	// River's settings, as measured: a job of a killed member stays "running" until it is rescued
	jobTimeout  = 2 * time.Minute
	rescueAfter = 5 * time.Minute
	// what is at work when the member is to end may go on for this long: answers that were paid for are kept. Ten seconds are promised.
	drain = 8 * time.Second
	// after the work was told to end
	lastWords = time.Second
	// the trunk of finished jobs is no history worth keeping: what happened stands in our rows
	keptFinished = 10 * time.Minute
	keptFailed   = 24 * time.Hour
)

// member is one process's part.
type member struct {
	*aggregator.Aggregator
	Options
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
	claims *claims
	steps  map[string]aggregator.Step // by name
	ending context.Context            // ends when the member is to; what is at work may go on a while

	behind     sync.WaitGroup    // polls, also those that gave their workers back
	came, news aggregator.Signal // a poll brought something; there may be something to publish
}

// Run is one member until ctx ends; then it returns within ten seconds. While the database is away it waits, and says so in the log; an
// error means that waiting would not help.
func Run(ctx context.Context, a *aggregator.Aggregator, pool *pgxpool.Pool, o Options) error {
	o.defaults()
	m := &member{Aggregator: a, Options: o, pool: pool, ending: ctx, came: aggregator.NewSignal(), news: aggregator.NewSignal()}
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

// start makes the queue's tables and the client, and starts it; it waits while the database is away.
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

// config is River's.
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

		CompletedJobRetentionPeriod: keptFinished, CancelledJobRetentionPeriod: keptFinished, DiscardedJobRetentionPeriod: keptFailed,
	}
}

// claimed does work while no other member can at what has that name, and says whether it could: another may be at it. Work's context
// ends with the claim, and not with the job's time: what was asked and paid for is to be stored, and no one else is at it.
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

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
