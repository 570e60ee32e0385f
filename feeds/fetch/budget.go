package fetch

import (
	"context"

	"golang.org/x/sync/semaphore"
)

const (
	maxInFlight = 32_000_000 // bytes of all bodies in flight; documented with fetch.max_body
	freeBody    = 16 << 10   // bytes that a body may have without a reservation: many bodies break off at once
	smallBody   = 512 << 10  // bytes; most feeds are smaller
)

// budget bounds the memory of bodies in flight. Small bodies share a number of bytes. Larger ones
// go one at a time, so that small ones never wait for them. A body reserves its shared bytes before
// its turn as a large one, and each only once, so that bodies cannot wait for each other in a
// circle.
type budget struct {
	shared *semaphore.Weighted // in bytes
	single *semaphore.Weighted // of one large body
}

func newBudget(maxBody int64) *budget {
	return &budget{
		shared: semaphore.NewWeighted(maxInFlight - min(maxBody, maxInFlight/2)),
		single: semaphore.NewWeighted(1),
	}
}

// reservation is what one body takes of the budget.
type reservation struct {
	budget   *budget
	deadline *deadline
	shared   int64 // bytes
	single   bool
}

// grow reserves memory for a body of more than size bytes, and waits until there is some.
func (r *reservation) grow(ctx context.Context, size int) error {
	switch {
	case r.single || size < freeBody || size < smallBody && r.shared > 0:
		return nil
	case size < smallBody:
		if err := r.wait(ctx, r.budget.shared, smallBody); err != nil {
			return err
		}
		r.shared = smallBody
	default:
		if err := r.wait(ctx, r.budget.single, 1); err != nil {
			return err
		}
		r.single = true
		r.shrink(0)
	}
	return nil
}

// wait acquires n of s. The time it takes does not count as the server's.
func (r *reservation) wait(ctx context.Context, s *semaphore.Weighted, n int64) error {
	return r.deadline.pause(func() error { return s.Acquire(ctx, n) })
}

// shrink releases the shared bytes that a body of size bytes does not need.
func (r *reservation) shrink(size int) {
	needed := min(r.shared, int64(size))
	r.budget.shared.Release(r.shared - needed)
	r.shared = needed
}

func (r *reservation) release() {
	r.shrink(0)
	if r.single {
		r.budget.single.Release(1)
		r.single = false
	}
}
