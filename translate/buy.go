package translate

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/nashra/nashra/translate/check"
	"github.com/nashra/nashra/translate/segment"
)

// rung is a step of the ladder that a segment climbs down until an answer holds: each asks for less markup.
type rung uint8

const (
	whole rung = iota // all codes
	again             // the same once more
	links             // emphasis dropped
	plain             // no codes: links are listed after the text
	rungs
)

// Count is the length of s in the unit.
func (u Unit) Count(s string) int64 {
	switch u {
	case UTF16:
		return int64(len(utf16.Encode([]rune(s))))
	case Bytes:
		return int64(len(s))
	}
	return int64(utf8.RuneCountInString(s))
}

// String is the unit's name, in the plural.
func (u Unit) String() string { return [...]string{"characters", "UTF-16 units", "bytes"}[u] }

// cost is what n units are expected to cost.
func (l Limits) cost(n int64) Cost { return l.Price.Expected(n) }

// at is u's text as rung r sends it, and the codec it travels in; empty where the rung has nothing new to offer.
func (r rung) at(u *unit, l Limits) (string, Codec) {
	all, codec := u.seg.Text, codecFor(u, l, r)
	if !l.Terms {
		all = u.safe
	}
	switch r {
	case links:
		text := segment.Only(all, u.seg.Links)
		if len(u.seg.Links) == 0 || text == all || codec == Plain {
			return "", 0
		}
		return text, codec
	case plain:
		if codec == codecFor(u, l, whole) || segment.Only(all, nil) == all { // so were the rungs before, but for escapes
			return "", 0
		}
	}
	if codec == Plain {
		return segment.Only(all, nil), Plain
	}
	return all, codec
}

// codecFor is Plain for headlines, which have no codes, and the engine's own for bodies, that with codes and without share calls.
func codecFor(u *unit, l Limits, r rung) Codec {
	literal := l.Literal && strings.ContainsAny(segment.Plaintext(segment.Only(u.seg.Text, nil)), "<>&")
	if r == plain || u.role == Title || literal {
		return Plain
	}
	return l.Codec
}

// piece is a unit as it is sent.
type piece struct {
	u       *unit
	neutral string // what was encoded
	wire    string
	codec   Codec
	part    *string // where the translation goes of one half of u's text; nil: this is all of it
	raw     bool    // any answer will do
}

// buy asks engine e for units, down the ladder. It returns an error only where the store fails or ctx ends; an engine's failure is
// noted in rep and leaves its units for the next engine.
func (t *Translator) buy(ctx context.Context, e Engine, p Pair, units []*unit, rep *Report) error {
	b := newBuyer(t, e, p, rep)
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
	return b.remember(ctx)
}

// climb asks for those of units that rung r has something to offer for.
func (b *buyer) climb(ctx context.Context, r rung, units []*unit) error {
	var pieces []piece
	for _, u := range units {
		if u.row != nil && !u.stale || r > again && b.untrue[u] { // less markup makes nothing truer
			continue
		}
		if text, codec := r.at(u, b.lim); text != "" {
			pieces = append(pieces, piece{u: u, neutral: text, wire: segment.Encode(text, codec), codec: codec})
		}
	}
	return b.all(ctx, pieces)
}

// all asks for pieces in as many calls as they take.
func (b *buyer) all(ctx context.Context, pieces []piece) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, b.lim.Parallel))
	for _, call := range pack(pieces, b.lim) {
		g.Go(func() error { return b.call(gctx, call, false) })
	}
	return g.Wait()
}

// remember stores which units e got wrong down to the last rung: it is not paid for the same mistake again.
func (b *buyer) remember(ctx context.Context) error {
	if b.stopped() {
		return nil // some rungs were left out
	}
	var rows []Row
	for revision, units := range map[string]map[*unit]bool{attempt(b.e.ID()): b.wrong, oddAttempt(b.e.ID()): b.odd} {
		for u := range units {
			if u.row == nil || u.stale {
				row := b.row(u)
				row.Revision = revision
				rows = append(rows, row)
			}
		}
	}
	return b.settle(ctx, 0, Cost{}, rows)
}

// attempt is the revision of a row without a target: it holds until engine, prompt or checks change.
func attempt(id Identity) string { return id.Revision + ", checks " + check.Version }

// oddAttempt is the same of an answer that was none: it may have been the service's bad hour, so it holds for oddTime.
func oddAttempt(id Identity) string { return attempt(id) + ", no answer" }

const oddTime = 24 * time.Hour

// row is the memory's row for u, still without a target.
func (b *buyer) row(u *unit) Row {
	id := b.e.ID()
	return Row{Key: u.key, Pair: b.p, Role: u.role, Source: u.seg.Text, Engine: id.Engine, Model: id.Model, Revision: id.Revision,
		Glossary: fingerprint(told(u.terms, b.lim.Terms)), At: b.t.Now().UTC().Truncate(time.Second)}
}

// pack fills calls: each piece goes into the first that has room for it. Pieces of different codecs never share one, nor those of
// different articles unless lim.Mixed.
func pack(pieces []piece, lim Limits) (calls [][]piece) {
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
		k := kind{codec: pc.codec, role: pc.u.role}
		if !lim.Mixed {
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

// buyer is one engine's turn at a set of units.
type buyer struct {
	t   *Translator
	e   Engine
	p   Pair
	lim Limits

	mu     sync.Mutex // guards rep, last, the maps and the units' rows
	rep    *Report
	last   error          // why the engine is out for the rest of the turn
	wrong  map[*unit]bool // whose last answer did not hold
	untrue map[*unit]bool // of these, whose codes were in order: it said something else
	odd    map[*unit]bool // whose last answer made no sense at all
	never  map[*unit]bool // that it will not take on any rung
	taken  map[*unit]bool // that somebody else was buying, or had bought
	waited time.Duration  // for them
}

func newBuyer(t *Translator, e Engine, p Pair, rep *Report) *buyer {
	return &buyer{t: t, e: e, p: p, lim: e.Limits(), rep: rep,
		wrong: map[*unit]bool{}, untrue: map[*unit]bool{}, odd: map[*unit]bool{}, never: map[*unit]bool{}, taken: map[*unit]bool{}}
}

func (b *buyer) stopped() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last != nil
}

func (b *buyer) stop(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last == nil {
		b.rep.Failures = append(b.rep.Failures, err)
	}
	b.last = err
}
