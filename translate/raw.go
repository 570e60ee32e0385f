package translate

import (
	"context"

	"github.com/nashra/nashra/translate/segment"
)

// Raw returns what t's first engine for headlines makes of texts in neutral form, without memory,
// glossary, checks and repair. A text without an answer is empty, and Report says why.
func (t *Translator) Raw(ctx context.Context, p Pair, texts []string) ([]string, Report, error) {
	var rep Report
	b := newBuyer(t, t.Titles[0], p, &rep)
	out := make([]string, len(texts))
	var pieces []piece
	var units []*unit
	for i, text := range texts {
		if text == "" {
			continue
		}
		u := &unit{role: Title, seg: segment.Segment{Text: text}}
		units = append(units, u)
		codec := Plain
		if segment.Only(text, nil) != text {
			codec = b.lim.Codec
		}
		pieces = append(pieces, piece{u: u, neutral: text, wire: segment.Encode(text, codec), codec: codec,
			part: &out[i], raw: true})
	}
	rep.Segments = len(pieces)
	err := b.askAll(ctx, pieces)
	b.report(units)
	return out, rep, err
}
