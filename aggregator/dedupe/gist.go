package dedupe

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// Gist is what parts most texts that share bands or names, in 160 bytes where a Signature has 850. It stands beside what a story is found
// by, so that the leads of those need not be read: of the farm's pairs it parts 97 of 100 of those that come to nothing.
type Gist struct {
	source uint64               // hashed
	lang   [2]byte              //
	stems  uint8                // no more than minStems
	last   term                 // up to which all terms are known
	sketch sketch               // of them
	terms  [len(sketch{})]uint8 // how many each part of sketch holds
	names  []uint32             // as fact makes them, ascending
	counts []uint32             //
	marks  []mark               // of the title, their lower half left out, ascending
	words  []uint16
}

// weightBits are a fact's lowest bits, its weight in tenths of a point. The rest are a hash: two things that share one cost a comparison.
const weightBits = 5

func newFact(hash uint64, weight uint8) uint32 { return uint32(hash)<<weightBits | uint32(weight) }

// gist is that of an item of source, signed as s.
func (s *Signature) gist(source string) Gist {
	g := Gist{source: hash(source), lang: s.lang, stems: uint8(min(s.stems, minStems)), last: limit(s), sketch: s.sketch, words: s.words}
	for _, t := range s.terms {
		g.terms[t>>sketchShift/64]++
	}
	for _, f := range s.names {
		g.names = append(g.names, newFact(hash(f.text), f.weight))
	}
	for _, v := range s.counts {
		g.counts = append(g.counts, newFact(mix(math.Float64bits(v)), tenths(countWeight(v))))
	}
	slices.Sort(g.names)
	slices.Sort(g.counts)
	for _, m := range s.marks {
		if m.class() != mention {
			g.marks = append(g.marks, m>>32<<32)
		}
	}
	g.marks = slices.Compact(g.marks)
	return g
}

// tenths are points as facts have them.
func tenths(points float64) uint8 { return uint8(math.Round(points * 10)) }

// parts says, of two texts dated so many milliseconds apart, within Window, that compare makes nothing of them but for an identity key
// that they share. Of the others it may still make nothing.
func (g *Gist) parts(o *Gist, apart int64) bool {
	if g.lang == o.lang && min(g.stems, o.stems) >= minStems && g.atMost(o) >= copyCut {
		return false
	}
	if apart > EventWindow.Milliseconds() || g.source == o.source || conflict(g.marks, o.marks) != "" {
		return true
	}
	points, named := sharedFacts(g.names, o.names)
	if named == 0 && len(g.names) > 0 && len(o.names) > 0 {
		return true
	}
	more, counted := sharedFacts(g.counts, o.counts)
	alike := shared(g.words, o.words)
	if named == 0 && (alike < nameless || counted == 0) {
		return true
	}
	points += more + int(tenths(weightModel))*shared(models(g.marks), models(o.marks)) + min(int(tenths(weightWord))*alike, int(tenths(mostWords)))
	const rounding = 0.01 // of the sums that compare makes
	return float64(points)+rounding < 10*(eventCut+eventHour*float64(apart)/3_600_000)
}

// sharedFacts are the points of what two lists share, and how many they are.
func sharedFacts(a, b []uint32) (points, n int) {
	for len(a) > 0 && len(b) > 0 {
		switch x, y := a[0]>>weightBits, b[0]>>weightBits; {
		case x < y:
			a = a[1:]
		case y < x:
			b = b[1:]
		default:
			points += int(max(a[0], b[0]) % (1 << weightBits))
			a, b, n = a[1:], b[1:], n+1
		}
	}
	return points, n
}

// atMost is a bound of the cosine, as a Signature's: of each part of the sketches no more is shared than one has beyond what the other
// has not.
func (g *Gist) atMost(o *Gist) float64 {
	last := min(g.last, o.last)
	end := last >> sketchShift
	n, m, both := 0, 0, 0 // terms at least, and shared at most
	for i, x := range g.sketch {
		y, a, b := o.sketch[i], int(g.terms[i]), int(o.terms[i])
		least, leastToo := a, b
		cut := last != math.MaxUint32 && uint32(i) == end/64
		if cut { // of the bit with last in it some terms are not counted where the other text's are known further
			a, b = a-bits.OnesCount64(x>>(end%64)>>1), b-bits.OnesCount64(y>>(end%64)>>1)
			x, y = x&(1<<(end%64)-1), y&(1<<(end%64)-1)
			if least = a; g.last > last {
				least = bits.OnesCount64(x)
			}
			if leastToo = b; o.last > last {
				leastToo = bits.OnesCount64(y)
			}
		}
		n, m = n+least, m+leastToo
		both += min(a-bits.OnesCount64(x&^y), b-bits.OnesCount64(y&^x))
		if cut {
			break
		}
	}
	if n == 0 || m == 0 {
		return 1
	}
	return float64(both) / math.Sqrt(float64(n)*float64(m))
}

// AppendBinary appends g as bytes. It never fails.
func (g *Gist) AppendBinary(out []byte) ([]byte, error) {
	out = append(binary.LittleEndian.AppendUint64(out, g.source), g.lang[0], g.lang[1], g.stems)
	out = binary.LittleEndian.AppendUint32(out, g.last)
	for _, w := range g.sketch {
		out = binary.LittleEndian.AppendUint64(out, w)
	}
	out = append(out, g.terms[:]...)
	out = appendKeys(appendKeys(out, g.names), g.counts)
	out = binary.AppendUvarint(out, uint64(len(g.marks)))
	for _, m := range g.marks {
		out = binary.LittleEndian.AppendUint32(out, uint32(m>>32))
	}
	return appendShorts(out, g.words), nil
}

// Read reads from b what AppendBinary appended, into the lists of g as far as they have room, and gives what is left. Bytes from
// elsewhere are an error or give a Gist that is safe to use.
func (g *Gist) Read(b []byte) (left []byte, err error) {
	r := reader{b: b}
	head := r.take(8 + 3 + 4 + 9*len(g.sketch))
	if r.bad {
		return nil, errSignature
	}
	g.source, g.lang, g.stems = binary.LittleEndian.Uint64(head), [2]byte{head[8], head[9]}, head[10]
	g.last = binary.LittleEndian.Uint32(head[11:])
	for i := range g.sketch {
		g.sketch[i] = binary.LittleEndian.Uint64(head[15+8*i:])
	}
	copy(g.terms[:], head[15+8*len(g.sketch):])
	g.names = r.keys(g.names, maxFacts)
	g.counts = r.keys(g.counts, maxList)
	n := r.uvarint()
	if r.bad || n > maxList || 4*n > uint64(len(r.b)) {
		return nil, errSignature
	}
	g.marks = room(g.marks, n)
	for range n {
		g.marks = append(g.marks, mark(binary.LittleEndian.Uint32(r.take(4)))<<32)
	}
	g.words = r.words(g.words)
	if r.bad {
		return nil, errSignature
	}
	return r.b, nil
}
