package spm

import (
	"slices"
	"unicode/utf8"
)

// reached is the best segmentation up to a place in the text.
type reached struct {
	score float32
	from  int32 // where its last piece begins; -1: not reached
	id    int32
}

// Encode cuts text into the ids of its most probable pieces. An empty text has none.
func (m *Model) Encode(text string) []int32 {
	s := m.normalize(text)
	if s == "" {
		return nil
	}
	best := make([]reached, len(s)+1)
	for i := range best {
		best[i].from = -1
	}
	for at := 0; at < len(s); {
		_, width := utf8.DecodeRuneInString(s[at:])
		m.extend(best, s, at, width)
		at += width
	}
	var out []int32
	for end := int32(len(s)); end > 0; {
		b := best[end]
		if b.id == m.unknown {
			out = m.spell(out, s[b.from:end])
		} else {
			out = append(out, b.id)
		}
		end = b.from
	}
	slices.Reverse(out)
	return out
}

// extend tries every piece that starts at a place, whose character is width bytes long. Scores are
// compared as in SentencePiece: as a float64 sum with stored float32 values.
func (m *Model) extend(best []reached, s string, at, width int) {
	here := float64(best[at].score)
	offer := func(end int, score float64, id int32) {
		if b := &best[end]; b.from < 0 || score > float64(b.score) {
			*b = reached{float32(score), int32(at), id}
		}
	}
	single := false
	m.index.prefixes(m.pieces, s[at:], func(id int32) {
		p := &m.pieces[id]
		if p.kind == unused {
			return
		}
		single = single || len(p.text) == width
		if p.kind == userDefined { // always the best
			offer(at+len(p.text), here-0.1, id)
			return
		}
		offer(at+len(p.text), here+float64(p.score), id)
	})
	if !single {
		offer(at+width, float64(m.unkCost+best[at].score), m.unknown)
	}
}

// spell appends, in reverse, the pieces of an unknown character: its bytes, or one unknown piece for a
// run of them.
func (m *Model) spell(out []int32, char string) []int32 {
	if m.bytes == nil {
		if n := len(out); n > 0 && out[n-1] == m.unknown {
			return out
		}
		return append(out, m.unknown)
	}
	for i := len(char) - 1; i >= 0; i-- {
		out = append(out, m.bytes[char[i]])
	}
	return out
}
