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

// rung is a step of the ladder of calls for a segment: each asks for less markup, until an answer
// holds.
type rung uint8

const (
	whole rung = iota // all codes
	again             // all codes, once more, if the engine may answer differently
	links             // emphasis dropped
	plain             // no codes; links are listed after the text
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
	if !l.Terms {
		all = u.safe
	}
	switch r {
	case again:
		if !l.Varies {
			return "", 0
		}
	case links:
		text := segment.Only(all, u.seg.Links)
		if len(u.seg.Links) == 0 || text == all || codec == Plain {
			return "", 0
		}
		return text, codec
	case plain:
		if codec == codecFor(u, l, whole) || segment.Only(all, nil) == all { // as the rungs before, but for escapes
			return "", 0
		}
	}
	if codec == Plain {
		return segment.Only(all, nil), Plain
	}
	return all, codec
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
}

// buy asks engine e for units, down the ladder. It fails only if the store fails or ctx ends: rep
// notes a failure of the engine, whose units are left to the next.
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

// climb asks for the units to which rung r adds something new.
func (b *buyer) climb(ctx context.Context, r rung, units []*unit) error {
	var pieces []piece
	for _, u := range units {
		switch doubted := u.row != nil && !u.stale; {
		case !b.t.wants(u, b.e),
			doubted && (b.wrong[u] || b.odd[u]), // asked once more already
			r > again && b.untrue[u]:            // less markup would not help
			continue
		}
		if text, codec := r.at(u, b.lim); text != "" {
			pieces = append(pieces, piece{u: u, neutral: text, wire: segment.Encode(text, codec), codec: codec})
		}
	}
	return b.askAll(ctx, pieces)
}

// askAll asks for pieces in as many calls as needed.
func (b *buyer) askAll(ctx context.Context, pieces []piece) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, b.lim.Parallel))
	for _, call := range pack(pieces, b.lim) {
		g.Go(func() error { return b.call(gctx, call, false) })
	}
	return g.Wait()
}

// remember stores which units e got wrong on every rung, so that it is not paid for the same
// mistake again.
func (b *buyer) remember(ctx context.Context) error {
	if b.stopped() {
		return nil // not every rung was tried
	}
	var rows []Row
	for revision, units := range map[string]map[*unit]bool{attempt(b.e.ID()): b.wrong, oddAttempt(b.e.ID()): b.odd} {
		for u := range units {
			if u.row == nil || u.stale || u.unsure() {
				row := b.row(u)
				row.Revision = revision
				rows = append(rows, row)
			}
		}
	}
	return b.settle(ctx, 0, Cost{}, rows)
}

// attempt returns the revision of a row without a target. It is valid until engine, prompt or
// checks change.
func attempt(id Identity) string { return id.Revision + ", checks " + check.Version }

// oddAttempt is attempt for an unusable answer. It is valid for oddTime: the service may have had a
// bad hour.
func oddAttempt(id Identity) string { return attempt(id) + ", no answer" }

const oddTime = 24 * time.Hour

// row returns a row for u, still without a target. An engine's second answer is kept beside its
// first.
func (b *buyer) row(u *unit) Row {
	id := b.e.ID()
	if u.row != nil && !u.stale && u.row.Engine == id.Engine {
		id.Revision += ", second answer"
	}
	return Row{Key: u.key, Pair: b.p, Role: u.role, Source: u.seg.Text, Engine: id.Engine, Model: id.Model,
		Revision: id.Revision,
		Glossary: fingerprint(told(u.terms, b.lim.Terms)), At: b.t.Now().UTC().Truncate(time.Second)}
}

// pack puts each piece into the first call with room for it. Pieces with different codecs never
// share a call; those of different articles do only if lim.Mixed.
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

// buyer is the turn of one engine at a set of units.
type buyer struct {
	t   *Translator
	e   Engine
	p   Pair
	lim Limits

	mu     sync.Mutex // guards rep, last, the maps and the units' rows
	rep    *Report
	last   error          // why the engine is not asked for the rest of the turn
	wrong  map[*unit]bool // whose last answer failed a check
	untrue map[*unit]bool // of these, whose codes were correct: the text was wrong
	odd    map[*unit]bool // whose last answer was unusable
	never  map[*unit]bool // that the engine refuses on every rung
	taken  map[*unit]bool // that another buyer is buying or has bought
	waited time.Duration  // for the other buyers
}

func newBuyer(t *Translator, e Engine, p Pair, rep *Report) *buyer {
	return &buyer{t: t, e: e, p: p, lim: e.Limits(), rep: rep,
		wrong: map[*unit]bool{}, untrue: map[*unit]bool{}, odd: map[*unit]bool{}, never: map[*unit]bool{},
		taken: map[*unit]bool{}}
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
