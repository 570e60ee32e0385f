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

// breaker stands before an engine, for all who ask it: it keeps the pace that the vendor allows, and lets an engine rest that fails
// again and again, or that said for how long it is of no use.
type breaker struct {
	cb    *gobreaker.CircuitBreaker[Response]
	calls *rate.Limiter
	units *rate.Limiter
	now   func() time.Time

	mu       sync.Mutex
	until    time.Time // it rests till then
	why      *Error
	nonsense int // useless answers in a row
}

const (
	// quotaRest is how long an engine is left alone whose quota is spent or whose key is refused: when the vendor's day, month or
	// operator sets it right, nobody says.
	quotaRest = time.Hour
	// longestRest bounds what a Retry-After may ask for.
	longestRest = 24 * time.Hour
	// maxNonsense is how many useless answers in a row an engine is paid for: finding the one text among fifty that it cannot take
	// makes eight by halving the call, and two more on each rung of the ladder.
	maxNonsense = 20
)

func newBreaker(name string, lim Limits, now func() time.Time) *breaker {
	b := &breaker{now: now, calls: rate.NewLimiter(rate.Inf, 0), units: rate.NewLimiter(rate.Inf, 0)}
	b.cb = gobreaker.NewCircuitBreaker[Response](gobreaker.Settings{
		Name: name, Timeout: time.Minute,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tries },
		IsSuccessful: func(err error) bool { return err == nil || KindOf(err) != Transient },
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) }, // by us: it says nothing of the engine
	})
	if lim.PerSecond > 0 {
		b.calls = rate.NewLimiter(rate.Limit(lim.PerSecond), 1)
	}
	if lim.PerMinute > 0 { // the bucket and what runs into it within a minute are what a minute takes, wherever it begins
		bucket := max(1, min(lim.Size, lim.PerMinute/2))
		b.units = rate.NewLimiter(rate.Limit(float64(lim.PerMinute-bucket)/60), bucket)
	}
	return b
}

// ready says whether a call that sends units may be made at once, and counts it if so.
func (b *breaker) ready(units int64) bool {
	return b.units.AllowN(time.Now(), int(units)) && b.calls.Allow()
}

// wait returns when a call that sends units may be made, or with the *Error that says why there shall be none, or with ctx's end.
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

// paced is err of a limiter, which fails at once where ctx would end before the wait.
func paced(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
}

// resting is why the engine is not asked now; nil: it is.
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
	return &Error{Kind: Transient, Engine: b.cb.Name(), Code: "resting after failures in a row", RetryAfter: 2 * longestPause}
}

// do makes a call and learns from how it ends.
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

// rest lets the engine be for d, because of why.
func (b *breaker) rest(d time.Duration, why *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until, b.why = b.now().Add(min(d, longestRest)), why
}

// useful notes whether an answer was of any use. After too many in a row that were not, the engine rests.
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
		b.rest(quotaRest, &Error{Kind: Transient, Engine: b.cb.Name(), Code: "resting after useless answers in a row"})
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
