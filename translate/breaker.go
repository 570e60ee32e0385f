package translate

import (
	"context"
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"
)

// breaker stops asking an engine that fails again and again: after five failures in a row it rests for a minute.
type breaker struct {
	cb *gobreaker.CircuitBreaker[Response]
}

func newBreaker(name string) *breaker {
	return &breaker{gobreaker.NewCircuitBreaker[Response](gobreaker.Settings{
		Name: name, Timeout: time.Minute,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tries },
		IsSuccessful: func(err error) bool { return err == nil || KindOf(err) != Transient },
	})}
}

func (b *breaker) do(call func() (Response, error)) (Response, error) {
	res, err := b.cb.Execute(call)
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return res, &Error{Kind: Transient, Engine: b.cb.Name(), Code: "resting after failures in a row", RetryAfter: 2 * longestPause}
	}
	return res, err
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
