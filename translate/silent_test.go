package translate_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nashra/nashra/translate"
)

// late answers each call after the time that delay returns for it, or never after a negative one.
type late struct {
	*engine
	delay func(call int, r translate.Request) time.Duration
	made  atomic.Int32 // calls
}

func (l *late) Translate(ctx context.Context, r translate.Request) (translate.Response, error) {
	res, err := l.engine.Translate(ctx, r)
	wait := l.delay(int(l.made.Add(1)), r)
	if wait < 0 {
		wait = 24 * time.Hour
	}
	select {
	case <-time.After(wait):
		return res, err
	case <-ctx.Done():
		return translate.Response{}, &translate.Error{Kind: translate.Transient, Engine: l.name, Billed: true,
			Err: ctx.Err()}
	}
}

// An engine that answers no call for a minute (one's own: in the time of a call) is left for the pass. One
// that keeps answering is waited for.
func TestSilentEngineIsLeftAndSlowOneWaitedFor(t *testing.T) {
	const hosted, own = 2 * time.Minute, 5 * time.Minute
	never := func(int, translate.Request) time.Duration { return -1 }
	for name, c := range map[string]struct {
		timeout time.Duration
		free    bool
		delay   func(int, translate.Request) time.Duration
		missing int
		least   time.Duration // of the pass
		most    time.Duration
	}{
		"a hosted model is silent": {hosted, false, never, 21, time.Minute, 70 * time.Second},
		"a service with short calls is silent": {30 * time.Second, false, never, 21, time.Minute,
			70 * time.Second},
		"one's own is silent": {own, true, never, 21, own, own + 10*time.Second},
		"each call takes 50 s": {hosted, false, func(int, translate.Request) time.Duration { return 50 * time.Second },
			0, 10 * 50 * time.Second, 11 * 50 * time.Second},
		"one's own takes 4 minutes a call": {own, true,
			func(int, translate.Request) time.Duration { return 4 * time.Minute }, 0, 40 * time.Minute, time.Hour},
		"one call takes 100 s while others are answered": {hosted, false,
			func(n int, _ translate.Request) time.Duration {
				if n == 2 { // the first was the headline
					return 100 * time.Second
				}
				return 20 * time.Second
			}, 0, 100 * time.Second, 200 * time.Second},
		"it falls silent": {hosted, false, func(n int, _ translate.Request) time.Duration {
			if n > 4 {
				return -1
			}
			return time.Second
		}, 21 - 4*2 + 1, time.Minute, 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := paid("mt", echo)
				e.limits.Timeout, e.limits.Free, e.limits.Parallel, e.limits.Segments = c.timeout, c.free, 2, 2
				if c.least >= 40*time.Minute || c.least == 500*time.Second {
					e.limits.Parallel = 1
				}
				st := &memory{rows: map[translate.Key][]translate.Row{}}
				in := append(paragraphs(20, -1), translate.Passage{Article: "a", Role: translate.Title,
					Text: "خبر عاجل عن الشركة"})
				began := time.Now()
				engines := []translate.Engine{&late{engine: e, delay: c.delay}}
				out, rep, err := translate.New(st, translate.Options{Titles: engines}).Translate(t.Context(), arEn, in)
				took := time.Since(began)
				if err != nil || out[0].Missing+out[1].Missing != c.missing || took < c.least || took > c.most {
					t.Errorf("%d missing after %v, %v; want %d: %v", out[0].Missing+out[1].Missing, took, err,
						c.missing,
						rep.Failures)
				}
				if told := fmt.Sprint(rep.Failures); (told != "[]") != (c.missing > 0) {
					t.Errorf("told %s", told)
				}
			})
		})
	}
}
