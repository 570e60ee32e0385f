// Package marian runs the students of Firefox Translations: small transformers in Marian's format, with
// int8 weights, an SSRU decoder and a lexical shortlist. A Model maps ids of source pieces to ids of
// target pieces.
//
// The arithmetic is that of Bergamot's engine with exact sums: activations are quantised to int8 by a
// multiplier stored with each weight, products are summed in int32, and everything else is float32. A
// sentence's result does not depend on the other sentences of the batch.
package marian

import (
	"fmt"
	"math"
	"sync"
)

// Model is a loaded student. It is immutable and safe for concurrent use.
type Model struct {
	Config
	source, target embedding
	output         linear // target's embeddings once more, for the logits of pieces
	encoder        []encoderLayer
	decoder        []decoderLayer
	positions      []float32 // a row of Dim for each of maxTarget
	scratch        sync.Pool // of *scratch: what translations worked in
}

// linear is y = xW + b in int8.
type linear struct {
	weights []int8 // row by row of [out][in]
	in, out int
	quantum float32   // activations are multiplied by it before they are rounded
	scale   float32   // of the sums, back to numbers
	bias    []float32 // nil: none
}

type norm struct{ scale, bias []float32 }

type attention struct {
	query, key, value, out linear
	norm                   norm
}

type feedForward struct {
	wide, narrow linear
	norm         norm
}

type encoderLayer struct {
	self attention
	ffn  feedForward
}

type decoderLayer struct {
	cell, gate linear // of the SSRU
	norm       norm
	context    attention
	ffn        feedForward
}

type embedding struct {
	pieces []int8 // a row for each piece
	scale  float32
}

// loader fills in a Model. After the first error it does nothing.
type loader struct {
	c   container
	err error
}

// Load parses a model file. The Model keeps the slice: its weights are views into it.
func Load(file []byte) (*Model, error) {
	c, err := open(file)
	if err != nil {
		return nil, err
	}
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	l := &loader{c: c}
	m := &Model{Config: cfg, positions: positions(cfg.Dim, maxTarget)}
	l.embeddings(m)
	for i := range cfg.Encoder {
		p := fmt.Sprintf("encoder_l%d_", i+1)
		m.encoder = append(m.encoder, encoderLayer{l.attention(p+"self", cfg.Dim), l.feedForward(p+"ffn", cfg)})
	}
	for i := range cfg.Decoder {
		p := fmt.Sprintf("decoder_l%d_", i+1)
		m.decoder = append(m.decoder, decoderLayer{
			cell:    l.linear(p+"rnn_W", "", cfg.Dim, cfg.Dim),
			gate:    l.linear(p+"rnn_Wf", p+"rnn_bf", cfg.Dim, cfg.Dim),
			norm:    l.norm(p+"rnn_ffn_ln", cfg.Dim),
			context: l.attention(p+"context", cfg.Dim),
			ffn:     l.feedForward(p+"ffn", cfg),
		})
	}
	if l.err != nil {
		return nil, l.err
	}
	return m, nil
}

func (l *loader) floats(name string, columns int) []float32 {
	if l.err != nil {
		return nil
	}
	out, err := l.c.floats(name, 1, columns)
	l.err = err
	return out
}

// multiplier returns the activation multiplier of a weight.
func (l *loader) multiplier(weight string) float32 {
	v := l.floats(weight+"_QuantMultA", 1)
	if l.err == nil && v[0] <= 0 {
		l.err = fmt.Errorf("%q: the multiplier is no positive number", weight+"_QuantMultA")
	}
	if l.err != nil {
		return 1
	}
	return v[0]
}

// linear returns the layer of a weight [in, out], which is stored transposed; bias "": none.
func (l *loader) linear(weight, bias string, in, out int) linear {
	if l.err != nil {
		return linear{}
	}
	w, by, err := l.c.quantised(weight, in, out)
	if err != nil {
		l.err = err
		return linear{}
	}
	y := linear{weights: w, in: in, out: out, quantum: l.multiplier(weight)}
	y.scale = 1 / (y.quantum * by)
	if bias != "" {
		y.bias = l.floats(bias, out)
	}
	return y
}

func (l *loader) norm(prefix string, dim int) norm {
	return norm{l.floats(prefix+"_scale", dim), l.floats(prefix+"_bias", dim)}
}

func (l *loader) attention(prefix string, dim int) attention {
	one := func(x string) linear { return l.linear(prefix+"_W"+x, prefix+"_b"+x, dim, dim) }
	return attention{one("q"), one("k"), one("v"), one("o"), l.norm(prefix+"_Wo_ln", dim)}
}

func (l *loader) feedForward(prefix string, c Config) feedForward {
	return feedForward{
		l.linear(prefix+"_W1", prefix+"_b1", c.Dim, c.FFN),
		l.linear(prefix+"_W2", prefix+"_b2", c.FFN, c.Dim),
		l.norm(prefix+"_ffn_ln", c.Dim),
	}
}

// embeddings loads the embeddings and the output layer, which is tied to the target's.
func (l *loader) embeddings(m *Model) {
	source, target := "Wemb", "Wemb"
	if m.Split {
		source, target = "encoder_Wemb", "decoder_Wemb"
	}
	load := func(name string) embedding {
		if l.err != nil {
			return embedding{}
		}
		q, by, err := l.c.quantised(name, m.Vocabulary, m.Dim)
		l.err = err
		return embedding{q, 1 / by}
	}
	m.target = load(target)
	if m.source = m.target; m.Split {
		m.source = load(source)
	}
	if l.err != nil {
		return
	}
	m.output = linear{
		in:      m.Dim,
		out:     m.Vocabulary,
		quantum: l.multiplier("none"),
		bias:    l.floats("decoder_ff_logit_out_b", m.Vocabulary),
	}
	var by float32
	m.output.weights, by = requantised(m.target)
	m.output.scale = 1 / (m.output.quantum * by)
}

// requantised returns e scaled so that its largest value is 127, as the output layer needs it. If it is
// 127 already, that is e itself.
func requantised(e embedding) (q []int8, by float32) {
	most := 0
	for _, v := range e.pieces {
		most = max(most, int(v), -int(v))
	}
	by = 127 / (float32(max(most, 1)) * e.scale)
	if most == 127 || most == 0 {
		return e.pieces, by
	}
	q = make([]int8, len(e.pieces))
	for i, v := range e.pieces {
		q[i] = int8(math.RoundToEven(float64(v) * 127 / float64(most)))
	}
	return q, by
}

// positions returns the position encodings: sines in the first half of a row, cosines in the second.
func positions(dim, rows int) []float32 {
	half := dim / 2
	step := math.Log(10000) / float64(max(half-1, 1))
	out := make([]float32, rows*dim)
	for p := range rows {
		for i := range half {
			v := float64(float32(p) * float32(math.Exp(-float64(i)*step)))
			out[p*dim+i], out[p*dim+half+i] = float32(math.Sin(v)), float32(math.Cos(v))
		}
	}
	return out
}
