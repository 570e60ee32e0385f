package fetch

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	maxRoom   = 32_000_000 // bytes of all bodies in flight, as the config file's fetch.max_body says
	unasked   = 16 << 10   // bytes that a body may have without asking for room: those that break off at once are many
	smallBody = 512 << 10  // bytes; most feeds are smaller
)

// room bounds the memory of bodies in flight. A small one takes its share of what is shared, a larger one goes alone: it waits for
// the one before it, and no small one waits for it. Each asks once in each place, in this order, so that none waits for itself.
type room struct {
	shared *semaphore.Weighted // in bytes
	alone  *semaphore.Weighted // of one
}

func newRoom(maxBody int64) *room {
	return &room{shared: semaphore.NewWeighted(maxRoom - min(maxBody, maxRoom/2)), alone: semaphore.NewWeighted(1)}
}

// hold is the room that one body takes.
type hold struct {
	room   *room
	clock  *clock
	shared int64
	alone  bool
}

// grow makes room for more than n bytes, and waits for it where there is none.
func (h *hold) grow(ctx context.Context, n int) error {
	switch {
	case h.alone || n < unasked:
		return nil
	case n < smallBody:
		if h.shared > 0 {
			return nil
		}
		if err := h.wait(ctx, h.room.shared, smallBody); err != nil {
			return err
		}
		h.shared = smallBody
		return nil
	}
	if err := h.wait(ctx, h.room.alone, 1); err != nil {
		return err
	}
	h.alone = true
	h.keep(0)
	return nil
}

// wait takes n of s; the time that it takes to get it is not the server's.
func (h *hold) wait(ctx context.Context, s *semaphore.Weighted, n int64) error {
	if s.TryAcquire(n) {
		return nil
	}
	h.clock.stop()
	defer h.clock.run()
	return s.Acquire(ctx, n)
}

// keep gives back what n bytes do not need.
func (h *hold) keep(n int) {
	if left := min(h.shared, int64(n)); left < h.shared {
		h.room.shared.Release(h.shared - left)
		h.shared = left
	}
}

// free gives all back.
func (h *hold) free() {
	h.keep(0)
	if h.alone {
		h.room.alone.Release(1)
		h.alone = false
	}
}

// clock ends a request after a time of its own. What a request waits for in our own queues does not count.
type clock struct {
	mu    sync.Mutex
	timer *time.Timer
	left  time.Duration
	since time.Time // zero: it stands
}

func newClock(d time.Duration, ring func()) *clock {
	return &clock{timer: time.AfterFunc(d, ring), left: d, since: time.Now()}
}

func (k *clock) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.since.IsZero() && k.timer.Stop() {
		k.left -= time.Since(k.since)
	}
	k.since = time.Time{}
}

func (k *clock) run() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.since = time.Now()
	k.timer.Reset(max(0, k.left))
}

// seats lets few at a time ask one host.
type seats struct {
	each   int64
	beside func(ctx context.Context, host string) (leave func(), err error) // see Client.Beside; nil: nobody is
	mu     sync.Mutex
	host   map[string]*hostSeats // those that are asked or waited for
}

type hostSeats struct {
	*semaphore.Weighted
	users int
}

// take waits for a seat at a host, here and beside others; leave gives it back, once however often it is called.
func (s *seats) take(ctx context.Context, host string, k *clock) (leave func(), err error) {
	s.mu.Lock()
	h := s.host[host]
	if h == nil {
		h = &hostSeats{Weighted: semaphore.NewWeighted(s.each)}
		s.host[host] = h
	}
	h.users++
	s.mu.Unlock()
	done := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if h.users--; h.users == 0 {
			delete(s.host, host)
		}
	}
	if !h.TryAcquire(1) {
		k.stop()
		err = h.Acquire(ctx, 1)
		k.run()
	}
	if err != nil {
		done()
		return nil, err
	}
	away := func() {}
	if s.beside != nil {
		k.stop()
		away, err = s.beside(ctx, host)
		k.run()
	}
	leave = sync.OnceFunc(func() {
		if err == nil {
			away()
		}
		h.Release(1)
		done()
	})
	if err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}
