package translate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// lastAnswers is how long to wait for answers that are paid for after a pass is stopped. A pass has
// ten seconds.
const lastAnswers = 6 * time.Second

// outlasting returns a context that ends lastAnswers after ctx.
func outlasting(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastAnswers, cancel) })
	return longer, func() { stop(); cancel() }
}

// owed holds purchases that could not be stored, for example because the disk was full. They are
// stored before anything more is bought, so that nothing is bought twice.
type owed struct {
	mu   sync.Mutex
	list []purchase
}

type purchase struct {
	ticket Ticket
	cost   Cost
	rows   []Row
}

// settle stores p, or if that fails remembers it for settleOwed. It ignores ctx's end: p is paid
// for.
func (t *Translator) settle(ctx context.Context, p purchase) error {
	err := t.store.Settle(context.WithoutCancel(ctx), p.ticket, p.cost, p.rows)
	if err != nil && !errors.Is(err, ErrNoTicket) {
		t.owed.mu.Lock()
		defer t.owed.mu.Unlock()
		t.owed.list = append(t.owed.list, p)
	}
	return err
}

// settleOwed stores what is owed. A purchase without a reservation was stored after all: only the
// store's answer was lost.
func (t *Translator) settleOwed(ctx context.Context) error {
	t.owed.mu.Lock()
	defer t.owed.mu.Unlock()
	for len(t.owed.list) > 0 {
		p := t.owed.list[0]
		err := t.store.Settle(context.WithoutCancel(ctx), p.ticket, p.cost, p.rows)
		if err != nil && !errors.Is(err, ErrNoTicket) {
			return fmt.Errorf("settle what was bought before: %w", err)
		}
		t.owed.list = t.owed.list[1:]
	}
	return nil
}
