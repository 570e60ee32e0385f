package translate

import (
	"github.com/nashra/nashra/translate/check"
	"github.com/nashra/nashra/translate/segment"
)

// displaced reports which answers of a call, in neutral form, translate the piece before or after
// their own.
func displaced(pieces []piece, answers []string) []bool {
	sources, targets := make([]string, len(pieces)), make([]string, len(pieces))
	for i, pc := range pieces {
		if !pc.raw {
			sources[i] = segment.Plaintext(pc.neutral)
			targets[i] = segment.Plaintext(answers[i])
		}
	}
	return check.Shifted(sources, targets)
}
