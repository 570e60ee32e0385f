package dedupe

import (
	"encoding/binary"
	"errors"
	"math"
)

// format is the first byte of a stored Signature.
const format = 2

// maxList is the most entries of any list but terms in a stored Signature: texts are capped, and no number takes less than two bytes.
const maxList = maxText

var errSignature = errors.New("read signature: not one that this program wrote")

// MarshalBinary gives s as bytes, about 0.9 KB for an article. It never fails.
func (s Signature) MarshalBinary() ([]byte, error) {
	out := make([]byte, 0, 64+8*(len(s.Identity)+len(s.numbers)+len(s.title)+len(s.marks))+4*(len(s.Bands)+len(s.terms)))
	out = append(out, format, s.lang[0], s.lang[1], 0)
	out = binary.AppendUvarint(out, uint64(s.stems))
	out = appendWords(out, s.Identity, func(k int64) uint64 { return uint64(k) })
	out = appendKeys(appendKeys(out, s.Bands), s.Names)
	out = appendWords(out, s.numbers, math.Float64bits)
	out = appendWords(out, s.title, math.Float64bits)
	out = appendWords(out, s.marks, func(m mark) uint64 { return uint64(m) })
	out = appendWords(out, s.counts, math.Float64bits)
	out = appendWords(out, s.amounts, math.Float64bits)
	out = binary.AppendUvarint(out, uint64(len(s.words)))
	for _, w := range s.words {
		out = binary.LittleEndian.AppendUint16(out, w)
	}
	out = binary.AppendUvarint(out, uint64(len(s.names)))
	for _, f := range s.names {
		out = append(binary.AppendUvarint(append(out, f.weight), uint64(len(f.text))), f.text...)
	}
	if s.cue {
		out[3] = 1
	}
	out = binary.AppendUvarint(out, uint64(len(s.terms)))
	last := term(0)
	for _, t := range s.terms {
		out = binary.AppendUvarint(out, uint64(t-last))
		last = t
	}
	return out, nil
}

func appendKeys(out []byte, keys []uint32) []byte {
	out = binary.AppendUvarint(out, uint64(len(keys)))
	for _, k := range keys {
		out = binary.LittleEndian.AppendUint32(out, k)
	}
	return out
}

func appendWords[T any](out []byte, list []T, bits func(T) uint64) []byte {
	out = binary.AppendUvarint(out, uint64(len(list)))
	for _, v := range list {
		out = binary.LittleEndian.AppendUint64(out, bits(v))
	}
	return out
}

// UnmarshalBinary reads what MarshalBinary gave. Bytes from elsewhere are an error or give a Signature that is safe to compare.
func (s *Signature) UnmarshalBinary(b []byte) error {
	r := reader{b: b}
	head := r.take(4)
	if r.bad || head[0] != format || head[3] > 1 {
		return errSignature
	}
	out := Signature{lang: [2]byte{head[1], head[2]}, cue: head[3] == 1}
	stems := r.uvarint()
	out.stems = int(min(stems, maxText))
	r.bad = r.bad || stems > maxText
	out.Identity = readWords(&r, func(v uint64) int64 { return int64(v) })
	out.Bands = r.keys(bandCount)
	out.Names = r.keys(maxEventIDs)
	out.numbers = readWords(&r, math.Float64frombits)
	out.title = readWords(&r, math.Float64frombits)
	out.marks = readWords(&r, func(v uint64) mark { return mark(v) })
	out.counts = readWords(&r, math.Float64frombits)
	out.amounts = readWords(&r, math.Float64frombits)
	out.words = r.words()
	out.names = r.facts()
	out.terms = r.terms()
	if r.bad || len(r.b) > 0 || !ascending(out.numbers) || !ascending(out.title) || !ascending(out.marks) || !ascending(out.counts) ||
		!ascending(out.words) {
		return errSignature
	}
	*s = out
	return nil
}

// reader reads from b; bad once something was not there.
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

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func readWords[T any](r *reader, value func(uint64) T) []T {
	n := r.uvarint()
	if r.bad || n > maxList || n*8 > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	if n == 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		out[i] = value(binary.LittleEndian.Uint64(r.take(8)))
	}
	return out
}

func (r *reader) keys(most uint64) []uint32 {
	n := r.uvarint()
	if r.bad || n > most {
		r.bad = true
		return nil
	}
	b := r.take(4 * int(n))
	if r.bad || n == 0 {
		return nil
	}
	out := make([]uint32, n)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return out
}

func (r *reader) words() []uint16 {
	n := r.uvarint()
	if r.bad || n > maxFacts {
		r.bad = true
		return nil
	}
	b := r.take(2 * int(n))
	if r.bad || n == 0 {
		return nil
	}
	out := make([]uint16, n)
	for i := range out {
		out[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return out
}

func (r *reader) facts() []fact {
	n := r.uvarint()
	if r.bad || n > maxFacts {
		r.bad = true
		return nil
	}
	var out []fact
	for range n {
		weight := r.take(1)
		size := r.uvarint()
		if r.bad || size > uint64(len(r.b)) {
			r.bad = true
			return nil
		}
		out = append(out, fact{string(r.take(int(size))), weight[0]})
		if k := len(out); k > 1 && out[k-1].text <= out[k-2].text {
			r.bad = true
			return nil
		}
	}
	return out
}

func (r *reader) terms() []term {
	n := r.uvarint()
	if r.bad || n > maxTerms || n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	if n == 0 {
		return nil
	}
	out := make([]term, n)
	last := uint64(0)
	for i := range out {
		d := r.uvarint()
		if r.bad || d > math.MaxUint32 || last+d > math.MaxUint32 || i > 0 && d == 0 {
			r.bad = true
			return nil
		}
		last += d
		out[i] = term(last)
	}
	return out
}

// ascending says whether each of list is above the one before; NaN is above nothing.
func ascending[T float64 | mark | uint16](list []T) bool {
	for i := range list {
		if list[i] != list[i] || i > 0 && !(list[i] > list[i-1]) {
			return false
		}
	}
	return true
}
