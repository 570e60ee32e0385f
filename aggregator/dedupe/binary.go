package dedupe

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
)

// format is the first byte of a stored Signature: the version of the encoding.
const format = 4

// maxList limits the lists of a stored Signature, except terms: no number of a text takes less than two bytes.
const maxList = maxText

var errSignature = errors.New("read signature: not one that this program wrote")

// MarshalBinary encodes s, in about 0.9 KB for an article. It never fails.
func (s Signature) MarshalBinary() ([]byte, error) {
	size := 64 + 8*(len(s.Identity)+len(s.numbers)+len(s.title)+len(s.marks)) + 4*(len(s.Bands)+len(s.terms))
	out := make([]byte, 0, size)
	out = append(out, format, s.lang[0], s.lang[1], 0)
	out = binary.AppendUvarint(out, uint64(s.stems))
	out = append64(out, s.Identity, func(k int64) uint64 { return uint64(k) })
	out = appendKeys(appendKeys(out, s.Bands), s.Names)
	out = append64(out, s.numbers, math.Float64bits)
	out = append64(out, s.title, math.Float64bits)
	out = append64(out, s.marks, func(m mark) uint64 { return uint64(m) })
	out = append64(out, s.counts, math.Float64bits)
	out = append64(out, s.amounts, math.Float64bits)
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

func append64[T any](out []byte, list []T, bits func(T) uint64) []byte {
	out = binary.AppendUvarint(out, uint64(len(list)))
	for _, v := range list {
		out = binary.LittleEndian.AppendUint64(out, bits(v))
	}
	return out
}

// UnmarshalBinary decodes a Signature, reusing s's lists. Bytes that MarshalBinary did not write give an
// error or a Signature that is safe to compare.
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
	s.Identity = read64(&r, s.Identity, func(v uint64) int64 { return int64(v) })
	s.Bands = r.keys(s.Bands, bandCount)
	s.Names = r.keys(s.Names, maxEventIDs)
	s.numbers = read64(&r, s.numbers, math.Float64frombits)
	s.title = read64(&r, s.title, math.Float64frombits)
	s.marks = read64(&r, s.marks, func(v uint64) mark { return mark(v) })
	s.counts = read64(&r, s.counts, math.Float64frombits)
	s.amounts = read64(&r, s.amounts, math.Float64frombits)
	s.words = r.shorts(s.words)
	s.names = r.facts(s.names)
	s.terms = r.terms(s.terms)
	if r.bad || len(r.b) > 0 || !ascending(s.numbers) || !ascending(s.title) || !ascending(s.marks) ||
		!ascending(s.counts) || !ascending(s.words) {
		*s = Signature{}
		return errSignature
	}
	return nil
}

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

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

// emptied returns list with length 0 and capacity for n; nil if n is 0.
func emptied[T any](list []T, n uint64) []T {
	if n == 0 {
		return nil
	}
	return slices.Grow(list[:0], int(n))
}

func read64[T any](r *reader, list []T, value func(uint64) T) []T {
	n := r.uvarint()
	if r.bad || n > maxList || n*8 > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	list = emptied(list, n)
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
	list = emptied(list, n)
	for b := r.take(4 * int(n)); len(b) > 0; b = b[4:] {
		list = append(list, binary.LittleEndian.Uint32(b))
	}
	return list
}

func (r *reader) shorts(list []uint16) []uint16 {
	n := r.uvarint()
	if r.bad || n > maxFacts {
		r.bad = true
		return nil
	}
	list = emptied(list, n)
	for b := r.take(2 * int(n)); len(b) > 0; b = b[2:] {
		list = append(list, binary.LittleEndian.Uint16(b))
	}
	return list
}

// facts decodes names, whose texts share one string.
func (r *reader) facts(list []fact) []fact {
	n := r.uvarint()
	if r.bad || n > maxFacts {
		r.bad = true
		return nil
	}
	list = emptied(list, n)
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
	list = emptied(list, n)
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

// ascending reports whether list is strictly ascending, without NaN.
func ascending[T float64 | mark | uint16](list []T) bool {
	for i := range list {
		if list[i] != list[i] || i > 0 && !(list[i] > list[i-1]) {
			return false
		}
	}
	return true
}
