package translate

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
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
	pieces = b.open(pieces)
	wait, began := firstWait, b.t.Now()
	for try := 1; len(pieces) > 0; try++ {
		if b.stopped() || ctx.Err() != nil {
			return ctx.Err()
		}
		err := b.once(ctx, pieces)
		var e *Error
		if err == nil || !errors.As(err, &e) {
			return err
		}
		switch e.Kind {
		case Malformed:
			if try == 1 && !part {
				continue
			}
			return b.smaller(ctx, pieces, e)
		case TooLarge, Truncated, Refused:
			return b.smaller(ctx, pieces, e)
		case Transient:
			hanging := b.lim.Timeout > 0 && b.t.Now().Sub(began) > 2*b.lim.Timeout
			if try == tries || e.RetryAfter > longestPause || hanging {
				b.stop(err)
				return nil
			}
			pause := max(e.RetryAfter, time.Duration(float64(wait)*(0.5+rand.Float64()/2)))
			wait = time.Duration(float64(wait) * waitGrowth)
			if err := b.t.Sleep(ctx, pause); err != nil {
				return err
			}
		case Budget:
			n := b.affordable(pieces, e.Left)
			if n == 0 || try == tries {
				b.stop(err)
				return nil
			}
			if n < len(pieces) {
				return b.inTwo(ctx, pieces, n)
			}
		default: // Quota, Auth, Unsupported: no further call would do better
			b.stop(err)
			return nil
		}
	}
	return nil
}

// open returns the pieces that the engine has not refused.
func (b *buyer) open(pieces []piece) (out []piece) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, pc := range pieces {
		if !b.never[pc.u] {
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

// smaller asks for pieces in smaller calls after one that failed with e. It cuts a single piece
// that was too long at a sentence, and leaves any other single piece to the next engine.
func (b *buyer) smaller(ctx context.Context, pieces []piece, e *Error) error {
	if len(pieces) > 1 {
		return b.inTwo(ctx, pieces, (len(pieces)+1)/2)
	}
	if (e.Kind == TooLarge || e.Kind == Truncated) && utf8.RuneCountInString(pieces[0].neutral) >= 2*shortest {
		if first, second, ok := segment.Halve(pieces[0].neutral); ok {
			return b.inHalves(ctx, pieces[0], first, second)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rep.Failures = append(b.rep.Failures, e)
	if u := pieces[0].u; e.Kind == Malformed {
		b.odd[u] = true
	} else {
		b.wrong[u], b.never[u] = true, true
	}
	return nil
}

// shortest is a number of code points that every service accepts: a shorter text is not refused for
// its length.
const shortest = 50

// inHalves translates the two halves of pc and joins them.
func (b *buyer) inHalves(ctx context.Context, pc piece, first, second string) error {
	var targets [2]string
	for i, text := range []string{first, second} {
		half := piece{u: pc.u, neutral: text, wire: segment.Encode(text, pc.codec), codec: pc.codec,
			part: &targets[i], raw: pc.raw}
		if err := b.call(ctx, []piece{half}, true); err != nil {
			return err
		}
		if targets[i] == "" {
			return nil // accept has marked the unit as wrong
		}
	}
	target := targets[0] + " " + targets[1]
	if pc.part != nil {
		*pc.part = target
		return nil
	}
	row := b.row(pc.u)
	target, _, doubts, ok := pc.judge(target)
	if ok {
		row.Target = target
		if err := b.settle(ctx, 0, Cost{}, []Row{row}); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if row.Target == "" {
		b.wrong[pc.u] = true
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
}

// once reserves, sends, checks and settles. It holds no reservation while it waits for the vendor's
// pace. An *Error comes from the engine or the budget; any other error ends the pass.
func (b *buyer) once(ctx context.Context, pieces []piece) error {
	breaker := b.t.state[b.e.ID().Engine]
	if err := breaker.resting(); err != nil {
		return err
	}
	for paced := false; len(pieces) > 0; {
		req := b.request(pieces)
		most := b.lim.most(req)
		ticket, taken, err := b.reserve(ctx, b.lim.Price.Cost(most), pieces)
		switch {
		case err != nil:
			return err
		case len(taken) > 0:
			pieces = b.yield(pieces, taken)
		case paced || breaker.ready(most.Chars):
			return b.send(ctx, ticket, pieces, req, most)
		default:
			if err := b.settle(ctx, ticket, Cost{}, nil); err != nil {
				return err
			}
			if err := breaker.wait(ctx, most.Chars); err != nil {
				return err
			}
			paced = true
		}
	}
	return nil
}

// send makes a call that the budget allows.
func (b *buyer) send(ctx context.Context, ticket Ticket, pieces []piece, req Request, most Usage) error {
	breaker := b.t.state[b.e.ID().Engine]
	res, err := breaker.do(func() (Response, error) {
		cctx := ctx
		if !b.lim.Free {
			var cancel context.CancelFunc
			cctx, cancel = outlasting(ctx)
			defer cancel()
		}
		if b.lim.Timeout > 0 {
			var cancel context.CancelFunc
			cctx, cancel = context.WithTimeout(cctx, b.lim.Timeout)
			defer cancel()
		}
		return b.e.Translate(cctx, req)
	})
	b.mu.Lock()
	b.rep.Calls++
	b.mu.Unlock()
	if err != nil {
		var e *Error
		cost := Cost{}
		if ctx.Err() != nil || errors.As(err, &e) && e.Billed {
			cost = b.lim.Price.Cost(most) // the lost answer may have been billed
		}
		if serr := b.settle(ctx, ticket, cost, nil); serr != nil {
			return serr
		}
		b.count(cost)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if KindOf(err) == Malformed {
			breaker.useful(false)
		}
		return err
	}
	if len(res.Texts) != len(pieces) {
		res.Texts = make([]string, len(pieces)) // the answers cannot be matched to the pieces
	}
	return b.accept(ctx, ticket, pieces, res, most)
}

// most returns the most that a call for r may be billed.
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

// maxTokens caps the billed units that an engine reports: a thousand times the largest call.
const maxTokens = 10_000_000

// or returns the usage that the engine reported, and most for what it did not report.
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
	first := pieces[0].u
	req := Request{Pair: b.p, Role: first.role, Codec: pieces[0].codec, Raw: pieces[0].raw}
	seen := map[Term]bool{}
	for _, pc := range pieces {
		req.Segments = append(req.Segments, pc.wire)
		if b.lim.Terms {
			for _, term := range pc.u.terms {
				if !seen[term] {
					seen[term] = true
					req.Terms = append(req.Terms, term)
				}
			}
		}
	}
	mixed := slices.ContainsFunc(pieces, func(pc piece) bool { return pc.u.article != first.article })
	if b.lim.Context && first.role == Body && !mixed {
		req.Context, req.Previous = first.headline, b.previous(first)
	}
	return req
}

// previous returns the text before u, with its translation if there is one.
func (b *buyer) previous(u *unit) (out []Previous) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range u.before {
		p := Previous{Source: segment.Plaintext(v.seg.Text)}
		if v.row != nil {
			p.Target = segment.Plaintext(v.row.Target)
		}
		out = append(out, p)
	}
	return out
}

// count adds a cost to the report.
func (b *buyer) count(c Cost) {
	if b.lim.Free {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rep.Cost.Chars += c.Chars
	b.rep.Cost.Micros += c.Micros
}

// accept turns the answers that pass the checks into rows, and settles.
func (b *buyer) accept(ctx context.Context, ticket Ticket, pieces []piece, res Response, most Usage) error {
	rows, held, untrue := make([]Row, 0, len(pieces)), make([]*Row, len(pieces)), make([]bool, len(pieces))
	doubts := make([][]string, len(pieces))
	kept, answered := 0, false
	for i, pc := range pieces {
		text := clean(segment.Decode(res.Texts[i], pc.codec))
		answered = answered || text != "" && text != pc.neutral
		target, whole, doubted, ok := pc.judge(text)
		if !ok {
			untrue[i] = whole
			continue
		}
		kept++
		if pc.part != nil {
			*pc.part = target
			continue
		}
		row := b.row(pc.u)
		row.Target = target
		if res.Model != "" {
			row.Model = res.Model
		}
		rows = append(rows, row)
		held[i], doubts[i] = &rows[len(rows)-1], doubted
	}
	cost := Cost{}
	if !b.lim.Free {
		cost = b.lim.Price.Cost(res.Billed.or(most))
	}
	if err := b.settle(ctx, ticket, cost, rows); err != nil {
		return err
	}
	b.count(cost)
	b.t.state[b.e.ID().Engine].useful(answered)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rep.Withheld += len(pieces) - kept
	for i, pc := range pieces {
		switch {
		case held[i] != nil:
			b.take(pc.u, held[i], doubts[i])
		case pc.part == nil || *pc.part == "":
			b.wrong[pc.u], b.untrue[pc.u] = true, untrue[i]
		}
	}
	return nil
}

// judge returns target repaired, whether its codes are complete, which checks doubt it, and whether
// it may be used.
func (pc piece) judge(target string) (fixed string, whole bool, doubts []string, ok bool) {
	if fixed, whole = pc.mend(target); whole && !pc.raw {
		doubts, ok = examine(pc.u.role, pc.neutral, fixed)
	}
	return fixed, whole, doubts, ok || whole && pc.raw
}

// mend returns target with its codes in order, and reports whether they are complete.
func (pc piece) mend(target string) (string, bool) {
	if pc.raw {
		return target, target != ""
	}
	target = tidy(pc.neutral, target)
	if strings.TrimSpace(segment.Plaintext(target)) == "" {
		return "", false
	}
	if segment.Verify(pc.neutral, target) == nil {
		return target, true
	}
	fixed, ok := segment.Repair(pc.neutral, target, pc.u.seg.Links)
	return fixed, ok && fits(pc.neutral, fixed)
}

// clean drops control characters, noncharacters and bidi overrides.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError || r&0xFFFE == 0xFFFE {
			return -1
		}
		return r
	}, arabic.StripBidi(s))
	return strings.TrimSpace(s)
}
