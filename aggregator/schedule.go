package aggregator

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/nashra/nashra/translate"
)

const (
	// how long after a translation that left something undone it is tried again: engines recover in minutes, and a call that fails is cheap
	retranslateAfter = 5 * time.Minute
	// LongestRetry is the most that Retry waits.
	LongestRetry = time.Minute
	// no worker sleeps longer: a clock that was set forward is noticed within it
	longestSleep = time.Minute
	// RetainEvery is how often old stories are looked for, and RetainPause how soon again where there may be more: one call takes ten
	// thousand items at most, and a great fleet gets a million a day.
	RetainEvery = 6 * time.Hour
	RetainPause = time.Minute
)

// Serve polls each source when it is due, and groups, completes, translates and publishes what comes, until ctx ends; then it returns once the steps
// at work have ended. Each step is a worker of its own: what hangs or fails delays that step alone, and is tried again. enter is asked
// before a step works, and what it returns is called after; it may wait, to keep out others that work on the store (Turns).
func (a *Aggregator) Serve(ctx context.Context, enter func(ctx context.Context) (leave func(), err error)) {
	d := &daemon{enter: enter, polled: NewSignal(), came: NewSignal(), grouped: NewSignal(), read: NewSignal(), done: NewSignal()}
	d.rest = max(a.MinInterval, LongestRetry)
	d.failed = func(step string, err error) {
		a.Log.Error("a step failed and is tried again", "step", step, "error", err)
	}
	d.due = func(ctx context.Context) ([]string, map[string]Later, error) { return a.Due(ctx, false) }
	d.ask = func(ctx context.Context, ids []string, stored func(id string, news bool)) error {
		_, err := a.Poll(ctx, func(p Poll, err error) {
			a.TellPolled(p, err)
			stored(p.Memo.ID, len(p.Items) > 0)
		}, ids...)
		return err
	}
	d.group = func(ctx context.Context) (time.Time, error) {
		g, err := a.Group(ctx)
		a.TellGrouped(g)
		return time.Time{}, err
	}
	d.article = func(ctx context.Context) (time.Time, error) {
		f, err := a.Article(ctx)
		if f.Read > 0 {
			d.done.Raise()
		}
		a.TellFetched(f)
		return f.Next, err
	}
	d.translate = func(ctx context.Context) (time.Time, error) { return a.translatePending(ctx, d.done) }
	d.publish = func(ctx context.Context) (time.Time, error) {
		p, err := a.Publish(ctx)
		a.TellPublished(p)
		return p.Next, err
	}
	d.retain = func(ctx context.Context) (time.Time, error) {
		r, err := a.Retain(ctx)
		a.TellRetained(r)
		if r.More {
			return time.Now().Add(RetainPause), err
		}
		return time.Now().Add(RetainEvery), err
	}
	d.run(ctx)
}

// translatePending translates the headlines and then the bodies that have still to be, and asks to come again where some were left.
func (a *Aggregator) translatePending(ctx context.Context, done Signal) (again time.Time, err error) {
	for _, part := range []translate.Role{translate.Title, translate.Body} {
		t, err := a.Translate(ctx, part)
		if t.Stories > 0 {
			done.Raise()
		}
		a.TellTranslated(part, t)
		if len(t.Failures)+t.Withheld > 0 {
			again = time.Now().Add(retranslateAfter)
		}
		if err != nil {
			return again, err
		}
	}
	return again, nil
}

// step does its work and says when to come again though nobody asks; the zero time: only when asked.
type step func(ctx context.Context) (again time.Time, err error)

// daemon is the workers, what they do, and how they wake each other.
type daemon struct {
	enter                                      func(ctx context.Context) (leave func(), err error)
	failed                                     func(step string, err error)
	due                                        func(ctx context.Context) ([]string, map[string]Later, error)
	ask                                        func(ctx context.Context, ids []string, stored func(id string, news bool)) error
	group, article, translate, publish, retain step

	rest time.Duration // after a poll that could not be stored

	polled, came, grouped, read, done Signal // a poll ended; it brought something; that is in stories; their articles are read; there is something to publish

	wg     sync.WaitGroup
	mu     sync.Mutex
	asking map[string]bool
}

// Retry is how long a step waits that has failed (the store is away, the disk full) so many times before in a row: a second, then twice as
// long each time, up to LongestRetry.
func Retry(failures int) time.Duration { return min(time.Second<<min(failures, 10), LongestRetry) }

// Signal wakes a worker; many while it works are one.
type Signal chan struct{}

// NewSignal returns one that is not raised.
func NewSignal() Signal { return make(Signal, 1) }

// Raise wakes who receives from s.
func (s Signal) Raise() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// run is the workers until ctx ends.
func (d *daemon) run(ctx context.Context) {
	d.asking = map[string]bool{}
	now := time.Now()
	work := func(name string, pause time.Duration, wake Signal, first time.Time, s step, then ...Signal) {
		d.wg.Go(func() { d.work(ctx, name, pause, wake, first, s, then) })
	}
	work("poll", 0, d.polled, now, d.poll)
	work("group", Quiet, d.came, now, d.group, d.grouped, d.done) // at once: a killed process may have left something
	work("article", 0, d.grouped, time.Time{}, d.article, d.read)
	work("translate", 0, d.read, time.Time{}, d.translate, d.done)
	work("publish", Quiet, d.done, time.Time{}, d.publish)
	work("retain", 0, nil, now.Add(longestSleep), d.retain)
	d.wg.Wait()
}

// work does s when first comes, when woken (and after a pause in which more may come), and when s asked to; each time it then wakes others.
func (d *daemon) work(ctx context.Context, name string, pause time.Duration, wake Signal, first time.Time, s step, then []Signal) {
	failures := 0
	for again := first; sleep(ctx, wake, pause, again); {
		var err error
		if again, err = d.once(ctx, s); err == nil {
			failures = 0
			for _, t := range then {
				t.Raise()
			}
		} else if ctx.Err() == nil {
			d.failed(name, err)
			again = time.Now().Add(Retry(failures))
			failures++
		}
	}
}

func (d *daemon) once(ctx context.Context, s step) (time.Time, error) {
	leave, err := d.enter(ctx)
	if err != nil {
		return time.Time{}, err
	}
	defer leave()
	return s(ctx)
}

// sleep waits until woken, and then for pause, or until a time; false: ctx has ended.
func sleep(ctx context.Context, wake Signal, pause time.Duration, until time.Time) bool {
	for ctx.Err() == nil {
		left := longestSleep
		if !until.IsZero() {
			left = min(left, time.Until(until.Round(0))) // by the wall clock, which may be set
		}
		select {
		case <-ctx.Done():
		case <-wake:
			wake, until = nil, time.Now().Add(pause)
		case <-time.After(left):
			if !until.IsZero() && time.Until(until.Round(0)) <= 0 {
				return ctx.Err() == nil
			}
		}
	}
	return false
}

// poll has the sources asked that are due and not being asked, without waiting for them, and comes again when the next is due.
func (d *daemon) poll(ctx context.Context) (time.Time, error) {
	ids, later, err := d.due(ctx)
	if err != nil {
		return time.Time{}, err
	}
	next := time.Now().Add(longestSleep)
	for _, l := range later {
		if !l.Until.IsZero() {
			next = earliest(next, l.Until)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	ids = slices.DeleteFunc(ids, func(id string) bool { return d.asking[id] })
	if len(ids) == 0 {
		return next, nil
	}
	for _, id := range ids {
		d.asking[id] = true
	}
	d.wg.Go(func() {
		_, err := d.once(ctx, func(ctx context.Context) (time.Time, error) { return time.Time{}, d.ask(ctx, ids, d.stored) })
		if err != nil && ctx.Err() == nil {
			d.failed("poll", err)
			sleep(ctx, nil, 0, time.Now().Add(d.rest)) // what could not be stored was asked for all the same: publishers are not to feel it
		}
		for _, id := range ids {
			d.stored(id, false)
		}
	})
	return next, nil
}

// stored notes that a source may be asked again when it is due, and whether it brought something.
func (d *daemon) stored(id string, news bool) {
	d.mu.Lock()
	delete(d.asking, id)
	d.mu.Unlock()
	d.polled.Raise()
	if news {
		d.came.Raise()
	}
}

// Turns makes of lock, which one holder at a time may have, what Serve asks: its first step takes it and the last one that ends gives it back.
func Turns(lock func(ctx context.Context) (release func(), err error)) func(ctx context.Context) (leave func(), err error) {
	var mu sync.Mutex
	var release func()
	inside := 0
	return func(ctx context.Context) (func(), error) {
		mu.Lock()
		defer mu.Unlock()
		if inside == 0 {
			var err error
			if release, err = lock(ctx); err != nil {
				return nil, err
			}
		}
		inside++
		return func() {
			mu.Lock()
			defer mu.Unlock()
			if inside--; inside == 0 {
				release()
			}
		}, nil
	}
}
