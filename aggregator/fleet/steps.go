package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/nashra/nashra/aggregator"
)

// tick puts jobs for what is due, and for what a dead member or an emptied queue left, into the queue.
func (m *member) tick(_ context.Context, _ *river.Job[tickJob]) error {
	_, err := m.claimed("tick", func(ctx context.Context) error {
		if err := m.bury(ctx); err != nil {
			return fmt.Errorf("take dead members' jobs out of the queue: %w", err)
		}
		hosts, err := m.DueHosts(ctx)
		if err != nil {
			return err
		}
		var jobs []river.InsertManyParams
		for host, ids := range hosts {
			for lane, some := range m.lanes(ids) {
				jobs = append(jobs, river.InsertManyParams{Args: pollJob{Host: host, Lane: lane, Sources: some}, InsertOpts: once("poll")})
			}
		}
		if err := m.insert(ctx, jobs); err != nil {
			return err
		}
		left, err := m.Store.Ungrouped(ctx, 1)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			m.came.Raise()
		}
		at := time.Now().Add(retryAfter)
		return errors.Join(m.later(ctx, articleJob{standing}, at), m.later(ctx, translateJob{Turn: standing}, at))
	})
	return err
}

// poll asks those of a lane's sources that are due. A source that takes long gives its worker back: its claim says that it is being asked.
func (m *member) poll(_ context.Context, job *river.Job[pollJob]) error {
	going, done, left := aggregator.NewSignal(), make(chan error), make(chan struct{})
	m.behind.Go(func() {
		asked := false
		_, err := m.claimed(fmt.Sprintf("host %s %d", job.Args.Host, job.Args.Lane), func(ctx context.Context) error {
			asked = true
			_, err := m.PollDue(ctx, func(p aggregator.Poll, err error) { m.polled(p, err); going.Raise() }, job.Args.Sources...)
			return err
		})
		if err != nil && m.ending.Err() == nil {
			m.Log.Error("a step failed and is tried again", "step", job.Kind, "host", job.Args.Host, "error", err)
		}
		switch {
		case err != nil && asked: // and could not be stored: publishers are not to feel it
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
	m.TellPolled(p, err)
	if len(p.Items) > 0 {
		m.came.Raise()
	}
}

// gather has what came grouped.
func (m *member) gather(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.came:
		}
		if err := m.trigger(ctx, groupJob{first}, groupJob{second}); err != nil && ctx.Err() == nil {
			m.Log.Warn("cannot enqueue: the next tick will", "job", "group", "error", err)
		}
		pause(ctx, aggregator.Quiet)
	}
}

// inTurn does work once no other member is at what has that name: until then the job comes back.
func (m *member) inTurn(name string, work func(ctx context.Context) error) error {
	mine, err := m.claimed(name, work)
	if err == nil && !mine {
		return river.JobSnooze(aggregator.Quiet)
	}
	return err
}

// group groups what has arrived.
func (m *member) group(_ context.Context, _ *river.Job[groupJob]) error {
	pause(m.ending, aggregator.Quiet)
	return m.inTurn("group", func(ctx context.Context) error {
		g, err := m.Group(ctx)
		m.TellGrouped(g)
		if err != nil {
			return err
		}
		if err := m.spread(ctx); err != nil {
			return err
		}
		return errors.Join(m.trigger(ctx, articleJob{first}, articleJob{second}), m.trigger(ctx, translateJob{Turn: first}, translateJob{Turn: second}))
	})
}

// article gets the full texts that sources ask for; the bodies of their stories are translated after.
func (m *member) article(_ context.Context, job *river.Job[articleJob]) error {
	return m.inTurn("article", func(ctx context.Context) error {
		f, err := m.Article(ctx)
		m.TellFetched(f)
		if err != nil {
			return err
		}
		if f.Read+len(f.Left) > 0 {
			if err := errors.Join(m.spread(ctx), m.trigger(ctx, translateJob{Turn: first}, translateJob{Turn: second})); err != nil {
				return err
			}
		}
		if f.Next.IsZero() || time.Until(f.Next) > aggregator.Quiet || m.ending.Err() != nil {
			return nil
		}
		return m.later(ctx, articleJob{job.Args.Turn.other()}, f.Next)
	})
}

// translate translates batch after batch, headlines first, what has not been tried just now.
func (m *member) translate(_ context.Context, job *river.Job[translateJob]) error {
	return m.inTurn("translate", func(ctx context.Context) error {
		tried := map[string]bool{}
		for _, p := range job.Args.Tried {
			tried[p] = true
		}
		for end := time.Now().Add(longTurn); ; {
			more, err := m.translateSome(ctx, tried)
			if err != nil || !more {
				return err
			}
			if m.ending.Err() != nil || time.Now().After(end) {
				break
			}
		}
		rest := translateJob{Turn: job.Args.Turn.other()}
		for p := range tried {
			rest.Tried = append(rest.Tried, p)
		}
		_, err := m.client.Insert(ctx, rest, once("translate"))
		return err
	})
}

// translateSome translates the next batch, and notes it as tried; more: there was one.
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
		m.TellTranslated(u.Part, t)
		if t.Stories > 0 {
			if err := m.spread(ctx); err != nil {
				m.Log.Warn("cannot tell the others of news: they will look by themselves", "error", err)
			}
		}
		return true, err
	}
	return false, nil
}

// untried takes the first stories whose part was not tried, and notes them.
func untried(u aggregator.Untranslated, tried map[string]bool) (next []string) {
	for _, id := range u.Stories {
		if key := string(u.Part) + " " + id; !tried[key] && len(next) < storiesPerGo {
			tried[key] = true
			next = append(next, id)
		}
	}
	return next
}

// retain deletes what is old, and comes back soon where there may be more of it.
func (m *member) retain(_ context.Context, _ *river.Job[retainJob]) error {
	more := false
	_, err := m.claimed("retain", func(ctx context.Context) error {
		r, err := m.Retain(ctx)
		m.TellRetained(r)
		more = r.More
		return err
	})
	if err == nil && more {
		return river.JobSnooze(aggregator.RetainPause)
	}
	return err
}
