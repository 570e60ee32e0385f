package translate

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Nobody buys what somebody else is buying at that moment, in this process or another one on the same store. An order holds its
// segments until it is settled; of one whose process died they are free when its call would have timed out.

// how long to wait before asking again whether others are through: a call takes a second or so, a chat's some ten
const (
	firstLook   = 50 * time.Millisecond
	slowestLook = time.Second
)

// known is how many translations of u the memory was seen to hold.
func (u *unit) known() (n int) {
	for _, r := range u.rows {
		if r.Target != "" {
			n++
		}
	}
	return n
}

// yield leaves the taken ones of pieces to others, and returns the rest.
func (b *buyer) yield(pieces []piece, taken []Key) (rest []piece) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, pc := range pieces {
		if slices.Contains(taken, pc.u.key) {
			b.taken[pc.u] = true
		} else {
			rest = append(rest, pc)
		}
	}
	return rest
}

// afterOthers gives the units that were left to others what these have got, and returns those to be asked for once more: the others
// may be through by then, or have failed. After an engine's time-out altogether they are left for the next pass.
func (b *buyer) afterOthers(ctx context.Context) (left []*unit, err error) {
	if len(b.taken) == 0 {
		return nil, nil
	}
	var keys []Key
	for u := range b.taken {
		keys = append(keys, u.key)
	}
	rows, err := b.t.store.Recall(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("recall what others bought: %w", err)
	}
	for u := range b.taken {
		u.rows = rows[u.key]
		if b.t.recall(u); u.row != nil && !u.stale {
			b.rep.Hits++
		} else {
			left = append(left, u)
		}
	}
	clear(b.taken)
	if len(left) == 0 || b.stopped() || b.waited >= b.lim.Timeout {
		return nil, nil
	}
	pause := min(firstLook+b.waited/2, slowestLook)
	b.waited += pause
	return left, b.t.Sleep(ctx, pause)
}
