package synthetic

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Types of pieces, as numbered by SentencePiece.
const (
	normal      = 1
	unknown     = 2
	control     = 3
	userDefined = 4
	bytePiece   = 6
)

// Numbers returns a SentencePiece unigram model whose words are their own ids: "t0005 t0123" is [5,
// 123]. So an engine that only shows text can be compared piece by piece.
func Numbers(size int) []byte {
	var v vocabulary
	v.add("</s>", 0, control)
	v.add("<unk>", 0, unknown)
	for i := 2; i < size; i++ {
		v.add(fmt.Sprintf("\u2581t%04d", i), -1-float32(i)/float32(size), normal)
	}
	return v.bytes()
}

// vocabulary is the encoded pieces of a model.
type vocabulary struct {
	pieces []byte
	size   int
}

func (v *vocabulary) add(text string, score float32, kind uint64) {
	p := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), text)
	p = protowire.AppendFixed32(protowire.AppendTag(p, 2, protowire.Fixed32Type), math.Float32bits(score))
	p = protowire.AppendVarint(protowire.AppendTag(p, 3, protowire.VarintType), kind)
	v.pieces = protowire.AppendBytes(protowire.AppendTag(v.pieces, 1, protowire.BytesType), p)
	v.size++
}

// bytes returns the model: unigram, end 0, unknown 1, without normalisation except for spaces.
func (v *vocabulary) bytes() []byte {
	varint := func(b []byte, field protowire.Number, n int64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(n))
	}
	trainer := varint(varint(nil, 3, 1), 4, int64(v.size))
	trainer = varint(varint(varint(varint(trainer, 40, 1), 41, -1), 42, 0), 43, -1)
	normalizer := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "identity")
	normalizer = varint(varint(varint(normalizer, 3, 1), 4, 1), 5, 1)
	out := protowire.AppendBytes(protowire.AppendTag(v.pieces, 2, protowire.BytesType), trainer)
	return protowire.AppendBytes(protowire.AppendTag(out, 3, protowire.BytesType), normalizer)
}
