package translate

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// No buyer buys what another is buying, in this process or in another on the same store. An order
// holds its segments until it is settled, or its call would have timed out.

// The wait for other buyers: a call takes about a second, a chat service's about ten.
const (
	firstLook   = 50 * time.Millisecond
	slowestLook = time.Second
)

// known returns how many translations of u the memory held when it was last read.
func (u *unit) known() (n int) {
	for _, r := range u.rows {
		if r.Target != "" {
			n++
		}
	}
	return n
}

// yield leaves the taken pieces to the other buyers and returns the rest.
func (b *buyer) yield(pieces []piece, taken []Key) (rest []piece) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, pc := range pieces {
		if slices.Contains(taken, pc.u.key) {
			b.met[pc.u] = outcome{end: yielded}
		} else {
			rest = append(rest, pc)
		}
	}
	return rest
}

// afterOthers gives the units that others were buying their translations, and returns those that
// are still missing. After waiting for the engine's timeout it leaves them to the next pass.
func (b *buyer) afterOthers(ctx context.Context) (left []*unit, err error) {
	var others []*unit
	var keys []Key
	for u, o := range b.met {
		if o.end == yielded {
			delete(b.met, u)
			others, keys = append(others, u), append(keys, u.key)
		}
	}
	if len(others) == 0 {
		return nil, nil
	}
	rows, err := b.t.store.Recall(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("recall what others bought: %w", err)
	}
	for _, u := range others {
		u.rows = rows[u.key]
		if b.t.recall(u); b.t.wants(u, b.e) {
			left = append(left, u)
		} else {
			b.rep.Hits++
		}
	}
	if len(left) == 0 || b.stopped() || b.waited >= b.lim.Timeout {
		return nil, nil
	}
	pause := min(firstLook+b.waited/2, slowestLook)
	b.waited += pause
	return left, b.t.Sleep(ctx, pause)
}
