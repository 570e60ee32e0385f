package translate

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/nashra/nashra/translate/check"
	"github.com/nashra/nashra/translate/glossary"
	"github.com/nashra/nashra/translate/segment"
)

// rung is a step of the ladder of calls for a segment: each asks for less markup, until an answer
// holds.
type rung uint8

const (
	whole rung = iota // all codes
	again             // all codes, once more, if the engine may answer differently
	links             // emphasis dropped
	plain             // no codes but line breaks; links are listed after the text
	rungs
)

// Count returns the length of s in the unit.
func (u Unit) Count(s string) int64 {
	if u == UTF16 {
		return int64(len(utf16.Encode([]rune(s))))
	}
	return int64(utf8.RuneCountInString(s))
}

// String returns the unit's name in the plural.
func (u Unit) String() string { return [...]string{"characters", "UTF-16 units"}[u] }

// at returns u's text as rung r sends it, and its codec. The text is empty if the rung adds nothing
// new.
func (r rung) at(u *unit, l Limits) (string, Codec) {
	all, codec := u.seg.Text, codecFor(u, l, r)
	switch r {
	case again:
		if !l.Varies || u.opening != nil { // it was asked for without the opening
			return "", 0
		}
	case links:
		text := u.seg.Less(all)
		same := text == all && len(u.seg.Breaks) == 0 // else it is sent line by line
		if len(u.seg.Links) == 0 || same || codec == Plain {
			return "", 0
		}
		return text, codec
	case plain:
		if codec == codecFor(u, l, whole) || segment.Only(all, nil) == all { // as the rungs before, but for escapes
			return "", 0
		}
	}
	if codec == Plain {
		return u.seg.Plain(all), Plain
	}
	return all, codec
}

// lines returns the lines of u's text as rung r sends it, each of which is sent on its own: engines that
// moved line breaks would move them again, and plain text has no codes for them.
func (r rung) lines(u *unit, text string, codec Codec) (lines, breaks []string) {
	if len(u.seg.Breaks) == 0 || r <= again && codec != Plain {
		return nil, nil
	}
	return u.seg.Lines(text)
}

// wire returns a neutral text as an engine reads it. An engine that reads no terms gets the
// glossary's names in English; its answer is checked against the text without them, so that a name
// that was wrong to write costs nothing.
func (t *Translator) wire(neutral string, codec Codec, l Limits) string {
	if !l.Terms {
		neutral = t.Glossary.Protect(neutral)
	}
	return segment.Encode(neutral, codec)
}

// codecFor returns Plain for headlines, which have no codes. Bodies use the engine's codec even
// without codes, so that they share calls.
func codecFor(u *unit, l Limits, r rung) Codec {
	literal := l.Literal && strings.ContainsAny(segment.Plaintext(segment.Only(u.seg.Text, nil)), "<>&")
	if r == plain || u.role == Title || literal {
		return Plain
	}
	return l.Codec
}

// piece is a unit, or half of one, as it is sent.
type piece struct {
	u       *unit
	neutral string // the text before encoding
	wire    string
	codec   Codec
	part    *string // where the translation of a part of u's text goes; nil: the piece is all of it
	raw     bool    // take any answer
	again   bool    // asked for before
}

// buy asks engine e for units, down the ladder. It fails only if the store fails or ctx ends: rep
// notes a failure of the engine, whose units are left to the next.
func (t *Translator) buy(ctx context.Context, e Engine, p Pair, units []*unit, rep *Report) error {
	b := newBuyer(t, e, p, rep)
	defer b.report(units)
	for r := whole; r < rungs && !b.stopped(); r++ {
		for left := units; len(left) > 0; {
			if err := b.climb(ctx, r, left); err != nil {
				return err
			}
			var err error
			if left, err = b.afterOthers(ctx); err != nil {
				return err
			}
		}
	}
	return b.settle(ctx, 0, Cost{}, b.failures(units))
}

// climb asks for the units to which rung r adds something new.
func (b *buyer) climb(ctx context.Context, r rung, units []*unit) error {
	var pieces []piece
	for _, u := range units {
		switch o, doubted := b.met[u], u.row != nil && !u.stale; {
		case !b.t.wants(u, b.e),
			doubted && o.end != pending,  // asked once more already
			r > again && o.end == untrue: // less markup would not help
			continue
		}
		text, codec := r.at(u, b.lim)
		if text == "" {
			continue
		}
		pc := piece{u: u, neutral: text, wire: b.t.wire(text, codec, b.lim), codec: codec,
			again: r == again || b.second(u)}
		if lines, breaks := r.lines(u, text, codec); len(lines) > 1 {
			if err := b.inParts(ctx, pc, lines, breaks, false); err != nil {
				return err
			}
			continue
		}
		pieces = append(pieces, pc)
	}
	return b.askAll(ctx, pieces)
}

// askAll asks for pieces in as many calls as needed. A doubtful engine gets one text first.
func (b *buyer) askAll(ctx context.Context, pieces []piece) error {
	if len(pieces) > 0 && b.breaker.trusted() == doubtful {
		if err := b.call(ctx, pieces[:1], true); err != nil || b.stopped() {
			return err
		}
		pieces = pieces[1:]
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, b.lim.Parallel))
	for _, call := range b.pack(pieces) {
		g.Go(func() error { return b.call(gctx, call, false) })
	}
	return g.Wait()
}

// attempt returns the revision of a row without a target. It is valid until engine, prompt or
// checks change.
func attempt(id Identity) string { return id.Revision + ", checks " + check.Version }

// second reports whether b's engine is asked to think again about its own answer.
func (b *buyer) second(u *unit) bool {
	return u.row != nil && !u.stale && u.row.Engine == b.e.ID().Engine
}

// row returns a row for u, still without a target. An engine's second answer is kept beside its
// first.
func (b *buyer) row(u *unit) Row {
	id := b.e.ID()
	if b.second(u) {
		id.Revision += ", second answer"
	}
	return Row{Key: u.key, Pair: b.p, Role: u.role, Source: u.seg.Text, Engine: id.Engine, Model: id.Model,
		Revision: id.Revision,
		Glossary: glossary.Fingerprint(told(u.terms, b.lim.Terms)), At: b.t.Now().UTC().Truncate(time.Second)}
}

// pack puts each piece into the first call with room for it. Pieces with different codecs never
// share a call; those of different articles do only if lim.Mixed. What often got no answer goes alone.
func (b *buyer) pack(pieces []piece) (calls [][]piece) {
	lim := b.lim
	type kind struct {
		codec   Codec
		role    Role
		article string
	}
	type open struct {
		call int
		room int64
	}
	at := map[kind][]open{}
	for _, pc := range pieces {
		if n, _ := pc.u.unanswered(b.e); n >= suspect {
			calls = append(calls, []piece{pc})
			continue
		}
		k := kind{codec: pc.codec, role: pc.u.role}
		if !lim.Mixed || lim.Context && pc.u.opening != nil {
			k.article = pc.u.article
		}
		n := lim.Unit.Count(pc.wire)
		i := slices.IndexFunc(at[k], func(o open) bool { return o.room >= n })
		if i < 0 {
			i = len(at[k])
			at[k] = append(at[k], open{len(calls), max(int64(lim.Size), n)})
			calls = append(calls, nil)
		}
		o := &at[k][i]
		calls[o.call] = append(calls[o.call], pc)
		if o.room -= n; len(calls[o.call]) >= lim.Segments {
			at[k] = slices.Delete(at[k], i, i+1)
		}
	}
	return calls
}
