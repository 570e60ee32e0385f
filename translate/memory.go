package translate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"

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

// best is the row to serve for a unit: a person's before a machine's, then one by an engine earlier in the chain, then the newest.
// A machine's row counts only while the glossary terms it was given are those of today.
func best(rows []Row, u *unit, chain []Engine) (Row, bool) {
	var pick Row
	found, rank := false, 0
	for _, r := range rows {
		if r.Target == "" || !r.Human && r.Glossary != "" && r.Glossary != fingerprint(u.terms) || !r.Human && humanOnly(chain) {
			continue
		}
		n := place(r, chain)
		if !found || n < rank || n == rank && r.At.After(pick.At) {
			pick, found, rank = r, true, n
		}
	}
	return pick, found
}

// failedBy says whether e, as it is, is known to get u wrong.
func (u *unit) failedBy(e Engine) bool {
	id, terms := e.ID(), ""
	if e.Limits().Terms {
		terms = fingerprint(u.terms)
	}
	return slices.ContainsFunc(u.rows, func(r Row) bool {
		return r.Target == "" && r.Engine == id.Engine && r.Model == id.Model && r.Revision == attempt(id) && r.Glossary == terms
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

func place(r Row, chain []Engine) int {
	if r.Human {
		return -1
	}
	for i, e := range chain {
		if e.ID().Engine == r.Engine {
			return i
		}
	}
	return len(chain)
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
