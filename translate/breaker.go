package translate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/time/rate"
)

// breaker guards an engine for all its callers. It keeps the vendor's pace, and stops calls for a
// while after repeated failures or when the engine says for how long it is unavailable.
type breaker struct {
	cb    *gobreaker.CircuitBreaker[Response]
	calls *rate.Limiter
	units *rate.Limiter
	now   func() time.Time

	mu       sync.Mutex
	until    time.Time // no calls before then
	why      *Error
	nonsense int // unusable answers in a row
}

const (
	// quotaRest is the pause after a spent quota or a refused key. Nobody says when it ends.
	quotaRest = time.Hour
	// longestRest caps a Retry-After.
	longestRest = 24 * time.Hour
	// maxNonsense is how many unusable answers in a row are paid for. Finding the one bad text
	// among fifty by halving takes eight calls, and two more on each rung.
	maxNonsense = 20
)

func newBreaker(name string, lim Limits, now func() time.Time) *breaker {
	b := &breaker{now: now, calls: rate.NewLimiter(rate.Inf, 0), units: rate.NewLimiter(rate.Inf, 0)}
	b.cb = gobreaker.NewCircuitBreaker[Response](gobreaker.Settings{
		Name: name, Timeout: time.Minute,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tries },
		IsSuccessful: func(err error) bool { return err == nil || KindOf(err) != Transient },
		// we canceled it: not a failure of the engine
		IsExcluded: func(err error) bool { return errors.Is(err, context.Canceled) },
	})
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

// wait waits until a call that sends units may be made. It returns the *Error of a resting engine
// or ctx's error.
func (b *breaker) wait(ctx context.Context, units int64) error {
	if err := b.resting(); err != nil {
		return err
	}
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
func (b *breaker) resting() error {
	if b.cb.State() == gobreaker.StateOpen {
		return b.tired()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	left := b.until.Sub(b.now())
	if left <= 0 {
		return nil
	}
	why := *b.why
	why.RetryAfter, why.Billed = left, false
	return &why
}

func (b *breaker) tired() *Error {
	return &Error{Kind: Transient, Engine: b.cb.Name(), Code: "resting after failures in a row",
		RetryAfter: 2 * longestPause}
}

// do makes a call and notes how it ends.
func (b *breaker) do(call func() (Response, error)) (Response, error) {
	res, err := b.cb.Execute(call)
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return res, b.tired()
	}
	var e *Error
	switch {
	case err == nil || !errors.As(err, &e):
	case e.Kind == Quota || e.Kind == Auth:
		b.rest(max(e.RetryAfter, quotaRest), e)
	case e.Kind == Transient && e.RetryAfter > longestPause:
		b.rest(e.RetryAfter, e)
	}
	return res, err
}

// rest stops calls for d because of why.
func (b *breaker) rest(d time.Duration, why *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until, b.why = b.now().Add(min(d, longestRest)), why
}

// useful notes whether a call brought any answer but the source itself. After too many calls without
// one the engine rests. An answer that a check refuses is one: the next text may come out right.
func (b *breaker) useful(yes bool) {
	b.mu.Lock()
	b.nonsense++
	if yes {
		b.nonsense = 0
	}
	enough := b.nonsense >= maxNonsense
	if enough {
		b.nonsense = 0
	}
	b.mu.Unlock()
	if enough {
		b.rest(quotaRest, &Error{Kind: Transient, Engine: b.cb.Name(), Code: "resting after unusable answers in a row"})
	}
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
