package translate

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"
)

// Bodies may use four fifths of a budget, so that there is always something left for headlines.
const bodyFifths = 4

func bodyShare(amount int64) int64 {
	if amount == 0 {
		return 0 // not limited
	}
	return max(1, amount/5*bodyFifths+amount%5*bodyFifths/5)
}

// reserve reserves most for a call for pieces. If others are buying some of them, it reserves
// nothing and returns their keys.
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
		if b.t.spare {
			l = l.soFar(o.At)
		}
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

// soFar returns the part of l for the part of its day or month that is over at a time.
func (l Limit) soFar(at time.Time) Limit {
	begin := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, at.Location())
	end := begin.AddDate(0, 1, 0)
	if l.Day {
		begin = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
		end = begin.AddDate(0, 0, 1)
	}
	over := float64(at.Sub(begin)) / float64(end.Sub(begin))
	for _, amount := range []*int64{&l.Chars, &l.Micros} {
		if *amount > 0 { // 0: not limited
			*amount = max(1, int64(float64(*amount)*over))
		}
	}
	return l
}

// affordable returns how many of the first pieces a call can hold without costing more than left.
func (b *buyer) affordable(pieces []piece, left Cost) int {
	return sort.Search(len(pieces), func(n int) bool {
		c := b.lim.Price.Cost(b.lim.most(b.request(pieces[:n+1])))
		return c.Chars > left.Chars || c.Micros > left.Micros
	})
}

// settle stores rows together with their cost. Ticket 0 stands for a free engine.
func (b *buyer) settle(ctx context.Context, ticket Ticket, cost Cost, rows []Row) error {
	if ticket == 0 && len(rows) == 0 {
		return nil
	}
	if err := b.t.settle(ctx, purchase{ticket, cost, rows}); err != nil {
		return fmt.Errorf("settle with %s: %w", b.e.ID().Engine, err)
	}
	return nil
}
