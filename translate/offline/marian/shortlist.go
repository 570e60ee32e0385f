package marian

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Shortlist lists the candidate target pieces of each source piece. The output layer is computed for
// candidates only.
type Shortlist struct {
	first   int    // ids below are always candidates
	offsets []byte // uint64 each: of the list of each source piece, and the end
	ids     []byte // uint32 each
}

const (
	shortlistMagic  = 0xF11A48D5013417F5
	shortlistHeader = 6 * 8
	batch           = 8 // the count of candidates is made a multiple of this, as the vendors' kernels want it
)

// ReadShortlist parses a binary lexical shortlist for a vocabulary: six uint64 (magic, checksum, first,
// best, number of offsets, number of ids), the offsets as uint64, the ids as uint32.
func ReadShortlist(file []byte, vocabulary int) (*Shortlist, error) {
	if len(file) < shortlistHeader || len(file)%4 != 0 || binary.LittleEndian.Uint64(file) != shortlistMagic {
		return nil, errors.New("not a binary shortlist")
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(file[8*i:]) }
	first, offsets, ids := word(2), word(4), word(5)
	if offsets != uint64(vocabulary)+1 {
		return nil, fmt.Errorf("a shortlist for %d pieces, while the model has %d", int64(offsets)-1, vocabulary)
	}
	if first > uint64(vocabulary) || ids > uint64(len(file)) || uint64(len(file)) != shortlistHeader+8*offsets+4*ids {
		return nil, fmt.Errorf("a shortlist of %d bytes that says it has %d ids", len(file), ids)
	}
	if checksum(file[16:]) != word(1) {
		return nil, errors.New("a damaged shortlist: its checksum is wrong")
	}
	s := &Shortlist{first: int(first), offsets: file[shortlistHeader : shortlistHeader+8*offsets],
		ids: file[shortlistHeader+8*offsets:]}
	last := uint64(0)
	for i := range vocabulary + 1 {
		o := s.offset(int32(i))
		if o > ids || o < last {
			return nil, errors.New("a damaged shortlist: its lists overlap")
		}
		last = o
	}
	for i := range ids {
		if id := s.id(i); id >= uint32(vocabulary) {
			return nil, fmt.Errorf("a shortlist that names piece %d of %d", id, vocabulary)
		}
	}
	return s, nil
}

// offset returns the start of a source piece's list.
func (s *Shortlist) offset(source int32) uint64 {
	return binary.LittleEndian.Uint64(s.offsets[8*source:])
}

func (s *Shortlist) id(i uint64) uint32 { return binary.LittleEndian.Uint32(s.ids[4*i:]) }

// checksum covers whole uint64 words; a trailing half word is left out.
func checksum(b []byte) (sum uint64) {
	for ; len(b) >= 8; b = b[8:] {
		sum ^= binary.LittleEndian.Uint64(b) + 0x9E3779B9 + sum<<6 + sum>>2
	}
	return sum
}

// candidates returns the sorted target pieces for a sentence: the first, those of its source pieces,
// these themselves if the vocabulary is shared, and fillers up to a multiple of batch.
func (s *Shortlist) candidates(source []int32, vocabulary int, joint bool) []int32 {
	used := make([]bool, vocabulary)
	n := 0
	add := func(id int) {
		if !used[id] {
			used[id] = true
			n++
		}
	}
	for id := range s.first {
		add(id)
	}
	for _, src := range source {
		for i := s.offset(src); i < s.offset(src+1); i++ {
			add(int(s.id(i)))
		}
		if joint {
			add(int(src))
		}
	}
	for id := s.first; n%batch != 0 && id < vocabulary; id++ {
		add(id)
	}
	out := make([]int32, 0, n)
	for id, yes := range used {
		if yes {
			out = append(out, int32(id))
		}
	}
	return slices.Clip(out)
}
