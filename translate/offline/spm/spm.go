// Package spm reads SentencePiece unigram models, cuts text into their pieces and joins pieces to text,
// id for id and byte for byte as SentencePiece does. The normalisation rules come from the model file.
package spm

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// kind is the type of a piece, as numbered by SentencePiece.
type kind uint64

const (
	normal      kind = 1
	unknown     kind = 2
	control     kind = 3 // marks like the end: never in text
	userDefined kind = 4 // always kept whole
	unused      kind = 5
	bytePiece   kind = 6 // <0x41>: one byte of a character that no piece has
)

type piece struct {
	text  string
	score float32
	kind  kind
}

// Model is a vocabulary with its rules. It is immutable and safe for concurrent use.
type Model struct {
	pieces  []piece
	index   index   // of what text is cut into
	kept    index   // of the user-defined ones, which normalisation leaves alone
	bytes   []int32 // the piece of each byte; nil: no byte fallback
	unknown int32
	unkCost float32 // score of a character that no piece has

	normalizer
}

const space = "\u2581" // stands for a blank in pieces

// Limits. Published vocabularies have 32,000 pieces of at most 48 bytes.
const (
	maxPieces     = 1 << 18
	maxPieceBytes = 1 << 10
)

// unknownPenalty is how far an unknown character scores below the worst piece, by SentencePiece's rule.
const unknownPenalty = 10

// Parse parses a model file, a protobuf message with a unigram model. The Model keeps the slice.
func Parse(file []byte) (*Model, error) {
	m := &Model{normalizer: normalizer{dummyPrefix: true, trimSpaces: true, escapeSpaces: true}, unknown: -1}
	if err := m.read(file); err != nil {
		return nil, fmt.Errorf("not a SentencePiece model: %w", err)
	}
	switch {
	case len(m.pieces) == 0:
		return nil, errors.New("a SentencePiece model without pieces")
	case m.unknown < 0:
		return nil, errors.New("a SentencePiece model without an unknown piece")
	}
	least := float32(math.MaxFloat32)
	for _, p := range m.pieces {
		if p.kind == normal {
			least = min(least, p.score)
		}
	}
	m.unkCost = least - unknownPenalty
	if err := m.build(); err != nil {
		return nil, err
	}
	m.normalizer.kept = m.kept
	return m, nil
}

// build makes the indexes.
func (m *Model) build() error {
	var texts, kept []int32
	for i, p := range m.pieces {
		switch p.kind {
		case normal, userDefined, unused:
			texts = append(texts, int32(i))
			if p.kind == userDefined {
				kept = append(kept, int32(i))
			}
		case bytePiece:
			var b byte
			if n, err := fmt.Sscanf(p.text, "<0x%02X>", &b); n != 1 || err != nil ||
				p.text != fmt.Sprintf("<0x%02X>", b) {
				return fmt.Errorf("piece %d of a byte is called %.20q", i, p.text)
			}
			if m.bytes == nil {
				m.bytes = slices.Repeat([]int32{m.unknown}, 256)
			}
			m.bytes[b] = int32(i)
		}
	}
	m.index, m.kept = newIndex(m.pieces, texts), newIndex(m.pieces, kept)
	if i := m.index.doubled(m.pieces); i >= 0 {
		return fmt.Errorf("piece %d stands twice", i)
	}
	return nil
}

// Size returns the number of pieces; all ids are below it.
func (m *Model) Size() int { return len(m.pieces) }

// Unknown returns the id of the unknown piece.
func (m *Model) Unknown() int32 { return m.unknown }

// Find returns the id of the piece with that text, of any kind.
func (m *Model) Find(text string) (int32, bool) {
	i := slices.IndexFunc(m.pieces, func(p piece) bool { return p.text == text })
	return int32(i), i >= 0
}

// index finds pieces by prefix: ids sorted by text.
type index struct {
	ids   []int32
	first [257]int32 // where the texts that begin with a byte begin
}

func newIndex(pieces []piece, ids []int32) (x index) {
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Compare(pieces[a].text, pieces[b].text) })
	x.ids = ids
	n := 0
	for b := range 256 {
		x.first[b] = int32(n)
		for n < len(ids) && int(pieces[ids[n]].text[0]) == b {
			n++
		}
	}
	x.first[256] = int32(n)
	return x
}

func (x *index) doubled(pieces []piece) int32 {
	for i := 1; i < len(x.ids); i++ {
		if pieces[x.ids[i]].text == pieces[x.ids[i-1]].text {
			return x.ids[i]
		}
	}
	return -1
}

// prefixes calls each with every piece that is a prefix of s, shortest first.
func (x *index) prefixes(pieces []piece, s string, each func(id int32)) {
	if s == "" || len(x.ids) == 0 {
		return
	}
	low, high := int(x.first[s[0]]), int(x.first[int(s[0])+1])
	for n := 1; low < high; n++ {
		if len(pieces[x.ids[low]].text) == n { // the shortest is the first
			each(x.ids[low])
			low++
		}
		if n == len(s) {
			return
		}
		low, high = x.narrow(pieces, low, high, n, s[n])
	}
}

// narrow returns the part of [low, high) whose texts have byte b at n. All of these texts are longer
// than n.
func (x *index) narrow(pieces []piece, low, high, n int, b byte) (int, int) {
	from, end := low, high
	for from < end {
		if mid := (from + end) / 2; pieces[x.ids[mid]].text[n] < b {
			from = mid + 1
		} else {
			end = mid
		}
	}
	to, end := from, high
	for to < end {
		if mid := (to + end) / 2; pieces[x.ids[mid]].text[n] <= b {
			to = mid + 1
		} else {
			end = mid
		}
	}
	return from, to
}

// Begins reports whether a piece begins a word.
func (m *Model) Begins(id int32) bool {
	return id >= 0 && int(id) < len(m.pieces) && strings.HasPrefix(m.pieces[id].text, space)
}
