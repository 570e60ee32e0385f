package dedupe

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// format is the first byte of a stored Signature: the version of the encoding.
const format = 5

// maxList limits a list of a stored Signature. No signature comes near it: see Sign.
const maxList = 1 << 12

var errSignature = errors.New("read signature: not one that this program wrote")

// MarshalBinary encodes s, in about 0.7 KB for an article. It never fails.
func (s Signature) MarshalBinary() ([]byte, error) {
	out := make([]byte, 0, 64+8*len(s.Identity)+4*(len(s.sketch.hashes)+len(s.title)+len(s.open)+len(s.terms)))
	out = append(out, format, s.lang[0], s.lang[1], s.sketch.every, s.cues)
	out = binary.AppendUvarint(out, uint64(s.words))
	out = binary.AppendUvarint(out, uint64(s.stems))
	out = binary.AppendUvarint(out, uint64(len(s.Identity)))
	for _, k := range s.Identity {
		out = binary.LittleEndian.AppendUint64(out, uint64(k))
	}
	out = appendList(out, s.sketch.hashes, s.sketch.every)
	out = appendList(out, s.title, 0)
	out = appendList(out, s.open, 0)
	out = appendList(out, s.terms, 0)
	out = binary.AppendUvarint(out, uint64(len(s.names)))
	for _, name := range s.names {
		out = append(append(out, byte(len(name))), name...)
	}
	out = appendList(out, s.marks, 0)
	return out, nil
}

// appendList encodes an ascending list of multiples of 1<<shift by the differences of its elements.
func appendList[T ~uint32 | ~uint64](out []byte, list []T, shift uint8) []byte {
	out = binary.AppendUvarint(out, uint64(len(list)))
	last := uint64(0)
	for _, v := range list {
		out = binary.AppendUvarint(out, uint64(v)>>shift-last)
		last = uint64(v) >> shift
	}
	return out
}

// UnmarshalBinary decodes a Signature. Bytes that MarshalBinary did not write give an error or a
// Signature that is safe to compare.
func (s *Signature) UnmarshalBinary(b []byte) error {
	r := reader{b: b}
	head := r.take(5)
	if r.bad || head[0] != format || head[3] > maxEvery {
		return errSignature
	}
	*s = Signature{lang: [2]byte{head[1], head[2]}, cues: head[4], words: int(r.uvarint(maxText)),
		stems: int(r.uvarint(maxText))}
	s.sketch.every = head[3]
	for range r.uvarint(maxList) {
		if k := r.take(8); !r.bad {
			s.Identity = append(s.Identity, int64(binary.LittleEndian.Uint64(k)))
		}
	}
	s.sketch.hashes = readList[uint32](&r, s.sketch.every)
	s.title = readList[uint32](&r, 0)
	s.open = readList[uint32](&r, 0)
	s.terms = readList[uint32](&r, 0)
	rest := string(r.b) // names are parts of one string
	for range r.uvarint(maxNames) {
		n := len(r.take(int(r.uvarint(maxName))))
		end := len(rest) - len(r.b)
		s.names = append(slices.Grow(s.names, maxNames-len(s.names)), rest[end-n:end])
	}
	s.marks = readList[mark](&r, 0)
	if r.bad || len(r.b) > 0 {
		*s = Signature{}
		return errSignature
	}
	return nil
}

// maxEvery bounds the sample of a text's 4-grams, of which there are fewer than maxText.
const maxEvery = 18

// reader decodes from b. It is bad once a value was missing or out of range.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

// uvarint reads a number of at most most; 0 if r is or becomes bad.
func (r *reader) uvarint(most uint64) uint64 {
	v, n := binary.Uvarint(r.b)
	if r.bad || n <= 0 || v > most {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

// readList decodes what appendList wrote; nil if empty.
func readList[T ~uint32 | ~uint64](r *reader, shift uint8) (list []T) {
	n := int(r.uvarint(maxList))
	if r.bad = r.bad || n > len(r.b); r.bad || n == 0 {
		return nil
	}
	list = make([]T, 0, n)
	last, most := uint64(0), uint64(^T(0))>>shift
	for range n {
		d := r.uvarint(math.MaxUint64)
		if r.bad = r.bad || d > most-last || d == 0 && len(list) > 0; r.bad {
			return nil
		}
		last += d
		list = append(list, T(last<<shift))
	}
	return slices.Clip(list)
}
