package spm

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of sentencepiece_model.proto.
const (
	modelPiece, modelTrainer, modelNormalizer, modelDenormalizer = 1, 2, 3, 5
	pieceText, pieceScore, pieceKind                             = 1, 2, 3
	trainerType, trainerSuffix                                   = 3, 24
	normalizerMap, normalizerPrefix                              = 2, 3
	normalizerTrim, normalizerEscape                             = 4, 5
)

const unigram = 1

var errType = errors.New("a field has another type than it should")

// field is a field of a message: a number or bytes, by its type.
type field struct {
	num   protowire.Number
	typ   protowire.Type
	value uint64
	data  []byte
}

// fields calls each with every field of a message, in order.
func fields(b []byte, each func(f field) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		f := field{num: num, typ: typ}
		switch typ {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			f.value = uint64(v)
		case protowire.BytesType:
			f.data, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, typ, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

// read fills m from a model message.
func (m *Model) read(file []byte) error {
	typ := uint64(unigram)
	err := fields(file, func(f field) error {
		if f.num <= modelDenormalizer && f.num != 4 && f.typ != protowire.BytesType {
			return errType
		}
		switch f.num {
		case modelPiece:
			return m.addPiece(f.data)
		case modelTrainer:
			return m.trainer(f.data, &typ)
		case modelNormalizer:
			return m.rules(f.data)
		case modelDenormalizer:
			return fields(f.data, func(f field) error {
				if f.num == normalizerMap && len(f.data) > 0 {
					return errors.New("it rewrites what it puts out, which no known student does")
				}
				return nil
			})
		}
		return nil
	})
	if err == nil && typ != unigram {
		err = fmt.Errorf("a model of type %d, while only unigram is known", typ)
	}
	return err
}

func (m *Model) addPiece(b []byte) error {
	p := piece{kind: normal}
	err := fields(b, func(f field) error {
		switch {
		case f.num == pieceText && f.typ == protowire.BytesType:
			p.text = string(f.data)
		case f.num == pieceScore && f.typ == protowire.Fixed32Type:
			p.score = math.Float32frombits(uint32(f.value))
		case f.num == pieceKind && f.typ == protowire.VarintType:
			p.kind = kind(f.value)
		case f.num <= pieceKind:
			return errType
		}
		return nil
	})
	id := len(m.pieces)
	switch {
	case err != nil:
		return err
	case p.text == "" || len(p.text) > maxPieceBytes:
		return fmt.Errorf("piece %d has %d bytes", id, len(p.text))
	case p.kind < normal || p.kind > bytePiece:
		return fmt.Errorf("piece %d is of kind %d", id, p.kind)
	case !(p.score > -math.MaxFloat32 && p.score < math.MaxFloat32):
		return fmt.Errorf("piece %d has a score that is no number", id)
	case id == maxPieces:
		return fmt.Errorf("more than %d pieces", maxPieces)
	case p.kind == unknown && m.unknown >= 0:
		return fmt.Errorf("piece %d is a second unknown one", id)
	case p.kind == unknown:
		m.unknown = int32(id)
	}
	m.pieces = append(m.pieces, p)
	return nil
}

func (m *Model) trainer(b []byte, typ *uint64) error {
	return fields(b, func(f field) error {
		switch f.num {
		case trainerType:
			*typ = f.value
		case trainerSuffix:
			if f.value != 0 {
				return errors.New("it writes blanks at the end of words, which no known student does")
			}
		}
		return nil
	})
}

// rules parses the normalisation rules.
func (m *Model) rules(b []byte) error {
	return fields(b, func(f field) (err error) {
		switch f.num {
		case normalizerMap:
			m.chars, err = readCharsMap(f.data)
		case normalizerPrefix:
			m.dummyPrefix = f.value != 0
		case normalizerTrim:
			m.trimSpaces = f.value != 0
		case normalizerEscape:
			m.escapeSpaces = f.value != 0
		}
		return err
	})
}
