package translate

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/segment"
)

// The retry profile of DeepL's own client: five tries, waits from 1 s that grow by 1.6. A
// Retry-After of over a minute is left to the next pass.
const (
	tries        = 5
	firstWait    = time.Second
	waitGrowth   = 1.6
	longestPause = time.Minute
)

// call makes one call, retries it, and stores what it bought. A part of a call that failed is not
// retried after an unusable answer.
func (b *buyer) call(ctx context.Context, pieces []piece, part bool) error {
	if pieces = b.open(pieces); len(pieces) > 1 && b.breaker.singly() {
		return b.inTwo(ctx, pieces, 1)
	}
	wait := firstWait
	for try := 1; len(pieces) > 0; try++ {
		if resting := b.breaker.resting(); resting != nil {
			b.stop(resting)
		}
		if b.stopped() || ctx.Err() != nil {
			return ctx.Err()
		}
		err := b.once(ctx, pieces)
		var e *Error
		if err == nil || !errors.As(err, &e) {
			return err
		}
		switch left := e.tries() - try; {
		case e.Kind == Budget:
			n := b.affordable(pieces, e.Left)
			if n == 0 || try == tries {
				b.stop(e)
				return nil
			}
			if n < len(pieces) {
				return b.inTwo(ctx, pieces, n)
			}
		case e.Kind == Miscounted && len(pieces) > 1:
			b.miscounted(e, len(pieces))
			return b.call(ctx, pieces, part)
		case e.Kind == Transient && b.hopeless(e, part):
			b.leave(e, pieces)
			return nil
		case left > 0 && !part && e.Kind != Transient:
		case left > 0 && (!part || !e.particular()):
			pause := max(e.RetryAfter, time.Duration(float64(wait)*(0.5+rand.Float64()/2)))
			wait = time.Duration(float64(wait) * waitGrowth)
			if err := b.t.Sleep(ctx, pause); err != nil {
				return err
			}
		case e.particular():
			return b.smaller(ctx, pieces, e)
		case e.Kind == Transient && b.breaker.trusted() == proven && errors.Is(e, context.DeadlineExceeded):
			b.setAside(e, pieces...) // other calls are answered
			return nil
		default:
			b.leave(e, pieces)
			return nil
		}
	}
	return nil
}

// tries returns how often a call that fails so is made before its texts are asked for one by one,
// or the engine is left.
func (e *Error) tries() int {
	switch {
	case e.Kind == Malformed, errors.Is(e, context.DeadlineExceeded):
		return 2
	case e.Kind == Transient && e.particular():
		return 3
	case e.Kind == Transient:
		return tries
	}
	return 1
}

// particular reports whether e may be about one text of a call. Services answer 400, 422 or 500 to
// texts that they cannot take: google-cloud-go issue 3464, LibreTranslate issue 352.
func (e *Error) particular() bool {
	switch e.Kind {
	case TooLarge, Truncated, Refused, Malformed, Miscounted:
		return true
	case Unsupported, Transient:
		return e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity ||
			e.Status == http.StatusInternalServerError && e.RetryAfter == 0
	}
	return false
}

// open returns the pieces that the engine has not refused.
func (b *buyer) open(pieces []piece) (out []piece) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, pc := range pieces {
		if b.met[pc.u].end != refused {
			out = append(out, pc)
		}
	}
	return out
}

// inTwo makes two calls, the first with n pieces.
func (b *buyer) inTwo(ctx context.Context, pieces []piece, n int) error {
	if err := b.call(ctx, pieces[:n], true); err != nil {
		return err
	}
	return b.call(ctx, pieces[n:], true)
}

// smaller asks for pieces in smaller calls after one that failed with e, until the texts at fault
// are alone. It cuts a single piece that was too long at a sentence.
func (b *buyer) smaller(ctx context.Context, pieces []piece, e *Error) error {
	if n := len(pieces); n > 1 {
		if e.Kind != TooLarge && b.breaker.trusted() != proven {
			return b.inTwo(ctx, pieces, 1) // one text alone shows whether the engine answers at all
		}
		return b.inTwo(ctx, pieces, (n+1)/2)
	}
	if (e.Kind == TooLarge || e.Kind == Truncated) && utf8.RuneCountInString(pieces[0].neutral) >= 2*shortest {
		if first, second, ok := segment.Halve(pieces[0].neutral); ok {
			return b.inHalves(ctx, pieces[0], first, second)
		}
	}
	b.setAside(e, pieces[0])
	return nil
}

// shortest is a number of code points that every service accepts: a shorter text is not refused for
// its length.
const shortest = 50

// inHalves translates the two halves of pc and joins them.
func (b *buyer) inHalves(ctx context.Context, pc piece, first, second string) error {
	return b.inParts(ctx, pc, []string{first, second}, []string{" "}, true)
}

// inParts translates the parts of pc, each alone or several in a call, one call after the other, and joins
// them. A part without Arabic words stays as it is.
func (b *buyer) inParts(ctx context.Context, pc piece, parts, joints []string, alone bool) error {
	targets := slices.Clone(parts)
	var send []piece
	for i, text := range parts {
		if segment.Translatable(text, b.p.From) {
			targets[i] = ""
			send = append(send, piece{u: pc.u, neutral: text, wire: b.t.wire(text, pc.codec, b.lim), codec: pc.codec,
				part: &targets[i], raw: pc.raw})
		}
	}
	calls := b.pack(send)
	if alone {
		calls = slices.Collect(slices.Chunk(send, 1))
	}
	for _, call := range calls {
		if err := b.call(ctx, call, true); err != nil {
			return err
		}
		if slices.ContainsFunc(call, func(pc piece) bool { return *pc.part == "" }) {
			return nil // the unit is set aside, or a check refused its part
		}
	}
	target := targets[0]
	for i, joint := range joints {
		target += joint + targets[i+1]
	}
	if pc.part != nil {
		*pc.part = target
		return nil
	}
	row := b.row(pc.u)
	target, doubts, o := b.judge(pc, target)
	if o.end == pending {
		row.Target = pc.u.seg.Restore(target)
		if err := b.settle(ctx, 0, Cost{}, []Row{row}); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if row.Target == "" {
		b.met[pc.u] = o
		return nil
	}
	b.take(pc.u, &row, doubts)
	return nil
}

// take offers u a translation that is stored now. The caller holds b.mu.
func (b *buyer) take(u *unit, row *Row, doubts []string) {
	u.rows = append(u.rows, *row)
	u.offer(row, false, doubts)
	b.rep.Bought++
	b.t.Progress(1)
}
