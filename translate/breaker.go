package translate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// breaker guards an engine for all its callers. It keeps the vendor's pace, stops calls for a while
// once the engine has failed, and remembers how far the engine can be trusted.
type breaker struct {
	calls *rate.Limiter
	units *rate.Limiter
	now   func() time.Time
	free  bool

	mu        sync.Mutex
	until     time.Time // no calls before then
	why       *Error
	trust     trust
	miscounts int // answers with another number of texts than were sent
}

// trust is what an engine's last calls say about the next.
type trust uint8

const (
	unknown  trust = iota
	doubtful       // it failed when it was last asked, maybe by another process: one text is sent first
	proven         // it has answered
)

const (
	// quotaRest is the pause after a spent quota or a refused key. Nobody says when it ends.
	quotaRest = time.Hour
	// silentRest is the pause after silence and after what only a change of the config cures.
	silentRest = 5 * time.Minute
	// modelRest is the pause of a free engine without a model, which may arrive at any time: a pass asks once.
	modelRest = time.Second
	// longestRest caps a Retry-After.
	longestRest = 24 * time.Hour
)

func newBreaker(lim Limits, now func() time.Time) *breaker {
	b := &breaker{now: now, free: lim.Free, calls: rate.NewLimiter(rate.Inf, 0), units: rate.NewLimiter(rate.Inf, 0)}
	if lim.PerSecond > 0 {
		b.calls = rate.NewLimiter(rate.Limit(lim.PerSecond), 1)
	}
	if lim.PerMinute > 0 { // bucket and refill together never exceed PerMinute in any minute
		bucket := max(1, min(lim.Size, lim.PerMinute/2))
		b.units = rate.NewLimiter(rate.Limit(float64(lim.PerMinute-bucket)/60), bucket)
	}
	return b
}

// ready reports whether a call that sends units may be made at once, and counts it if so.
func (b *breaker) ready(units int64) bool {
	return b.units.AllowN(time.Now(), int(units)) && b.calls.Allow()
}

// wait waits until a call that sends units may be made, or returns ctx's error.
func (b *breaker) wait(ctx context.Context, units int64) error {
	if err := b.calls.Wait(ctx); err != nil {
		return paced(ctx, err)
	}
	for units > 0 && b.units.Limit() != rate.Inf {
		n := min(units, int64(b.units.Burst()))
		if err := b.units.WaitN(ctx, int(n)); err != nil {
			return paced(ctx, err)
		}
		units -= n
	}
	return nil
}

// paced returns the error of a limiter, which fails at once if ctx would end before the wait.
func paced(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
}

// resting returns why the engine is not asked now, or nil.
func (b *breaker) resting() *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := b.until.Sub(b.now())
	if left <= 0 {
		return nil
	}
	why := *b.why
	why.RetryAfter, why.Billed, why.resting = left, false, true
	return &why
}

// rest stops calls because of why, for a time that depends on its kind.
func (b *breaker) rest(why *Error) {
	pause := time.Minute
	switch {
	case why.Kind == Quota || why.Kind == Auth:
		pause = quotaRest
	case why.Kind == Unsupported && b.free:
		pause = modelRest
	case why.Kind != Transient || errors.Is(why, errSilent):
		pause = silentRest
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until, b.why, b.trust = b.now().Add(min(max(pause, why.RetryAfter), longestRest)), why, doubtful
}

// trusted returns how far the engine can be trusted.
func (b *breaker) trusted() trust {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.trust
}

// believe sets how far the engine can be trusted.
func (b *breaker) believe(now trust) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trust = now
}

// fewMiscounts is how many miscounted answers are paid for before each text gets a call of its own:
// one may be an accident.
const fewMiscounts = 2

// miscounted notes answers with another number of texts than were sent.
func (b *breaker) miscounted(times int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.miscounts += times
}

// singly reports whether each text needs a call of its own.
func (b *breaker) singly() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.miscounts >= fewMiscounts
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
