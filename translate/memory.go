package translate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nashra/nashra/translate/segment"
)

// keySchema is raised when the making of keys changes, so that old rows are not taken for new ones.
const keySchema = "1"

// KeyOf identifies a segment, in neutral form, in the memory. Fields are hashed with their lengths: no two run together.
func KeyOf(p Pair, role Role, neutral string) (key Key) {
	h := sha256.New()
	for _, s := range []string{keySchema, p.From, p.To, string(role), segment.Normalise(neutral)} {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	h.Sum(key[:0])
	return key
}

// recall gives u the row to serve: a person's before a machine's, then one made under today's terms, then the newest. A machine's is
// judged like an answer that has just come, so that what an older nashra let through, or a file brought in, is not served for ever.
func (t *Translator) recall(u *unit) {
	humans := humanOnly(t.chain(u.role))
	for i := range u.rows {
		r := &u.rows[i]
		if r.Target == "" || !r.Human && humans || !fits(u.seg.Text, r.Target) || !r.Human && len(faults(u.role, u.seg.Text, r.Target)) > 0 {
			continue
		}
		stale := !r.Human && (t.again || !t.current(r, u.terms))
		if u.row == nil || better(r, stale, u.row, u.stale) {
			u.row, u.stale = r, stale
		}
	}
}

func better(r *Row, stale bool, than *Row, thanStale bool) bool {
	switch {
	case r.Human != than.Human:
		return r.Human
	case stale != thanStale:
		return !stale
	}
	return r.At.After(than.At)
}

// current says whether a machine's row was made under the terms of today. Of an engine that is not configured any more either may
// have been told; of a row from a file that names none, or from a store that did not keep them, nothing is known, and it stands.
func (t *Translator) current(r *Row, terms []Term) bool {
	all, known := t.reads[r.Engine]
	switch {
	case r.Glossary == UnknownGlossary:
		return true
	case known:
		return r.Glossary == fingerprint(told(terms, all))
	}
	return r.Engine == ImportName || r.Glossary == fingerprint(terms) || r.Glossary == fingerprint(told(terms, false))
}

// told are the terms that an engine is given: all where it reads them, else the names, which stand in the text it is sent.
func told(terms []Term, all bool) []Term {
	if all {
		return terms
	}
	return slices.DeleteFunc(slices.Clone(terms), func(t Term) bool { return !t.name() })
}

// failedBy says whether e, as it is, is known to get u wrong, or gave no answer to it lately.
func (u *unit) failedBy(e Engine, now time.Time) bool {
	id, terms := e.ID(), fingerprint(told(u.terms, e.Limits().Terms))
	return slices.ContainsFunc(u.rows, func(r Row) bool {
		return r.Target == "" && r.Engine == id.Engine && r.Model == id.Model && r.Glossary == terms &&
			(r.Revision == attempt(id) || r.Revision == oddAttempt(id) && now.Sub(r.At).Abs() < oddTime)
	})
}

// fits says whether target can stand for source: its codes are source's own, or some of them where a lower rung of the ladder gave it.
func fits(source, target string) bool {
	var ids []int
	for _, m := range neutralCode.FindAllStringSubmatch(target, -1) {
		if n, err := strconv.Atoi(m[3]); err == nil && m[1] == "" {
			ids = append(ids, n)
		}
	}
	return segment.Verify(segment.Only(source, ids), target) == nil
}

// humanOnly says whether the chain is made to serve nothing but what a person translated.
func humanOnly(chain []Engine) bool {
	for _, e := range chain {
		if !e.Limits().Human {
			return false
		}
	}
	return len(chain) > 0
}

// MemoryName is the built-in engine that serves the memory's rows of human origin and fails the rest as unsupported.
const MemoryName = "memory"

type memoryEngine struct{}

// MemoryEngine is the engine MemoryName.
func MemoryEngine() Engine { return memoryEngine{} }

func (memoryEngine) ID() Identity { return Identity{Engine: MemoryName} }
func (memoryEngine) Limits() Limits {
	return Limits{Segments: 1000, Size: 1 << 20, Free: true, Human: true, Mixed: true}
}
func (memoryEngine) Translate(context.Context, Request) (Response, error) {
	return Response{}, &Error{Kind: Unsupported, Engine: MemoryName, Code: "no human translation is remembered"}
}

// Keys are those of the segments of passages that are to be translated.
func Keys(p Pair, in []Passage) (keys []Key, err error) {
	for _, ps := range in {
		d, err := cut(ps)
		if err != nil {
			return nil, fmt.Errorf("cut passage of %s: %w", ps.Article, err)
		}
		for _, u := range d.units {
			if segment.Translatable(u.seg.Text, p.From) {
				keys = append(keys, KeyOf(p, ps.Role, u.seg.Text))
			}
		}
	}
	return keys, nil
}
