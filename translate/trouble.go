package translate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Trouble is what an engine fails at, as it is kept for the operator and for later processes.
type Trouble struct {
	Engine string
	Kind   Kind
	Cause  string // for people
	Left   bool   // the engine was left, in Count turns at texts; otherwise Count single texts failed
	Count  int
	Since  time.Time
	Last   time.Time
}

// Todo says what the operator can do.
func (t Trouble) Todo() string { return todo(t.Kind, t.Left) }

// Over reports whether t is not worth telling any more: single texts failed long ago.
func (t Trouble) Over(now time.Time) bool { return !t.Left && now.Sub(t.Last) > pauses[len(pauses)-1] }

// Add adds another report to r.
func (r *Report) Add(o Report) {
	r.Segments += o.Segments
	r.Hits += o.Hits
	r.Bought += o.Bought
	r.Calls += o.Calls
	r.Withheld += o.Withheld
	r.Cost.Chars += o.Cost.Chars
	r.Cost.Micros += o.Cost.Micros
	for _, e := range o.Failures {
		r.note(e, e.Texts)
	}
}

// note adds a failure of the engine, which was left for it, or of so many texts.
func (r *Report) note(e *Error, texts int) {
	i := slices.IndexFunc(r.Failures, func(old *Error) bool { return old.Engine == e.Engine && old.Kind == e.Kind })
	if i < 0 {
		first := *e
		first.Texts = texts
		r.Failures = append(r.Failures, &first)
		return
	}
	old := r.Failures[i]
	switch {
	case old.Texts == 0:
	case texts == 0:
		*old = *e
	default:
		old.Texts += texts
		for code := range strings.SplitSeq(e.Code, ", ") {
			if !strings.Contains(old.Code, code) && len(old.Code) < maxCodes {
				old.Code += ", " + code
			}
		}
	}
}

// maxCodes limits the codes of a note, in bytes: all checks have names of a hundred together.
const maxCodes = 100

// knownTroubles returns the store's troubles, and lets those of earlier processes count in this one.
func (t *Translator) knownTroubles(ctx context.Context) ([]Trouble, error) {
	known, err := t.store.Troubles(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what engines failed at: %w", err)
	}
	for _, tr := range known {
		b := t.state[tr.Engine]
		switch {
		case b == nil || t.again || b.trusted() != unknown:
		case tr.Kind == Miscounted && !tr.Over(t.Now()):
			b.miscounted(fewMiscounts)
		case tr.Left && tr.Kind != Budget:
			b.believe(doubtful)
		}
	}
	return known, nil
}

// storeTroubles brings the known troubles of engines up to date after rep.
func (t *Translator) storeTroubles(ctx context.Context, known []Trouble, rep *Report) error {
	now := t.Now().UTC().Truncate(time.Second)
	next := slices.Clone(known)
	for _, e := range rep.Failures {
		if e.Engine == MemoryName || e.resting || t.spare && e.Kind == Budget {
			continue
		}
		i := slices.IndexFunc(next, func(tr Trouble) bool { return tr.Engine == e.Engine && tr.Kind == e.Kind })
		if i < 0 {
			i = len(next)
			next = append(next, Trouble{Engine: e.Engine, Kind: e.Kind})
		}
		tr := &next[i]
		if left := e.Texts == 0; left != tr.Left || tr.Count == 0 {
			tr.Left, tr.Count, tr.Since = left, 0, now
		}
		tr.Cause, tr.Last = e.cause(), now
		tr.Count += max(1, e.Texts)
	}
	next = slices.DeleteFunc(next, func(tr Trouble) bool {
		b := t.state[tr.Engine]
		again := slices.ContainsFunc(rep.Failures, func(e *Error) bool {
			return e.Engine == tr.Engine && e.Kind == tr.Kind
		})
		cured := tr.Left && b != nil && b.trusted() == proven && !again
		return cured || tr.Over(now)
	})
	if slices.Equal(next, known) {
		return nil
	}
	if err := t.store.SetTroubles(ctx, next); err != nil {
		return fmt.Errorf("store what engines fail at: %w", err)
	}
	return nil
}
