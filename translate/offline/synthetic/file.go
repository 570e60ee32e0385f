package synthetic

import (
	"encoding/binary"
	"fmt"
	"math"
)

// file collects the items of a Marian container.
type file struct{ items []item }

type item struct {
	name string
	kind uint64
	dims []uint32
	data []byte
}

func (f *file) floats(name string, rows, columns int, values []float32) {
	var data []byte
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	f.add(name, 0x0404, rows, columns, data)
}

// quantised adds int8 values that represent q / by.
func (f *file) quantised(name string, rows, columns int, q []int8, by float32) {
	data := make([]byte, len(q), len(q)+4)
	for i, v := range q {
		data[i] = byte(v)
	}
	f.add(name, 0x4101, rows, columns, binary.LittleEndian.AppendUint32(data, math.Float32bits(by)))
}

// add pads data to a multiple of 256 bytes, as published files do.
func (f *file) add(name string, kind uint64, rows, columns int, data []byte) {
	data = append(data, make([]byte, -len(data)&255)...)
	f.items = append(f.items, item{name, kind, []uint32{uint32(rows), uint32(columns)}, data})
}

// bytes returns the file, with the shape in o as its description.
func (f *file) bytes(o Options) []byte {
	text := append([]byte(description(o)), 0)
	items := append(f.items, item{"special:model.yml", 0x0101, []uint32{uint32(len(text))}, text})
	le := binary.LittleEndian
	out := le.AppendUint64(le.AppendUint64(nil, 1), uint64(len(items)))
	for _, it := range items {
		for _, v := range []int{len(it.name) + 1, int(it.kind), len(it.dims), len(it.data)} {
			out = le.AppendUint64(out, uint64(v))
		}
	}
	for _, it := range items {
		out = append(append(out, it.name...), 0)
	}
	for _, it := range items {
		for _, d := range it.dims {
			out = le.AppendUint32(out, d)
		}
	}
	pad := -(len(out) + 8) & 255
	out = append(le.AppendUint64(out, uint64(pad)), make([]byte, pad)...)
	for _, it := range items {
		out = append(out, it.data...)
	}
	return out
}

// description returns a student's description: the keys that engines read.
func description(o Options) string {
	return fmt.Sprintf(`bert-train-type-embeddings: true
dec-cell: ssru
dec-cell-base-depth: 2
dec-cell-high-depth: 1
dec-depth: %d
dim-emb: %d
dim-rnn: 1024
dim-vocabs:
  - %d
  - %d
enc-cell: gru
enc-cell-depth: 1
enc-depth: %d
enc-type: bidirectional
factors-combine: sum
factors-dim-emb: 0
input-types:
  []
layer-normalization: false
lemma-dim-emb: 0
output-omit-bias: false
right-left: false
skip: false
tied-embeddings: %t
tied-embeddings-all: %t
tied-embeddings-src: false
transformer-aan-activation: swish
transformer-aan-depth: 2
transformer-aan-nogate: false
transformer-decoder-autoreg: rnn
transformer-dim-aan: 2048
transformer-dim-ffn: %d
transformer-ffn-activation: relu
transformer-ffn-depth: 2
transformer-guided-alignment-layer: last
transformer-heads: %d
transformer-no-projection: false
transformer-pool: false
transformer-postprocess: dan
transformer-postprocess-emb: d
transformer-postprocess-top: ""
transformer-preprocess: ""
transformer-tied-layers:
  []
transformer-train-position-embeddings: false
type: transformer
ulr: false
ulr-dim-emb: 0
ulr-trainable-transformation: false
version: v1.12.0
`, o.Decoder, o.Dim, o.Vocabulary, o.Vocabulary, o.Encoder, o.Split, !o.Split, o.FFN, o.Heads)
}
