// Package synthetic makes students in Marian's format without training: random ones, to compare engines
// on, and one that spells Arabic in Latin letters, whose translations are known. Only tests and the
// oracle use it. Equal options give equal bytes on every machine.
package synthetic

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Options is the shape of a random student. Zero fields are those of a small one.
type Options struct {
	Vocabulary, Dim, FFN, Encoder, Decoder, Heads int

	Split   bool    // a vocabulary for each language
	Most    int     // the largest |weight|; 63: no kernel saturates; 127: as in real ones
	EndBias float32 // larger: shorter sentences
	Seed    uint64
}

// BaseMemory is the shape of the published students of this name: 31 million parameters.
func BaseMemory() Options {
	return Options{Vocabulary: 32000, Dim: 384, FFN: 1536, Encoder: 6, Decoder: 4, Heads: 8}
}

func (o Options) filled() Options {
	or := func(n *int, otherwise int) {
		if *n == 0 {
			*n = otherwise
		}
	}
	or(&o.Vocabulary, 2000)
	or(&o.Dim, 64)
	or(&o.FFN, 128)
	or(&o.Encoder, 2)
	or(&o.Decoder, 2)
	or(&o.Heads, 4)
	or(&o.Most, 63)
	return o
}

// The unknown piece gets this bias, since no engine may generate it.
const unknownBias = 2

// Student returns a random student's model file.
func Student(o Options) []byte {
	o = o.filled()
	s := &student{Options: o, random: rand.New(rand.NewPCG(o.Seed, 1))}
	s.embeddings()
	for i := range o.Encoder {
		p := fmt.Sprintf("encoder_l%d_", i+1)
		s.attention(p + "self")
		s.feedForward(p + "ffn")
	}
	for i := range o.Decoder {
		p := fmt.Sprintf("decoder_l%d_", i+1)
		s.weight(p+"rnn_W", o.Dim, o.Dim, 2)
		s.weight(p+"rnn_Wf", o.Dim, o.Dim, 1)
		s.bias(p+"rnn_bf", o.Dim)
		s.norm(p+"rnn_ffn", o.Dim)
		s.attention(p + "context")
		s.feedForward(p + "ffn")
	}
	logits := s.gauss(o.Vocabulary, 0, 0.1)
	logits[0] += o.EndBias
	logits[1] += unknownBias
	s.floats("decoder_ff_logit_out_b", 1, o.Vocabulary, logits)
	return s.bytes(o)
}

type student struct {
	file
	Options
	random *rand.Rand
}

func (s *student) gauss(n int, mean, deviation float64) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(mean + deviation*s.random.NormFloat64())
	}
	return out
}

func (s *student) flat(n int) []int8 {
	out := make([]int8, n)
	for i := range out {
		out[i] = int8(s.random.IntN(2*s.Most+1) - s.Most)
	}
	return out
}

// deviation is the standard deviation of flat's values.
func (s *student) deviation() float64 {
	n := float64(2*s.Most + 1)
	return math.Sqrt(n * n / 12)
}

// weight adds a layer whose output is gain times as large as its input.
func (s *student) weight(name string, in, out int, gain float64) {
	s.quantised(name, in, out, s.flat(in*out), float32(s.deviation()*math.Sqrt(float64(in))/gain))
	s.floats(name+"_QuantMultA", 1, 1, []float32{24 + 16*s.random.Float32()})
}

func (s *student) bias(name string, n int) { s.floats(name, 1, n, s.gauss(n, 0, 0.1)) }

// norm adds scales of random sign. Otherwise a student with a tied vocabulary would only repeat itself.
func (s *student) norm(prefix string, n int) {
	scale := s.gauss(n, 1, 0.1)
	for i := range scale {
		if s.random.IntN(2) == 0 {
			scale[i] = -scale[i]
		}
	}
	s.floats(prefix+"_ln_scale", 1, n, scale)
	s.floats(prefix+"_ln_bias", 1, n, s.gauss(n, 0, 0.1))
}

func (s *student) attention(prefix string) {
	for _, x := range []struct {
		name string
		gain float64
	}{{"q", 1.6}, {"k", 1.6}, {"v", 1}, {"o", 0.5}} {
		s.weight(prefix+"_W"+x.name, s.Dim, s.Dim, x.gain)
		s.bias(prefix+"_b"+x.name, s.Dim)
	}
	s.norm(prefix+"_Wo", s.Dim)
}

func (s *student) feedForward(prefix string) {
	s.weight(prefix+"_W1", s.Dim, s.FFN, 1)
	s.bias(prefix+"_b1", s.FFN)
	s.weight(prefix+"_W2", s.FFN, s.Dim, 1)
	s.bias(prefix+"_b2", s.Dim)
	s.norm(prefix+"_ffn", s.Dim)
}

func (s *student) embeddings() {
	names, multipliers := []string{"Wemb"}, []string{"Wemb", "none"}
	if s.Split {
		names, multipliers = []string{"encoder_Wemb", "decoder_Wemb"}, []string{"decoder_Wemb", "none"}
	}
	for _, name := range names {
		q := s.flat(s.Vocabulary * s.Dim)
		// One value of 127 keeps the scale of the output layer, 127 / max|w|, equal to the stored one,
		// while all other values are small.
		clear(q[2*s.Dim : 3*s.Dim])
		q[2*s.Dim] = 127
		s.quantised(name, s.Vocabulary, s.Dim, q, float32(s.deviation()*math.Sqrt(float64(s.Dim))))
	}
	for _, name := range multipliers {
		s.floats(name+"_QuantMultA", 1, 1, []float32{31})
	}
}

// Shortlist returns a binary shortlist of random lists: the first pieces are candidates for all, and
// each has best more.
func Shortlist(vocabulary, first, best int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 2))
	lists := make([][]uint32, vocabulary)
	for i := range lists {
		for len(lists[i]) < best {
			if id := uint32(r.IntN(vocabulary)); !slices.Contains(lists[i], id) {
				lists[i] = append(lists[i], id)
			}
		}
	}
	return shortlist(first, best, lists)
}

func shortlist(first, best int, lists [][]uint32) []byte {
	n := 0
	for i, l := range lists {
		slices.Sort(l)
		n += len(l)
		if i == len(lists)-1 && n%2 == 1 { // the checksum runs over whole words
			lists[i] = append(l, l[len(l)-1])
			n++
		}
	}
	le := binary.LittleEndian
	var body []byte
	for _, v := range []int{first, best, len(lists) + 1, n, 0} {
		body = le.AppendUint64(body, uint64(v))
	}
	end := 0
	for _, l := range lists {
		end += len(l)
		body = le.AppendUint64(body, uint64(end))
	}
	for _, l := range lists {
		for _, id := range l {
			body = le.AppendUint32(body, id)
		}
	}
	var sum uint64
	for b := body; len(b) >= 8; b = b[8:] {
		sum ^= le.Uint64(b) + 0x9E3779B9 + sum<<6 + sum>>2
	}
	head := le.AppendUint64(le.AppendUint64(nil, 0xF11A48D5013417F5), sum)
	return append(head, body...)
}
