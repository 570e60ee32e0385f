package translate

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
	"github.com/nashra/nashra/translate/segment"
)

// DeepL's own client's profile: first wait 1 s, growing by 1.6, at most five tries; a Retry-After of over a minute is for the next
// pass, not for a wait in this one.
const (
	tries        = 5
	firstWait    = time.Second
	waitGrowth   = 1.6
	longestPause = time.Minute
)

// call makes one call, as often as it takes, and stores what it bought.
func (b *buyer) call(ctx context.Context, pieces []piece) error {
	wait := firstWait
	for try := 1; ; try++ {
		if b.stopped() || ctx.Err() != nil {
			return ctx.Err()
		}
		err := b.once(ctx, pieces)
		var e *Error
		if err == nil || !errors.As(err, &e) {
			return err
		}
		switch e.Kind {
		case TooLarge, Truncated, Malformed:
			if len(pieces) == 1 || e.Kind == Malformed && try == 1 {
				if try == 1 && e.Kind == Malformed {
					continue
				}
				b.note(pieces, err)
				return nil
			}
			half := len(pieces) / 2
			if err := b.call(ctx, pieces[:half]); err != nil {
				return err
			}
			return b.call(ctx, pieces[half:])
		case Refused:
			b.note(pieces, err)
			return nil
		case Transient:
			if try == tries || e.RetryAfter > longestPause {
				b.stop(err)
				return nil
			}
			pause := max(e.RetryAfter, time.Duration(float64(wait)*(0.5+rand.Float64()/2)))
			wait = time.Duration(float64(wait) * waitGrowth)
			if err := b.t.Sleep(ctx, pause); err != nil {
				return err
			}
		case Budget:
			if len(pieces) == 1 {
				b.stop(err)
				return nil
			}
			half := (len(pieces) + 1) / 2 // what comes first may still be had
			if err := b.call(ctx, pieces[:half]); err != nil {
				return err
			}
			return b.call(ctx, pieces[half:])
		default: // Quota, Auth, Unsupported: no further call would do better
			b.stop(err)
			return nil
		}
	}
}

// note keeps err as the engine's failure for some pieces; the others go on.
func (b *buyer) note(pieces []piece, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rep.Failures = append(b.rep.Failures, err)
	for _, pc := range pieces {
		b.wrong[pc.u] = true
	}
}

// once reserves, sends, checks and settles. An *Error is the engine's or the budget's; any other error ends the pass.
func (b *buyer) once(ctx context.Context, pieces []piece) error {
	req := b.request(pieces)
	most := b.lim.most(req)
	ticket, err := b.reserve(ctx, b.lim.Price.Cost(most), req.Role)
	if err != nil {
		return err
	}
	res, err := b.t.state[b.e.ID().Engine].do(func() (Response, error) {
		cctx := ctx
		if b.lim.Timeout > 0 {
			var cancel context.CancelFunc
			cctx, cancel = context.WithTimeout(ctx, b.lim.Timeout)
			defer cancel()
		}
		return b.e.Translate(cctx, req)
	})
	b.mu.Lock()
	b.rep.Calls++
	b.mu.Unlock()
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err() // the answer may have been billed: the reservation stays
		}
		var e *Error
		if errors.As(err, &e) && e.Billed {
			return err
		}
		if serr := b.settle(ctx, ticket, Cost{}, nil); serr != nil {
			return serr
		}
		return err
	}
	if len(res.Texts) != len(pieces) {
		res.Texts = make([]string, len(pieces)) // what belongs to what is anybody's guess
	}
	return b.accept(ctx, ticket, pieces, req, res, most)
}

// most is the most that a call for r may be billed: what the budget must have left.
func (l Limits) most(r Request) Usage {
	if l.Most != nil {
		return l.Most(r)
	}
	var u Usage
	for _, s := range r.Segments {
		u.Chars += l.Unit.Count(s)
	}
	return u
}

// maxTokens is the most tokens that a call is believed to have been billed: a thousand times the largest.
const maxTokens = 10_000_000

// or is what was billed as far as the engine said, and the most that it may have been where it said nothing.
func (u Usage) or(most Usage) Usage {
	if u.Chars > 0 {
		most.Chars = min(u.Chars, maxTokens)
	}
	if u.In > 0 || u.Out > 0 {
		most.In, most.Out = min(max(u.In, 0), maxTokens), min(max(u.Out, 0), maxTokens)
	}
	return most
}

func (b *buyer) request(pieces []piece) Request {
	req := Request{Pair: b.p, Role: pieces[0].u.role, Codec: pieces[0].codec, Context: pieces[0].u.headline}
	seen := map[Term]bool{}
	for _, pc := range pieces {
		req.Segments = append(req.Segments, pc.wire)
		if pc.u.headline != req.Context {
			req.Context = ""
		}
		if b.lim.Terms {
			for _, term := range pc.u.terms {
				if !seen[term] {
					seen[term] = true
					req.Terms = append(req.Terms, term)
				}
			}
		}
	}
	return req
}

// accept turns answers into rows, as far as they hold, and settles.
func (b *buyer) accept(ctx context.Context, ticket Ticket, pieces []piece, req Request, res Response, most Usage) error {
	var rows []Row
	for i, pc := range pieces {
		if target, ok := pc.read(res.Texts[i]); ok {
			row := b.row(pc.u)
			row.Target = target
			if res.Model != "" {
				row.Model = res.Model
			}
			rows = append(rows, row)
		}
	}
	cost := Cost{}
	if !b.lim.Free {
		cost = b.lim.Price.Cost(res.Billed.or(most))
	}
	if err := b.settle(ctx, ticket, cost, rows); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rep.Cost.Chars += cost.Chars
	b.rep.Cost.Micros += cost.Micros
	b.rep.Bought += len(rows)
	b.rep.Withheld += len(pieces) - len(rows)
	byKey := map[Key]*Row{}
	for i := range rows {
		byKey[rows[i].Key] = &rows[i]
	}
	for _, pc := range pieces {
		if row := byKey[pc.u.key]; row != nil {
			pc.u.row, pc.u.stale = row, false
			continue
		}
		b.wrong[pc.u] = true
	}
	return nil
}

// read is the neutral target that an answer gives, and whether it holds.
func (pc piece) read(answer string) (string, bool) {
	target := tidy(pc.neutral, clean(segment.Decode(answer, pc.codec)))
	if strings.TrimSpace(segment.Plaintext(target)) == "" {
		return "", false
	}
	if segment.Verify(pc.neutral, target) != nil {
		fixed, ok := segment.Repair(pc.neutral, target, pc.u.seg.Links)
		if !ok || !fits(pc.neutral, fixed) {
			return "", false
		}
		target = fixed
	}
	return target, len(faults(pc.u.role, pc.neutral, target)) == 0
}

// clean drops what no text needs and some harm: control characters and bidi overrides.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError {
			return -1
		}
		return r
	}, arabic.StripBidi(s))
	return strings.TrimSpace(s)
}
