package aggregator

import (
	"context"
	"sync"
	"time"
)

// together stores what several poll at the same time in one transaction: who comes while another stores waits, and the next stores all
// that wait. One whose polls cannot be stored fails alone.
type together struct {
	Store
	turn chan struct{} // full: somebody stores

	mu      sync.Mutex
	waiting []*stored
}

type stored struct {
	at    time.Time
	polls []Poll
	done  chan struct{}
	n     Arrived // of all that were stored with it, told to one of them
	err   error
}

func newTogether(st Store) *together { return &together{Store: st, turn: make(chan struct{}, 1)} }

// Polled is Store.Polled. Of those that were stored together one gets the counts of all.
func (t *together) Polled(ctx context.Context, at time.Time, polls ...Poll) (Arrived, error) {
	mine := &stored{at: at, polls: polls, done: make(chan struct{})}
	t.mu.Lock()
	t.waiting = append(t.waiting, mine)
	t.mu.Unlock()
	for {
		select {
		case <-mine.done:
			return mine.n, mine.err
		case t.turn <- struct{}{}:
			t.store(ctx, t.next())
			<-t.turn
		}
	}
}

// next takes those who wait the longest, as many as a transaction takes.
func (t *together) next() (list []*stored) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for n := 0; len(t.waiting) > 0; list, t.waiting = append(list, t.waiting[0]), t.waiting[1:] {
		if n += len(t.waiting[0].polls); n > pollsPerWrite && len(list) > 0 {
			break
		}
	}
	return list
}

func (t *together) store(ctx context.Context, list []*stored) {
	if len(list) == 0 { // another was quicker
		return
	}
	var all []Poll
	at := list[0].at
	for _, s := range list {
		all, at = append(all, s.polls...), latest(at, s.at)
	}
	n, err := t.Store.Polled(ctx, at, all...)
	for i, s := range list {
		switch {
		case err == nil && i == 0:
			s.n = n
		case err != nil && len(list) > 1:
			s.n, s.err = t.Store.Polled(ctx, s.at, s.polls...)
		default:
			s.err = err
		}
		close(s.done)
	}
}
