package translate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/nashra/nashra/translate/glossary"
	"github.com/nashra/nashra/translate/segment"
)

// keySchema is raised when KeyOf changes, so that old rows do not match new keys.
const keySchema = "1"

// KeyOf returns the memory's key of a segment in neutral form. It hashes fields with their lengths,
// so that no two run together.
func KeyOf(p Pair, role Role, neutral string) (key Key) {
	h := sha256.New()
	for _, s := range []string{keySchema, p.From, p.To, string(role), segment.Normalise(neutral)} {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	h.Sum(key[:0])
	return key
}

// recall gives u the best row. It checks machine rows like new answers: an older version or a file
// may have let them in.
func (t *Translator) recall(u *unit) {
	humans := humanOnly(t.chain(u.role))
	u.row, u.opinions = nil, 0
	for i := range u.rows {
		r := &u.rows[i]
		switch {
		case r.Target == "" || !fits(u.seg.Text, r.Target):
		case r.Human:
			u.offer(r, false, nil)
		case !humans:
			doubts, fault := examine(u.seg.Text, r.Target)
			if fault != "" {
				u.refuted = true
				continue
			}
			u.offer(r, t.again || !t.current(r, u), doubts)
		}
	}
}

// offer gives u the translation r if it is better: a person's, then one made with today's terms,
// then the one with fewer doubts, then the newer.
func (u *unit) offer(r *Row, stale bool, doubts []string) {
	if !stale {
		u.opinions++
	}
	if old := u.row; old == nil || cmp.Or(
		btoi(r.Human)-btoi(old.Human), btoi(u.stale)-btoi(stale), len(u.doubts)-len(doubts), r.At.Compare(old.At),
		cmp.Compare(r.Engine, old.Engine), cmp.Compare(r.Revision, old.Revision)) > 0 {
		u.row, u.stale, u.doubts = r, stale, doubts
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// current reports whether a machine's row was made with today's terms. Rows of unknown terms count
// as current.
func (t *Translator) current(r *Row, u *unit) bool {
	if r.Glossary == UnknownGlossary || t.given(r, u.terms) {
		return true
	}
	// Earlier versions told terms whatever they mean in the text. The row stays if that named nothing wrong.
	loose := t.Glossary.Loose(u.seg.Text)
	return t.given(r, loose) && slices.Equal(glossary.NamesOf(loose), glossary.NamesOf(u.terms))
}

// given reports whether a row was made with terms. An engine that is no longer configured may have
// been given all terms or only names.
func (t *Translator) given(r *Row, terms []Term) bool {
	if all, known := t.reads[r.Engine]; known {
		return r.Glossary == glossary.Fingerprint(told(terms, all))
	}
	return r.Engine == ImportName || r.Glossary == glossary.Fingerprint(terms) ||
		r.Glossary == glossary.Fingerprint(told(terms, false))
}

// told returns the terms that an engine is given: all if it reads terms, otherwise the names, which
// Protect puts into the text.
func told(terms []Term, all bool) []Term {
	if all {
		return terms
	}
	return glossary.NamesOf(terms)
}

// fits reports whether target's codes are source's own, or some of them if a lower rung made it.
func fits(source, target string) bool {
	var ids []int
	for _, m := range segment.CodeTag.FindAllStringSubmatch(target, -1) {
		if n, err := strconv.Atoi(m[3]); err == nil && m[1] == "" {
			ids = append(ids, n)
		}
	}
	return segment.Verify(segment.Only(source, ids), target) == nil
}

// Readable returns target without characters that no text has, and reports whether it may be a
// translation of source: it has text, and only codes of source. Both are in neutral form.
func Readable(source, target string) (string, bool) {
	target = clean(target)
	return target, fits(source, target) && segment.Plaintext(target) != ""
}

// ImportName is the engine of imported rows that name none.
const ImportName = "import"

// humanOnly reports whether the chain serves only what people translated.
func humanOnly(chain []Engine) bool {
	for _, e := range chain {
		if !e.Limits().Human {
			return false
		}
	}
	return len(chain) > 0
}

// MemoryName is the name of the built-in engine that serves rows that people made and fails the
// rest as unsupported.
const MemoryName = "memory"

type memoryEngine struct{}

// MemoryEngine returns the engine MemoryName.
func MemoryEngine() Engine { return memoryEngine{} }

func (memoryEngine) ID() Identity { return Identity{Engine: MemoryName} }
func (memoryEngine) Limits() Limits {
	return Limits{Segments: 1000, Size: 1 << 20, Free: true, Human: true, Mixed: true}
}
func (memoryEngine) Translate(context.Context, Request) (Response, error) {
	return Response{}, &Error{Kind: Unsupported, Engine: MemoryName, Code: "no human translation is remembered"}
}

// Keys returns the keys of the translatable segments of passages.
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
