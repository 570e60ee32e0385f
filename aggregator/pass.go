package aggregator

import (
	"context"
	"fmt"
	"time"

	"github.com/nashra/nashra/translate"
)

// Quiet is how long a pass waits for more once something has arrived, before it works on what is there: slow sources delay nobody.
const Quiet = 2 * time.Second

// Watch is told how a pass goes on. Each may be nil.
type Watch struct {
	Polling     func(total int)
	Polled      func(p Poll, err error)
	Translating func(expected translate.Report) // what is pending, and its price
}

// Report is what a pass did.
type Report struct {
	Polled     Polled
	Later      map[string]Later // sources not asked, and why
	Grouped    Grouped
	Fetched    Fetched
	Translated Translated
	Published  Published
	Retained   Retained
}

// Pass does all the steps once: it polls what is due, and when nothing new has come for a while, and again at the end, it groups,
// gets articles, translates and publishes what is there.
func (a *Aggregator) Pass(ctx context.Context, force bool, only []string, w Watch) (Report, error) {
	var rep Report
	memos, err := a.memos(ctx, only...)
	if err != nil {
		return rep, err
	}
	ids, later := a.due(memos, force, only)
	rep.Later = later
	if w.Polling != nil {
		w.Polling(len(ids))
	}
	arrived := NewSignal()
	seen := func(p Poll, err error) {
		if w.Polled != nil {
			w.Polled(p, err)
		}
		if len(p.Items) > 0 {
			arrived.Raise()
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	polling := a.polling(ctx, memos, seen, ids)
	var still <-chan time.Time
	settled := false
	for {
		select {
		case <-arrived:
			still = time.After(Quiet)
		case <-still:
			still, settled = nil, true
			if err := a.settle(ctx, &rep, w, nil); err != nil {
				cancel()
				<-polling
				return rep, err
			}
		case e := <-polling:
			rep.Polled = e.Polled
			if e.err != nil {
				return rep, e.err
			}
			if e.Asked > 0 || len(only) > 0 { // else what was read holds, of all
				memos = nil
			}
			if !settled || still != nil || len(arrived) > 0 { // something came since
				if err := a.settle(ctx, &rep, w, memos); err != nil {
					return rep, err
				}
			}
			rep.Retained, err = a.retain(ctx, memos)
			return rep, err
		}
	}
}

// ended is what a poll came to.
type ended struct {
	Polled
	err error
}

// polling polls while the caller does other work.
func (a *Aggregator) polling(ctx context.Context, memos map[string]Memo, seen func(Poll, error), ids []string) <-chan ended {
	c := make(chan ended, 1)
	go func() {
		p, err := a.poll(ctx, memos, seen, ids)
		c <- ended{p, err}
	}()
	return c
}

// settle groups what is there, gets the articles that sources ask for, translates and publishes. Of memos see known.
func (a *Aggregator) settle(ctx context.Context, rep *Report, w Watch, memos map[string]Memo) error {
	g, err := a.Group(ctx)
	rep.Grouped.Born += g.Born
	rep.Grouped.Joined += g.Joined
	if err != nil {
		return fmt.Errorf("group: %w", err)
	}
	f, err := a.Article(ctx)
	rep.Fetched.add(f)
	if err != nil {
		return fmt.Errorf("articles: %w", err)
	}
	if a.Translator != nil {
		if err := a.both(ctx, rep, w); err != nil {
			return err
		}
	}
	p, err := a.publish(ctx, memos)
	rep.Published.Stories, rep.Published.Waiting, rep.Published.Awaited = p.Stories, p.Waiting, p.Awaited
	rep.Published.Written = append(rep.Published.Written, p.Written...)
	rep.Published.Removed = append(rep.Published.Removed, p.Removed...)
	return err
}

// both has the headlines of all translated, then the bodies.
func (a *Aggregator) both(ctx context.Context, rep *Report, w Watch) error {
	shown, err := a.shown(ctx)
	if err != nil {
		return err
	}
	if w.Translating != nil {
		expected, err := a.estimate(ctx, shown)
		if err != nil {
			return fmt.Errorf("estimate: %w", err)
		}
		w.Translating(expected)
	}
	for _, part := range []translate.Role{translate.Title, translate.Body} {
		list, err := a.todo(ctx, part, shown)
		if err != nil {
			return err
		}
		t, err := a.translate(ctx, part, list)
		rep.Translated.add(t.Report)
		rep.Translated.Stories += t.Stories
		if err != nil {
			return err
		}
	}
	return nil
}
