package marian

import (
	"context"
	"fmt"
	"math"

	"github.com/nashra/nashra/translate/offline/kernel"
)

// Ids of the pieces that every student has.
const (
	End     = 0 // </s>
	Unknown = 1 // <unk>, never put out
)

const (
	// MaxSource is the most pieces of a source sentence, as the students were trained with.
	MaxSource = 127
	maxTarget = lengthFactor * (MaxSource + 1)
	// a target, with its end, has at most this many times the pieces of its source, with its end
	lengthFactor = 2
)

// sentence is a sentence being translated.
type sentence struct {
	source       []int32
	keys, values [][]float32 // of the source, for each decoder layer
	cells        [][]float32 // of each decoder layer
	candidates   []int32     // nil: all pieces
	target       []int32
	aligned      []int32   // for each of target, the place in source that it was made from; never that of End
	margins      []float32 // by how much each piece of target beat the next best
	loops        *loops    // nil: it may go round in one
	ended        bool      // by End, not by the length limit or in a loop
}

// Target is a translated sentence.
type Target struct {
	Pieces []int32
	From   []int32 // the place in the source of each piece's likeliest origin, as the last layer of the decoder sees it
	Cut    bool    // the model found no end: it stopped at the length limit, or in a loop
}

// Translate returns the targets of sources of at most MaxSource pieces, without End. A nil short allows
// all pieces; endless allows repetition up to the length limit. Errors: invalid input, or ctx is done.
func (m *Model) Translate(ctx context.Context, short *Shortlist, sources [][]int32, endless bool) ([]Target, error) {
	sentences, err := m.translate(ctx, short, sources, endless)
	if err != nil {
		return nil, err
	}
	out := make([]Target, len(sources))
	for i, s := range sentences {
		out[i] = Target{s.target, s.aligned[:len(s.target)], len(sources[i]) > 0 && !s.ended}
	}
	return out, nil
}

func (m *Model) translate(ctx context.Context, short *Shortlist, sources [][]int32, endless bool) ([]*sentence, error) {
	s, ok := m.scratch.Get().(*scratch)
	if !ok {
		s = &scratch{}
	}
	defer m.scratch.Put(s)
	var sentences, active []*sentence
	rows := 0
	for i, src := range sources {
		if len(src) > MaxSource {
			return nil, fmt.Errorf("sentence %d: %d pieces, more than %d", i, len(src), MaxSource)
		}
		for _, id := range src {
			if id < 0 || int(id) >= m.Vocabulary {
				return nil, fmt.Errorf("sentence %d: piece %d of %d", i, id, m.Vocabulary)
			}
		}
		snt := &sentence{source: append(src[:len(src):len(src)], End)}
		sentences = append(sentences, snt)
		if len(src) == 0 {
			continue
		}
		if !endless {
			snt.loops = newLoops(src)
		}
		if short != nil {
			snt.candidates = short.candidates(snt.source, m.Vocabulary, !m.Split)
		}
		rows += len(snt.source)
		active = append(active, snt)
	}
	kept := sized(&s.kept, 2*m.Decoder*rows*m.Dim)
	for left := active; len(left) > 0; {
		n, rows := 0, 0
		for n < len(left) && (n == 0 || rows+len(left[n].source) <= encodeRows) {
			rows += len(left[n].source)
			n++
		}
		size := 2 * m.Decoder * rows * m.Dim
		if err := m.encode(ctx, left[:n], rows, kept[:size], s); err != nil {
			return nil, err
		}
		left, kept = left[n:], kept[size:]
	}
	return sentences, m.decode(ctx, active, s)
}

// encodeRows is how many pieces are encoded at once, in whole sentences. Larger blocks only take more
// memory.
const encodeRows = blockRows

// encode runs the encoder on sentences of together rows pieces, and leaves the keys and values that the
// decoder needs in kept.
func (m *Model) encode(ctx context.Context, sentences []*sentence, rows int, kept []float32, s *scratch) error {
	x := sized(&s.x, rows*m.Dim)
	at := 0
	for _, snt := range sentences {
		for p, id := range snt.source {
			m.source.put(x[at:at+m.Dim], id)
			m.place(x[at:at+m.Dim], p)
			at += m.Dim
		}
	}
	query, key, value := sized(&s.query, len(x)), sized(&s.key, len(x)), sized(&s.value, len(x))
	mixed, result := sized(&s.mixed, len(x)), sized(&s.result, len(x))
	for i := range m.encoder {
		if err := ctx.Err(); err != nil {
			return err
		}
		l := &m.encoder[i]
		l.self.query.apply(query, x, rows, false, s)
		l.self.key.apply(key, x, rows, false, s)
		l.self.value.apply(value, x, rows, false, s)
		at := 0
		for _, snt := range sentences {
			end := at + len(snt.source)*m.Dim
			attend(mixed[at:], query[at:end], key[at:end], value[at:end], len(snt.source), m.Dim, m.Heads, s)
			at = end
		}
		l.self.out.apply(result, mixed, rows, false, s)
		l.self.norm.normalise(x, result, rows)
		l.ffn.apply(x, rows, s)
	}
	for i := range m.decoder {
		l := &m.decoder[i].context
		keys, values := kept[2*i*len(x):(2*i+1)*len(x)], kept[(2*i+1)*len(x):(2*i+2)*len(x)]
		l.key.apply(keys, x, rows, false, s)
		l.value.apply(values, x, rows, false, s)
		at := 0
		for _, snt := range sentences {
			end := at + len(snt.source)*m.Dim
			snt.keys, snt.values = append(snt.keys, keys[at:end]), append(snt.values, values[at:end])
			at = end
		}
	}
	return nil
}

// put writes the embedding of a piece to a row.
func (e embedding) put(x []float32, id int32) {
	by := e.scale * float32(math.Sqrt(float64(len(x))))
	for i, q := range e.pieces[int(id)*len(x) : (int(id)+1)*len(x)] {
		x[i] = float32(q) * by
	}
}

// place adds the encoding of position p to a row.
func (m *Model) place(x []float32, p int) {
	for i, v := range m.positions[p*m.Dim : (p+1)*m.Dim] {
		x[i] += v
	}
}

// decode generates the best piece of every sentence, step by step, until all have ended.
func (m *Model) decode(ctx context.Context, active []*sentence, s *scratch) error {
	for _, snt := range active {
		cells := make([]float32, m.Decoder*m.Dim)
		for i := range m.decoder {
			snt.cells = append(snt.cells, cells[i*m.Dim:(i+1)*m.Dim])
		}
	}
	x := sized(&s.y, len(active)*m.Dim)
	for step := 0; len(active) > 0; step++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i, snt := range active {
			row := x[i*m.Dim : (i+1)*m.Dim]
			clear(row)
			if step > 0 {
				m.target.put(row, snt.target[step-1])
			}
			m.place(row, step)
		}
		for i := range m.decoder {
			m.decoder[i].step(x, active, i, m, s)
		}
		left := active[:0]
		for i, snt := range active {
			if m.choose(snt, x[i*m.Dim:(i+1)*m.Dim], s) {
				left = append(left, snt)
			}
		}
		active = left
	}
	return nil
}

// step runs decoder layer number at on one row of x per sentence.
func (l *decoderLayer) step(x []float32, active []*sentence, at int, m *Model, s *scratch) {
	rows, dim := len(active), m.Dim
	gate, cell := sized(&s.query, rows*dim), sized(&s.key, rows*dim)
	l.gate.apply(gate, x, rows, false, s)
	l.cell.apply(cell, x, rows, false, s)
	result := sized(&s.result, rows*dim)
	for i, snt := range active {
		own, out := snt.cells[at], result[i*dim:(i+1)*dim]
		kernel.Gate(own, gate[i*dim:(i+1)*dim], cell[i*dim:(i+1)*dim])
		for j, v := range own {
			out[j] = max(v, 0)
		}
	}
	l.norm.normalise(x, result, rows)
	query, mixed := sized(&s.query, rows*dim), sized(&s.mixed, rows*dim)
	l.context.query.apply(query, x, rows, false, s)
	for i, snt := range active {
		attend(mixed[i*dim:], query[i*dim:], snt.keys[at], snt.values[at], 1, dim, m.Heads, s)
		if at == m.Decoder-1 {
			snt.aligned = append(snt.aligned, likeliest(query[i*dim:i*dim+dim/m.Heads], snt.keys[at], dim, s))
		}
	}
	l.context.out.apply(result, mixed, rows, false, s)
	l.context.norm.normalise(x, result, rows)
	l.ffn.apply(x, rows, s)
}

// choose appends the piece with the best logit and reports whether the sentence goes on.
func (m *Model) choose(snt *sentence, x []float32, s *scratch) bool {
	n := len(snt.candidates)
	if snt.candidates == nil {
		n = m.Vocabulary
	}
	q, sums := sized(&s.quantised, m.Dim), sized(&s.sums, n)
	kernel.Quantise(q, x, m.output.quantum)
	if snt.candidates == nil {
		kernel.MatMul(sums, q, m.output.weights, 1, n, m.Dim)
	} else {
		kernel.Rows(sums, q, m.output.weights, snt.candidates, m.Dim)
	}
	best, next := float32(math.Inf(-1)), float32(math.Inf(-1))
	id := int32(End) // where no logit is a number
	for i, sum := range sums {
		piece := int32(i)
		if snt.candidates != nil {
			piece = snt.candidates[i]
		}
		if piece == Unknown {
			continue
		}
		switch v := float32(float32(sum)*m.output.scale) + m.output.bias[piece]; {
		case v > best:
			best, next, id = v, best, piece
		case v > next:
			next = v
		}
	}
	snt.margins = append(snt.margins, best-next)
	if id == End {
		snt.ended = true
		return false
	}
	snt.target = append(snt.target, id)
	if snt.loops != nil && snt.loops.add(snt.target) {
		return false
	}
	return len(snt.target) < lengthFactor*len(snt.source)
}
