package translate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// lastAnswers is how long the answers of calls that are paid are waited for once the pass is to end, which it does within ten seconds.
const lastAnswers = 6 * time.Second

// outlasting is ctx, but ends lastAnswers later.
func outlasting(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastAnswers, cancel) })
	return longer, func() { stop(); cancel() }
}

// owed is what was bought and could not be stored, for want of room on the disk perhaps. It is stored before anything more is bought: else
// each try would buy what the next one buys again.
type owed struct {
	mu   sync.Mutex
	list []purchase
}

type purchase struct {
	ticket Ticket
	cost   Cost
	rows   []Row
}

// settle stores p now, or, where that fails, before the next purchase. That a pass is being stopped stops nothing here: it was paid for.
func (t *Translator) settle(ctx context.Context, p purchase) error {
	err := t.store.Settle(context.WithoutCancel(ctx), p.ticket, p.cost, p.rows)
	if err != nil && !errors.Is(err, ErrNoTicket) {
		t.owed.mu.Lock()
		defer t.owed.mu.Unlock()
		t.owed.list = append(t.owed.list, p)
	}
	return err
}

// settleOwed stores what is owed. What has no reservation any more was stored, though the answer to that was lost.
func (t *Translator) settleOwed(ctx context.Context) error {
	t.owed.mu.Lock()
	defer t.owed.mu.Unlock()
	for len(t.owed.list) > 0 {
		p := t.owed.list[0]
		if err := t.store.Settle(context.WithoutCancel(ctx), p.ticket, p.cost, p.rows); err != nil && !errors.Is(err, ErrNoTicket) {
			return fmt.Errorf("settle what was bought before: %w", err)
		}
		t.owed.list = t.owed.list[1:]
	}
	return nil
}
