package dedupe

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// format is the first byte of a stored Signature.
const format = 4

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
	out = appendShorts(out, s.words)
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

func appendShorts(out []byte, list []uint16) []byte {
	out = binary.AppendUvarint(out, uint64(len(list)))
	for _, w := range list {
		out = binary.LittleEndian.AppendUint16(out, w)
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

// UnmarshalBinary reads what MarshalBinary gave, into the lists of s as far as they have room. Bytes from elsewhere are an error or give a
// Signature that is safe to compare.
func (s *Signature) UnmarshalBinary(b []byte) error {
	r := reader{b: b}
	head := r.take(4)
	if r.bad || head[0] != format || head[3] > 1 {
		return errSignature
	}
	s.lang, s.cue = [2]byte{head[1], head[2]}, head[3] == 1
	stems := r.uvarint()
	s.stems = int(min(stems, maxText))
	r.bad = r.bad || stems > maxText
	s.Identity = readWords(&r, s.Identity, func(v uint64) int64 { return int64(v) })
	s.Bands = r.keys(s.Bands, bandCount)
	s.Names = r.keys(s.Names, maxEventIDs)
	s.numbers = readWords(&r, s.numbers, math.Float64frombits)
	s.title = readWords(&r, s.title, math.Float64frombits)
	s.marks = readWords(&r, s.marks, func(v uint64) mark { return mark(v) })
	s.counts = readWords(&r, s.counts, math.Float64frombits)
	s.amounts = readWords(&r, s.amounts, math.Float64frombits)
	s.words = r.words(s.words)
	s.names = r.facts(s.names)
	s.terms = r.terms(s.terms)
	s.sketch = sketchOf(s.terms)
	if r.bad || len(r.b) > 0 || !ascending(s.numbers) || !ascending(s.title) || !ascending(s.marks) || !ascending(s.counts) ||
		!ascending(s.words) {
		*s = Signature{}
		return errSignature
	}
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

// room is list emptied, with room for n; nil for none.
func room[T any](list []T, n uint64) []T {
	if n == 0 {
		return nil
	}
	return slices.Grow(list[:0], int(n))
}

func readWords[T any](r *reader, list []T, value func(uint64) T) []T {
	n := r.uvarint()
	if r.bad || n > maxList || n*8 > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	list = room(list, n)
	for range n {
		list = append(list, value(binary.LittleEndian.Uint64(r.take(8))))
	}
	return list
}

func (r *reader) keys(list []uint32, most uint64) []uint32 {
	n := r.uvarint()
	if r.bad || n > most {
		r.bad = true
		return nil
	}
	list = room(list, n)
	for b := r.take(4 * int(n)); len(b) > 0; b = b[4:] {
		list = append(list, binary.LittleEndian.Uint32(b))
	}
	return list
}

func (r *reader) words(list []uint16) []uint16 {
	n := r.uvarint()
	if r.bad || n > maxFacts {
		r.bad = true
		return nil
	}
	list = room(list, n)
	for b := r.take(2 * int(n)); len(b) > 0; b = b[2:] {
		list = append(list, binary.LittleEndian.Uint16(b))
	}
	return list
}

// facts reads names, whose texts are parts of one string.
func (r *reader) facts(list []fact) []fact {
	n := r.uvarint()
	if r.bad || n > maxFacts {
		r.bad = true
		return nil
	}
	list = room(list, n)
	begun := r.b
	var from, to [maxFacts]int
	for i := range n {
		weight := r.take(1)
		size := r.uvarint()
		if r.bad || size > uint64(len(r.b)) {
			r.bad = true
			return nil
		}
		from[i] = len(begun) - len(r.b)
		r.take(int(size))
		to[i] = len(begun) - len(r.b)
		list = append(list, fact{weight: weight[0]})
	}
	all := string(begun[:len(begun)-len(r.b)])
	for i := range list {
		list[i].text = all[from[i]:to[i]]
		if i > 0 && list[i].text <= list[i-1].text {
			r.bad = true
			return nil
		}
	}
	return list
}

func (r *reader) terms(list []term) []term {
	n := r.uvarint()
	if r.bad || n > maxTerms || n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	list = room(list, n)
	last := uint64(0)
	for i := range n {
		d := r.uvarint()
		if r.bad || d > math.MaxUint32 || last+d > math.MaxUint32 || i > 0 && d == 0 {
			r.bad = true
			return nil
		}
		last += d
		list = append(list, term(last))
	}
	return list
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
