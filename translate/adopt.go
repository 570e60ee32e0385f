package translate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nashra/nashra/translate/check"
	"github.com/nashra/nashra/translate/segment"
)

// Version is a passage with a translation that was made elsewhere.
type Version struct {
	Role   Role
	Source string // Title: plain text. Body: sanitised HTML
	Target string // the same; empty: not translated
	Model  string // who made it there; empty: not known
	At     time.Time
}

// rowsPerAdoption is how many rows are stored in one transaction.
const rowsPerAdoption = 500

// Adopt stores the translations in versions, segment by segment, as a machine's of that name, without
// cost. It leaves out segments that the memory has a translation of, and refuses those that checks
// refuse: the engines are asked for them. It returns how many it stored and how many it refused.
func (t *Translator) Adopt(ctx context.Context, p Pair, maker string, versions []Version) (kept, refused int,
	err error) {
	var rows []Row
	for _, v := range versions {
		pairs, no := v.segments(p)
		refused += no
		at := v.At
		if now := t.Now(); at.IsZero() || at.After(now) {
			at = now
		}
		for _, s := range pairs {
			rows = append(rows, Row{Key: KeyOf(p, v.Role, s.Source), Pair: p, Role: v.Role, Source: s.Source,
				Target: s.Target, Engine: maker, Model: v.Model, Glossary: UnknownGlossary, At: at})
		}
	}
	for batch := range slices.Chunk(rows, rowsPerAdoption) {
		keys := make([]Key, len(batch))
		for i, r := range batch {
			keys[i] = r.Key
		}
		known, err := t.store.Recall(ctx, keys)
		if err != nil {
			return kept, refused, fmt.Errorf("recall translations: %w", err)
		}
		batch = slices.DeleteFunc(batch, func(r Row) bool {
			return slices.ContainsFunc(known[r.Key], func(k Row) bool {
				return k.Target != "" && (k.Engine != maker || k.Target == r.Target)
			})
		})
		if len(batch) == 0 {
			continue
		}
		if err := t.store.Settle(ctx, 0, Cost{}, batch); err != nil {
			return kept, refused, fmt.Errorf("store translations: %w", err)
		}
		kept += len(batch)
	}
	return kept, refused, nil
}

// segments returns the segments of v with their translations, and how many checks refuse.
func (v Version) segments(p Pair) (out []segment.Translated, refused int) {
	var all []segment.Translated
	if v.Role == Title {
		all = []segment.Translated{{Source: segment.Escape(v.Source), Target: segment.Escape(v.Target)}}
	} else {
		all = segment.Align(v.Source, v.Target)
	}
	all = slices.DeleteFunc(all, func(s segment.Translated) bool {
		return s.Target == "" || !segment.Translatable(s.Source, p.From)
	})
	sources, targets := make([]string, len(all)), make([]string, len(all))
	for i, s := range all {
		all[i].Target = segment.Space(s.Source, clean(s.Target))
		sources[i], targets[i] = segment.Plaintext(s.Source), segment.Plaintext(all[i].Target)
	}
	moved := check.Shifted(sources, targets)
	for i, s := range all {
		target, ok := Readable(s.Source, s.Target)
		if _, fault := examine(s.Source, target); !ok || fault != "" || moved[i] {
			refused++
			continue
		}
		out = append(out, segment.Translated{Source: s.Source, Target: target})
	}
	return out, refused
}
