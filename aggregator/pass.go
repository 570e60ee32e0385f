package aggregator

import (
	"cmp"
	"context"
	"maps"
	"sync/atomic"
	"time"
)

// Pass runs every step once. While it polls, it runs the steps after polling whenever nothing new
// has arrived for Quiet, and again at the end if anything has arrived since. Messages that wait from
// earlier passes are sent meanwhile, so that a target that hangs delays only its first pass.
func (a *Aggregator) Pass(ctx context.Context, force bool, only []string, w Watch) (rep Report, err error) {
	states, ids, later, err := a.due(ctx, force, only)
	if err != nil {
		return rep, err
	}
	a.Progress("polling", 0, len(ids))
	arrived := NewSignal()
	var polled atomic.Int64
	watch := Watch{Translating: w.Translating, Done: func(run Report) { rep.add(run) }, Polled: func(p Poll, _ error) {
		a.Progress("polling", int(polled.Add(1)), len(ids))
		if len(p.Items) > 0 {
			arrived.Raise()
		}
	}}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	steps := a.Steps(func(ctx context.Context, w Watch) (_ time.Time, err error) {
		rep.Polled, err = a.poll(ctx, states, a.PerHost, force, w.Polled, ids)
		maps.Copy(rep.Polled.Later, later)
		return time.Time{}, err
	})
	poll, rest := steps[0], steps[1:]
	polling := make(chan error, 1)
	go func() {
		_, err := poll.Run(ctx, watch)
		polling <- err
	}()
	resent := a.resend(ctx)
	// settle runs the steps that others wake, or with timed those that run at intervals.
	settle := func(timed bool) error {
		for _, s := range rest {
			if timed == (s.Every > 0) {
				if _, err := s.Run(ctx, watch); err != nil {
					return err
				}
			}
		}
		return nil
	}
	var still <-chan time.Time
	settled := false
	for {
		select {
		case <-arrived:
			still = time.After(Quiet)
		case <-still:
			still, settled = nil, true
			if err := settle(false); err != nil {
				cancel()
				<-resent
				return rep, cmp.Or(err, <-polling) // waits until polling has ended
			}
		case err := <-polling:
			if err == nil && (!settled || still != nil || len(arrived) > 0) { // something arrived since
				err = settle(false)
			}
			sent := <-resent
			rep.add(Report{Notified: sent.rep})
			if err = cmp.Or(err, sent.err); err == nil {
				err = settle(true)
			}
			return rep, err
		}
	}
}

// resent is the outcome of Notifier.Resend.
type resent struct {
	rep Notified
	err error
}

// resend sends, in the background, the messages that wait. What is left of them is counted later.
func (a *Aggregator) resend(ctx context.Context) <-chan resent {
	done := make(chan resent, 1)
	go func() {
		rep, err := a.notifier.Resend(ctx)
		rep.Waiting, rep.Next = 0, time.Time{}
		done <- resent{rep, err}
	}()
	return done
}
