package translate

import (
	"context"
	"errors"
	"fmt"
)

// Headlines may use the whole budget, bodies four fifths of it: there is always something left to say what the news is.
const bodyFifths = 4

func bodyShare(amount int64) int64 {
	if amount == 0 {
		return 0 // not limited
	}
	return max(1, amount/5*bodyFifths+amount%5*bodyFifths/5)
}

// reserve grants what a call may cost, before it is made.
func (b *buyer) reserve(ctx context.Context, most Cost, role Role) (Ticket, error) {
	if b.lim.Free {
		return 0, nil
	}
	limits := make([]Limit, 0, len(b.t.Limits))
	for _, l := range b.t.Limits {
		if role == Body {
			l.Chars, l.Micros = bodyShare(l.Chars), bodyShare(l.Micros)
		}
		limits = append(limits, l)
	}
	ticket, err := b.t.store.Reserve(ctx, b.e.ID().Engine, most, b.t.Now().In(b.t.Location), limits)
	if KindOf(err) == Budget && role == Body {
		return 0, &Error{Kind: Budget, Engine: b.e.ID().Engine, Err: fmt.Errorf("%w; a fifth of the budget is kept for headlines", errors.Unwrap(err))}
	}
	return ticket, err
}

// settle stores what was bought together with what it cost; ticket 0 is of a free engine.
func (b *buyer) settle(ctx context.Context, ticket Ticket, cost Cost, rows []Row) error {
	if ticket == 0 && len(rows) == 0 {
		return nil
	}
	// what was bought is kept even when the pass is being stopped
	if err := b.t.store.Settle(context.WithoutCancel(ctx), ticket, cost, rows); err != nil {
		return fmt.Errorf("settle with %s: %w", b.e.ID().Engine, err)
	}
	return nil
}
