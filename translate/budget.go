package translate

import (
	"context"
	"errors"
	"fmt"
	"sort"
)

// Headlines may use the whole budget, bodies four fifths of it: there is always something left to say what the news is.
const bodyFifths = 4

func bodyShare(amount int64) int64 {
	if amount == 0 {
		return 0 // not limited
	}
	return max(1, amount/5*bodyFifths+amount%5*bodyFifths/5)
}

// reserve grants what a call for pieces may cost, before it is made; or nothing, where some of them are somebody else's.
func (b *buyer) reserve(ctx context.Context, most Cost, pieces []piece) (Ticket, []Key, error) {
	if err := b.t.settleOwed(ctx); err != nil {
		return 0, nil, err
	}
	if b.lim.Free {
		return 0, nil, nil
	}
	role := pieces[0].u.role
	o := Order{Engine: b.e.ID().Engine, Cost: most, At: b.t.Now().In(b.t.Location), Keys: map[Key]int{}}
	o.Until = o.At.Add(b.lim.Timeout)
	for _, l := range b.t.Limits {
		if role == Body {
			l.Chars, l.Micros = bodyShare(l.Chars), bodyShare(l.Micros)
		}
		o.Limits = append(o.Limits, l)
	}
	for _, pc := range pieces {
		if !pc.raw {
			o.Keys[pc.u.key] = pc.u.known()
		}
	}
	ticket, taken, err := b.t.store.Reserve(ctx, o)
	if e := new(Error); role == Body && errors.As(err, &e) && e.Kind == Budget {
		share := *e
		share.Err = fmt.Errorf("%w; a fifth of the budget is kept for headlines", e.Err)
		err = &share
	}
	return ticket, taken, err
}

// affordable is how many of pieces, from the first, a call can hold that costs no more than left.
func (b *buyer) affordable(pieces []piece, left Cost) int {
	return sort.Search(len(pieces), func(n int) bool {
		c := b.lim.Price.Cost(b.lim.most(b.request(pieces[:n+1])))
		return c.Chars > left.Chars || c.Micros > left.Micros
	})
}

// settle stores what was bought together with what it cost; ticket 0 is of a free engine.
func (b *buyer) settle(ctx context.Context, ticket Ticket, cost Cost, rows []Row) error {
	if ticket == 0 && len(rows) == 0 {
		return nil
	}
	if err := b.t.settle(ctx, purchase{ticket, cost, rows}); err != nil {
		return fmt.Errorf("settle with %s: %w", b.e.ID().Engine, err)
	}
	return nil
}
