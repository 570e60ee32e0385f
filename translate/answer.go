package translate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nashra/nashra/translate/arabic"
	"github.com/nashra/nashra/translate/segment"
)

// once reserves, sends, checks and settles. It holds no reservation while it waits for the vendor's
// pace. An *Error comes from the engine or the budget; any other error ends the pass.
func (b *buyer) once(ctx context.Context, pieces []piece) error {
	for paced := false; len(pieces) > 0; {
		req := b.request(pieces)
		most := b.lim.most(req)
		ticket, taken, err := b.reserve(ctx, b.lim.Price.Cost(most), pieces)
		switch {
		case err != nil:
			return err
		case len(taken) > 0:
			pieces = b.yield(pieces, taken)
		case paced || b.breaker.ready(most.Chars):
			return b.send(ctx, ticket, pieces, req, most)
		default:
			if err := b.settle(ctx, ticket, Cost{}, nil); err != nil {
				return err
			}
			if err := b.breaker.wait(ctx, most.Chars); err != nil {
				return err
			}
			paced = true
		}
	}
	return nil
}

// send makes a call that the budget allows.
func (b *buyer) send(ctx context.Context, ticket Ticket, pieces []piece, req Request, most Usage) error {
	res, err := b.ask(ctx, req)
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
	req := Request{Pair: b.p, Role: first.role, Codec: pieces[0].codec, Raw: pieces[0].raw,
		Again: slices.ContainsFunc(pieces, func(pc piece) bool { return pc.again })}
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
	switch {
	case !b.lim.Context || mixed:
	case first.role == Body:
		req.Context, req.Previous = first.headline, b.previous(first)
	default:
		req.Previous = first.opening
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
	rows, held := make([]Row, 0, len(pieces)), make([]*Row, len(pieces))
	ends, doubts := make([]outcome, len(pieces)), make([][]string, len(pieces))
	texts, broken := make([]string, len(pieces)), make([]bool, len(pieces))
	for i, pc := range pieces {
		raw := segment.Decode(res.Texts[i], pc.codec)
		texts[i], broken[i] = clean(raw), strings.ContainsFunc(raw, unwanted)
	}
	answered, unclean := false, 0
	moved := displaced(pieces, texts)
	for i, pc := range pieces {
		text := texts[i]
		if text == "" {
			ends[i] = outcome{none, b.failed(Malformed, map[bool]string{false: "empty", true: controls}[broken[i]])}
			continue
		}
		if broken[i] {
			unclean++
		}
		answered = answered || text != pc.neutral
		target, doubted, o := b.judge(pc, text)
		if moved[i] {
			o = outcome{untrue, b.failed(Withheld, "paragraph")}
		}
		if o.end != pending {
			ends[i] = o
			continue
		}
		if pc.part != nil {
			*pc.part = target
			continue
		}
		row := b.row(pc.u)
		row.Target = pc.u.seg.Restore(target)
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
	b.answered(answered, unclean)
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, pc := range pieces {
		if held[i] != nil {
			b.take(pc.u, held[i], doubts[i])
		} else if ends[i].end != pending {
			b.met[pc.u] = ends[i]
			b.rep.Withheld++
		}
	}
	return nil
}

// answered notes whether a call brought a text other than its source, and how many texts had control
// characters.
func (b *buyer) answered(text bool, unclean int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if unclean > 0 {
		b.rep.note(b.failed(Malformed, controls+", removed"), unclean)
	}
	if !text {
		b.dud(b.failed(Malformed, "no translation in the answer"))
		return
	}
	b.fails, b.duds = 0, 0
	b.breaker.believe(proven)
}

// controls names answers with characters that no text has.
const controls = "control characters"

// judge returns target repaired, which checks doubt it, and unless it may be used its outcome. A text
// that lacks codes, or has markup in it, may be right if less markup is sent.
func (b *buyer) judge(pc piece, target string) (fixed string, doubts []string, o outcome) {
	fixed, ok := pc.mend(target)
	switch {
	case !ok:
		return fixed, nil, outcome{wrong, b.failed(Withheld, "codes")}
	case pc.raw:
		return fixed, nil, o
	}
	doubts, fault := examine(pc.neutral, fixed)
	switch {
	case fault == "":
	case fault == "markup" || segment.Verify(pc.neutral, fixed) != nil:
		o = outcome{wrong, b.failed(Withheld, fault)}
	default:
		o = outcome{untrue, b.failed(Withheld, fault)}
	}
	return fixed, doubts, o
}

// mend returns target with its codes in order, and reports whether they are complete.
func (pc piece) mend(target string) (string, bool) {
	if pc.raw {
		return target, target != ""
	}
	target = segment.Space(pc.neutral, tidy(pc.neutral, target))
	if strings.TrimSpace(segment.Plaintext(target)) == "" {
		return "", false
	}
	if segment.Verify(pc.neutral, target) != nil {
		var ok bool
		if target, ok = pc.u.seg.Repair(pc.neutral, target); !ok || !fits(pc.neutral, target) {
			return target, false
		}
	}
	return target, pc.u.seg.InPlace(pc.neutral, target)
}

// clean drops control characters, noncharacters, bidi overrides and what English text has no use for: marks
// of direction, byte order marks, zero-width spaces.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unwanted(r) || r == 0x200E || r == 0x200F || r == 0x061C || r == 0xFEFF || r == 0x200B {
			return -1
		}
		return r
	}, arabic.StripBidi(s))
	return strings.TrimSpace(s)
}

func unwanted(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError || r&0xFFFE == 0xFFFE
}
