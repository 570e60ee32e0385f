package aggregator

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
)

const (
	// LongestRetry is the longest time that Retry returns.
	LongestRetry = time.Minute
	// the longest sleep of a worker, so that it notices a clock that was set forward
	longestSleep = time.Minute
)

// Retry returns how long to wait after that many failures in a row: a second, doubled each time, at
// most LongestRetry.
func Retry(failures int) time.Duration { return min(time.Second<<min(failures, 10), LongestRetry) }

// Signal wakes a worker. Raising it again before the worker runs has no effect.
type Signal chan struct{}

// NewSignal returns a Signal that is not raised.
func NewSignal() Signal { return make(Signal, 1) }

// Raise wakes the receiver of s.
func (s Signal) Raise() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// Enter waits until the store may be worked on. The caller must call leave when its work ends.
type Enter func(ctx context.Context) (leave func(), err error)

// Worker runs a step whenever it is woken or due. It logs failures and retries them.
type Worker struct {
	Step  Step
	Wake  Signal
	Enter Enter
	Watch Watch
	Log   *slog.Logger
}

// Work runs the step until ctx ends.
func (w Worker) Work(ctx context.Context) {
	var again time.Time
	if w.Step.Every > 0 {
		again = time.Now().Add(min(w.Step.Every, longestSleep))
	}
	for failures := 0; sleep(ctx, w.Wake, w.Step.Pause, again); {
		var err error
		if again, err = w.once(ctx); err != nil && ctx.Err() == nil {
			w.Log.Error("a step failed and is tried again", "step", w.Step.Name, "error", err)
			again = time.Now().Add(Retry(failures))
			failures++
			continue
		}
		failures = 0
		if w.Step.Every > 0 {
			again = polite.Sooner(again, time.Now().Add(w.Step.Every))
		}
	}
}

func (w Worker) once(ctx context.Context) (again time.Time, err error) {
	leave, err := w.Enter(ctx)
	if err != nil {
		return again, err
	}
	defer leave()
	return w.Step.Run(ctx, w.Watch)
}

// sleep waits for wake and then for pause, or until a time. It returns false if ctx has ended.
func sleep(ctx context.Context, wake Signal, pause time.Duration, until time.Time) bool {
	for ctx.Err() == nil {
		left := longestSleep
		if !until.IsZero() {
			left = min(left, time.Until(until.Round(0))) // wall clock, which may be set
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

// Serve runs the steps until ctx ends and the running ones have returned. Each step has a worker of
// its own, so that a step that hangs or fails delays no other.
func (a *Aggregator) Serve(ctx context.Context, enter Enter) {
	d := newDaemon(a.Log, enter, max(a.MinInterval, LongestRetry))
	d.due = func(ctx context.Context) ([]string, time.Time, error) {
		states, next, err := a.DueNow(ctx)
		return slices.Sorted(maps.Keys(states)), next, err
	}
	d.ask = func(ctx context.Context, ids []string, stored func(Poll, error)) error {
		_, err := a.Poll(ctx, stored, false, ids...)
		return err
	}
	d.run(ctx, a.Steps(d.poll))
}

// daemon runs the table of steps in workers that wake each other. It polls without waiting for the
// answers.
type daemon struct {
	log   *slog.Logger
	enter Enter
	rest  time.Duration // how long not to poll sources whose answers could not be stored
	due   func(ctx context.Context) (ids []string, next time.Time, err error)
	ask   func(ctx context.Context, ids []string, stored func(Poll, error)) error

	signals map[string]Signal // by step
	wg      sync.WaitGroup
	mu      sync.Mutex
	asking  map[string]bool // ids of sources
	next    time.Time       // when poll runs again without being woken
}

func newDaemon(log *slog.Logger, enter Enter, rest time.Duration) *daemon {
	return &daemon{log: log, enter: enter, rest: rest, signals: map[string]Signal{}, asking: map[string]bool{}}
}

// run runs the steps until ctx ends. At the start each step runs once, as a killed process may have
// left work.
func (d *daemon) run(ctx context.Context, steps []Step) {
	for _, s := range steps {
		d.signals[s.Name] = NewSignal()
		if s.Every == 0 {
			d.signals[s.Name].Raise()
		}
	}
	for _, s := range steps {
		watch := Watch{Done: func(rep Report) {
			rep.Log(d.log)
			if rep.News() {
				d.wake(s.Wakes...)
			}
		}}
		w := Worker{Step: s, Wake: d.signals[s.Name], Enter: d.enter, Watch: watch, Log: d.log}
		d.wg.Go(func() { w.Work(ctx) })
	}
	d.wg.Wait()
}

func (d *daemon) wake(steps ...string) {
	for _, name := range steps {
		d.signals[name].Raise()
	}
}

// poll starts polling the sources that are due, except those being polled, and returns when the
// next is due.
func (d *daemon) poll(ctx context.Context, _ Watch) (time.Time, error) {
	ids, next, err := d.due(ctx)
	if err != nil {
		return time.Time{}, err
	}
	next = polite.Sooner(next, time.Now().Add(longestSleep))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next = next
	ids = slices.DeleteFunc(ids, func(id string) bool { return d.asking[id] })
	if len(ids) == 0 {
		return next, nil
	}
	for _, id := range ids {
		d.asking[id] = true
	}
	d.wg.Go(func() { d.askAll(ctx, ids) })
	return next, nil
}

// askAll polls sources. If their answers cannot be stored, it waits, so as not to bother publishers
// again.
func (d *daemon) askAll(ctx context.Context, ids []string) {
	leave, err := d.enter(ctx)
	if err == nil {
		err = d.ask(ctx, ids, func(p Poll, err error) {
			p.Log(d.log, err)
			d.answered(p.State.Due, p.State.ID)
			if len(p.Items) > 0 {
				d.wake("group")
			}
		})
		leave()
	}
	if err != nil && ctx.Err() == nil {
		d.log.Error("a step failed and is tried again", "step", "poll", "error", err)
		sleep(ctx, nil, 0, time.Now().Add(d.rest))
	}
	d.answered(time.Time{}, ids...)
}

// answered marks sources as no longer being polled. They are due at a time.
func (d *daemon) answered(due time.Time, ids ...string) {
	d.mu.Lock()
	for _, id := range ids {
		delete(d.asking, id)
	}
	soon := due.Before(d.next)
	d.mu.Unlock()
	if soon {
		d.wake("poll")
	}
}

// Turns returns an Enter over an exclusive lock: the first step to enter takes the lock, and the
// last to leave releases it.
func Turns(lock func(ctx context.Context) (release func(), err error)) Enter {
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
