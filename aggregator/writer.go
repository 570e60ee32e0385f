package aggregator

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/nashra/nashra/aggregator/polite"
)

// itemsPerWrite is after how many items a transaction takes no more polls: enough to make it cheap,
// few enough to limit memory.
const itemsPerWrite = 360

// writer stores polls that end at about the same time in one transaction. While one caller stores,
// the others wait, and the next to store takes all that wait.
type writer struct {
	to   Store
	turn chan struct{} // full while somebody stores

	mu      sync.Mutex
	waiting []*write
}

// write is a poll that waits to be stored.
type write struct {
	at   time.Time
	poll Poll
	done chan struct{}
	n    Arrived // the total of its transaction, for one of its polls
	err  error
}

func newWriter(to Store) *writer { return &writer{to: to, turn: make(chan struct{}, 1)} }

// store stores a poll. One of the polls in a transaction gets the counts of all.
func (w *writer) store(ctx context.Context, at time.Time, poll Poll) (Arrived, error) {
	mine := &write{at: at, poll: poll, done: make(chan struct{})}
	w.mu.Lock()
	w.waiting = append(w.waiting, mine)
	w.mu.Unlock()
	for {
		select {
		case <-mine.done:
			return mine.n, mine.err
		case w.turn <- struct{}{}:
			runtime.Gosched() // polls that have ended join in, so that there are fewer transactions
			w.storeWaiting(ctx)
			<-w.turn
		}
	}
}

// storeWaiting stores the polls that have waited longest. If the transaction fails, each is stored
// alone.
func (w *writer) storeWaiting(ctx context.Context) {
	w.mu.Lock()
	n, items := 0, 0
	for ; n < len(w.waiting) && items < itemsPerWrite; n++ {
		items += len(w.waiting[n].poll.Items)
	}
	batch := w.waiting[:n:n]
	w.waiting = w.waiting[n:]
	w.mu.Unlock()
	if n == 0 { // another caller stored them
		return
	}
	var at time.Time
	polls := make([]Poll, n)
	for i, wr := range batch {
		polls[i], at = wr.poll, polite.Latest(at, wr.at)
	}
	arrived, err := w.to.Polled(ctx, at, polls...)
	batch[0].n, batch[0].err = arrived, err
	for _, wr := range batch {
		if err != nil && n > 1 {
			wr.n, wr.err = w.to.Polled(ctx, wr.at, wr.poll)
		}
		close(wr.done)
	}
	clear(batch) // waiting shares its memory, which would keep the items
}
