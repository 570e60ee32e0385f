package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"github.com/nashra/nashra/aggregator"
)

// tick enqueues jobs for what is due, and for what a dead member or an emptied queue left.
func (m *member) tick(_ context.Context, _ *river.Job[tickJob]) error {
	_, err := m.claimed("tick", func(ctx context.Context) error {
		if err := m.bury(ctx); err != nil {
			return fmt.Errorf("take dead members' jobs out of the queue: %w", err)
		}
		hosts, err := m.DueHosts(ctx)
		if err != nil {
			return err
		}
		due := map[string]pollJob{} // by claim
		for host, ids := range hosts {
			for lane, some := range m.lanes(ids) {
				job := pollJob{Host: host, Lane: lane, Sources: some}
				due[job.claim()] = job
			}
		}
		if err := m.enqueuePolls(ctx, due); err != nil {
			return fmt.Errorf("enqueue polls: %w", err)
		}
		left, err := m.Store.Ungrouped(ctx, 1)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			m.came.Raise()
		}
		at := time.Now().Add(retryAfter)
		err = errors.Join(m.later(ctx, articleJob{standing}, at), m.later(ctx, translateJob{Turn: standing}, at))
		if next := m.NextDigest(); !next.IsZero() {
			if at.Before(next) { // a first digest may be due earlier
				next = at
			}
			err = errors.Join(err, m.later(ctx, digestJob{standing}, next))
		}
		return err
	})
	return err
}

// poll polls the due sources of a lane. A source that takes long gives its worker back, as its
// claim says that it is being polled.
func (m *member) poll(_ context.Context, job *river.Job[pollJob]) error {
	going, done, left := aggregator.NewSignal(), make(chan error), make(chan struct{})
	if m.crowd.Acquire(m.ending, 1) != nil {
		return river.JobSnooze(aggregator.Retry(0))
	}
	m.behind.Go(func() {
		defer m.crowd.Release(1)
		asked := false
		_, err := m.claimed(job.Args.claim(), func(ctx context.Context) error {
			asked = true
			_, err := m.PollDue(ctx, func(p aggregator.Poll, err error) { m.polled(p, err); going.Raise() },
				job.Args.Sources...)
			return err
		})
		if err != nil && m.ending.Err() == nil {
			m.Log.Error("a step failed and is tried again", "step", job.Kind, "host", job.Args.Host, "error", err)
		}
		switch {
		case err != nil && asked: // and could not be stored: do not bother publishers again
			err = river.JobSnooze(max(m.MinInterval, aggregator.LongestRetry))
		case err != nil:
			err = river.JobSnooze(aggregator.Retry(0))
		}
		select {
		case done <- err:
		case <-left:
		}
	})
	for {
		select {
		case err := <-done:
			return err
		case <-going:
		case <-time.After(aggregator.Patience):
			close(left)
			return nil
		}
	}
}

func (m *member) polled(p aggregator.Poll, err error) {
	p.Log(m.Log, err)
	if len(p.Items) > 0 {
		m.came.Raise()
	}
}

// gather wakes grouping when polls brought items.
func (m *member) gather(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.came:
		}
		m.wake(ctx, m.steps["poll"])
		pause(ctx, aggregator.Quiet)
	}
}

// wake enqueues the steps that s wakes, and announces news to publish.
func (m *member) wake(ctx context.Context, s aggregator.Step) {
	for _, name := range s.Wakes {
		var err error
		if name == "publish" {
			err = m.spread(ctx)
		} else {
			err = m.trigger(ctx, name)
		}
		if err != nil && ctx.Err() == nil {
			m.Log.Warn("cannot enqueue: the next tick will", "job", name, "error", err)
		}
	}
}

// watch logs what a step did, and wakes others if there is news.
func (m *member) watch(ctx context.Context, s aggregator.Step) aggregator.Watch {
	return aggregator.Watch{Done: func(rep aggregator.Report) {
		rep.Log(m.Log)
		if rep.News() {
			m.wake(ctx, s)
		}
	}}
}

// run runs a step. If another member runs it, the job comes back later.
func (m *member) run(name string) error {
	s := m.steps[name]
	pause(m.ending, s.Pause)
	var again time.Time
	mine, err := m.claimed(name, func(ctx context.Context) (err error) {
		again, err = s.Run(ctx, m.watch(ctx, s))
		return err
	})
	switch soon := time.Until(again); {
	case err != nil:
		return err
	case !mine:
		return river.JobSnooze(aggregator.Quiet)
	case again.IsZero() || m.ending.Err() != nil:
	case s.Every > 0 && soon < s.Every:
		return river.JobSnooze(soon)
	case s.Every > 0: // the leader enqueues another until then
	// a later time is left to the standing job: a queued job would block those that new items
	// trigger
	case soon <= aggregator.Quiet:
		return m.enqueue(m.claims.base, func(t turn) river.JobArgs { return stepJob(name, t) }, again)
	}
	return nil
}

// translate translates one batch after the other, headlines first, without what was tried a moment
// ago.
func (m *member) translate(_ context.Context, job *river.Job[translateJob]) error {
	mine, err := m.claimed("translate", func(ctx context.Context) error {
		tried := map[string]bool{}
		for _, p := range job.Args.Tried {
			tried[p] = true
		}
		for end := time.Now().Add(longTurn); m.ending.Err() == nil && time.Now().Before(end); {
			if more, err := m.translateSome(ctx, tried); err != nil || !more {
				return err
			}
		}
		return m.enqueue(ctx, func(t turn) river.JobArgs {
			return translateJob{t, slices.Collect(maps.Keys(tried))}
		}, time.Now())
	})
	if err == nil && !mine {
		return river.JobSnooze(aggregator.Quiet)
	}
	return err
}

// translateSome translates the next batch and marks it as tried. more is false if there was none.
func (m *member) translateSome(ctx context.Context, tried map[string]bool) (more bool, err error) {
	left, err := m.Untranslated(ctx)
	if err != nil {
		return false, err
	}
	for _, u := range left {
		next := untried(u, tried)
		if len(next) == 0 {
			continue
		}
		t, err := m.Translate(ctx, u.Part, next...)
		m.watch(ctx, m.steps["translate"]).Done(aggregator.Report{Translated: t})
		return true, err
	}
	return m.TranslateBeyond(ctx, m.watch(ctx, m.steps["translate"]))
}

// untried returns the first stories whose part was not tried, and marks them.
func untried(u aggregator.Untranslated, tried map[string]bool) (next []string) {
	for _, id := range u.Stories {
		if key := string(u.Part) + " " + id; !tried[key] && len(next) < storiesPerBatch {
			tried[key] = true
			next = append(next, id)
		}
	}
	return next
}
